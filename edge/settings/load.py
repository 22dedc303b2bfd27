"""From a file to `Settings`, or every reason why not.

What is wrong with a device makes that device MISCONFIGURED. What is wrong anywhere else stops the start: a
hall with half its windows or the wrong numbers on its tickets is worse than the one that ran before.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, TypeVar

from drivers.api import DriverSpec
from drivers.checking.problems import Problem, did_you_mean
from drivers.checking.tomlfile import BadFile, read_toml
from drivers.checking.values import show
from drivers.checking.words import Text
from drivers.messages import PrintSlip
from drivers.registry import Registry, installed
from edge.rules.items import Item
from edge.settings.appointments import AppointmentsTable
from edge.settings.calling import BoardsTable, VoiceTable
from edge.settings.cameras import CamerasTable
from edge.settings.devices import DeviceReader
from edge.settings.express import MAX_LANES, ExpressTable, express_problems
from edge.settings.fields import Table, validate
from edge.settings.fingerprint import fingerprint
from edge.settings.guide import GuideTable
from edge.settings.items import MAX_ITEMS, ItemTable, catalogued, item_problems
from edge.settings.kiosks import MAX_KIOSKS, KioskTable, kiosk_problems
from edge.settings.model import ConfigError, DeviceConfig, Settings
from edge.settings.played import PlayedTable, played_problems
from edge.settings.rosters import roster_problems
from edge.settings.tables import (
    MAX_DEVICES,
    MAX_PRIORITIES,
    MAX_ROSTER,
    MAX_SERVICES,
    MAX_WARNINGS,
    MAX_WINDOWS,
    Document,
    DriversTable,
    HallTable,
    MqttTable,
    NodeTable,
    PrintingTable,
    PriorityTable,
    RosterTable,
    ServiceTable,
    WindowTable,
)
from edge.settings.upstream import MAX_ANNOUNCEMENTS, ExtendedTable, UpstreamTable, extended_problems
from edge.settings.warnings import AlertsTable, WarningTable, warning_problems
from edge.settings.wiring import Wiring

TableT = TypeVar("TableT", bound=Table)
_LIMITS = {
    "service": MAX_SERVICES,
    "item": MAX_ITEMS,
    "window": MAX_WINDOWS,
    "priority": MAX_PRIORITIES,
    "roster": MAX_ROSTER,
    "warning": MAX_WARNINGS,
    "express": MAX_LANES,
    "kiosk": MAX_KIOSKS,
    "extended": MAX_ANNOUNCEMENTS,
    "device": MAX_DEVICES,
}
EntryPoints = Callable[[], Iterable[EntryPoint]]


def load(
    path: Path,
    *,
    allow_sim: bool = False,
    env: Mapping[str, str] | None = None,
    entry_points: EntryPoints = installed,
) -> Settings:
    """The settings of a node. `allow_sim` is the command line's; `[node] allow_sim` does the same.

    Raises ConfigError. Never raises for a device: look at `DeviceConfig.problems`.
    """
    try:
        raw = read_toml(path)
    except BadFile as error:
        raise ConfigError((error.problem,)) from None
    return _Reading(raw, os.environ if env is None else env).settings(allow_sim, entry_points)


@dataclass
class _Reading:
    """One file being read; `problems` are those that stop the start."""

    raw: Mapping[str, Any]
    env: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def settings(self, allow_sim: bool, entry_points: EntryPoints) -> Settings:
        self._unknown_tables()
        hall, node = self._table("hall", HallTable), self._table("node", NodeTable)
        mqtt, printing = self._table("mqtt", MqttTable), self._table("printing", PrintingTable)
        boards, voice = self._table("boards", BoardsTable), self._table("voice", VoiceTable)
        alerts, judging = self._table("alerts", AlertsTable), self._table("cameras", CamerasTable)
        appointments = self._table("appointments", AppointmentsTable)
        played, guide = self._table("played", PlayedTable), self._table("guide", GuideTable)
        upstream, extended = self._online()
        allow_sim = allow_sim or (node is not None and node.allow_sim)
        self.problems += played_problems(played, allow_sim=allow_sim)
        drivers = self._table("drivers", DriversTable) or DriversTable()
        services, windows = self._tables("service", ServiceTable), self._tables("window", WindowTable)
        windows = {index: _whole(window, services) for index, window in windows.items()}
        priorities = self._tables("priority", PriorityTable)
        self._unique("priority", "id", priorities)
        roster = self._tables("roster", RosterTable)
        self.problems += roster_problems(roster, windows, self._declared("service"))
        items, express = self._items(), self._express()
        listed = catalogued(guide.folder if guide else None, self._declared("service"))
        warned = self._warnings(items, listed)
        self._cross_check(services, windows)
        devices = self._devices(drivers, allow_sim, entry_points)
        kiosks = self._kiosks(devices)
        printer = self._printer(printing, devices)
        if self.problems or not (
            (hall and node and mqtt and boards and voice and alerts and judging and appointments)
            and (played and guide and upstream)
        ):
            raise ConfigError(tuple(self.problems), devices)
        queues = (services, items, listed, windows, priorities, roster, express, appointments)
        rest = (warned, played, kiosks, guide, upstream, extended, printer, devices)
        whole = (hall, node, mqtt, boards, voice, judging, alerts, *queues, *rest)
        return Settings(
            hall=hall,
            node=node,
            mqtt=mqtt,
            drivers=drivers,
            boards=boards,
            voice=voice,
            judging=judging,
            alerts=alerts,
            appointments=appointments,
            played=played,
            guide=guide,
            upstream=upstream,
            services={service.id: service for service in services.values()},
            items={item.id: item for item in items.values()},
            catalogued=listed,
            windows={window.id: window for window in windows.values()},
            priorities={priority.id: priority for priority in priorities.values()},
            roster=tuple(roster.values()),
            warnings=warned,
            express={lane.id: lane for lane in express.values()},
            kiosks={kiosk.id: kiosk for kiosk in kiosks.values()},
            extended=tuple(extended.values()),
            devices=devices,
            printer=printer,
            config_hash=fingerprint(whole),
        )

    def _items(self) -> dict[int, ItemTable]:
        items = self._tables("item", ItemTable)
        self._unique("item", "id", items)
        self.problems += item_problems(items, self._declared("service"))
        return items

    def _express(self) -> dict[int, ExpressTable]:
        express = self._tables("express", ExpressTable)
        self._unique("express", "id", express)
        self.problems += express_problems(express, self._declared("service"))
        return express

    def _warnings(
        self, items: Mapping[int, ItemTable], listed: Mapping[str, Item]
    ) -> tuple[WarningTable, ...]:
        known: tuple[ItemTable | Item, ...] = (*items.values(), *listed.values())
        warnings = self._tables("warning", WarningTable)
        self.problems += warning_problems(
            warnings,
            self._declared("window"),
            self._declared("service"),
            promised=self._declared("service", having="promise_min")
            | {item.service for item in known if item.promise_min},
            has_roster=bool(self.raw.get("roster")),
            has_lane=bool(self.raw.get("express")),
            has_fee=any(item.fee_fen is not None for item in known),
        )
        return tuple(row.filled() for row in warnings.values())

    # --- tables ---
    def _unknown_tables(self) -> None:
        for key, value in self.raw.items():
            if key not in Document.model_fields:
                reason = Text("没有这个表", "there is no such table")
                self.problems.append(
                    Problem(key, show(value, key), reason, did_you_mean(key, Document.model_fields))
                )

    def _table(self, key: str, model: type[TableT]) -> TableT | None:
        """`[key]`, checked; left out, it is an empty table, which may be right."""
        table, problems = validate(model, self.raw.get(key, {}), self.env)
        self.problems += [problem.under(key) for problem in problems]
        return table

    def _list(self, key: str) -> Sequence[Any]:
        """`[[key]]`, not yet checked but for their number."""
        raw = self.raw.get(key, [])
        limit = _LIMITS[key]
        if isinstance(raw, list) and len(raw) <= limit:
            return raw
        reason = Text("要写成 [[…]]", "is not a list of tables")
        if isinstance(raw, list):
            reason = Text("太多", "are too many")
        hint = Text(f"[[{key}]]，至多 {limit} 个", f"[[{key}]], at most {limit}")
        self.problems.append(Problem(key, show(raw), reason, hint))
        return []

    def _tables(self, key: str, model: type[TableT]) -> dict[int, TableT]:
        """Those of `[[key]]` that are right, by their number."""
        right = {}
        for index, raw in enumerate(self._list(key)):
            table, problems = validate(model, raw, self.env)
            self.problems += [problem.under(f"{key}[{index}]") for problem in problems]
            if table is not None:
                right[index] = table
        return right

    def _declared(self, key: str, having: str = "id") -> set[str]:
        """The ids in `[[key]]` of those that have that at all, whether or not it and the rest is right."""
        raw = self.raw.get(key, [])
        entries = raw if isinstance(raw, list) else []
        tables = [entry for entry in entries if isinstance(entry, Mapping) and "id" in entry]
        return {str(entry["id"]) for entry in tables if entry.get(having)}

    # --- checks across tables ---
    def _cross_check(self, services: Mapping[int, ServiceTable], windows: Mapping[int, WindowTable]) -> None:
        self._unique("service", "id", services)
        self._unique("service", "prefix", services)
        self._unique("window", "id", windows)
        self._unserved(services, windows)
        known = self._declared("service")
        for index, window in windows.items():
            for place, service in enumerate(window.services):
                key = f"window[{index}].services[{place}]"
                if service == "*":
                    reason = Text("要单独写", "stands alone or not at all")
                    self.problems.append(Problem(key, show(service), reason, Text.same('services = ["*"]')))
                elif service not in known:
                    reason = Text("没有这项服务", "is no service")
                    self.problems.append(Problem(key, show(service), reason, did_you_mean(service, known)))
                elif service in window.services[:place]:
                    reason = Text("写了两次", "stands here twice")
                    self.problems.append(Problem(key, show(service), reason))

    def _unserved(self, services: Mapping[int, ServiceTable], windows: Mapping[int, WindowTable]) -> None:
        """Services that nobody could ever call; nothing is said where a window is in error itself."""
        if len(windows) < len(self._list("window")):
            return
        served = {service for window in windows.values() for service in window.services}
        for index, service in services.items():
            if service.id not in served:
                reason = Text("没有窗口办这项服务", "is a service that no window has")
                hint = Text("写进某个 [[window]] 的 services", "name it in the services of a [[window]]")
                self.problems.append(Problem(f"service[{index}].id", show(service.id), reason, hint))

    def _unique(self, table: str, name: str, entries: Mapping[int, Table]) -> None:
        first: dict[str, int] = {}
        for index, entry in entries.items():
            value = getattr(entry, name)
            owner = first.setdefault(value, index)
            if owner != index:
                reason = Text(f"{table}[{owner}] 已经用了", f"{table}[{owner}] has it already")
                self.problems.append(Problem(f"{table}[{index}].{name}", show(value), reason))

    def _devices(
        self, drivers: DriversTable, allow_sim: bool, entry_points: EntryPoints
    ) -> tuple[DeviceConfig, ...]:
        registry = Registry(
            allow=drivers.allow,
            models=drivers.models,
            allow_sim=allow_sim,
            entry_points=entry_points,
        )
        wiring = Wiring(*map(self._declared, ("service", "window", "priority")))
        reader = DeviceReader(registry, wiring, self.env)
        return tuple(reader.read(index, raw) for index, raw in enumerate(self._list("device")))

    def _kiosks(self, devices: Sequence[DeviceConfig]) -> dict[int, KioskTable]:
        kiosks = self._tables("kiosk", KioskTable)
        self._unique("kiosk", "id", kiosks)
        self.problems += kiosk_problems(
            kiosks, {id_ for each in devices for id_ in (each.id, *each.children)}
        )
        return kiosks

    def _online(self) -> tuple[UpstreamTable | None, dict[int, ExtendedTable]]:
        upstream, extended = self._table("upstream", UpstreamTable), self._tables("extended", ExtendedTable)
        self.problems += extended_problems(extended, upstream)
        return upstream, extended

    def _printer(self, printing: PrintingTable | None, devices: Sequence[DeviceConfig]) -> str:
        printer = printing.printer if printing else ""
        if printer:
            self._check_printer(printer, devices)
        return printer

    def _check_printer(self, printer: str, devices: Sequence[DeviceConfig]) -> None:
        named = next((device for device in devices if device.id == printer), None)
        if named is None:
            hint = did_you_mean(printer, [device.id for device in devices])
            reason = Text("没有这个设备", "is no device")
            self.problems.append(Problem("printing.printer", show(printer), reason, hint))
        elif named.loaded and PrintSlip not in named.loaded.spec.orders:
            able = [device.id for device in devices if device.loaded and _prints(device.loaded.spec)]
            reason = Text("这个设备不能打印", "this device cannot print")
            self.problems.append(
                Problem("printing.printer", show(printer), reason, did_you_mean(printer, able))
            )


def _prints(spec: DriverSpec) -> bool:
    return PrintSlip in spec.orders


def _whole(window: WindowTable, services: Mapping[int, ServiceTable]) -> WindowTable:
    """With all services by name, where it has `["*"]`: one window for all works."""
    if window.services != ("*",):
        return window
    return window.model_copy(update={"services": tuple(service.id for service in services.values())})
