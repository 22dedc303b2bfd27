"""A small catalogue of items, for what reads one."""

from __future__ import annotations

from pathlib import Path

CASES = "item,case,choose,name_zh,name_en\n"
MATERIALS = "item,name_zh,name_en,originals,copies,cases\n"
SHARED = {
    "about.csv": "edition,sample,note_zh,note_en\n2026,no,,\n",
    "themes.csv": "theme,name_zh,name_en\nhome,住房,Homes\n",
    "units.csv": "unit,name_zh,name_en,telephone\nu1,自然资源局,Natural Resources,0000-12345\n",
}


def write_catalogue(folder: Path, items: str, cases: str = "", materials: str = "") -> Path:
    """Of one theme and one unit. `items` has its own heading, as its columns are what is tried."""
    files = {**SHARED, "items.csv": items, "cases.csv": CASES + cases, "materials.csv": MATERIALS + materials}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
