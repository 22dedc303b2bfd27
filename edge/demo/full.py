"""The configuration of the whole reference hall: 52 windows on nine buses, beside printer and button panel.

The shape is that of a county's administrative service centre as its published case gives it for 2016-2017
(52 windows of the stationed units); six windows hang on each line, the last has four.
"""

from __future__ import annotations

import json

WINDOWS = 52
WINDOWS_A_LINE = 6  # a bus carries some twelve frames a second: six windows and their strips leave room
SERVICES = (
    ("tax", "税务", "Taxes", "A"),
    ("social", "社会保险", "Social insurance", "B"),
    ("business", "工商登记", "Business registration", "C"),
    ("property", "不动产登记", "Real estate registration", "D"),
    ("residence", "户籍证件", "Residence and identity papers", "E"),
    ("general", "综合受理", "All other matters", "F"),
)

_HEAD = """\
[hall]
id = "demo"
name = "示范政务服务大厅"
timezone = "Asia/Shanghai"

[node]
id = "node-1"
store = "${STATE_DIRECTORY}/hall.db"
socket = "${RUNTIME_DIRECTORY}/control.sock"
trust_rtc = true

[mqtt]
brokers = ["${HALL_BROKER}"]

[printing]
printer = "printer"

[[device]]
id = "printer"
driver = "printer"
model = "escpos-80mm"
url = "serial://${HALL_TTY_PRINTER}?baud=115200"

[device.settings]
line_bytes_per_s = 11520

[[device]]
id = "entrance"
driver = "bus68"
model = "bus68-standard"
url = "serial://${HALL_TTY_ENTRANCE}?baud=9600"
"""


def full_config() -> str:
    """The TOML text. Its serial lines are `HALL_TTY_PRINTER`, `…_ENTRANCE` and `…_LINE1` to `…_LINE9`."""
    buttons = ", ".join(f'{n} = "{service[0]}"' for n, service in enumerate(SERVICES, 1))
    panel = _table("device.child", id="buttons", kind="buttons", address=1) + f"services = {{ {buttons} }}\n"
    services = [_table("service", id=i, name=zh, name_en=en, prefix=p) for i, zh, en, p in SERVICES]
    windows = [_window(number) for number in range(1, WINDOWS + 1)]
    numbers = range(1, WINDOWS + 1)
    lines = [numbers[i : i + WINDOWS_A_LINE] for i in range(0, WINDOWS, WINDOWS_A_LINE)]
    buses = [_bus(line, on_it) for line, on_it in enumerate(lines, 1)]
    return "\n".join([_HEAD, panel, *services, *windows, *buses])


def _window(number: int) -> str:
    """Two neighbouring services each, so that every service has its windows."""
    first = (number - 1) % len(SERVICES)
    two = f'["{SERVICES[first][0]}", "{SERVICES[(first + 1) % len(SERVICES)][0]}"]'
    return _table("window", id=str(number), name=f"{number} 号窗口") + f"services = {two}\n"


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


def _table(table: str, /, **values: str | int) -> str:
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join([f"[[{table}]]", *lines, ""])
