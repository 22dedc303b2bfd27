"""`make items`: the sample catalogue of config/items, from the tables in config/items/table.

A tool and no part of the daemon. The same tables give the same files, byte for byte. What it makes is a
sample: names and kinds are like a county's, limits, fees and materials are plausible, no law is behind them.
"""

from __future__ import annotations

import csv
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.catalogue.columns import TABLES
from edge.catalogue.reading import SAMPLE

TABLE = SAMPLE / "table"
EDITION = "2026-sample"
NOTE = (
    "样例数据，不是任何地方的办事依据；使用前请换成本地的事项目录",
    "Sample data and no place's law; put the hall's own catalogue in its place before use",
)
Rows = Iterator[list[str | int]]


def make(folder: Path, table: Path = TABLE) -> int:
    """Write all files; the number of items. Raises KeyError and ValueError where the tables do not fit."""
    patterns = tomllib.loads((table / "patterns.toml").read_text(encoding="utf-8"))
    units = tomllib.loads((table / "items.toml").read_text(encoding="utf-8"))["unit"]
    items = [item for unit in units for item in _items(unit, patterns)]
    _write(folder, "about.csv", iter([[EDITION, "yes", *NOTE]]))
    _write(folder, "themes.csv", ([each["id"], each["zh"], each["en"]] for each in patterns["theme"]))
    _write(folder, "units.csv", ([u["number"], u["zh"], u["en"], u["telephone"]] for u in units))
    _write(folder, "items.csv", (_row(item, patterns) for item in items))
    _write(folder, "cases.csv", (row for item in items for row in _cases(item, patterns)))
    _write(folder, "materials.csv", (row for item in items for row in _materials(item)))
    return len(items)


def _items(unit: dict[str, Any], patterns: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each line of a unit, with what its pattern gives and the line says otherwise."""
    for place, line in enumerate(unit["items"].strip().splitlines(), 1):
        words, zh, en = line.split(" | ")
        pattern, theme, level, *rest = words.split()
        given = patterns["pattern"][pattern] | dict(each.split("=") for each in rest)
        own = {"number": f"{unit['number']}{place:02}", "theme": theme, "level": level, "unit": unit}
        yield given | own | {"kind": (given["zh"], given["en"]), "zh": zh, "en": en}


def _row(item: dict[str, Any], patterns: dict[str, Any]) -> list[str | int]:
    fee = patterns["fee"][item.get("fee", "none")]
    steps = patterns["steps"][item["steps"]]
    legal = int(item["legal"])
    return [
        *(item["number"], item["theme"], item["unit"]["number"], item["unit"]["service"], item["level"]),
        *(*item["kind"], item["zh"], item["en"], legal, min(legal, int(item["promised"]))),
        *(fee["zh"], fee["en"], fee.get("basis_zh", ""), fee.get("basis_en", ""), ""),
        *("", "", fee.get("fen", "")),
        *("|".join(steps["zh"]), "|".join(steps["en"])),
    ]


def _cases(item: dict[str, Any], patterns: dict[str, Any]) -> Rows:
    for name in item["cases"]:
        case = patterns["case"][name]
        yield [item["number"], name, case["choose"], case["zh"], case["en"]]


def _materials(item: dict[str, Any]) -> Rows:
    for line in item["materials"].strip().splitlines():
        words, zh, en = line.split(" | ")
        counts, cases = words.split()
        originals, copies = counts.split("/")
        needed = "" if cases == "*" else cases.replace("+", " ")
        names = (text.format(zh=item["zh"], en=item["en"]) for text in (zh, en))
        yield [item["number"], *names, originals, copies, needed]


def _write(folder: Path, file: str, lines: Rows) -> None:
    with (folder / file).open("w", encoding="utf-8-sig", newline="") as out:  # as Excel wants it
        writer = csv.writer(out)
        writer.writerow([column.name for column in TABLES[file]])
        writer.writerows(lines)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE
    sys.stdout.write(f"{make(folder)} items in {folder}\n")


if __name__ == "__main__":
    main()
