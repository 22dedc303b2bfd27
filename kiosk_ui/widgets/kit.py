"""What every page needs at hand: the model, its words, and the measures that follow from who stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from kiosk_ui.actions import Contrast, Language, TextSize
from kiosk_ui.i18n import tr
from kiosk_ui.layout import Ruler
from kiosk_ui.model import Model
from kiosk_ui.panel import Panel
from kiosk_ui.theme import THEMES, Theme

# By text size. The capitals of these ems are 3.9, 5.2, 6.8 and 8.8 mm high.
EMS_MM = (5.3, 7.1, 9.2, 11.95)
_LEAD = (1.3, 1.25, 1.15, 1.05)  # of what is said first in a card
_TITLE = (2.0, 1.75, 1.4, 1.15)  # headings grow less than the text, or they leave no room for it
ELDER_TEXT: TextSize = 2
_GROWN = (1.5, 1.35, 1.2)  # times as large, where a page would else be half empty
_MOST_EM_MM = 13.0

_NUMBERED = re.compile(r"([A-Z]?[0-9]{1,3}) ?号(?:窗口)?")
TARGET_MM = 20.0  # the least side of what is touched
LEADING = 1.4  # of lines, in ems


class Named(Protocol):
    """What the daemon names in Chinese, and perhaps in English."""

    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Kit:
    """`scale`: of text, beyond the size that was chosen."""

    model: Model
    ruler: Ruler
    scale: float = 1.0

    @property
    def panel(self) -> Panel:
        return self.model.look.panel

    @property
    def language(self) -> Language:
        return self.model.session.language if self.ruler.can_chinese else "en"

    @property
    def theme(self) -> Theme:
        return THEMES[self.model.session.contrast]

    @property
    def is_contrasty(self) -> bool:
        return self.model.session.contrast is not Contrast.NORMAL

    @property
    def text(self) -> TextSize:
        session = self.model.session
        return max(session.text, ELDER_TEXT) if session.elder else session.text

    # --- measures, in mm ---
    @property
    def em(self) -> float:
        return EMS_MM[self.text] * self.scale

    def grown(self, most: float) -> Iterator[Kit]:
        """The same with larger text, the largest first, at most `most` times as large; itself last."""
        most = min(most, _MOST_EM_MM / self.em)
        yield from (replace(self, scale=each) for each in _GROWN if each <= most)
        yield self

    @property
    def lead(self) -> float:
        return self.em * _LEAD[self.text]

    @property
    def title(self) -> float:
        return self.em * _TITLE[self.text]

    @property
    def margin(self) -> float:
        return 12.0

    @property
    def gap(self) -> float:
        return 5.0

    @property
    def pad(self) -> float:
        return 5.0

    @property
    def radius(self) -> float:
        return 3.5

    # --- words ---
    def tr(self, key: str, **values: object) -> str:
        return tr(self.language, key, **values)

    def name(self, named: Named) -> str:
        return self.of_two(named.name, named.name_en)

    def of_two(self, zh: str, en: str) -> str:
        """In the language of who stands there, as far as there is a text in it."""
        return self.plain(en or zh if self.language == "en" else zh)

    def window(self, name: str) -> str:
        """A window's name; one that is a number, as nearly all are, in the language of who stands there."""
        numbered = _NUMBERED.fullmatch(name) if self.language == "en" else None
        return self.tr("window", number=numbered[1]) if numbered else self.plain(name)

    def plain(self, text: str) -> str:
        """A text that is not ours, or "" where no font is there to show it."""
        return text if self.ruler.can_chinese or text.isascii() else ""
