"""From a folder of CSV files to a catalogue, or every reason why not.

An item of which anything is wrong is left out whole: a list of materials with one missing is worse than none.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drivers.checking.problems import Problem, did_you_mean
from drivers.checking.words import Text
from edge.catalogue.columns import MAX_CASES, MAX_MATERIALS, TABLES, both
from edge.catalogue.model import Case, Catalogue, Item, Material, Theme, Unit, Words
from edge.catalogue.rows import Row, rows

SAMPLE = Path(__file__).resolve().parent.parent.parent / "config" / "items"


@dataclass(frozen=True, slots=True)
class Read:
    """What could be read, and what is wrong with the rest."""

    catalogue: Catalogue
    problems: tuple[Problem, ...]


def read_catalogue(folder: Path, services: Collection[str] | None = None) -> Read:
    """`services`: those of the hall, where it is known which. Blocks on files; never raises for what they
    hold, or for files that are not there."""
    return _Reading(folder, services).read()


def find_item(folder: Path, number: str) -> tuple[Item, Catalogue] | None:
    """One item and the catalogue without the others, at the cost of one: a node need not hold them all."""
    found = _Reading(folder, None, number).read().catalogue
    item = found.items.get(number)
    return (item, found) if item else None


@dataclass
class _Reading:
    folder: Path
    services: Collection[str] | None
    only: str = ""  # the number of the one item that is wanted
    problems: list[Problem] = field(default_factory=list)
    spoilt: set[str] = field(default_factory=set)  # items of which a row is wrong

    def read(self) -> Read:
        about = self._about()
        themes = {row.cells["theme"]: row for row in self._rows("themes.csv", "theme")}
        units = {row.cells["unit"]: row for row in self._rows("units.csv", "unit")}
        items = self._items(themes, {id_: _unit(row) for id_, row in units.items()})
        cases = self._cases(items)
        materials = self._materials(items, cases)
        whole = {
            number: replace(item, cases=tuple(cases[number]), materials=tuple(materials[number]))
            for number, item in items.items()
            if number not in self.spoilt
        }
        catalogue = replace(
            about,
            themes=tuple(Theme(id_, both(row.cells, "name")) for id_, row in themes.items()),
            units={id_: _unit(row) for id_, row in units.items()},
            items=whole,
        )
        return Read(catalogue, tuple(self.problems))

    # --- the files ---
    def _about(self) -> Catalogue:
        """How it is with the whole: without that it passes for a sample, so that nobody relies on it."""
        found = list(self._rows("about.csv"))
        if len(found) == 1:
            cells = found[0].cells
            return Catalogue(cells["edition"], cells["sample"] == "yes", both(cells, "note"))
        if not self.problems:
            reason = Text("要有一行，不多不少", "has one row, no more and no less")
            self.problems.append(Problem("about.csv", "", reason))
        return Catalogue(sample=True)

    def _items(self, themes: Collection[str], units: dict[str, Unit]) -> dict[str, Item]:
        found = {}
        for row in self._rows("items.csv", "number"):
            cells = row.cells
            known = self._refers(row, "theme", themes) & self._refers(row, "unit", units)
            if cells["service"] and self.services is not None:
                known &= self._refers(row, "service", self.services)
            if known & self._hangs_together(row):
                found[cells["number"]] = _item(cells, units[cells["unit"]])
        return found

    def _hangs_together(self, row: Row) -> bool:
        legal, promised = row.cells["legal_days"], row.cells["promised_days"]
        zh, en = row.cells["steps_zh"], row.cells["steps_en"]
        if promised > legal:
            reason = Text("比法定时限长", "is longer than the legal limit")
            hint = Text(f"至多 {legal}", f"at most {legal}")
            self._wrong(row, row.problem("promised_days", promised, reason, hint))
        if len(zh) != len(en):
            reason = Text(f"有 {len(en)} 步，中文有 {len(zh)} 步", f"has {len(en)} steps, Chinese {len(zh)}")
            self._wrong(row, row.problem("steps_en", "", reason))
        return promised <= legal and len(zh) == len(en)

    def _cases(self, items: dict[str, Item]) -> dict[str, list[Case]]:
        found: dict[str, list[Case]] = {number: [] for number in items}
        for row in self._of_items("cases.csv", "case", items):
            cases = found[row.cells["item"]]
            cases.append(Case(row.cells["case"], both(row.cells, "name"), row.cells["choose"] == "also"))
            self._bounded(row, "case", len(cases), MAX_CASES)
        return found

    def _materials(self, items: dict[str, Item], cases: dict[str, list[Case]]) -> dict[str, list[Material]]:
        found: dict[str, list[Material]] = {number: [] for number in items}
        for row in self._of_items("materials.csv", "name_zh", items):
            cells, number = row.cells, row.cells["item"]
            known = [case.id for case in cases[number]]
            for case in cells["cases"]:
                if case not in known and number not in self.spoilt:
                    reason = Text("这个事项没有这个情形", "is no case of this item")
                    self._wrong(row, row.problem("cases", case, reason, did_you_mean(case, known)))
            if not cells["originals"] + cells["copies"]:
                reason = Text("原件和复印件都是 0", "is 0, and copies too")
                self._wrong(row, row.problem("originals", 0, reason))
            material = Material(both(cells, "name"), cells["originals"], cells["copies"], cells["cases"])
            found[number].append(material)
            self._bounded(row, "name_zh", len(found[number]), MAX_MATERIALS)
        return found

    # --- rows ---
    def _rows(self, file: str, *key: str) -> Iterator[Row]:
        """The whole ones, each key once."""
        seen: dict[Hashable, int] = {}
        for row in rows(self.folder / file, TABLES[file], self.problems):
            number = row.cells.get("item") or row.cells.get("number") or ""
            if not row.whole:
                self.spoilt.add(number)
            elif not self.only or not number or number == self.only:
                values = tuple(row.cells[each] for each in key)
                first = seen.setdefault(values, row.line)
                if key and first != row.line:
                    reason = Text(f"第 {first} 行已经有了", f"stands in line {first} already")
                    self._wrong(row, row.problem(key[-1], values[-1], reason))
                else:
                    yield row

    def _of_items(self, file: str, key: str, items: Collection[str]) -> Iterator[Row]:
        """Of items that stand in their own file, be it wrongly."""
        for row in self._rows(file, "item", key):
            if row.cells["item"] in items:
                yield row
            elif row.cells["item"] not in self.spoilt and not self.only:
                self._refers(row, "item", items)

    def _refers(self, row: Row, column: str, known: Collection[str]) -> bool:
        value = row.cells[column]
        if value in known:
            return True
        what = _NAMES[column]
        reason = Text(f"没有这个{what.zh}", f"there is no such {what.en}")
        self._wrong(row, row.problem(column, value, reason, did_you_mean(value, known)))
        return False

    def _bounded(self, row: Row, column: str, count: int, most: int) -> None:
        if count == most + 1:
            reason = Text("这个事项的行数太多", "are too many rows of this item")
            self._wrong(row, row.problem(column, "", reason, Text(f"至多 {most}", f"at most {most}")))

    def _wrong(self, row: Row, problem: Problem) -> None:
        self.problems.append(problem)
        self.spoilt.add(row.cells.get("item") or row.cells.get("number") or "")


_NAMES = {
    "theme": Text("主题", "theme"),
    "unit": Text("部门", "unit"),
    "service": Text("服务（[[service]] 的 id）", "service (id of a [[service]])"),
    "item": Text("事项", "item"),
}


def _unit(row: Row) -> Unit:
    return Unit(row.cells["unit"], both(row.cells, "name"), row.cells["telephone"])


def _item(cells: dict[str, Any], unit: Unit) -> Item:
    return Item(
        number=cells["number"],
        theme=cells["theme"],
        unit=unit,
        service=cells["service"],
        level=cells["level"],
        kind=both(cells, "kind"),
        name=both(cells, "name"),
        legal_days=cells["legal_days"],
        promised_days=cells["promised_days"],
        fee=both(cells, "fee"),
        fee_basis=both(cells, "fee_basis"),
        telephone=cells["telephone"] or unit.telephone,
        steps=tuple(Words(zh, en) for zh, en in zip(cells["steps_zh"], cells["steps_en"], strict=True)),
    )
