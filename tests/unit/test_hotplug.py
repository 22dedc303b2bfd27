"""Plugging in and pulling out: what is told, what is missed, and whose node it is."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drivers.registry import Change, MissedChanges, Node, Port
from edge import hotplug
from edge.hotplug import HotPlug
from tests.unit.supervision import FakeConfig, FakeLoaded, Hall, running, settle

RESCAN_S = hotplug.RESCAN_S


class FakeWatch:
    """Changes from a list; readable as a pipe is."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        self._script: list[Change | Exception] = []
        self.opened = 0

    def __call__(self) -> FakeWatch:
        self.opened += 1
        return self

    def fileno(self) -> int:
        return self._reader

    async def tell(self, *changes: Change | Exception) -> None:
        self._script += changes
        os.write(self._writer, b".")
        await asyncio.sleep(0.01)  # for the selector
        await settle()

    def take(self) -> list[Change]:
        os.read(self._reader, 1)
        script, self._script = self._script, []
        for each in script:
            if isinstance(each, Exception):
                raise each
        return [each for each in script if isinstance(each, Change)]

    def close(self) -> None:
        os.close(self._reader)
        os.close(self._writer)


@pytest.fixture
def watch() -> Iterable[FakeWatch]:
    watch = FakeWatch()
    yield watch
    watch.close()


@dataclass
class Site:
    """A folder that stands for /dev: nodes are files, and a by-id link leads to each."""

    dev: Path

    def plug(self, node: str, link: str = "") -> Change:
        (self.dev / node).touch()
        if link:
            (self.dev / link).symlink_to(self.dev / node)
        return Change(False, self._node(node, link))

    def unplug(self, node: str, link: str = "") -> Change:
        (self.dev / node).unlink()
        if link:
            (self.dev / link).unlink()
        return Change(True, self._node(node, link))

    def _node(self, node: str, link: str) -> Node:
        return Node(str(self.dev / node), (str(self.dev / link),) if link else ())


class Pluggable(Port):
    """Udev does not know of a folder of ours, but the fake watch does."""

    @property
    def is_pluggable(self) -> bool:
        return True


@dataclass
class Device:
    """A device at a node of the site: opening finds the node, and reading never says that it has gone."""

    id: str
    path: Path
    loaded: FakeLoaded = field(default_factory=FakeLoaded)

    def config(self) -> FakeConfig:
        self.loaded.port = Pluggable(f"serial://{self.path}", "tty", str(self.path))
        return FakeConfig(self.id, self.loaded)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@asynccontextmanager
async def plugged(hall: Hall, watch: Callable[[], FakeWatch]) -> AsyncIterator[None]:
    part = HotPlug(hall.supervisor, hall.clock, watch)
    task = asyncio.create_task(part.run())
    await settle()
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
    assert task.cancelled()


# --- told ---
async def test_pulled_out_and_plugged_in_again_is_acted_on_at_once(site: Site, watch: FakeWatch) -> None:
    printer = Device("printer", site.dev / "by-id")
    site.plug("ttyUSB0", "by-id")
    async with running(printer.config()) as hall, plugged(hall, watch):
        assert hall.now("printer").state == "online"
        assert printer.loaded.node == str(site.dev / "ttyUSB0"), "the node itself, no link in it"
        for name, other in (("ttyUSB0", "ttyUSB1"), ("ttyUSB1", "ttyUSB0")):
            await watch.tell(site.unplug(name, "by-id"))
            assert hall.now("printer").state == "backoff"
            assert hall.codes("printer") == ["unplugged"]
            await hall.clock.advance(20)  # its rests have become long meanwhile
            assert hall.codes("printer") == ["port_missing"]
            await watch.tell(site.plug(other, "by-id"))
            assert hall.now("printer").state == "online", "without a second of rest"


async def test_both_told_in_one_breath_end_in_online(site: Site, watch: FakeWatch) -> None:
    printer = Device("printer", site.dev / "ttyUSB0")
    site.plug("ttyUSB0")
    async with running(printer.config()) as hall, plugged(hall, watch):
        await watch.tell(site.unplug("ttyUSB0"), site.plug("ttyUSB0"))
        assert (printer.loaded.opens, hall.now("printer").state) == (2, "online")


async def test_another_adapters_comings_and_goings_are_not_this_devices(site: Site, watch: FakeWatch) -> None:
    printer, bus = Device("printer", site.dev / "ttyUSB0"), Device("bus", site.dev / "ttyUSB1")
    site.plug("ttyUSB0")
    async with running(printer.config(), bus.config()) as hall, plugged(hall, watch):
        await watch.tell(site.plug("ttyUSB1"), site.plug("ttyUSB2"))
        await watch.tell(site.unplug("ttyUSB1"), site.unplug("ttyUSB2"))
        assert (printer.loaded.opens, hall.now("printer").state) == (1, "online")
        assert (bus.loaded.made, hall.codes("bus")) == (1, ["unplugged"])


# --- missed ---
async def test_what_was_not_told_is_found_within_the_rescan(site: Site, watch: FakeWatch) -> None:
    printer = Device("printer", site.dev / "ttyUSB0")
    site.plug("ttyUSB0")
    async with running(printer.config()) as hall, plugged(hall, watch):
        site.unplug("ttyUSB0")
        await hall.clock.advance(RESCAN_S)
        assert hall.now("printer").state != "online"
        await hall.clock.advance(300)
        site.plug("ttyUSB0")
        await hall.clock.advance(RESCAN_S)
        assert hall.now("printer").state == "online"


