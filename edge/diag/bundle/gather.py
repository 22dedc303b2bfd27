"""What is looked at for a bundle, each piece by its place in the list of `allow`."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import tomllib
from collections.abc import Collection, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from edge import __version__
from edge.control import ControlError
from edge.diag.bundle import allow, lines
from edge.diag.reach import Node, reached

UNITS = ("hall-edge", "hall-kiosk", "hall-console")
LINES = 2000  # of the journal, of all units
ASK_S = 5.0
TOOL_S = 20.0  # journalctl may have to look through much
FRAMES_OF = 100  # devices
SOURCES = ("edge", "drivers", "kiosk_ui")
SERIAL = Path("/dev/serial/by-id")


def versions() -> dict[str, Any]:
    """Of this program, what it stands on, and the machine."""
    wanted = (each.split(";")[0] for each in metadata.requires("hall-edge") or ())
    found = dict[str, str]()
    for each in wanted:
        name = each.split(">")[0].split("=")[0].split("<")[0].split("[")[0].strip()
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    system = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    return {
        "hall_edge": __version__,
        "python": platform.python_version(),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "system": " ".join(system.get(each, "") for each in ("ID", "VERSION_ID")),
        "packages": found,
    }


def configuration(path: Path) -> Any:
    """By the schema; says so where it cannot be read."""
    from edge.schema import config_schema  # noqa: PLC0415 it makes all models

    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return {"unreadable": type(error).__name__}
    schema = config_schema()
    return allow.configuration(
        raw, frozenset(_keys(schema if isinstance(schema, dict) else json.loads(schema)))
    )


def _keys(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            yield from properties
        for each in schema.values():
            yield from _keys(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _keys(each)


async def of_daemon(socket: Path) -> dict[str, Any]:
    """How it stands, and what passed on each line: lengths only. Where it is not reached, that."""
    try:
        async with reached(socket) as node:
            status = allow.pick((await node.request("status", timeout_s=ASK_S)).data, allow.STATUS)
            devices = [each["device"] for each in status.get("devices", ())][:FRAMES_OF]
            return {"status": status, "lines": [await _line(node, each) for each in devices]}
    except ControlError:
        return {"status": None, "lines": []}


async def _line(node: Node, device: str) -> dict[str, Any]:
    frames = await node.request("device.frames", {"device": device}, ASK_S)
    counts = await node.request("device.statistics", {"device": device}, ASK_S)
    told: dict[str, Any] = allow.pick(frames.data, allow.FRAMES)
    return told | {"device": device, "statistics": allow.statistics(counts.data.get("statistics"))}


def journal(names: Collection[str]) -> list[dict[str, Any]]:
    """Of our units, the newest last. Empty where there is no journal."""
    asked = [part for unit in UNITS for part in ("-u", f"{unit}.service")]
    told = _tool("journalctl", *asked, "-n", str(LINES), "-o", "json", "--no-pager")
    known = lines.texts(Path(__file__).resolve().parents[3] / each for each in SOURCES) if told else []
    return [entry for line in told.splitlines() if (entry := _entry(line, known, names))]


def _entry(line: str, known: list[lines.Text], names: Collection[str]) -> dict[str, Any] | None:
    try:
        raw = json.loads(line)
    except ValueError:
        return None
    message, unit, at = raw.get("MESSAGE"), str(raw.get("_SYSTEMD_UNIT", "")), raw.get("__REALTIME_TIMESTAMP")
    return {
        "at": int(at) / 1e6 if str(at).isdigit() else None,
        "unit": unit if unit.removesuffix(".service") in UNITS else "",
        "priority": raw.get("PRIORITY") if str(raw.get("PRIORITY")) in "01234567" else "",
        "message": lines.redacted(message, known, names) if isinstance(message, str) else "",
    }


def services() -> dict[str, dict[str, str]]:
    """How systemd sees our units."""
    wanted = ("ActiveState", "SubState", "Result", "NRestarts")
    found = dict[str, dict[str, str]]()
    for unit in UNITS:
        told = _tool("systemctl", "show", f"{unit}.service", *(f"-p{each}" for each in wanted))
        pairs = dict(line.partition("=")[::2] for line in told.splitlines())
        found[unit] = {each: pairs[each] for each in wanted if allow.code(pairs.get(each, "-").lower())}
    return found


def disks(places: Collection[Path]) -> list[dict[str, Any]]:
    """Numbers only: a path is somebody's word."""
    rooms = [shutil.disk_usage(place) for place in places if place.is_dir()]
    nodes = [os.statvfs(place) for place in places if place.is_dir()]
    return [
        {"total": room.total, "free": room.free, "inodes": node.f_files, "free_inodes": node.f_favail}
        for room, node in zip(rooms, nodes, strict=True)
    ]


def ports() -> list[str]:
    """Serial adapters by their stable names, and the plain ones."""
    found = [path.name for path in SERIAL.iterdir()] if SERIAL.is_dir() else []
    found += [str(path) for path in Path("/dev").glob("tty[USA][SMA][BCA0-9]*")]
    return sorted(each for each in found if allow.tty(each))


def _tool(*command: str) -> str:
    """What it says; nothing where there is none, or it fails."""
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=TOOL_S)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")
