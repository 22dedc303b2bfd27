"""What is added to a hall's configuration, so that its rules are seen: classes of citizens, warnings, and for
a day that is played its hours and its time. TOML, as in any hall.

In a minute nobody waits for half an hour: there the warnings have limits of seconds.
"""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from edge.demo.day import Hours
from edge.rules.roster import WORKDAYS, clock

PRIORITIES = """
[[priority]]
id = "soldier"
name = "军人优先"
name_en = "Servicemen"
strict = true

[[priority]]
id = "elder"
name = "60 岁以上"
name_en = "Aged 60 and over"
credit_min = 15
"""

MINUTES_WARNINGS = """
[[warning]]
kind = "service"
amber = 50
red = 200
clear = 20
hold_s = 0.0

[[warning]]
kind = "idle"
amber = 0.2
red = 1.0
clear = 0.1
hold_s = 0.0
"""

DAYS_WARNINGS = "".join(
    f'\n[[warning]]\nkind = "{kind}"\n'
    for kind in ("wait", "appointment", "service", "idle", "unstaffed", "unserved")
)

# Beside the minutes that the doors are open: all starts and closes, and somebody comes long before his time.
AROUND_MIN = 60

# By the hall's time: at speed 60 a pad is told within half a minute that a rating is asked for.
_DAYS_HALL = "rating_limit_s = 300.0\nhold_min = 60\n"


def with_rules(text: str, warnings: str) -> str:
    """The configuration `text` with classes of citizens and these warnings."""
    return text + PRIORITIES + warnings


def zone_of(text: str) -> str:
    return str(tomllib.loads(text)["hall"]["timezone"])


def within_a_day(text: str, minutes: float, now: datetime) -> str:
    """The configuration `text` for so long from `now` on. Where its hall's day would end meanwhile, and with
    it whatever waits there, the hall has a zone whose noon is near."""
    zone = zone_of(text)
    local = now.astimezone(ZoneInfo(zone))
    if (local + timedelta(minutes=minutes + AROUND_MIN)).date() == local.date():
        return text
    return text.replace(f'timezone = "{zone}"', f'timezone = "{noon_zone(now)}"', 1)


def noon_zone(now: datetime) -> str:
    """One where it is near noon. Etc/GMT-8 is eight hours ahead of UTC."""
    return f"Etc/GMT{now.astimezone(UTC).hour - 12:+d}"


def with_minutes(text: str) -> str:
    """The same for acts of a few seconds: half a minute is the shortest that a hall may call usual."""
    return _services(text, "usual_min = 0.5\npromise_min = 0.5\n")


def with_day(text: str, hours: Hours) -> str:
    """The same for a day that is played, with the hours of its windows; its time is added as it opens."""
    text = _services(text, "promise_min = 30\n")
    return text.replace("[hall]\n", f"[hall]\n{_DAYS_HALL}", 1) + "".join(_roster(hours))


def with_time(text: str, begins: str, speed: float) -> str:
    return f'{text}\n[played]\nbegins = "{begins}"\nspeed = {speed:.1f}\n'


def _services(text: str, settings: str) -> str:
    """With these settings in each service."""
    return text.replace("[[service]]\n", f"[[service]]\n{settings}")


def _roster(hours: Hours) -> Sequence[str]:
    """A row for all windows of the same hours."""
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for window, spans in hours.items():
        alike[tuple(f"{clock(begin)}-{clock(end)}" for begin, end in spans)].append(window)
    return [
        f'\n[[roster]]\ndays = ["{WORKDAYS}"]\nhours = {json.dumps(spans)}\nwindows = {json.dumps(windows)}\n'
        for spans, windows in alike.items()
    ]
