"""The project's papers, as the tests of what they say read them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAPERS = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")))


def paper(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


README, CONTRIBUTING = paper("README.md"), paper("CONTRIBUTING.md")
TOLD = "\n".join([README, *(path.read_text(encoding="utf-8") for path in PAPERS if path.parent != ROOT)])
