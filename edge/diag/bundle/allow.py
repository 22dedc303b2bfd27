"""The list of what may leave a node: what is not on it is left out, values of other kinds withheld. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

WITHHELD = "[…]"
MOST = 1000  # of a list
LARGEST = 1e10  # seconds and bytes are below; telephone and identity numbers are not

Kind = Callable[[object], bool]
Shape = Kind | dict[str, Any] | list[Any]  # of a value, of a table's members, of each in a list


def _text(pattern: str) -> Kind:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and bool(compiled.fullmatch(value))


def number(value: object) -> bool:
    return value is None or (isinstance(value, bool | int | float) and abs(value) < LARGEST)


name = _text(r"[a-z0-9][a-z0-9_-]{0,63}")  # of a hall, a node, a device: `edge.wire.Id`
code = _text(r"[a-z0-9_.]{0,48}")
key = _text(r"[a-z0-9_./:-]{1,100}")  # of an alert
version = _text(r"[0-9][0-9a-z.+-]{0,40}")
digest = _text(r"[0-9a-f]{0,64}")
direction = _text(r"in|out")
tty = _text(r"(/dev/|usb-)[A-Za-z0-9/_.:+-]{1,150}")

_OUTBOX = dict.fromkeys(("rows", "bytes", "oldest_age_s", "acked_seq", "last_seq", "dropped"), number)
STATUS: Shape = {
    "node": {"hall": name, "node": name, "version": version, "epoch": digest, "since": number},
    "devices": [
        {
            "device": name,
            "state": code,
            "since": number,
            "last_heard": number,
            "restarts": number,
            "conditions": [{"code": code, "severity": code, "since": number}],
        }
    ],
    "windows": [{"window": name, "state": code, "phase": code, "waiting": number}],
    "cameras": [
        {"camera": name, "state": code, "since": number, "troubles": [{"fault": code, "since": number}]}
    ],
    "queue": {"services": [{"service": name, "waiting": number, "issued": number, "held": number}]},
    "alerts": [{"key": key, "severity": code, "since": number}],
    "health": {"at": number, "load1": number, "rss_mb": number, "loop_lag_ms": number, "outbox": _OUTBOX},
}
# Of what passed on a line only when, which way and how much: there may be a name in it.
FRAMES: Shape = {
    "device": name,
    "family": name,
    "lengths_only": number,
    "frames": [{"seq": number, "at": number, "dir": direction, "size": number}],
}
VERIFIED: Shape = {
    "sound": number,
    "chain": [{"epoch": digest, "last_seq": number, "acts": number, "misfits": number}],
    "checks": [{"name": code, "state": code}],
}


def pick(value: object, shape: Shape) -> Any:
    """What the list lets through of it."""
    if callable(shape):
        return value if shape(value) else WITHHELD
    if isinstance(shape, list):
        return (
            [pick(each, shape[0]) for each in value[:MOST]] if isinstance(value, list | tuple) else WITHHELD
        )
    if not isinstance(value, Mapping):
        return None if value is None else WITHHELD
    return {each: pick(value[each], shape[each]) for each in shape if each in value}


def statistics(counts: object) -> dict[str, object]:
    """UnifiedPOS names, and numbers."""
    known = _text(r"[A-Za-z][A-Za-z0-9_]{0,63}")
    if not isinstance(counts, Mapping):
        return {}
    return {each: count for each, count in counts.items() if known(each) and number(count)}


# --- the configuration ---
_NAMES = frozenset(
    {
        "id",
        "driver",
        "model",
        "kind",
        "timezone",
        "ack",
        "charset",
        "window",
        "windows",
        "service",
        "services",
        "printer",
        "level",
        "unit",
        "protocol",
    }
)
_ZONE = _text(r"[A-Za-z_]+/[A-Za-z0-9_+-]+")
_SCHEMES = frozenset(
    {
        "serial",
        "usblp",
        "tcp",
        "tls",
        "evdev",
        "null",
        "sim",
        "http",
        "https",
        "ws",
        "wss",
        "rtsp",
        "onvif",
        "alsa",
        "mqtt",
        "mqtts",
    }
)


def configuration(raw: object, known: Collection[str]) -> Any:
    """Keys that the schema has; of values numbers, names of things, and of an address what kind it is. All
    other texts are withheld: any may be a password or a name."""
    if isinstance(raw, Mapping):
        left = {each: _setting(each, value, known) for each, value in raw.items() if each in known}
        return left | ({"[…]": len(raw) - len(left)} if len(left) < len(raw) else {})
    if isinstance(raw, list):
        return [configuration(each, known) for each in raw[:MOST]]
    return raw if number(raw) else WITHHELD


def _setting(key_: str, value: object, known: Collection[str]) -> Any:
    if key_ in {"url", "brokers"}:
        return [address(each) for each in value] if isinstance(value, list) else address(value)
    if isinstance(value, list) and key_ in _NAMES:
        return [each if name(each) else WITHHELD for each in value[:MOST]]
    if isinstance(value, str):
        return value if key_ in _NAMES and (name(value) or _ZONE(value)) else WITHHELD
    return configuration(value, known)


def address(url: object) -> str:
    """`serial:///dev/ttyUSB0?baud=9600` whole; of a host only that there is one."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        return WITHHELD
    if parts.scheme not in _SCHEMES:
        return WITHHELD
    host = WITHHELD if parts.netloc else ""
    path = parts.path if tty(parts.path) else (WITHHELD if parts.path.strip("/") else "")
    asked = [f"{each}={value}" for each, value in parse_qsl(parts.query) if each.islower() and value.isdigit()
             and each in {"baud", "data", "stop", "timeout_s"}]  # fmt: skip
    return f"{parts.scheme}://{host}{path}" + ("?" + "&".join(asked) if asked else "")
