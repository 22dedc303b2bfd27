"""A full disk under the daemon: no ticket that cannot be kept, words about it, and on by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from drivers.transport.sick import WELL, Ills
from edge.ids import new_id
from edge.wire import Alert, Topics
from tests.faults.disks import small_disk
from tests.integration.brokers import BrokerProcess, observing, running
from tests.node_kit import FUNCTION, STAFF, Node, check_tickets, config_text, hall_at, of, story

pytestmark = pytest.mark.few

MIB = 1024 * 1024
ALERT = Topics("test", "n1").alert("store_full")
RESERVE_MB = 2


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[BrokerProcess]:
    with running("nats", tmp_path) as process:
        yield process


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """The hall's folder."""
    with small_disk(tmp_path / "disk", "12m", "the store's own tests have a full disk without one") as folder:
        yield folder


@pytest.fixture
async def node(disk: Path, broker: BrokerProcess) -> AsyncIterator[Node]:
    config = config_text(min_free_mb=RESERVE_MB)
    async with hall_at(disk, broker.url, config=config, hub=None) as node:
        yield node


class Ballast:
    """Somebody else's file, which leaves less than the reserve."""

    def __init__(self, disk: Path) -> None:
        self._path = disk / "ballast"

    def put(self) -> None:
        free = os.statvfs(self._path.parent)
        self._path.write_bytes(bytes(free.f_bavail * free.f_frsize - MIB))

    def take_away(self) -> None:
        self._path.unlink()


async def lines(node: Node) -> dict[str, tuple[str, int]]:
    """State and restarts of each device that owns a line: a full disk is no fault of theirs."""
    own = {device.id for device in node.rig.settings.devices}
    return {name: (d["state"], d["restarts"]) for name, d in (await node.devices()).items() if name in own}


async def test_no_press_is_acknowledged_until_there_is_room_again(
    node: Node, disk: Path, broker: BrokerProcess
) -> None:
    ballast = Ballast(disk)
    await node.start_hub(broker.url)
    async with observing(broker.broker, ALERT) as observer:

        def alerts() -> list[bytes]:
            return observer.on(ALERT)

        await node.take(1)
        await node.slip_of("A001")
        await node.has("ticket.printed", ticket="A001")  # and with that, all that was to be kept
        ballast.put()
        before = len(node.journal())
        for _ in range(7):  # more than a driver's restarts in a minute
            presses = node.rig.panel.press(2), node.desk().caller.press(STAFF, FUNCTION)
            assert [press.acknowledged_s for press in await asyncio.gather(*presses)] == [None, None]
        reply = await node.ask("ticket.take", {"service": "tax", "can_show": True})
        assert (reply.result, reply.code) == ("rejected", "store_full")
        assert reply.zh
        await observer.until(lambda: any(alerts()))
        alert = Alert.model_validate_json(alerts()[-1])
        assert (alert.key, alert.severity, "暂停出票" in alert.zh) == ("store_full", "error", True)
        assert len(node.journal()) == before
        assert await lines(node) == dict.fromkeys(("printer", "entrance", "windows"), ("online", 0))

        ballast.take_away()
        await observer.until(lambda: alerts()[-1] == b"")  # without anybody pressing
        await node.take(1)
        await node.slip_of("A002")
        await node.has("ticket.printed", ticket="A002")
        events = await node.settled()
    check_tickets(events)
    assert [e["ticket"] for e in of(events, "ticket.printed")] == ["A001", "A002"]
    assert node.log.count("no ticket is issued until there is room") == 1


async def test_a_command_refused_for_want_of_room_is_done_when_repeated(node: Node, disk: Path) -> None:
    ballast, request = Ballast(disk), new_id()
    ballast.put()
    assert (await node.ask("ticket.take", {"service": "tax"}, id=request)).code == "store_full"
    ballast.take_away()
    first = await node.ask("ticket.take", {"service": "tax"}, id=request)
    assert (first.result, first.data["ticket"]) == ("done", "A001")
    assert await node.ask("ticket.take", {"service": "tax"}, id=request) == first


async def test_a_print_that_ends_on_a_full_disk_is_kept_later(node: Node, disk: Path) -> None:
    ballast = Ballast(disk)
    node.rig.printer.line_s = 0.2  # a slow printer: the disk fills while it works
    await node.take(1)
    await node.has("ticket.reserved")
    ballast.put()
    await node.slip_of("A001")
    assert of(node.journal(), "ticket.printed") == []
    ballast.take_away()
    await node.has("ticket.printed")
    assert story(node.journal(), "A001") == ["ticket.reserved", "ticket.printed"]
    assert len(node.slips) == 1


async def test_a_start_on_a_full_disk_is_made_good_when_there_is_room(node: Node, disk: Path) -> None:
    """What was under way is taken up only then, and nothing new comes before it."""
    ballast = Ballast(disk)
    node.rig.sick["printer"].ills = Ills(mute=True)
    await node.take(1)
    await node.has("ticket.reserved")
    node.daemon.kill()
    node.rig.sick["printer"].ills = WELL
    ballast.put()
    await node.start()
    assert (await node.rig.panel.press(2)).acknowledged_s is None
    assert (await node.ask("ticket.take", {"service": "tax"})).code == "store_full"
    assert of(node.journal(), "ticket.in_doubt") == []
    ballast.take_away()
    await node.has("ticket.in_doubt", reason="restart")
    slip = (await node.slip_of("A001"))[0]
    assert any("COPY" in line for line in slip.text)
    await node.take(2)
    await node.has("ticket.printed", ticket="B001")
    assert story(node.journal(), "A001") == ["ticket.reserved", "ticket.in_doubt", "ticket.printed"]


async def test_without_room_for_a_database_it_says_so(disk: Path, broker: BrokerProcess) -> None:
    async with hall_at(disk, broker.url, hub=None, start=False) as node:
        ballast = os.open(disk / "ballast", os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):
            while True:
                os.write(ballast, bytes(4096))
        os.close(ballast)
        status, words = await node.run_to_end()
    assert status == 1
    assert "Traceback" not in words
    assert "✗" in words
    assert "room" in words
