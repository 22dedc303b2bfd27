"""A person's own, as it may be shown: masked on screen, and spoken as masked (K10)."""

from __future__ import annotations

import re

STAR = "*"
_ID = re.compile(r"\d{17}[\dXx]")
_MOBILE = re.compile(r"1\d{10}")


def masked_name(name: str) -> str:
    """王*明, 王*, 欧**明; of a name in Latin letters the first letter of each part: J*** S****."""
    name = " ".join(name.split())
    if name.isascii():
        return " ".join(part[0] + STAR * (len(part) - 1) for part in name.split(" ") if part)
    if len(name) < 3:  # noqa: PLR2004 王明: the family name alone
        return name[:1] + STAR * (len(name) - 1)
    return name[0] + STAR * (len(name) - 2) + name[-1]


def masked_number(number: str) -> str:
    """340***********1234, 138****1234; of any other number the last four, where there are more than eight."""
    if _ID.fullmatch(number):
        return number[:3] + STAR * 11 + number[-4:]
    if _MOBILE.fullmatch(number):
        return number[:3] + STAR * 4 + number[-4:]
    shown = 4 if len(number) > 8 else 0  # noqa: PLR2004 half of it stays hidden
    return STAR * (len(number) - shown) + (number[-shown:] if shown else "")
