"""What is wrong with a configuration, in words that a technician can act on, in Chinese and English.

pydantic finds the errors; here each becomes a `Problem`: where it stands, what stands there (secrets masked),
why that cannot work and what would be right. The last is read from the JSON Schema of the settings, so that
bounds and choices are written down once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from drivers.checking.schema import choices, known_keys, locate, words_for
from drivers.checking.values import show
from drivers.checking.words import NOTHING, Text

LIST_LIMIT = 24  # names listed where none is near: more help nobody
WORD_LIMIT = 64  # characters of a word that are compared: the time grows with their square


@dataclass(frozen=True, slots=True)
class Problem:
    """`key` is the path in the file ("device[3].settings.heartbeat_s", counted from 0), `value` what stands
    there ("" where nothing does), `hint` what would be right."""

    key: str
    value: str
    reason: Text
    hint: Text = NOTHING

    def under(self, prefix: str) -> Problem:
        """The same problem, seen from one level further out."""
        return Problem(join(prefix, self.key), self.value, self.reason, self.hint)

    def text(self) -> Text:
        """The whole of it in one line."""
        where = f"{self.key} = {self.value}" if self.value else self.key
        hint = Text(f"；{self.hint.zh}", f"; {self.hint.en}") if self.hint != NOTHING else NOTHING
        return Text(f"{where}：{self.reason.zh}{hint.zh}", f"{where}: {self.reason.en}{hint.en}")

    def __str__(self) -> str:
        return self.text().en


class BadDevice(Exception):
    """This device cannot work as configured; all others can. `problems` is never empty."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


class Wrong(ValueError):
    """Raised by a validator of ours, with the reason in both languages."""

    def __init__(self, reason: Text, hint: Text = NOTHING) -> None:
        super().__init__(reason.en)
        self.reason, self.hint = reason, hint


def join(prefix: str, key: str) -> str:
    """ "device[3]" and "url" make "device[3].url"; either may be empty."""
    return f"{prefix}.{key}" if prefix and key and not key.startswith("[") else prefix + key


# --- hints ---
def did_you_mean(word: str, known: Iterable[str]) -> Text:
    """The nearest known word, else all of them where they are few."""
    names = sorted(known)
    if near := nearest(word, names):
        return Text(f"是不是 {near}？", f"did you mean {near}?")
    if not 0 < len(names) <= LIST_LIMIT:
        return NOTHING
    listed = ", ".join(names)
    return Text(f"可以用的有：{listed}", f"known here: {listed}")


def nearest(word: str, names: Sequence[str]) -> str:
    """The known word that is most like this one, "" where none is."""
    from difflib import get_close_matches  # noqa: PLC0415 0.2 MB, only where something is wrong

    near = get_close_matches(word[:WORD_LIMIT].lower(), names, n=1, cutoff=0.6)
    return near[0] if near else ""


# --- pydantic's errors ---
_REASONS: dict[str, Text] = {
    "missing": Text("缺少这一项", "is missing"),
    "missing_argument": Text("缺少这一项", "is missing"),
    "extra_forbidden": Text("没有这一项", "there is no such key"),
    "unexpected_keyword_argument": Text("没有这一项", "there is no such key"),
    "greater_than": Text("太小", "is too small"),
    "greater_than_equal": Text("太小", "is too small"),
    "less_than": Text("太大", "is too large"),
    "less_than_equal": Text("太大", "is too large"),
    "multiple_of": Text("不是规定的倍数", "is not a multiple of what it must be"),
    "finite_number": Text("不是有限的数", "is not a finite number"),
    "string_too_short": Text("太短", "is too short"),
    "string_too_long": Text("太长", "is too long"),
    "too_short": Text("项数太少", "has too few entries"),
    "too_long": Text("项数太多", "has too many entries"),
    "string_pattern_mismatch": Text("写法不对", "is not written as it must be"),
    "literal_error": Text("不是可选的值", "is not one of the choices"),
    "enum": Text("不是可选的值", "is not one of the choices"),
    "union_tag_invalid": Text("不是可选的值", "is not one of the choices"),
    "union_tag_not_found": Text("缺少说明种类的一项", "does not say of which kind it is"),
}
_WRONG_TYPE = Text("类型不对", "is of the wrong type")
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
_MISSING = ("missing", "missing_argument")


def explain(
    error: ValidationError, schema: Mapping[str, Any], *, prefix: str = "", strip: int = 0
) -> tuple[Problem, ...]:
    """Every error of one validation as a problem, in the order of the file, each place once.

    `schema` is the JSON Schema of what was validated, `prefix` the key under which it stands; `strip` leaves
    out that many outer levels of the path. Where a value fits no member of a union, pydantic reports it once
    for each member: the first is kept.
    """
    found: dict[str, Problem] = {}
    for detail in error.errors(include_url=False):
        problem = _explain_one(detail, schema, strip)
        follows = detail["type"] == "too_short" and any(key.startswith(f"{problem.key}[") for key in found)
        if not follows:  # from entries that are not right: they are not counted
            found.setdefault(problem.key, problem)
    return tuple(problem.under(prefix) for problem in found.values())


def _explain_one(detail: ErrorDetails, schema: Mapping[str, Any], strip: int) -> Problem:
    kind, value = detail["type"], detail["input"]
    path, node = locate(schema, detail["loc"])
    key = _dotted(path[strip:])
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, Wrong):
        return Problem(key, _scalar(value, key), cause.reason, cause.hint)
    if isinstance(cause, Exception):  # a settings class of a driver said so, in its own words
        return Problem(key, _scalar(value, key), Text.same(str(cause)))
    if kind in _UNKNOWN:
        hint = did_you_mean(str(path[-1]), known_keys(schema, detail["loc"][:-1]))
        return Problem(key, show(value, key), _REASONS[kind], hint)
    hint = _hint(value, node, schema)
    return Problem(key, "" if kind in _MISSING else show(value, key), _reason(kind, detail["msg"]), hint)


def _reason(kind: str, message: str) -> Text:
    if kind in _REASONS:
        return _REASONS[kind]
    wrong_type = kind.endswith(("_type", "_parsing", "_from_float", "_parsing_size"))
    return _WRONG_TYPE if wrong_type else Text.same(message)


def _hint(value: object, node: Mapping[str, Any], schema: Mapping[str, Any]) -> Text:
    words = words_for(node, schema)
    allowed = choices(node, schema)
    if isinstance(value, str) and (near := nearest(value, allowed)):
        return Text(f"是不是 {near}？{words.zh}", f"did you mean {near}? {words.en}")
    return words


def _scalar(value: object, key: str) -> str:
    return "" if isinstance(value, (Mapping, list, tuple)) else show(value, key)


def _dotted(path: Sequence[str | int]) -> str:
    key = ""
    for part in path:
        key = join(key, f"[{part}]" if isinstance(part, int) else part)
    return key
