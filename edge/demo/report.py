"""What the demonstration has shown, as data, and whether it is good."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from drivers.bx5k.sim import BoardSim
from drivers.heartbeat.sim import HeartbeatSim
from drivers.xfs4iot.sim import TerminalSim
from edge.demo.corner import Visits
from edge.demo.ledger import Ledger
from edge.demo.observer import Observer
from edge.demo.people import People, Tally, ticket_in
from edge.demo.rig import Rig


class Tickets(BaseModel):
    """Acts, each counted by the independent subscriber."""

    issued: int
    called: int
    served: int
    rated: int
    not_rated: int


class Events(BaseModel):
    """`published`, `lost` and `duplicated` from (epoch, seq) as the subscriber saw them; `recorded` from the
    hub's own record."""

    published: int
    recorded: int
    lost: int
    duplicated: int


class Latency(BaseModel):
    """Each {"n", "p50", "p99"} in milliseconds. `byte_to_publish`: a key frame's last byte on the line to its
    event at the subscriber. `tap_to_print`: the button frame's last byte to the slip cut, the printer's own
    time with it. `key_to_strip`: the key frame's last byte to the first byte of the strip's frame.
    `card_to_fields`: a card laid on the reader to what it says at the session that asked, the reader's own
    1.1 s with it."""

    byte_to_publish: dict[str, float | int]
    tap_to_print: dict[str, float | int]
    key_to_strip: dict[str, float | int]
    card_to_fields: dict[str, float | int]


class Visited(BaseModel):
    """Acts at the self-service corner and at the terminals outside."""

    cards: int
    codes: int
    payments: int


class Report(BaseModel):
    model_config = ConfigDict(frozen=True)

    ok: bool
    problems: tuple[str, ...]  # why it is not ok
    seed: int
    minutes: float
    speed: float
    windows: int
    devices: int
    tickets: Tickets
    events: Events
    corner: Visited
    boards: dict[str, tuple[str, ...]]  # what each shows at the end, the newest call first
    latency_ms: Latency
    first_called_s: float | None
    slips: int  # pieces of paper
    unanswered: int  # presses at the panel that brought no slip
    rss_mb: float  # of the daemon, at the end
    cpu_percent: float  # of one core, by the daemon, over the whole time


def tickets_of(ledger: Ledger) -> Tickets:
    kinds = ledger.kinds
    return Tickets(
        issued=kinds["ticket.printed"] + kinds["ticket.shown"] + kinds["ticket.assumed"],
        called=kinds["ticket.called"],
        served=kinds["service.finished"],
        rated=kinds["rating.given"],
        not_rated=kinds["rating.missed"],
    )


def recorded(record: Path) -> tuple[int, int]:
    """(rows, different (epoch, seq)) of the hub's record, read beside the running hub."""
    with closing(sqlite3.connect(f"file:{record}?mode=ro", uri=True)) as db:
        rows, different = db.execute(
            "SELECT count(*), count(DISTINCT epoch || '/' || seq) FROM event"
        ).fetchone()
    return rows, different


def events_of(ledger: Ledger, epoch: str, last_seq: int, rows: int) -> Events:
    """`epoch` and `last_seq` are the node's own word of how many there are."""
    seen = ledger.epochs.get(epoch)
    return Events(
        published=ledger.published,
        recorded=rows,
        lost=seen.lost(last_seq) if seen else last_seq,
        duplicated=ledger.duplicated,
    )


def problems_of(
    tickets: Tickets, events: Events, people: People, observer: Observer, different: int
) -> list[str]:
    """All that keeps the demonstration from being good, in words. `different`: recorded (epoch, seq)."""
    tally, waiting = people.tally, people.waiting
    papers = len(tally.slips)
    found: list[str] = []

    def claim(holds: bool, otherwise: str) -> None:
        if not holds:
            found.append(otherwise)

    claim(tickets.issued > 0, "no ticket was issued")
    claim(tickets.served > 0, "nobody was served")
    claim(events.lost == 0, f"{events.lost} events never came by")
    claim(events.recorded == different, f"the record has {events.recorded - different} events twice")
    claim(events.recorded == events.published, f"{events.published} published, {events.recorded} recorded")
    claim(
        not events.duplicated or observer.sessions > 1,
        f"{events.duplicated} events came more than once on a broker that was never lost",
    )
    claim(observer.ledger.malformed == 0, f"{observer.ledger.malformed} messages were malformed")
    claim(
        tickets.rated + tickets.not_rated == tickets.served,
        f"{tickets.served} acts, but {tickets.rated} rated and {tickets.not_rated} not rated",
    )
    claim(not waiting, "never called: " + ", ".join(sorted(waiting)))
    claim("" not in tally.slips, "a slip had no number")
    claim(
        all(count == 1 for count in tally.slips.values()),
        "more than one slip: " + ", ".join(t for t, count in tally.slips.items() if count > 1),
    )
    claim(tickets.issued == papers, f"{tickets.issued} tickets, but {papers} numbers on paper")
    claim(
        tickets.served == len(tally.served),
        f"{tickets.served} acts finished, but the clerks finished {len(tally.served)}",
    )
    return found


def shown_on(rig: Rig) -> dict[str, tuple[str, ...]]:
    """What a person in the hall reads on each board, line by line."""
    return {
        name: tuple(line.text for line in board.shown("calls")) for name, board in rig.of(BoardSim).items()
    }


def problems_around(rig: Rig, observer: Observer, visits: Visits, tally: Tally) -> list[str]:
    """The same of all that does not stand at a window."""
    found = list(visits.wrong)
    for name, lines in shown_on(rig).items():
        called = [ticket_in(line) for line in lines if line.strip()]
        if strangers := [line for line in called if line not in tally.slips]:
            found.append(f"{name} shows {', '.join(strangers)}, which nobody has")
        if not called:
            found.append(f"{name} shows no call")
    for name in (*rig.of(TerminalSim), *rig.of(HeartbeatSim)):
        status = observer.devices.get(name)
        if status is None or status.state != "online":
            found.append(f"{name} is {status.state if status else 'unknown'}, and nothing is wrong with it")
    return found


def latency_of(observer: Observer, tally: Tally, visits: Visits) -> Latency:
    return Latency(
        byte_to_publish=observer.byte_to_publish.summary(),
        tap_to_print=tally.tap_to_print.summary(),
        key_to_strip=tally.key_to_strip.summary(),
        card_to_fields=visits.card_to_fields.summary(),
    )
