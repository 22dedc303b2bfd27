"""Whether a hall's day was good: each problem in words."""

from __future__ import annotations

from collections.abc import Iterator

from drivers.bx5k.sim import BoardSim
from drivers.camera.sim import CameraSim
from drivers.heartbeat.sim import HeartbeatSim
from drivers.xfs4iot.sim import TerminalSim
from edge.demo.corner import Visits
from edge.demo.counts import Events, Tickets
from edge.demo.observer import NodeView
from edge.demo.payers import Payers
from edge.demo.people import People
from edge.demo.rig import Rig
from edge.demo.room import Tally, ticket_in
from edge.rules.payments_counts import Counts


def problems_of(tickets: Tickets, people: People, malformed: int) -> list[str]:
    """All that keeps a hall's day from being good, in words."""
    tally, waiting = people.tally, people.waiting
    papers = len(tally.slips)
    twice = [ticket for ticket, count in tally.slips.items() if count > 1]
    attended = tickets.served + tickets.no_show + tickets.held  # each call ends in one of these
    return _not_so(
        (tickets.issued > 0, "no ticket was issued"),
        (tickets.called > 0, "nobody was called"),
        (
            tickets.called == attended,
            f"{tickets.called} called, but {tickets.served} served, {tickets.held} put by and "
            f"{tickets.no_show} did not come",
        ),
        (malformed == 0, f"{malformed} messages were malformed"),
        (
            tickets.rated + tickets.not_rated == tickets.served,
            f"{tickets.served} acts, but {tickets.rated} rated and {tickets.not_rated} not rated",
        ),
        (not waiting, "never called: " + ", ".join(sorted(waiting))),
        ("" not in tally.slips, "a slip had no number"),
        (not twice, "more than one slip: " + ", ".join(twice)),
        (tickets.issued == papers, f"{tickets.issued} tickets, but {papers} numbers on paper"),
        (
            tickets.served == len(tally.served),
            f"{tickets.served} acts finished, but the clerks finished {len(tally.served)}",
        ),
    )


def problems_on_the_way(events: Events, different: int, *, broker_lost: bool) -> list[str]:
    """The same of its events between node, broker and hub. `different`: recorded (epoch, seq)."""
    return _not_so(
        (events.lost == 0, f"{events.lost} events never came by"),
        (events.unfit == 0, f"{events.unfit} acts do not fit into their chain"),
        (events.recorded == different, f"the record has {events.recorded - different} events twice"),
        (events.recorded == events.published, f"{events.published} published, {events.recorded} recorded"),
        (
            not events.duplicated or broker_lost,
            f"{events.duplicated} events came more than once on a broker that was never lost",
        ),
    )


def problems_of_money(found: Counts, payers: Payers | None) -> list[str]:
    """The same of the taxes that were paid."""
    begun, wrong = (payers.paying.begun, payers.paying.wrong) if payers else (0, [])
    return wrong + _not_so(
        (found.charged_twice == 0, f"{found.charged_twice} payments were taken twice"),
        (found.unsettled == 0, f"{found.unsettled} payments are not settled"),
        (found.created == begun, f"{begun} payments begun, {found.created} in the record"),
    )


def _not_so(*claims: tuple[bool, str]) -> list[str]:
    """What to say of the claims that do not hold."""
    return [otherwise for holds, otherwise in claims if not holds]


def shown_on(rig: Rig) -> dict[str, tuple[str, ...]]:
    """What a person in the hall reads on each board, line by line."""
    return {
        name: tuple(line.text for line in board.shown("calls")) for name, board in rig.of(BoardSim).items()
    }


def problems_around(rig: Rig, view: NodeView, visits: Visits, tally: Tally) -> list[str]:
    """The same of all that does not stand at a window."""
    found = list(visits.wrong)
    for name, lines in shown_on(rig).items():
        called = [ticket_in(line) for line in lines if line.strip()]
        if strangers := [line for line in called if line not in tally.slips]:
            found.append(f"{name} shows {', '.join(strangers)}, which nobody has")
        if not called:
            found.append(f"{name} shows no call")
    for name in (*rig.of(TerminalSim), *rig.of(HeartbeatSim)):
        status = view.devices.get(name)
        if status is None or status.state != "online":
            found.append(f"{name} is {status.state if status else 'unknown'}, and nothing is wrong with it")
    return [*found, *_problems_of_cameras(rig, view)]


def _problems_of_cameras(rig: Rig, view: NodeView) -> Iterator[str]:
    """What is told of one that is well."""
    ill = {
        f"cam-{each.number}"
        for sim in rig.of(CameraSim).values()
        for each in sim.cameras.values()
        if each.ills
    }
    for name, status in view.camera.items():
        if status.troubles and name not in ill:
            faults = ", ".join(trouble.fault for trouble in status.troubles)
            yield f"{name} is said to be {faults}, and nothing is wrong with it"
