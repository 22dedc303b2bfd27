"""What a page says aloud: a pure function of its tree. With a control at the keys, it is that one alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiosk_ui.actions import Language
from kiosk_ui.i18n import tr
from kiosk_ui.node import HEADER, Node, Role, find

MAX_SENTENCES = 60  # a page of eight cards has some twenty; nobody listens longer
MAX_SENTENCE = 300  # characters
AROUND = frozenset({HEADER, "dock"})  # ids of what is the same on every page
_MASKED = re.compile(r"[^\W_]*(?:\*+[^\W_]*)+")  # 340***********1234, 138****1234, 王*明


def sentences(tree: Node, focus: str, language: Language) -> tuple[str, ...]:
    """In the order in which the page is read, without what is around every page. `focus`: the control that
    keys are at, "" for none."""
    at_keys = find(tree, focus) if focus else None
    said = [_control(at_keys, language)] if at_keys else [*_said(tree, language)]
    spoken = (unmasked(sentence.strip(), language)[:MAX_SENTENCE] for sentence in said)
    return tuple(filter(None, spoken))[:MAX_SENTENCES]


def _said(node: Node, language: Language) -> Iterator[str]:
    if node.id in AROUND:
        return
    if node.action is not None:
        yield _control(node, language)
        return
    whole = node.speech or (node.name if node.role is Role.STATUS or node.lines else "")
    if whole:
        yield whole
    if not whole or node.role is Role.PAGE:
        for child in node.children:
            yield from _said(child, language)


def _control(node: Node, language: Language) -> str:
    """Its name, and how it stands."""
    words = [node.speech or node.name]
    if node.on is not None:
        words.append(tr(language, "speech.on" if node.on else "speech.off"))
    if not node.enabled:
        words.append(tr(language, "speech.unavailable"))
    return tr(language, "comma").join(words)


def unmasked(text: str, language: Language) -> str:
    """What is masked is said to be; what is left of a number is said digit by digit."""

    def told(found: re.Match[str]) -> str:
        parts = re.split(r"(\*+)", found[0])
        words = (
            tr(language, "speech.masked", count=len(part)) if part.startswith("*") else _spelt(part)
            for part in parts
            if part
        )
        return tr(language, "comma").join(words)

    return _MASKED.sub(told, text)


def _spelt(part: str) -> str:
    return " ".join(part) if part.isascii() else part
