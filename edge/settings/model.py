"""A checked configuration, as the rest of the node uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from drivers.api import Clock
from drivers.checking.problems import Problem
from drivers.checking.words import NOTHING, Text
from drivers.registry import Loaded
from edge.clock import PlayedClock
from edge.rules.items import Item
from edge.rules.model import Hall, Window
from edge.rules.roster import minute_of
from edge.rules.speech import Times
from edge.settings.appointments import AppointmentsTable
from edge.settings.calling import BoardsTable, VoiceTable
from edge.settings.cameras import CamerasTable
from edge.settings.express import ExpressTable
from edge.settings.fields import Kind
from edge.settings.guide import GuideTable
from edge.settings.items import ItemTable
from edge.settings.kiosks import KioskTable
from edge.settings.played import PlayedTable
from edge.settings.reasons import load_reasons
from edge.settings.tables import (
    DriversTable,
    HallTable,
    MqttTable,
    NodeTable,
    PriorityTable,
    RosterTable,
    ServiceTable,
    WindowTable,
)
from edge.settings.upstream import ExtendedTable, UpstreamTable
from edge.settings.warnings import AlertsTable, WarningTable


class ConfigError(Exception):
    """The node cannot start with this configuration. `problems` is never empty; those of devices, which
    would not have kept it from starting, are in `devices`."""

    def __init__(self, problems: tuple[Problem, ...], devices: tuple[DeviceConfig, ...] = ()) -> None:
        self.problems, self.devices = problems, devices
        super().__init__("; ".join(map(str, problems)))


@dataclass(frozen=True, slots=True)
class Wire:
    """What ties one device or child to the hall: `services` and `priorities` by button."""

    kind: Kind | None = None
    window: str = ""
    services: Mapping[int, str] = field(default_factory=dict)
    priorities: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChildConfig:
    """A device on a shared line. With problems it is MISCONFIGURED, and its driver does not know it."""

    wire: Wire
    problems: tuple[Problem, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """A device. `loaded` is None where there are problems: MISCONFIGURED until the file is put right.
    `name`: its own, else its model's title."""

    id: str
    loaded: Loaded | None
    wire: Wire = field(default_factory=Wire)
    problems: tuple[Problem, ...] = ()
    children: Mapping[str, ChildConfig] = field(default_factory=dict)
    driver: str = ""
    model: str = ""
    name: Text = NOTHING

    def all_problems(self) -> Iterator[Problem]:
        """Its own and its children's."""
        yield from self.problems
        for child in self.children.values():
            yield from child.problems


