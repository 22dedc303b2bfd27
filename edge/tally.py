"""What devices have done and suffered, counted in one place from what passes the supervisor anyway.

The names are those of UnifiedPOS (Unified POS Retail Peripheral Architecture, 1.14, "Device statistics" of
each category; as constants in JavaPOS, JposStatisticsConst). Where it has none ours begin with "Hall".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field

from drivers.messages import (
    Announce,
    AskRating,
    Beep,
    ButtonPressed,
    Event,
    KeyPressed,
    LevelPressed,
    Order,
    Outcome,
    PrintSlip,
    ReadCard,
    ReadCode,
    Result,
    ShowDigits,
    ShowLines,
    ShowText,
    SlipLine,
)
from edge.wire import DeviceStatus

HOURS, LOST = "HoursPoweredCount", "CommunicationErrorCount"
_SHOWN, _FAILED, _UNKNOWN = "HallTextShownCount", "HallOrderFailedCount", "HallOrderUnknownCount"
_DONE: dict[type, str] = {
    ReadCode: "GoodScanCount",
    ReadCard: "GoodReadCount",
    Beep: "ToneSoundedCount",
    AskRating: "HallRatingAskedCount",
    Announce: "HallAnnouncementCount",
    ShowText: _SHOWN,
    ShowDigits: _SHOWN,
    ShowLines: _SHOWN,
}
_PRESSED: dict[type, str] = {
    KeyPressed: "KeyPressedCount",
    ButtonPressed: "KeyPressedCount",
    LevelPressed: "HallRatingPressedCount",
}
# Of a reader: a card lay there, and could not be read. Where none came nothing has failed.
_UNREAD = frozenset({"card_moved", "card_refused", "wrong_card", "unknown_card", "check_digit", "unreadable"})
# By condition, each time that it comes on. What is not named here is told by its state only.
_RAISED: Mapping[str, tuple[str, ...]] = {
    "silent": (LOST,),
    "service_silent": (LOST,),
    "cover_open": ("ReceiptCoverOpenCount",),
    "cutter_fault": ("FailedPaperCutCount", "PrinterFaultCount"),
    "mechanical_error": ("PrinterFaultCount",),
    "unrecoverable_error": ("PrinterFaultCount",),
    "head_hot": ("MaximumTempReachedCount",),
    "paper_jammed": ("PrinterFaultCount",),
}
_PRINTED = (
    "ReceiptLinePrintedCount",
    "ReceiptCharacterPrintedCount",
    "BarcodePrintedCount",
    "PaperCutCount",
)
NAMES = frozenset(
    (HOURS, LOST, _FAILED, _UNKNOWN, "FailedReadCount", *_PRINTED, *_DONE.values(), *_PRESSED.values())
) | {name for names in _RAISED.values() for name in names}
# What a device counts, from its first day on, by the orders that it knows and the events that it says.
_OF: Mapping[type, tuple[str, ...]] = {
    PrintSlip: (
        *_PRINTED,
        "FailedPaperCutCount",
        "PrinterFaultCount",
        "ReceiptCoverOpenCount",
        "MaximumTempReachedCount",
    ),
    ReadCard: ("GoodReadCount", "FailedReadCount"),
    **{each: (name,) for each, name in (_DONE | _PRESSED).items() if each is not ReadCard},
}

_UP = frozenset({"online", "degraded"})
_AWAY = frozenset({"backoff", "faulted"})


def names_of(does: Set[type]) -> tuple[str, ...]:
    """What such a device counts; `does`: its orders and events."""
    own = (name for each, names in _OF.items() if each in does for name in names)
    return tuple(dict.fromkeys((HOURS, LOST, _FAILED, _UNKNOWN, *own)))


@dataclass(slots=True)
class _Known:
    """Of one device. `up_s`: until when its hours are counted, None while it is away."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    up_s: float | None = None
    lost: bool = False
    codes: frozenset[str] = frozenset()


class Tally:
    """Of the devices that a supervisor has. Costs a device its counters, and no more for what happens."""

    def __init__(self, mono_s: Callable[[], float]) -> None:
        self._mono_s = mono_s
        self._known: dict[str, _Known] = {}

    def counts(self, device: str) -> dict[str, float]:
        """What it has counted so far; the hours to the second."""
        known = self._of(device)
        self._run_on(known)
        return {HOURS: round(known.seconds / 3600, 4), **known.counts}

    def go_on(self, device: str, counts: Mapping[str, float]) -> None:
        """From what it had counted before a restart."""
        known = self._of(device)
        known.seconds += 3600 * counts.get(HOURS, 0.0)
        known.counts.update({name: int(count) for name, count in counts.items() if name != HOURS})

    def status(self, status: DeviceStatus) -> None:
        known = self._of(status.device)
        self._run_on(known)
        is_up = status.state in _UP
        known.up_s = self._mono_s() if is_up else None
        if is_up:
            known.lost = False
        elif status.state in _AWAY and not known.lost:  # not once more with every try
            known.lost = True
            known.counts[LOST] += 1
        codes = frozenset(each.code for each in status.conditions)
        for code in codes - known.codes if is_up else ():  # what took the line away is counted as its loss
            known.counts.update(_RAISED.get(code, ()))
        known.codes = codes

    def order(self, device: str, order: Order, outcome: Outcome) -> None:
        counts = self._of(device).counts
        if outcome.result is Result.DONE:
            counts.update(_printed(order) if isinstance(order, PrintSlip) else _done(order))
        elif isinstance(order, ReadCard | ReadCode):
            counts.update({"FailedReadCount": 1} if outcome.code in _UNREAD else {})
        elif outcome.result is Result.FAILED:
            counts[_FAILED] += 1
        elif outcome.result is Result.UNKNOWN:
            counts[_UNKNOWN] += 1

    def event(self, event: Event) -> None:
        if name := _PRESSED.get(type(event.body)):
            self._of(event.device).counts[name] += 1

    def _of(self, device: str) -> _Known:
        return self._known.setdefault(device, _Known())

    def _run_on(self, known: _Known) -> None:
        if known.up_s is not None:
            now_s = self._mono_s()
            known.seconds += now_s - known.up_s
            known.up_s = now_s


def _done(order: Order) -> dict[str, int]:
    name = _DONE.get(type(order))
    return {name: 1} if name else {}


def _printed(slip: PrintSlip) -> dict[str, int]:
    """Of the slip as it was ordered: how it was broken into lines only the printer's driver knows."""
    texts = [block.text for block in slip.blocks if isinstance(block, SlipLine)]
    lines = [line for text in texts for line in text.split("\n")]
    amounts = (len(lines), sum(map(len, lines)), len(slip.blocks) - len(texts), 1)
    return dict(zip(_PRINTED, amounts, strict=True))
