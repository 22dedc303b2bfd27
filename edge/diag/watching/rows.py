"""What stands in the table of devices: pure, from what the node says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from edge.diag.view import STYLES, ConditionWords, StatusView, heard, told
from edge.diag.words import Words
from edge.wire import DeviceStatus
from edge.wire.plain import plain

# Beside the word: what is wrong stands out without any colour.
MARKS = {"online": "●", "degraded": "▲", "backoff": "✗", "misconfigured": "✗", "faulted": "✗", "stopped": "■"}
OTHERS = "○"


@dataclass(frozen=True, slots=True)
class Row:
    device: str
    state: Text
    heard: str
    wrong: Text  # last: it may be long, and stands in full below the table

    def cells(self) -> tuple[str | Text, ...]:
        return plain(self.device), self.state, self.heard, self.wrong

    @property
    def is_well(self) -> bool:
        return not self.wrong


def rows_of(status: StatusView, words: Words, now: float) -> list[Row]:
    return [_row(each, status.words.get(each.device, {}), words, now) for each in status.devices]


def _row(device: DeviceStatus, known: dict[str, ConditionWords], words: Words, now: float) -> Row:
    state = Text(
        f"{MARKS.get(device.state, OTHERS)} {words(device.state)}", style=STYLES.get(device.state, "")
    )
    names = [known.get(each.code, ConditionWords(zh=each.code, en=each.code)) for each in device.conditions]
    wrong = Text("；" if words("s") == "秒" else "; ").join(
        Text(plain(words.pick(each.zh, each.en))) for each in names
    )
    return Row(device.device, state, heard(device, words, now), wrong)


def next_wrong(rows: Sequence[Row], after: int) -> int | None:
    """The row below, and from the top again, whose device is not well."""
    around = [*range(after + 1, len(rows)), *range(after + 1)]
    return next((row for row in around if not rows[row].is_well), None)


def detail_of(status: StatusView, device: str, words: Words) -> Text:
    """All that is wrong with a device, each with its remedy."""
    found = next((each for each in status.devices if each.device == device), None)
    if found is None or not found.conditions:
        return Text(words("all_well"))
    known = status.words.get(device, {})
    return Text("\n").join(told(each, known.get(each.code), words) for each in found.conditions)
