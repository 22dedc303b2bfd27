"""What a terminal's services say of their state: which of it is wrong, and which is worth knowing.

Source: CEN CWA 17852 (XFS4IoT), Common.Status, with the properties of the interfaces Common, Printer,
CardReader and Auxiliaries. Nothing else of a payload is kept, so a service cannot fill the memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from drivers.strictjson import Json
from drivers.terminal import clean

_SUPPLY = {"full": "", "low": "_low", "out": "_out", "unknown": "", "notSupported": ""}
_DOOR = dict.fromkeys(("closed", "locked", "bolted", "notAvailable"), "") | {
    "open": "door_open",
    "tampered": "door_tampered",
}
_PAPER = {name: end and f"paper{end}" for name, end in _SUPPLY.items()} | {"jammed": "paper_jammed"}
_TONER = {name: end and f"toner{end}" for name, end in _SUPPLY.items()}
_MODULE = {"ok": "", "inoperable": "card_reader_fault", "unknown": "", "notSupported": ""}
DOORS = ("safeDoor", "cabinetFrontDoor", "cabinetRearDoor", "cabinetLeftDoor", "cabinetRightDoor")

# Property → each value that it may have → the condition that it stands for, "" for none.
_PROPERTIES: Mapping[str, Mapping[str, str]] = {
    "common.device": {
        "online": "", "deviceBusy": "", "noDevice": "", "starting": "starting",
        "offline": "out_of_service", "powerOff": "out_of_service",
        "hardwareError": "hardware_error", "userError": "user_error", "fraudAttempt": "fraud_attempt",
        "potentialFraud": "fraud_suspected",
    },
    "common.antiFraudModule": {
        "ok": "", "inoperable": "", "unknown": "", "notSupported": "", "deviceDetected": "fraud_suspected",
    },
    "printer.media": {
        "present": "", "notPresent": "", "entering": "", "retracted": "", "unknown": "", "notSupported": "",
        "jammed": "paper_jammed",
    },
    "printer.toner": _TONER,
    "printer.ink": _TONER,
    "cardReader.media": {
        "present": "", "notPresent": "", "entering": "", "latched": "", "unknown": "", "notSupported": "",
        "jammed": "card_stuck",
    },
    "cardReader.chipModule": _MODULE,
    **{f"auxiliaries.{door}": _DOOR for door in DOORS},
}  # fmt: skip
_SOURCE = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,15}")  # of paper: "upper", "lower", or the maker's own word
MAX_SOURCES = 8

# A completion that failed → the condition; any other code is command_failed.
_FAILURES = {"hardwareError": "hardware_error", "userError": "user_error", "fraudAttempt": "fraud_attempt"}
_MEDIA = ("cardReader.media", "printer.media")
_CARD = ("present", "latched", "entering")
ATTRIBUTES = ("printer", "card_reader", "paper", "door")
_FROM_BEST = ("closed", "full", "empty", "ok", "unknown", "low", "open")


def read(payload: Mapping[str, Json]) -> tuple[dict[str, str], list[str]]:
    """The properties that are known, and "property = value" of each whose value is not."""
    known: dict[str, str] = {}
    strange: list[str] = []
    for name, value in _flat(payload):
        values = _PAPER if name.startswith("printer.paper.") else _PROPERTIES[name]
        if isinstance(value, str) and value in values:
            known[name] = value
        elif value is not None:
            strange.append(f"{name} = {clean(value, 20) or type(value).__name__}")
    return known, strange


def _flat(payload: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for name in _PROPERTIES:
        interface, _, leaf = name.partition(".")
        table = payload.get(interface)
        if isinstance(table, dict):
            yield name, table.get(leaf)
    if "common" not in payload:  # 2021-1: the event has the properties of Common at its top
        yield "common.device", payload.get("device")
    printer = payload.get("printer")
    paper = printer.get("paper") if isinstance(printer, dict) else None
    if isinstance(paper, dict):
        sources = [source for source in paper if _SOURCE.fullmatch(source)]
        for source in sources[:MAX_SOURCES]:
            yield f"printer.paper.{source}", paper[source]


@dataclass(slots=True)
class ServiceBook:
    """The state of one service. `now_s` is monotonic."""

    name: str
    interfaces: frozenset[str] = frozenset()
    properties: dict[str, str] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)
    failure: str = ""  # the code of a status that was refused
    card_since_s: float | None = None

    def whole(self, payload: Mapping[str, Json], now_s: float) -> bool:
        """A status replaces what was known. True: since the last one a citizen has moved something."""
        known, self.strange = read(payload)
        self.failure = ""
        return self._take(known, now_s)

    def part(self, payload: Mapping[str, Json], now_s: float) -> bool:
        """An event that says what has changed: what it leaves out is as before."""
        known, strange = read(payload)
        self.strange = [*self.strange, *strange][-MAX_SOURCES:]
        room = MAX_SOURCES - sum(name.startswith("printer.paper.") for name in self.properties)
        for name in [name for name in known if name.startswith("printer.paper.")]:
            if name not in self.properties:
                room -= 1
                if room < 0:
                    del known[name]
        return self._take(self.properties | known, now_s)

    def threshold(self, payload: Mapping[str, Json], now_s: float) -> None:
        """Printer.PaperThresholdEvent: `paperSource` and `threshold`."""
        self.part({"printer": {"paper": {str(payload.get("paperSource")): payload.get("threshold")}}}, now_s)

    def _take(self, known: dict[str, str], now_s: float) -> bool:
        moved = any(self._moved(name, known) for name in _MEDIA)
        self.properties = known
        if known.get("cardReader.media") not in _CARD:
            self.card_since_s = None
        elif self.card_since_s is None:
            self.card_since_s = now_s
        return moved

    def _moved(self, name: str, known: Mapping[str, str]) -> bool:
        before, after = self.properties.get(name), known.get(name)
        return before not in (None, "unknown", after) and after not in (None, "unknown")

    def conditions(self, now_s: float, card_limit_s: float) -> Iterator[tuple[str, str]]:
        """(code, detail) of all that is wrong."""
        if self.failure:
            code = _FAILURES.get(self.failure, "command_failed")
            yield code, f"{self.name}: {self.failure}"
        for name, value in self.properties.items():
            values = _PAPER if name.startswith("printer.paper.") else _PROPERTIES[name]
            if values[value]:
                yield values[value], f"{self.name}: {name} = {value}"
        if self.card_since_s is not None and now_s - self.card_since_s >= card_limit_s:
            yield "card_left", self.name
        for strange in self.strange:
            yield "unknown_value", f"{self.name}: {strange}"

    @property
    def has_device(self) -> bool:
        """False where the service is there for a part that this terminal does not have."""
        return self.properties.get("common.device") != "noDevice"

    def attributes(self) -> Iterator[tuple[str, str]]:
        """In the hall's words: paper, printer, card_reader and door, where the service has them."""
        device = snake(self.properties.get("common.device", "unknown")).replace("online", "ok")
        media = self.properties.get("cardReader.media", "unknown")
        if "Printer" in self.interfaces:
            yield "printer", device
        if "CardReader" in self.interfaces:
            words = {"notPresent": "empty", "jammed": "jammed"} | dict.fromkeys(_CARD, "card")
            yield "card_reader", words.get(media, device) if device in ("ok", "device_busy") else device
        paper = [value for name, value in self.properties.items() if name.startswith("printer.paper.")]
        if paper:
            yield "paper", worst(paper)
        doors = [self.properties.get(f"auxiliaries.{door}", "notAvailable") for door in DOORS]
        doors = [door for door in doors if door != "notAvailable"]
        if doors:
            yield "door", worst(["closed" if door in ("locked", "bolted") else door for door in doors])


def worst(words: Sequence[str]) -> str:
    """Of what several parts say of one attribute; "" of nothing. What is not known to be good is bad."""
    rank = {word: place for place, word in enumerate(_FROM_BEST)}
    return max(words, key=lambda word: rank.get(word, len(rank)), default="")


def snake(word: str) -> str:
    """ "hardwareError" → "hardware_error"."""
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", word)
