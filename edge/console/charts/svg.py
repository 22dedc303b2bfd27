"""Elements of SVG, and the two layouts of every chart.

A chart is drawn twice, for a wide and for a narrow box, and the style sheet shows one of them by the width of
the box: a drawing that only shrank would end with letters that nobody can read. Nothing has a `style`, which
the pages' policy forbids: classes say what a thing is, static/charts.css how that looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from markupsafe import Markup, escape

from edge.wire.plain import plain

TEXT = 14.0  # size of letters, in units of both layouts: 11 px or more in every box that shows them
CJK = 0x2E80  # Unicode: where the blocks of Chinese characters begin, which are as wide as high


@dataclass(frozen=True, slots=True)
class Layout:
    name: str  # of its class in the sheet
    width: float

    @property
    def is_narrow(self) -> bool:
        return self is NARROW


WIDE, NARROW = Layout("wide", 640.0), Layout("narrow", 340.0)
Drawing: TypeAlias = Callable[[Layout], tuple[float, Markup]]  # its height, and what is in it


def svg(title: str, said: str, draw: Drawing) -> Markup:
    """In both layouts; who hears it is told `title` and `said`."""
    return join(*(_one(layout, title, said, *draw(layout)) for layout in (WIDE, NARROW)))


def _one(layout: Layout, title: str, said: str, height: float, content: Markup) -> Markup:
    told = join(tag("title", title), tag("desc", said))
    box = f"0 0 {_text(layout.width)} {_text(height)}"
    return tag("svg", told, content, class_=f"chart-{layout.name}", viewBox=box, role="img")


def tag(name: str, *content: str | Markup, class_: str = "", **attributes: str | float) -> Markup:
    """With `content` escaped unless it is markup; `_` in an attribute's name is `-`."""
    named = {"class": class_, **attributes} if class_ else attributes
    told = join(
        *(Markup(' {}="{}"').format(key.replace("_", "-"), _text(each)) for key, each in named.items())
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), told, join(*map(_shown, content)))


def join(*parts: Markup) -> Markup:
    return Markup().join(parts)


def text(x: float, y: float, words: str, class_: str = "") -> Markup:
    """`class_` also says which end of it is at `x`: `end`, `mid`, else its begin."""
    return tag("text", words, class_=class_, x=x, y=y)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    return tag("line", class_=class_, x1=x1, y1=y1, x2=x2, y2=y2)


def rect(x: float, y: float, width: float, height: float, class_: str, *content: Markup) -> Markup:
    return tag("rect", *content, class_=class_, x=x, y=y, width=width, height=height)


def wide(words: str, size: float = TEXT) -> float:
    """About how wide it is drawn, rather more than less."""
    return size * sum(map(_em, plain(words)))


def fitting(words: str, width: float, size: float = TEXT) -> str:
    """As much of it as has room, with a sign where something is left out."""
    if wide(words, size) <= width:
        return words
    while words and wide(words + "…", size) > width:
        words = words[:-1]
    return words.rstrip() + "…"


def _em(letter: str) -> float:
    return 1.0 if ord(letter) >= CJK else 0.85 if letter.isupper() or letter in "mw%" else 0.6


def _shown(content: str | Markup) -> Markup:
    """A device's name may hold what XML cannot."""
    return content if isinstance(content, Markup) else escape(plain(content))


def _text(value: str | float) -> str:
    """A number to a tenth of a unit: less is not seen."""
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
