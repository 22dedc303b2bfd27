"""Lines of a log, by the texts that this program has for them: what was put into a text is left out.

A line that no text of ours fits may say anything, and only its length is told.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_LEVELS = {"debug", "info", "warning", "error", "critical", "exception", "log"}
_PLACE = re.compile(r"%[-+ #0]*\d*(?:\.\d+)?([sdrfgxi%])")
_LEAST = 8  # characters of its own that a text needs to be known by
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,3})?")
_HEAD = re.compile(r"(?:<\d>)?([a-z_.]{1,80}): ")
GONE = "…"


class Text(NamedTuple):
    """A text of the program: its longest piece, by which it is looked for, how a line of it looks, and of
    what kind each thing is that was put into it."""

    piece: str
    pattern: re.Pattern[str]
    kinds: list[str]


def texts(roots: Iterable[Path]) -> list[Text]:
    """Of all calls of a logger in these folders; the longest first, so that a line is told by the best."""
    found = dict[str, Text]()
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            if "log." in source:
                for each in _calls(source):
                    if (text := _text(each)) is not None:
                        found[each] = text
    return sorted(found.values(), key=lambda text: -len(text.piece))


def _calls(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LEVELS:
            for argument in node.args[:2]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def _text(said: str) -> Text | None:
    parts = _PLACE.split(said)
    pieces, kinds = parts[::2], parts[1::2]
    longest = max(pieces, key=len)
    if len(longest.strip()) < _LEAST:
        return None
    return Text(longest, re.compile("(.*?)".join(map(re.escape, pieces)), re.DOTALL), kinds)


def redacted(line: str, known: list[Text], names: Collection[str]) -> str:
    """The logger's name, the text, and in it counts and `names`, which are of things here."""
    head = _HEAD.match(line)
    message = line[head.end() :] if head else line
    for text in known:
        if text.piece not in message:
            continue
        # Whole, or with `key=value` after it, which is left out.
        for end in (len(message), *(found.start() for found in re.finditer(r" [a-z_]+=", message))):
            if found := text.pattern.fullmatch(message[:end]):
                return (head[1] + ": " if head else "") + _told(found, text.kinds, names)
    return f"[{len(line)}]"


def _told(found: re.Match[str], kinds: list[str], names: Collection[str]) -> str:
    said, at = "", 0
    for number, kind in enumerate(kinds, 1):
        value = found[number]
        said += found.string[at : found.start(number)]
        said += value if value in names or (kind in "dfgi" and _NUMBER.fullmatch(value)) else GONE
        at = found.end(number)
    return said + found.string[at : found.end()]
