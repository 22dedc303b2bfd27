"""What the demonstration has shown, as data, and whether it is good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from edge.demo.counts import Events, Recorded, Tickets, events_of, tickets_of
from edge.demo.hall import Balance, Hall
from edge.demo.ledger import Samples
from edge.demo.ruled import Rules
from edge.demo.verdict import (
    problems_around,
    problems_of,
    problems_of_money,
    problems_on_the_way,
    shown_on,
)
from edge.rules.payments_counts import Counts

_M = TypeVar("_M", bound=BaseModel)


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


class HallReport(BaseModel):
    """Of one hall and its node."""

    model_config = ConfigDict(frozen=True)

    hall: str
    problems: tuple[str, ...]  # why it is not good
    windows: int
    devices: int
    tickets: Tickets
    events: Events
    corner: Visited
    payments: Counts
    boards: dict[str, tuple[str, ...]]  # what each shows at the end, the newest call first
    cameras: dict[str, int]  # by state at the end: how many
    camera_faults: dict[str, tuple[str, ...]]  # by camera, of those that have any
    rules: Rules
    latency_ms: Latency
    first_called_s: float | None  # after the opening
    slips: int  # pieces of paper
    unanswered: int  # presses at the panel that brought no slip
    rss_mb: float  # of the daemon, at the end
    cpu_percent: float  # of one core, by the daemon, since it was ready


class Fleet(BaseModel):
    """Of all halls together."""

    model_config = ConfigDict(frozen=True)

    halls: int
    windows: int
    devices: int
    tickets: Tickets
    events: Events
    events_by_hall: dict[str, Events]
    latency_ms: Latency  # of all halls' samples
    first_called_s: float | None  # the latest, after its own hall's opening
    last_opened_s: float  # when the last hall's lines were all open, after the first's
    slips: int
    unanswered: int
    rss_mb: float  # of all daemons
    rss_mb_largest: float
    cpu_percent: float  # of one core, by all daemons


class Report(HallReport):
    """Of the first hall, the centre. `ok` and `problems` are about all, and so is `fleet`, where there are
    others."""

    ok: bool
    seed: int
    minutes: float
    speed: float
    fleet: Fleet | None


def report_of(halls: Sequence[Hall], reports: Sequence[HallReport], **plan: float) -> Report:
    """Of `reports` of these halls, the centre's first; `plan`: seed, minutes and speed."""
    problems = tuple(f"{each.hall}: {problem}" for each in reports for problem in each.problems)
    fleet = fleet_of(halls, reports) if len(halls) > 1 else None
    return Report.model_validate(
        {**dict(reports[0]), **plan, "ok": not problems, "problems": problems, "fleet": fleet}
    )


def hall_report(
    hall: Hall,
    balance: Balance,
    record: Recorded,
    rules: Rules,
    payments: Counts,
    *,
    broker_lost: bool,
) -> HallReport:
    """`broker_lost`: events may have come more than once."""
    tally, view, visits = hall.people.tally, hall.view, hall.corner.visits
    tickets = tickets_of(view.ledger)
    events = events_of(view.ledger, balance.epoch, balance.last_seq, record.rows)
    problems = problems_of(tickets, hall.people, view.ledger.malformed)
    problems += problems_on_the_way(events, record.different, broker_lost=broker_lost)
    problems += problems_around(hall.rig, view, visits, tally)
    problems += rules.problems
    problems += problems_of_money(payments, hall.corner.payers)
    return HallReport(
        hall=hall.id,
        problems=tuple(problems),
        windows=len(hall.rig.desks),
        devices=len(view.devices),
        tickets=tickets,
        events=events,
        corner=Visited(cards=visits.cards, codes=visits.codes, payments=visits.payments),
        payments=payments,
        boards=shown_on(hall.rig),
        cameras=view.cameras.states if view.cameras else {},
        camera_faults={
            name: tuple(trouble.fault for trouble in status.troubles)
            for name, status in view.camera.items()
            if status.troubles
        },
        rules=rules,
        latency_ms=latency_of([hall]),
        first_called_s=tally.first_called_s and round(tally.first_called_s, 2),
        slips=sum(tally.slips.values()),
        unanswered=tally.unanswered,
        rss_mb=balance.rss_mb,
        cpu_percent=balance.cpu_percent,
    )


def fleet_of(halls: Sequence[Hall], reports: Sequence[HallReport]) -> Fleet:
    called = [each.first_called_s for each in reports if each.first_called_s is not None]
    return Fleet(
        halls=len(reports),
        windows=sum(each.windows for each in reports),
        devices=sum(each.devices for each in reports),
        tickets=_sum(Tickets, [each.tickets for each in reports]),
        events=_sum(Events, [each.events for each in reports]),
        events_by_hall={each.hall: each.events for each in reports},
        latency_ms=latency_of(halls),
        first_called_s=max(called, default=None),
        last_opened_s=round(max(hall.opened_s for hall in halls) - halls[0].opened_s, 2),
        slips=sum(each.slips for each in reports),
        unanswered=sum(each.unanswered for each in reports),
        rss_mb=round(sum(each.rss_mb for each in reports), 1),
        rss_mb_largest=max(each.rss_mb for each in reports),
        cpu_percent=round(sum(each.cpu_percent for each in reports), 2),
    )


def _sum(kind: type[_M], parts: Iterable[_M]) -> _M:
    """Field by field, of messages that hold counts only."""
    rows = [dict(part) for part in parts]
    return kind(**{name: sum(row[name] for row in rows) for name in kind.model_fields})


def latency_of(halls: Iterable[Hall]) -> Latency:
    """Of the samples of all of them."""
    seen = [(hall.view, hall.people.tally, hall.corner.visits) for hall in halls]

    def summary(samples: Iterable[Samples]) -> dict[str, float | int]:
        return Samples([value_s for each in samples for value_s in each.values_s]).summary()

    return Latency(
        byte_to_publish=summary(view.byte_to_publish for view, _, _ in seen),
        tap_to_print=summary(tally.tap_to_print for _, tally, _ in seen),
        key_to_strip=summary(tally.key_to_strip for _, tally, _ in seen),
        card_to_fields=summary(visits.card_to_fields for _, _, visits in seen),
    )
