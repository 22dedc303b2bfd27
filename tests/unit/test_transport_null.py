"""The null modem keeps the contract of a link."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.api import LinkLost
from drivers.transport import null
from drivers.transport.null import BUFFER_LIMIT, READ_LIMIT, pair


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bytes_arrive_whole_and_in_order(parts: list[bytes]) -> None:
    async def run() -> bytes:
        near, far = pair()
        for part in parts:
            await near.write(part)
        await near.close()
        return await _read_all(far)

    assert asyncio.run(run()) == b"".join(parts)


async def test_a_read_is_bounded_and_never_empty() -> None:
    near, far = pair()
    await near.write(b"")
    await near.write(b"x" * (READ_LIMIT + 1))
    assert [len(await far.read()), len(await far.read())] == [READ_LIMIT, 1]


async def test_what_is_in_flight_is_bounded_and_the_writer_waits() -> None:
    near, far = pair()
    data = bytes(range(256)) * (3 * BUFFER_LIMIT // 256)
    writing = asyncio.create_task(near.write(data))
    await asyncio.sleep(0.01)
    assert not writing.done()
    assert len(far._buffer) == BUFFER_LIMIT
    read = b""
    while len(read) < len(data):
        read += await far.read()
    await writing
    assert read == data


async def test_a_peer_that_reads_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(null, "WRITE_TIMEOUT_S", 0.02)
    near, _far = pair()
    with pytest.raises(LinkLost) as loss:
        await near.write(b"x" * (BUFFER_LIMIT + 1))
    assert loss.value.code == "line_stalled"


@pytest.mark.parametrize("closer", [0, 1])
async def test_closing_either_end_loses_both_after_what_was_written(closer: int) -> None:
    ends = pair()
    await ends[0].write(b"last words")
    waiting = asyncio.create_task(ends[0].read())
    await asyncio.sleep(0)
    await ends[closer].close()
    await ends[closer].close()
    assert await ends[1].read() == b"last words"
    for lost in (waiting, ends[1].read(), ends[0].write(b"x"), ends[1].write(b"x")):
        with pytest.raises(LinkLost):
            await lost


async def test_a_cancelled_read_loses_nothing() -> None:
    near, far = pair()
    reading = asyncio.create_task(far.read())
    await asyncio.sleep(0)
    await near.write(b"kept")
    reading.cancel()
    await asyncio.wait([reading])
    assert reading.cancelled()
    assert await far.read() == b"kept"


async def _read_all(link: null.NullLink) -> bytes:
    data = b""
    while True:
        try:
            data += await link.read()
        except LinkLost:
            return data
