"""What stands on the paper. No box is ticked and nothing on it is a person's own.

Text is of size 2, which is 17 pt, and the item's number of size 4: 24 dots at 203 dpi are 8.5 pt, too small
for old eyes. With the bounds of a catalogue it stays below the 64 blocks of a slip.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.messages import SlipLine, SlipQr

if TYPE_CHECKING:  # the catalogue is loaded by who needs it
    from edge.catalogue import Catalogue, Item, Material, Words
    from edge.settings import HallTable

TITLE = "一次性告知单", "All that you need"
TEXT_SIZE = 2
NUMBER_SIZE = 4
QR_MODULE = 6  # dots: 0.75 mm, which a telephone's camera reads from 20 cm
BOX = "□"  # GB 2312 has it, so every printer's font has
RULE = "－" * 10


@dataclass(frozen=True, slots=True)
class Notice:
    item: Item
    catalogue: Catalogue
    cases: tuple[str, ...]
    hall: HallTable
    time: str

    def blocks(self, language: str) -> tuple[SlipLine | SlipQr, ...]:
        """Chinese, which the window reads too; English beneath it for who asked in English."""
        return (
            *self._head(language),
            *self._materials(language),
            *self._facts(language),
            *self._foot(language),
        )

    @property
    def code(self) -> str:
        """By which kiosk and window find the item again: "<hall>/item/<number>/<case>+<case>"."""
        cases = "+".join(case.id for case in self.item.at_hand(self.cases))
        return f"{self.hall.id}/item/{self.item.number}" + (f"/{cases}" if cases else "")

    def _head(self, language: str) -> Iterator[SlipLine]:
        item = self.item
        yield _line(self.hall.name, align="center")
        yield _line(_both(*TITLE, language), align="center")
        if self.catalogue.sample:
            yield _line(_both("样例，不作办事依据", "SAMPLE: not to be relied on", language), align="center")
        yield SlipLine(item.number, NUMBER_SIZE, "center")
        yield _line(_words(item.name, language))
        for place, case in enumerate(item.at_hand(self.cases)):
            zh, en = ("另", "and") if place else ("情形", "Case")
            yield _line(_both(f"{zh}：{case.name.zh}", f"{en}: {case.name.en}", language))
        yield _line(RULE)

    def _materials(self, language: str) -> Iterator[SlipLine]:
        materials = self.item.needed(self.cases)
        if not materials:
            yield _line(_both("不需要带材料", "Nothing has to be brought", language))
        else:
            count = len(materials)
            yield _line(_both(f"请带齐 {count} 样材料", f"Please bring {count} things", language))
        for material in materials:
            yield _line(f"{BOX} {_words(material.name, language)}\n{_both(*_counts(material), language)}")
        yield _line(RULE)

    def _facts(self, language: str) -> Iterator[SlipLine]:
        item = self.item
        steps = enumerate(item.steps, 1)
        yield _line(_both("流程", "Procedure", language))
        yield from (_line(f"{place}. {_words(step, language)}") for place, step in steps)
        yield _line(_both(*_limit("法定时限", "Legal limit", item.legal_days), language))
        yield _line(_both(*_limit("承诺时限", "Promised", item.promised_days), language))
        yield _line(_both(f"收费：{item.fee.zh}", f"Fee: {item.fee.en}", language))
        if item.fee_basis.zh:
            basis = item.fee_basis
            yield _line(_both(f"收费依据：{basis.zh}", f"Basis: {basis.en}", language))

    def _foot(self, language: str) -> Iterator[SlipLine | SlipQr]:
        item = self.item
        yield _line(_both(f"办理部门：{item.unit.name.zh}", f"Unit: {item.unit.name.en}", language))
        yield _line(_both("投诉电话", "Complaints", language) + f"\n{item.telephone}")
        edition = self.catalogue.edition
        yield _line(_both(f"目录版本 {edition}", f"Edition {edition}", language))
        yield _line(_both("打印时间", "Printed", language) + f"\n{self.time}")
        yield SlipQr(self.code, QR_MODULE)


def _counts(material: Material) -> tuple[str, str]:
    """("　原件 1　复印件 1", "  1 original, 1 copy")."""
    original, copy = material.originals, material.copies
    zh = (f"原件 {original}" if original else "", f"复印件 {copy}" if copy else "")
    en = (
        f"{original} original{'s' * (original > 1)}" if original else "",
        f"{copy} cop{'ies' if copy > 1 else 'y'}" if copy else "",
    )
    return "　" + "　".join(filter(None, zh)), "  " + ", ".join(filter(None, en))


def _limit(zh: str, en: str, days: int) -> tuple[str, str]:
    if not days:
        return f"{zh}：当场办结", f"{en}: done at once"
    return f"{zh}：{days} 个工作日", f"{en}: {days} working day{'s' * (days > 1)}"


def _words(words: Words, language: str) -> str:
    return _both(words.zh, words.en, language)


def _both(zh: str, en: str, language: str) -> str:
    return f"{zh}\n{en}" if language == "en" else zh


def _line(text: str, *, align: str = "left") -> SlipLine:
    return SlipLine(text, TEXT_SIZE, "center" if align == "center" else "left")
