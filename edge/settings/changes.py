"""What a running hall can take up of a configuration that has changed, and what has to wait for a restart.

A device's own settings can be taken up: they are its driver's alone. On all else other parts have built:
numbers on tickets, topics, connections, the retained state of a device that is no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from drivers.checking.values import show
from drivers.checking.words import Text
from edge.settings.fields import Table
from edge.settings.model import DeviceConfig, Settings, Wire

_Shown = str | int | float  # a list or a table says nothing by its size


@dataclass(frozen=True, slots=True)
class Changes:
    """`devices`: those to run from now on as they stand here. `needs_restart`: what else differs, in words;
    where there is any, nothing at all can be taken up."""

    devices: tuple[DeviceConfig, ...] = ()
    needs_restart: tuple[Text, ...] = ()


def changes(old: Settings, new: Settings) -> Changes:
    """The order of devices in the file decides nothing, and is no change. All else is."""
    before = {device.id: device for device in old.devices}
    differ = [device for device in new.devices if before.get(device.id, device) != device]
    return Changes(tuple(differ), tuple(_needs_restart(old, new)))


def _needs_restart(old: Settings, new: Settings) -> Iterator[Text]:
    yield from _fields("hall.", old.hall, new.hall)
    yield from _fields("node.", old.node, new.node)
    yield from _fields("mqtt.", old.mqtt, new.mqtt)
    yield from _fields("boards.", old.boards, new.boards)
    yield from _fields("voice.", old.voice, new.voice)
    yield from _fields("cameras.", old.judging, new.judging)
    yield from _fields("alerts.", old.alerts, new.alerts)
    yield from _fields("appointments.", old.appointments, new.appointments)
    yield from _fields("played.", old.played, new.played)
    yield from _fields("guide.", old.guide, new.guide)
    yield from _fields("upstream.", old.upstream, new.upstream)
    yield from _fields("drivers.", old.drivers, new.drivers)
    yield from _value("printing.printer", old.printer, new.printer)
    yield from _entries(Text("业务", "service"), old.services, new.services)
    yield from _entries(Text("事项", "item"), old.items, new.items)
    yield from _value("guide.catalogue: items.csv", old.catalogued, new.catalogued)
    yield from _entries(Text("窗口", "window"), old.windows, new.windows)
    yield from _entries(Text("优先类别", "priority class"), old.priorities, new.priorities)
    yield from _value("roster", old.roster, new.roster)
    yield from _value("warning", old.warnings, new.warnings)
    yield from _entries(Text("快速通道", "express lane"), old.express, new.express)
    yield from _entries(Text("自助机", "kiosk"), old.kiosks, new.kiosks)
    yield from _value("extended", old.extended, new.extended)
    yield from _devices(old, new)
    yield from _wires(old.wires, new.wires)


def _fields(prefix: str, old: Table, new: Table) -> Iterator[Text]:
    for name, value in old:
        yield from _value(prefix + name, value, getattr(new, name))


def _value(key: str, old: object, new: object) -> Iterator[Text]:
    if old == new:
        return
    if isinstance(old, _Shown) and isinstance(new, _Shown):
        was, now = show(old, key), show(new, key)
        yield Text(f"{key} 从 {was} 改为 {now}", f"{key} was {was} and is {now}")
    else:
        yield Text(f"{key} 改了", f"{key} has changed")


def _entries(what: Text, old: Mapping[str, Table], new: Mapping[str, Table]) -> Iterator[Text]:
    yield from _come_and_gone(what, old, new)
    for name in old.keys() & new.keys():
        for field in _fields("", old[name], new[name]):
            yield Text(f"{what.zh} {name}：{field.zh}", f"{what.en} {name}: {field.en}")
    if old.keys() == new.keys() and list(old) != list(new):
        yield Text(f"{what.zh}的次序改了", f"the order of the {what.en} tables has changed")


def _come_and_gone(what: Text, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Text]:
    for name in new:
        if name not in old:
            yield Text(f"{what.zh} {name} 是新增的", f"{what.en} {name} is new")
    for name in old:
        if name not in new:
            yield Text(f"{what.zh} {name} 没有了", f"{what.en} {name} is gone")


def _devices(old: Settings, new: Settings) -> Iterator[Text]:
    before = {device.id: device for device in old.devices}
    after = {device.id: device for device in new.devices}
    yield from _come_and_gone(Text("设备", "device"), before, after)
    for name, device in after.items():
        if name in before:
            child = Text(f"{name} 的子设备", f"{name}'s child")
            yield from _come_and_gone(child, before[name].children, device.children)


def _wires(old: Mapping[str, Wire], new: Mapping[str, Wire]) -> Iterator[Text]:
    """Of those that are at work before and after; a place that was in error has nobody who built on it."""
    for device, wire in new.items():
        if old.get(device, wire) != wire:
            zh = f"{device} 的种类、窗口、业务或优先类别（kind、window、services、priorities）改了"
            yield Text(
                zh, f"{device}: its place in the hall (kind, window, services, priorities) has changed"
            )
