"""The configuration of the whole reference hall: 52 windows on nine buses, with the demo's own entrance.

The shape is that of a county's administrative service centre as its published case gives it for 2016-2017
(52 windows of the stationed units); six windows hang on each line, the last has four.
"""

from __future__ import annotations

import json
import tomllib

WINDOWS = 52
WINDOWS_A_LINE = 6  # a bus carries some twelve frames a second: six windows and their strips leave room

# Where the demo's configuration turns from one part to the next.
_WINDOWS_BEGIN, _ENTRANCE_BEGINS, _DESKS_BEGIN = "# --- 窗口 /", "# --- 取号 /", "# --- 窗口设备 /"


def full_config(demo: str) -> str:
    """The TOML text, from that of the demo: the same node, services, printer and button panel. Its windows'
    serial lines are `HALL_TTY_LINE1` to `…_LINE9`. Raises ValueError for a text without the demo's parts."""
    head, rest = _split(demo, _WINDOWS_BEGIN)
    entrance, _desks = _split(_split(rest, _ENTRANCE_BEGINS)[1], _DESKS_BEGIN)
    services = [service["id"] for service in tomllib.loads(demo)["service"]]
    windows = [_window(number, services) for number in range(1, WINDOWS + 1)]
    numbers = range(1, WINDOWS + 1)
    lines = [numbers[i : i + WINDOWS_A_LINE] for i in range(0, WINDOWS, WINDOWS_A_LINE)]
    buses = [_bus(line, on_it) for line, on_it in enumerate(lines, 1)]
    return "\n".join([head, *windows, entrance, *buses])


def _split(text: str, heading: str) -> tuple[str, str]:
    """What stands before the line that begins with `heading`, and that line with what follows."""
    at = text.index(heading)
    return text[:at], text[at:]


def _window(number: int, services: list[str]) -> str:
    """Two neighbouring services each, so that every service has its windows."""
    two = [services[(number - 1 + step) % len(services)] for step in (0, 1)]
    return _table("window", id=str(number), name=f"{number} 号窗口", services=two)


def _bus(line: int, windows: range) -> str:
    url = f"serial://${{HALL_TTY_LINE{line}}}?baud=9600"
    parts = [_table("device", id=f"line-{line}", driver="bus68", model="bus68-standard", url=url)]
    for address, window in enumerate(windows, 1):
        for kind, offset in (("caller", 0), ("pad", 0x80), ("strip", 0x20)):
            name = f"{kind}-{window}"
            parts.append(
                _table("device.child", id=name, kind=kind, address=offset + address, window=str(window))
            )
    return "\n".join(parts)


def _table(table: str, /, **values: str | int | list[str]) -> str:
    """JSON's text, number and list are TOML's, too."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join([f"[[{table}]]", *lines, ""])
