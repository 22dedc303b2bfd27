"""Working days of China: the year's public holidays, and the weekends that are worked for them.

Holidays are decreed each November for the next year, so a year may not be known yet. Then Monday to Friday
are worked, which is said once; dates in the roster are as good as ever.
"""

from __future__ import annotations

import logging
from datetime import date
from functools import lru_cache

log = logging.getLogger(__name__)

SATURDAY = 5


@lru_cache(maxsize=8)  # of today and its neighbours: every press at a button asks
def is_workday(day: date) -> bool:
    import chinese_calendar  # noqa: PLC0415 twenty years of decrees, which only a hall with a roster needs

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # what it raises for a year that it does not know
        _tell(day.year)
        return day.weekday() < SATURDAY


def knows(year: int) -> bool:
    """Whether its holidays are known; else `is_workday` takes Monday to Friday for it."""
    import chinese_calendar  # noqa: PLC0415 as above

    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=8)
def _tell(year: int) -> None:
    log.warning(
        "the holidays of %d are not known: update chinesecalendar; until then Mon-Fri is worked", year
    )
