"""A node whose clock has lost the time: its acts are kept, in order and marked, and the hall goes on."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.integration.brokers import running
from tests.node_kit import Node, check_tickets, config_text, hall_at, of

pytestmark = pytest.mark.few

WEEK_S = 7 * 86_400
AGO_S = (int(time.time()) // WEEK_S - 9) * WEEK_S  # of whole weeks, to March 1970: as open as today
AS_OF_OLD = f"import time\nnow = time.time\ntime.time = lambda: now() - {AGO_S}\n"


async def again(node: Node, folder: Path | None) -> None:
    """Stop the daemon, and start it with the clock that `folder` has put before it."""
    await node.daemon.stop()
    before = node.rig.env.pop("PYTHONPATH", None)
    assert before is None or folder is None
    if folder:
        node.rig.env["PYTHONPATH"] = str(folder)
    await node.start()


async def ticket(node: Node, number: str) -> None:
    """Taken, printed, and known to be: the same press sooner after a restart is taken for its repeat."""
    await node.take()
    await node.slip_of(number)
    await node.has("ticket.printed", ticket=number)


async def test_acts_of_1970_are_kept_and_marked_and_numbers_go_on(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "sitecustomize.py").write_text(AS_OF_OLD, encoding="utf-8")
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url, config=config_text()) as node:
            await ticket(node, "A001")
            await again(node, tmp_path / "old")
            status = await node.status()
            assert status["node"]["hall_time"] < 11 * WEEK_S
            await ticket(node, "A002")
            await again(node, None)
            await ticket(node, "A003")
            told = await node.settled()
    reserved = [(event["ticket"], event["clock_ok"]) for event in of(told, "ticket.reserved")]
    assert reserved == [("A001", True), ("A002", False), ("A003", True)]
    check_tickets(told)
