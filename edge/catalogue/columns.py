"""The columns of a catalogue's CSV files and what each may hold, as config/items/README.md tells people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drivers.checking.problems import Wrong, did_you_mean
from drivers.checking.words import Text
from edge.catalogue.model import Words

MAX_FILE_BYTES = 8 << 20  # the sample of 398 items has 0.3 MB
MAX_ROWS = 20_000  # of a file: a province's items with their materials
MAX_NAME = 60  # characters of a Chinese name: three lines of a slip, two of a card on the screen
MAX_LINE = 80  # of any other Chinese text
ENGLISH = 2.5  # times as many characters say the same
MAX_STEPS = 8
# So many lines of a slip at the most, beside head, procedure and foot: a slip has 64 blocks.
MAX_MATERIALS = 20
MAX_CASES = 10  # of an item: two pages of the screen
MAX_DAYS = 999
MAX_COUNT = 20  # originals or copies of a paper
MAX_EXPECTED_MIN, MAX_PROMISE_MIN, MAX_FEE_FEN = 240, 480, 100_000_000  # as of [[item]]
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_NUMBER = re.compile(r"[0-9]{2,12}")
_TELEPHONE = re.compile(r"[0-9+() -]{3,24}")

Parse = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """`parse` raises Wrong. An optional column may be left out, as may the text of its cells."""

    name: str
    parse: Parse
    optional: bool = False
    empty: Any = ""  # what an optional one is without text


def _text(most: int) -> Parse:
    def parse(text: str) -> str:
        if len(text) > most:
            reason = Text(f"有 {len(text)} 个字，太长", f"has {len(text)} characters, too many")
            raise Wrong(reason, Text(f"至多 {most} 个", f"at most {most}"))
        for char in "" if text.isprintable() else text:
            if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
                reason = Text("有不能显示的字符", "has a character that cannot be shown")
                raise Wrong(reason, Text.same(f"U+{ord(char):04X}"))
        return text

    return parse


def _pattern(pattern: re.Pattern[str], zh: str, en: str) -> Parse:
    def parse(text: str) -> str:
        if not pattern.fullmatch(text):
            raise Wrong(Text("写法不对", "is not written as it must be"), Text(zh, en))
        return text

    return parse


def _number(most: int) -> Parse:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or len(text) > len(str(most)) or int(text) > most:
            raise Wrong(Text("不是可用的整数", "is no whole number that can be used"), Text.same(f"0–{most}"))
        return int(text)

    return parse


def _minutes(most: int) -> Parse:
    """None has zero."""

    def parse(text: str) -> Any:
        if (number := _number(most)(text)) == 0:
            raise Wrong(Text("不能是 0", "cannot be 0"), Text("不写就是没有", "leave it empty for none"))
        return number

    return parse


def _choice(*choices: str) -> Parse:
    def parse(text: str) -> str:
        if text not in choices:
            raise Wrong(Text("不是可选的值", "is not one of the choices"), did_you_mean(text, choices))
        return text

    return parse


def _list(mark: str, each: Parse, most: int) -> Parse:
    def parse(text: str) -> tuple[Any, ...]:
        parts = [part.strip() for part in text.split(mark)] if text else []
        if len(parts) > most:
            raise Wrong(
                Text(f"有 {len(parts)} 项，太多", f"has {len(parts)} parts, too many"),
                Text(f"至多 {most} 项", f"at most {most}"),
            )
        if not all(parts):
            raise Wrong(Text("有空的一项", "has an empty part"), Text(f"用 {mark} 分开", f"{mark} between"))
        return tuple(each(part) for part in parts)

    return parse


def _both(name: str, most: int, *, optional: bool = False) -> tuple[Column, Column]:
    """`name` in Chinese and English."""
    return (
        Column(f"{name}_zh", _text(most), optional),
        Column(f"{name}_en", _text(round(most * ENGLISH)), optional),
    )


def both(row: dict[str, Any], name: str) -> Words:
    return Words(row[f"{name}_zh"], row[f"{name}_en"])


_id = _pattern(_ID, "小写字母、数字、- 和 _", "small letters, digits, - and _")
_item = _pattern(_NUMBER, "2 到 12 位数字", "2 to 12 digits")
_telephone = _pattern(_TELEPHONE, "电话号码", "a telephone number")

TABLES: dict[str, tuple[Column, ...]] = {
    "about.csv": (
        Column("edition", _text(32)),
        Column("sample", _choice("yes", "no")),
        *_both("note", MAX_LINE, optional=True),
    ),
    "themes.csv": (Column("theme", _id), *_both("name", 16)),
    "units.csv": (Column("unit", _id), *_both("name", MAX_NAME), Column("telephone", _telephone)),
    "items.csv": (
        Column("number", _item),
        Column("theme", _id),
        Column("unit", _id),
        Column("service", _id, optional=True),
        Column("level", _choice("county", "city", "province")),
        *_both("kind", 16),
        *_both("name", MAX_NAME),
        Column("legal_days", _number(MAX_DAYS)),
        Column("promised_days", _number(MAX_DAYS)),
        *_both("fee", MAX_LINE),
        *_both("fee_basis", MAX_LINE, optional=True),
        Column("telephone", _telephone, optional=True),
        Column("expected_min", _minutes(MAX_EXPECTED_MIN), optional=True, empty=None),
        Column("promise_min", _minutes(MAX_PROMISE_MIN), optional=True, empty=None),
        Column("fee_fen", _number(MAX_FEE_FEN), optional=True, empty=None),
        Column("steps_zh", _list("|", _text(MAX_LINE), MAX_STEPS)),
        Column("steps_en", _list("|", _text(round(MAX_LINE * ENGLISH)), MAX_STEPS)),
    ),
    "cases.csv": (
        Column("item", _item),
        Column("case", _id),
        Column("choose", _choice("one", "also")),
        *_both("name", 24),
    ),
    "materials.csv": (
        Column("item", _item),
        *_both("name", MAX_LINE),
        Column("originals", _number(MAX_COUNT)),
        Column("copies", _number(MAX_COUNT)),
        Column("cases", _list(" ", _id, MAX_CASES), optional=True, empty=()),
    ),
}