@dataclass(frozen=True)
class Settings:
    """The configuration of one node. Ids of devices and of children are one name space."""

    hall: HallTable
    node: NodeTable
    mqtt: MqttTable
    drivers: DriversTable
    boards: BoardsTable
    voice: VoiceTable
    judging: CamerasTable  # of cameras' pictures
    alerts: AlertsTable
    appointments: AppointmentsTable
    played: PlayedTable
    guide: GuideTable
    upstream: UpstreamTable
    services: Mapping[str, ServiceTable]  # by id, in the order of the file
    items: Mapping[str, ItemTable]
    catalogued: Mapping[str, Item]  # of the guide's catalogue, as far as rules go by it
    windows: Mapping[str, WindowTable]
    priorities: Mapping[str, PriorityTable]
    roster: tuple[RosterTable, ...]
    warnings: tuple[WarningTable, ...]  # of the hall's supervision
    express: Mapping[str, ExpressTable]
    kiosks: Mapping[str, KioskTable]
    extended: tuple[ExtendedTable, ...]  # what is told of longer hours
    devices: tuple[DeviceConfig, ...]
    printer: str  # the device that tickets are printed on, "" where there is none
    config_hash: str  # 16 hex digits: equal where every setting that counts is equal

    def rules_hall(self) -> Hall:
        """The hall in the rules' words: one for all who ask."""
        return self._rules_hall

    @cached_property
    def _rules_hall(self) -> Hall:
        return Hall(
            id=self.hall.id,
            name=self.hall.name,
            zone=ZoneInfo(self.hall.timezone),
            services={s.id: s.in_rules() for s in self.services.values()},
            items={
                **self.catalogued,
                **{i.id: i.in_rules(self.catalogued.get(i.id)) for i in self.items.values()},
            },
            windows={w.id: Window(w.id, w.name, w.services, unit=w.unit) for w in self.windows.values()},
            priorities={p.id: p.in_rules() for p in self.priorities.values()},
            roster=tuple(row.in_rules() for row in self.roster),
            express={lane.id: lane.in_rules() for lane in self.express.values()},
            appointing=self.appointments.in_rules(),
            overtake_most=self.hall.overtake_most,
            overtake_most_s=60 * self.hall.overtake_most_min,
            printer=self.printer,
            notice=self.boards.notice,
            rating_limit_s=self.hall.rating_limit_s,
            reasons=load_reasons(self.hall.indicator_version),
            no_show_calls=self.hall.no_show_calls,
            no_show_back_after=self.hall.no_show_back_after,
            no_show_times=self.hall.no_show_times,
            hold_min=self.hall.hold_min,
            login_required=self.hall.login_required,
        )

    def clock_of(self, machine: Clock) -> Clock:
        """The hall's own, by which its rules go."""
        if not self.played.begins:
            return machine
        return PlayedClock(machine, self.played.begins_s(ZoneInfo(self.hall.timezone)), self.played.speed)

    def speech_times(self) -> Times:
        quiet = (span.split("-") for span in self.voice.quiet)
        volumes = ((minute_of(time), per_cent) for time, per_cent in self.voice.volumes.items())
        return Times(
            tuple((minute_of(begin), minute_of(end)) for begin, end in quiet), tuple(sorted(volumes))
        )

    def all_of(self, kind: Kind) -> list[str]:
        """The devices and children of a kind, in the order of the file."""
        return [device for device, wire in self.wires.items() if wire.kind == kind]

    @cached_property
    def cameras(self) -> dict[str, str]:
        """Cameras that can work, by id, each with the device that watches it."""
        return {
            camera: device.id
            for device in self.devices
            if device.loaded
            for camera, child in device.children.items()
            if child.wire.kind == "camera" and not child.problems
        }

    def found(self, device: str) -> tuple[DeviceConfig, str]:
        """The device on whose line this one is, and its kind, "" for none. KeyError for a stranger."""
        for config in self.devices:
            if device == config.id or device in config.children:
                wire = config.wire if device == config.id else config.children[device].wire
                return config, wire.kind or ""
        raise KeyError(device)

    def window_of(self, device: str) -> str | None:
        """The window at which a device or child stands, None where it stands at none."""
        wire = self.wires.get(device)
        return wire.window or None if wire else None

    def caller_of(self, window: str) -> str | None:
        return self._places.get(("caller", window))

    def pad_of(self, window: str) -> str | None:
        return self._places.get(("pad", window))

    def strip_of(self, window: str) -> str | None:
        return self._places.get(("strip", window))

    def windows_on(self, device: str) -> list[str]:
        """The windows whose strip is this device, or hangs on its line."""
        ids = {device} | next((set(each.children) for each in self.devices if each.id == device), set())
        return [window for window in self.windows if self.strip_of(window) in ids]

    def service_of(self, device: str, button: int) -> str | None:
        """The service that a ticket button asks for, None for a button without one."""
        wire = self.wires.get(device)
        return wire.services.get(button) if wire else None

    def priority_of(self, device: str, button: int) -> str:
        """The class of who presses a ticket button, "" for the ordinary."""
        wire = self.wires.get(device)
        return wire.priorities.get(button, "") if wire else ""

    @cached_property
    def wires(self) -> dict[str, Wire]:
        """Of all devices and children that can work, by id."""
        wires: dict[str, Wire] = {}
        for device in self.devices:
            if not device.problems:
                wires[device.id] = device.wire
                wires |= {id_: child.wire for id_, child in device.children.items() if not child.problems}
        return wires

    @cached_property
    def _places(self) -> dict[tuple[str | None, str], str]:
        return {(wire.kind, wire.window): device for device, wire in self.wires.items() if wire.window}
