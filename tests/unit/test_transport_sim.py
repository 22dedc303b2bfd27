"""Simulators at the far ends: owned, cancelled, and loud when they fail."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from drivers.api import Link, LinkLost, Simulator
from drivers.transport import open_link
from drivers.transport.sim import serve_pty, serve_tcp


class Counter:
    """Answers each byte with how many it has heard in all its life; breaks down at `!`, ends at `.`."""

    def __init__(self) -> None:
        self.heard = 0
        self.runs = 0
        self.ended: list[str] = []

    async def run(self, link: Link) -> None:
        self.runs += 1
        try:
            while True:
                for byte in await link.read():
                    if byte == ord("!"):
                        _break_down()
                    if byte == ord("."):
                        return
                    self.heard += 1
                    await link.write(bytes([self.heard]))
        except BaseException as error:
            self.ended.append(type(error).__name__)
            raise


def _break_down() -> None:
    raise ZeroDivisionError("a cog fell off")


async def _open(simulator: Simulator) -> Link:
    return await open_link("sim://counter", lambda _family, _params: simulator)


# --- sim:// ---
async def test_closing_the_link_ends_the_simulator() -> None:
    counter = Counter()
    before = asyncio.all_tasks()
    link = await _open(counter)
    await link.write(b"x")
    assert await link.read() == b"\x01"
    await link.close()
    await link.close()
    assert asyncio.all_tasks() == before
    assert counter.ended in (["LinkLost"], ["CancelledError"])
    for lost in (link.read(), link.write(b"x")):
        with pytest.raises(LinkLost):
            await lost


async def test_a_simulator_that_fails_is_a_lost_link_and_a_log(caplog: pytest.LogCaptureFixture) -> None:
    link = await _open(Counter())
    await link.write(b"x!")
    assert await link.read() == b"\x01"
    for lost in (link.read(), link.write(b"x")):
        with pytest.raises(LinkLost, match="a cog fell off") as loss:
            await lost
        assert loss.value.code == "simulator_failed"
        assert isinstance(loss.value.__cause__, ZeroDivisionError)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    await link.close()


async def test_a_simulator_that_ends_is_a_lost_link() -> None:
    link = await _open(Counter())
    await link.write(b".")
    with pytest.raises(LinkLost) as loss:
        await link.read()
    assert loss.value.code == "link_lost"
    await link.close()


async def test_closing_ends_within_its_limit_though_the_simulator_does_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop = asyncio.Event()

    class Stubborn:
        async def run(self, link: Link) -> None:
            while not stop.is_set():
                try:
                    await link.read()
                except LinkLost:
                    await stop.wait()
                except asyncio.CancelledError:
                    await stop.wait()

    link = await _open(Stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(2):
        await link.close()
    assert "does not end" in caplog.text
    stop.set()
    await asyncio.sleep(0)


# --- a pty, a TCP port: the same simulator ---
@asynccontextmanager
async def _on_pty(counter: Counter) -> AsyncIterator[str]:
    async with serve_pty(counter) as line:
        yield f"serial://{line.path}"


@asynccontextmanager
async def _on_tcp(counter: Counter) -> AsyncIterator[str]:
    async with serve_tcp(counter) as (host, port):
        yield f"tcp://{host}:{port}"


def _served(kind: str, counter: Counter) -> AbstractAsyncContextManager[str]:
    return _on_pty(counter) if kind == "pty" else _on_tcp(counter)


@pytest.mark.parametrize("kind", ["pty", "tcp"])
async def test_the_same_simulator_lives_on_while_links_come_and_go(kind: str) -> None:
    counter = Counter()
    before = asyncio.all_tasks()
    async with _served(kind, counter) as url:
        for turn in (1, 2, 3):
            link = await open_link(url)
            await link.write(b"x")
            assert await link.read() == bytes([turn])
            await link.close()
    assert counter.heard == 3
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("kind", ["pty", "tcp"])
async def test_a_failing_simulator_loses_the_link_and_fails_the_test(kind: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with _served(kind, Counter()) as url:
            link = await open_link(url)
            await link.write(b"!")
            with pytest.raises(LinkLost):
                await link.read()
            await link.close()


@pytest.mark.parametrize("kind", ["pty", "tcp"])
async def test_a_simulator_that_ends_loses_the_link(kind: str) -> None:
    async with _served(kind, Counter()) as url:
        link = await open_link(url)
        await link.write(b".")
        with pytest.raises(LinkLost):
            await link.read()
        await link.close()


@pytest.mark.parametrize("kind", ["pty", "tcp"])
async def test_leaving_takes_the_device_away(kind: str) -> None:
    async with _served(kind, Counter()) as url:
        link = await open_link(url)
        await link.write(b"x")
        await link.read()
    with pytest.raises(LinkLost):
        await link.read()
    await link.close()


async def test_a_pty_simulator_keeps_its_state_over_unplugging(tmp_path: Path) -> None:
    counter = Counter()
    path = tmp_path / "ttyCounter"
    async with serve_pty(counter, symlink=path) as line:
        for turn in (1, 2):
            link = await open_link(f"serial://{path}")
            await link.write(b"x")
            assert await link.read() == bytes([turn])
            line.unplug()
            with pytest.raises(LinkLost):
                await link.read()
            await link.close()
            line.plug()
    assert counter.ended[:-1] == ["LinkLost"] * (counter.runs - 1)


async def test_a_pty_replugged_at_once_still_has_its_simulator() -> None:
    counter = Counter()
    async with serve_pty(counter) as line:
        await asyncio.sleep(0)
        line.unplug()
        line.plug()
        link = await open_link(f"serial://{line.path}")
        await link.write(b"x")
        assert await link.read() == b"\x01"
        await link.close()


async def test_a_new_tcp_connection_takes_the_place_of_the_old() -> None:
    counter = Counter()
    async with serve_tcp(counter) as (host, port):
        first = await open_link(f"tcp://{host}:{port}")
        await first.write(b"x")
        await first.read()
        second = await open_link(f"tcp://{host}:{port}")
        await second.write(b"x")
        assert await second.read() == b"\x02"
        with pytest.raises(LinkLost):
            await first.read()
        await first.close()
        await second.close()


async def test_who_connects_in_the_turn_in_which_the_port_closes_is_closed_too(
    recwarn: pytest.WarningsRecorder,
) -> None:
    for turns in range(6):
        async with serve_tcp(Counter()) as address:
            client = socket.create_connection(address)
            for _ in range(turns):
                await asyncio.sleep(0)
        client.close()
        gc.collect()
        assert [(turns, str(each.message)) for each in recwarn] == []
