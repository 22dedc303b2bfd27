"""Power that goes in mid-ticket, on a disk that is kept: nothing is lost, and no number comes again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
from pathlib import Path

import pytest

from tests.appliance.hall import Event, Hall, opened
from tests.appliance.image import DISK, is_current
from tests.appliance.machine import booted
from tests.integration.brokers import running

pytestmark = [pytest.mark.appliance, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(1800)]

LINE_S = 5.0  # of a printer that takes longer over a ticket than the test until it cuts the power
NO_CAMERA = 9  # a port at which nobody is
AGAIN_S = 120.0  # until the daemon has started, and printed what it owes


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A machine's own."""
    if not is_current():
        pytest.fail("the image is missing or older than the sources: run `make test-appliance`")
    copy = tmp_path / "disk.img"
    subprocess.run(["cp", "--sparse=always", DISK, copy], check=True, timeout=300)
    return copy


async def test_power_that_goes_in_mid_ticket_loses_nothing(disk: Path, tmp_path: Path) -> None:
    with running("nats", tmp_path) as broker:
        async with (
            booted(folder(tmp_path, "before"), disk) as machine,
            opened(machine, broker, NO_CAMERA) as hall,
        ):
            await hall.settle("printer")
            first = await take(hall)
            hall.printer.line_s = LINE_S
            taking = asyncio.create_task(hall.send("ticket.take", "service=tax"))
            cut = (await hall.count("ticket.reserved", 2))[-1]
            assert [each["ticket"] for each in hall.events("ticket.printed")] == [first]
            told = events(hall)
            taking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await taking
            await machine.cut_power()
        async with (
            booted(folder(tmp_path, "after"), disk) as machine,
            opened(machine, broker, NO_CAMERA) as hall,
        ):
            await hall.settle("printer")
            later = await take(hall, AGAIN_S)
            told |= events(hall)
    assert cut["ticket"] not in (first, later)
    assert later != first
    assert sorted(told) == list(range(1, max(told) + 1)), "each act once, and none is missing"
    about = [event["kind"] for _, event in sorted(told.items()) if event.get("ticket") == cut["ticket"]]
    assert about[0] == "ticket.reserved"
    assert len(about) > 1, "what became of it is known"


def folder(under: Path, name: str) -> Path:
    made = under / name
    made.mkdir()
    return made


async def take(hall: Hall, limit_s: float = 60.0) -> str:
    """A ticket that comes out."""
    before = {event["ticket"] for event in hall.events("ticket.printed")}
    await hall.send("ticket.take", "service=tax")
    await hall.heard.first(lambda _: bool(fresh(hall) - before), 0, limit_s)
    return str(sorted(fresh(hall) - before)[-1])


def fresh(hall: Hall) -> set[str]:
    return {event["ticket"] for event in hall.events("ticket.printed")}


def events(hall: Hall) -> dict[int, Event]:
    """All that the broker has heard of the node, by number."""
    batches = [json.loads(each.payload) for each in hall.heard.since(0) if each.topic.endswith("/n1/event")]
    return {event["seq"]: event for batch in batches for event in batch["events"]}
