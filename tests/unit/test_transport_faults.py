"""Each fault does what it says, to both directions, the same again with the same seed."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import Link, LinkLost
from drivers.transport.faults import Faults, FaultyLink
from drivers.transport.null import NullLink, pair
from tests.warped import warped


def _faulty(faults: Faults) -> tuple[FaultyLink, NullLink]:
    near, far = pair()
    return FaultyLink(near, faults), far


async def _through(faults: Faults, data: bytes) -> tuple[bytes, bytes]:
    """What of `data` comes out on each side when it is sent from the other."""
    link, far = _faulty(faults)
    await far.write(data)
    await link.write(data)
    heard = await _drain(far)
    return await _drain(link), heard


async def _drain(link: Link) -> bytes:
    data = b""
    try:
        async with asyncio.timeout(0.05):
            while True:
                data += await link.read()
    except (TimeoutError, LinkLost):
        return data


@warped
async def test_a_line_without_faults_changes_nothing() -> None:
    data = bytes(range(256)) * 20
    assert await _through(Faults(), data) == (data, data)


@given(st.binary(min_size=1, max_size=50))
def test_bytewise_cuts_everywhere_and_loses_nothing(data: bytes) -> None:
    async def run() -> tuple[list[bytes], list[bytes]]:
        link, far = _faulty(Faults(bytewise=True))
        far_bytewise = FaultyLink(far, Faults(bytewise=True))
        await far.write(data)
        await link.write(data)
        return [await link.read() for _ in data], [await far_bytewise.read() for _ in data]

    parts = [data[n : n + 1] for n in range(len(data))]
    assert asyncio.run(run()) == (parts, parts)


@warped
async def test_bytewise_writes_arrive_one_by_one_where_the_far_end_keeps_up() -> None:
    link, far = _faulty(Faults(bytewise=True))
    writes: list[bytes] = []
    send = far._peer.write

    async def spy(data: bytes) -> None:
        writes.append(data)
        await send(data)

    far._peer.write = spy  # type: ignore[method-assign]
    await link.write(b"abc")
    assert writes == [b"a", b"b", b"c"]


@warped
async def test_loss_takes_its_share_of_bytes() -> None:
    data = bytes(10_000)
    for got in await _through(Faults(loss=0.1, seed=1), data):
        assert 8_800 < len(got) < 9_200


@warped
async def test_total_loss_is_silence_and_never_an_empty_read() -> None:
    link, far = _faulty(Faults(loss=1.0))
    reading = asyncio.create_task(link.read())
    for _ in range(20):
        await far.write(b"x")
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    assert not reading.done()
    await far.close()
    with pytest.raises(LinkLost):
        await reading


@warped
async def test_duplicates_stand_beside_their_bytes() -> None:
    data = bytes(n % 251 for n in range(5_000))
    for got in await _through(Faults(duplicate=0.1, seed=2), data):
        assert 5_350 < len(got) < 5_650
        assert bytes(b for n, b in enumerate(got) if n == 0 or b != got[n - 1]) == data


@warped
async def test_a_flip_is_one_bit() -> None:
    data = bytes(5_000)
    for got in await _through(Faults(flip=0.1, seed=3), data):
        assert len(got) == len(data)
        assert all(byte.bit_count() <= 1 for byte in got)
        assert 400 < sum(byte.bit_count() for byte in got) < 600


@warped
async def test_the_same_seed_gives_the_same_faults() -> None:
    data = bytes(range(256)) * 4
    faults = Faults(loss=0.05, duplicate=0.05, flip=0.05, seed=9)
    assert await _through(faults, data) == await _through(faults, data)
    other = Faults(loss=0.05, duplicate=0.05, flip=0.05, seed=10)
    assert await _through(faults, data) != await _through(other, data)


@warped
async def test_delay_comes_before_each_read_and_each_write() -> None:
    link, far = _faulty(Faults(delay_s=0.02))
    loop = asyncio.get_running_loop()
    started = loop.time()
    await link.write(b"a")
    written = loop.time()
    await far.write(b"b")
    assert await link.read() == b"b"
    assert written - started >= 0.019
    assert loop.time() - written >= 0.019


@warped
async def test_a_read_cancelled_during_the_delay_loses_nothing() -> None:
    link, far = _faulty(Faults(delay_s=0.02))
    await far.write(b"kept")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.005):
            await link.read()
    assert await link.read() == b"kept"


@warped
async def test_a_line_that_hangs_is_silent_both_ways_and_still_takes_writes() -> None:
    link, far = _faulty(Faults(hang_after=4))
    await far.write(b"abcdef")
    assert await link.read() == b"abcd"
    await link.write(b"into the void")
    assert await _drain(far) == b""
    reading = asyncio.create_task(link.read())
    await far.write(b"more")
    await asyncio.sleep(0.01)
    assert not reading.done()
    await link.close()
    with pytest.raises(LinkLost):
        await reading


@pytest.mark.parametrize("after", [0, 1, 3])
@warped
async def test_unplug_counts_both_directions_and_loses_both(after: int) -> None:
    link, far = _faulty(Faults(unplug_after=after + 2))
    await far.write(b"xy")
    assert await link.read() == b"xy"
    with pytest.raises(LinkLost) as loss:
        await link.write(b"abcdef")
    assert loss.value.code == "unplugged"
    assert await _drain(far) == b"abcdef"[:after]
    for lost in (link.read(), link.write(b"x"), far.read(), far.write(b"x")):
        with pytest.raises(LinkLost):
            await lost


@warped
async def test_unplug_while_reading_gives_what_came_before_it() -> None:
    link, far = _faulty(Faults(unplug_after=3))
    await far.write(b"abcdef")
    assert await link.read() == b"abc"
    with pytest.raises(LinkLost):
        await link.read()


@warped
async def test_closing_closes_the_line_itself() -> None:
    link, far = _faulty(Faults(loss=0.5))
    await link.close()
    with pytest.raises(LinkLost):
        await far.read()
    assert link.url == far._peer.url