async def test_a_loss_of_events_makes_up_for_all_of_them_at_once(site: Site, watch: FakeWatch) -> None:
    printer, bus = Device("printer", site.dev / "ttyUSB0"), Device("bus", site.dev / "ttyUSB1")
    site.plug("ttyUSB0")
    async with running(printer.config(), bus.config()) as hall, plugged(hall, watch):
        await hall.clock.advance(300)
        site.unplug("ttyUSB0")
        site.plug("ttyUSB1")
        await watch.tell(MissedChanges())
        assert hall.codes("printer") == ["unplugged"]
        assert hall.now("bus").state == "online"


async def test_a_device_that_is_there_and_does_not_work_keeps_its_rests(site: Site, watch: FakeWatch) -> None:
    printer = Device("printer", site.dev / "ttyUSB0")
    printer.loaded.open_error = OSError("it will not")
    site.plug("ttyUSB0")
    async with running(printer.config()) as hall, plugged(hall, watch):
        await hall.clock.advance(600)
        before = printer.loaded.opens
        await hall.clock.advance(10 * RESCAN_S)
        assert printer.loaded.opens - before <= 1, "a rescan is no event: faulted, it is tried every 5 min"


async def test_without_udev_there_is_one_line_in_the_log_and_the_rescan(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    def none() -> FakeWatch:
        raise FileNotFoundError(2, "udev does not run here")

    printer = Device("printer", site.dev / "ttyUSB0")
    async with running(printer.config()) as hall:
        with caplog.at_level(logging.INFO, "edge.hotplug"):
            async with plugged(hall, none):
                await hall.clock.advance(10 * RESCAN_S)
                site.plug("ttyUSB0")
                await hall.clock.advance(RESCAN_S)
                assert hall.now("printer").state == "online"
        assert [record.name for record in caplog.records].count("edge.hotplug") == 1


async def test_a_watch_that_breaks_is_opened_afresh_and_ends_nothing(
    site: Site, watch: FakeWatch, caplog: pytest.LogCaptureFixture
) -> None:
    printer = Device("printer", site.dev / "ttyUSB0")
    async with running(printer.config()) as hall, plugged(hall, watch):
        await watch.tell(OSError(9, "Bad file descriptor"))
        assert "failed" in caplog.text
        await hall.clock.advance(RESCAN_S)
        assert watch.opened == 2
        await watch.tell(site.plug("ttyUSB0"))
        assert hall.now("printer").state == "online"


async def test_udev_is_left_alone_where_nothing_can_be_plugged_in(watch: FakeWatch) -> None:
    network = FakeLoaded()
    soldered = FakeLoaded(port=Port("serial:///dev/ttyS7", "tty", "/dev/ttyS7"))
    async with running(FakeConfig("board", network), FakeConfig("bus", soldered)) as hall:
        async with plugged(hall, watch):
            await hall.clock.advance(10 * RESCAN_S)
        assert watch.opened == 0


# --- one node, one device ---
async def test_two_devices_at_one_node_the_second_names_the_first(site: Site, watch: FakeWatch) -> None:
    first, second = Device("printer", site.dev / "ttyUSB0"), Device("bus", site.dev / "by-id")
    site.plug("ttyUSB0", "by-id")
    async with running(first.config(), second.config()) as hall, plugged(hall, watch):
        assert hall.now("printer").state == "online"
        (condition,) = hall.now("bus").conditions
        assert condition.code == "device_in_use"
        assert "the device printer" in condition.detail
        assert second.loaded.opens == 0
        words = hall.supervisor.words()["bus"]["device_in_use"]
        assert words.zh and words.remedy_zh and words.remedy_en


async def test_a_node_that_its_device_has_let_go_is_free(site: Site) -> None:
    first, second = Device("printer", site.dev / "ttyUSB0"), Device("bus", site.dev / "ttyUSB0")
    site.plug("ttyUSB0")
    configs = [first.config(), second.config()]
    async with running(*configs) as hall:
        elsewhere = Device("printer", site.dev / "ttyUSB1")
        site.plug("ttyUSB1")
        await hall.supervisor.renew([elsewhere.config()])
        await hall.clock.advance(80)
        assert hall.now("bus").state == "online"
        assert hall.supervisor.open_nodes() == {
            str(site.dev / "ttyUSB0"): "bus",
            str(site.dev / "ttyUSB1"): "printer",
        }
    assert hall.supervisor.open_nodes() == {}


async def test_a_wake_that_comes_while_the_old_line_is_closed_is_kept() -> None:
    """A vanished adapter may take a second to close, and be back before that."""
    loaded, closing = FakeLoaded(), asyncio.Event()
    async with running(FakeConfig("printer", loaded)) as hall:
        original = loaded.links[0].close

        async def slowly() -> None:
            await closing.wait()
            await original()

        loaded.links[0].close = slowly  # type: ignore[method-assign]
        hall.supervisor.unplugged("printer")
        await settle()
        hall.supervisor.wake("printer")
        closing.set()
        await settle()
        assert (loaded.opens, hall.now("printer").state) == (2, "online")
