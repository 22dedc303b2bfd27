"""Every text is there in every language, and every one is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk_ui.actions import Language
from kiosk_ui.i18n import FILES, texts, tr

KIOSK = Path(__file__).resolve().parents[2] / "kiosk_ui"
LANGUAGES = tuple(FILES)
NOT_ASCII = {"other_language"}  # the way to a language is named in that language


def trees() -> Iterator[ast.Module]:
    for path in KIOSK.rglob("*.py"):
        yield ast.parse(path.read_text(encoding="utf-8"))


def literals() -> set[str]:
    """Every text that stands in the source."""
    nodes = (node for tree in trees() for node in ast.walk(tree))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def beginnings() -> set[str]:
    """What the keys that are put together begin with: the first part of f"weekday.{day}"."""
    found = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                found.add(str(node.values[0].value))
    return {each for each in found if re.fullmatch(r"[a-z_]+(\.[a-z_]+)*\.", each)}


def asked() -> set[str]:
    """The keys that are asked for by name."""
    found = set()
    for tree in trees():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "tr" and node.args):
                continue
            first = node.args[0]
            options = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            found |= {each.value for each in options if isinstance(each, ast.Constant)}
    return {each for each in found if isinstance(each, str)}


def test_every_language_has_the_same_keys() -> None:
    first, *others = (set(texts(language)) for language in LANGUAGES)
    for other in others:
        assert first ^ other == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_is_asked_for_is_there(language: Language) -> None:
    assert asked() - set(texts(language)) == set()
    assert len(asked()) > 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_is_used(language: Language) -> None:
    used, parts = literals(), tuple(beginnings())
    assert [key for key in texts(language) if key not in used and not key.startswith(parts)] == []


def test_every_language_fills_in_the_same_values() -> None:
    def values(language: Language, key: str) -> set[str]:
        return set(re.findall(r"{(\w+)}", texts(language)[key]))

    first, *others = LANGUAGES
    for other in others:
        assert [key for key in texts(first) if values(first, key) != values(other, key)] == []


def test_english_is_ascii_because_it_is_what_shows_without_a_chinese_font() -> None:
    odd = {key for key, words in texts("en").items() if not words.isascii()}
    assert odd == NOT_ASCII


def test_no_text_is_empty_or_has_spaces_around() -> None:
    for language in LANGUAGES:
        odd = [key for key, words in texts(language).items() if not words or words != words.strip()]
        assert set(odd) <= {"comma"}


def test_a_key_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        tr("zh", "no such key")
    with pytest.raises(KeyError):
        tr("zh", "ahead")
