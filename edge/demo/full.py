"""Halls made of the demo's configuration: its ticket desk with so many windows, the whole reference hall, and
the halls of the townships below it.

The whole one has the shape of a county's administrative service centre as its published case gives it for
2016-2017: 52 windows of the stationed units, electronic screens, computers for self-service, and tax
terminals outside that are open day and night. How many of the latter is not published: four of each are
assumed. Six windows hang on each line, the last has four. It has 146 cameras.

Of the townships the case gives 18 halls, each of 200 m² and more and with one window for all business, and
the rule that every act is rated, so there is a pad. Which other devices stand there is not published. Assumed
is the least with which a queue is kept as in the centre: a ticket printer, a panel with a button for each
service, and at the window a caller and a strip. There is neither board nor voice, since in a room with one
window its strip is what people look at; and no terminal, since the case tells of those at the centre only.
The towns' names are made up.

Of the 278 agent points in the villages the case tells no hardware, so they have none here.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

WINDOWS = 52
WINDOWS_A_LINE = 6  # a bus carries some twelve frames a second: six windows and their strips leave room
COPIES = 4  # of every device that stands at no window
TOWNSHIPS = 18
CAMERAS, DEMO_CAMERAS = 146, 12  # those of the whole hall, and of the demo's configuration

# Where the demo's configuration turns from one part to the next.
_WINDOWS_BEGIN, _ENTRANCE_BEGINS, _DESKS_BEGIN = "# --- 窗口 /", "# --- 取号 /", "# --- 窗口设备 /"
_REST_BEGINS = "# --- 大厅屏 /"


def full_config(demo: str, cameras: int = CAMERAS) -> str:
    """The TOML text of the whole hall, from that of the demo: its node, services, printer and button panel,
    copies of what stands at no window, and so many cameras. Raises ValueError for a text without the demo's
    parts."""
    text = _split(demo, _REST_BEGINS)[1]
    rest = [device for device in tomllib.loads(text)["device"] if device["driver"] != "camera"]
    copies = [_copy(device, number) for device in rest for number in range(1, COPIES + 1)]
    return "\n".join([tickets_config(demo, WINDOWS), *copies, *_cameras(text, cameras)])


def _cameras(text: str, count: int) -> Iterator[str]:
    """As the demo's first, one after the other; looked at as often as in a hall."""
    if not count:
        return
    (device,) = [each for each in tomllib.loads(text)["device"] if each["driver"] == "camera"]
    first, own = device["child"][0], {key: value for key, value in device.items() if key != "child"}
    settings = {"sessions_per_host": own["settings"]["sessions_per_host"]}
    yield _table("device", **{**own, "settings": settings})
    for number in range(1, count + 1):
        named = {key: value.replace("cam-1", f"cam-{number}") for key, value in first.items()}
        yield _table("device.child", **named)


def tickets_config(demo: str, windows: int, windows_a_line: int = WINDOWS_A_LINE) -> str:
    """The same without what stands at no window. The windows' serial lines are `HALL_TTY_LINE1` and so on.
    Raises ValueError likewise."""
    head, services, entrance = _ticket_desk(demo)
    numbers = range(1, windows + 1)
    lines = [numbers[i : i + windows_a_line] for i in range(0, windows, windows_a_line)]
    buses = [_bus(line, on_it) for line, on_it in enumerate(lines, 1)]
    return "\n".join([head, *(_window(number, services) for number in numbers), entrance, *buses])


def township_config(demo: str, number: int) -> str:
    """The TOML text of the hall of township `number` from 1 on: one window that calls every service, and its
    line `HALL_TTY_LINE1`. Raises ValueError likewise."""
    head, services, entrance = _ticket_desk(demo)
    own = tomllib.loads(head)["hall"]
    named = {"id": f"township-{number:02}", "name": f"示范{_numeral(number)}镇大厅"}
    for key, value in named.items():
        head = head.replace(f"{key} = {_value(own[key])}\n", f"{key} = {_value(value)}\n", 1)
    window = _table("window", id="1", name="综合窗口", services=services)
    return "\n".join([head, window, entrance, _bus(1, range(1, 2))])


def _ticket_desk(demo: str) -> tuple[str, list[str], str]:
    """Node and services, the services' ids, and what stands at the entrance."""
    head, rest = _split(demo, _WINDOWS_BEGIN)
    entrance, _desks = _split(_split(rest, _ENTRANCE_BEGINS)[1], _DESKS_BEGIN)
    return head, [service["id"] for service in tomllib.loads(head)["service"]], entrance


def _numeral(number: int) -> str:
    """Of 1 to 19, as it is written in a name."""
    tens, ones = divmod(number, 10)
    return "十" * tens + ("一二三四五六七八九"[ones - 1] if ones else "")


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


def _copy(device: Mapping[str, Any], number: int) -> str:
    """One more of it, at a line or port of its own: the variable in its URL gets the number behind it."""
    own = {"id": f"{device['id']}-{number}", "url": device["url"].replace("}", f"_{number}}}")}
    return _table("device", **{**device, **own})


def _table(table: str, /, **values: object) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in values.items()]
    return "\n".join([f"[[{table}]]", *lines, ""])


def _value(value: object) -> str:
    """JSON's text, number, list and truth are TOML's, too; tables within a line are not."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
