"""What ties devices to the hall: ids that are nobody else's, windows and services that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import TypeGuard, get_args

from pydantic import TypeAdapter, ValidationError

from drivers.api import DriverSpec
from drivers.checking.problems import Problem, did_you_mean
from drivers.checking.values import show
from drivers.checking.words import Text
from drivers.messages import (
    Announce,
    ButtonPressed,
    CameraLooked,
    KeyPressed,
    LevelPressed,
    ShowLines,
    ShowText,
)
from edge.settings.fields import AtWindow, Kind
from edge.settings.model import Wire
from edge.settings.tables import Wired
from edge.wire import Id

_NEEDS: Mapping[Kind, type] = {  # what a driver says or does for a device to be of this kind
    "caller": KeyPressed,
    "pad": LevelPressed,
    "strip": ShowText,
    "buttons": ButtonPressed,
    "board": ShowLines,
    "voice": Announce,
    "camera": CameraLooked,
}
_ID: TypeAdapter[str] = TypeAdapter(Id)


class Wiring:
    """Ids and places, each given to who names it first.

    `services`, `windows` and `priorities` are all ids that the file declares, be they right or wrong
    otherwise, so that one error is told once.
    """

    def __init__(self, services: Set[str], windows: Set[str], priorities: Set[str]) -> None:
        self._services, self._windows, self._priorities = services, windows, priorities
        self._ids: dict[str, str] = {}  # id → the key that has it
        self._places: dict[tuple[Kind, str], str] = {}  # kind and window → the id that stands there

    def claim(self, wanted: object, key: str, spare: str) -> tuple[str, list[Problem]]:
        """The id under which this device is known: what it wants, or one made of `spare`."""
        problems = []
        if _is_id(wanted):
            if wanted not in self._ids:
                self._ids[wanted] = key
                return wanted, []
            reason = Text(f"{self._ids[wanted]} 已用此名", f"{self._ids[wanted]} has this id already")
            hint = Text("设备和子设备的 id 都不能相同", "no two devices or children share an id")
            problems.append(Problem("id", show(wanted), reason, hint))
        while spare in self._ids:
            spare += "-x"
        self._ids[spare] = key
        return spare, problems

    def problems(self, device: str, table: Wired) -> Iterator[Problem]:
        """What is wrong with this device's place in the hall; it takes the place if nobody has it."""
        kind = table.kind
        if kind != "buttons" and table.services:
            reason = Text("只有按键板有服务", "only buttons have services")
            yield Problem("services", show(table.services), reason, Text.same('kind = "buttons"'))
        if kind != "buttons" and table.priorities:
            reason = Text("只有按键板有优先类别", "only buttons have priorities")
            yield Problem("priorities", show(table.priorities), reason, Text.same('kind = "buttons"'))
        stands = kind in get_args(AtWindow)
        if not stands and table.window:
            reason = Text(
                "只有叫号器、评价器和窗口屏在窗口", "only a caller, pad or strip stands at a window"
            )
            yield Problem(
                "window", show(table.window), reason, Text.same('kind = "caller" | "pad" | "strip"')
            )
        if kind == "buttons":
            yield from self._service_problems(table.services)
            yield from self._priority_problems(table)
        elif kind is not None and stands:
            yield from self._window_problems(device, kind, table.window)

    def _service_problems(self, services: Mapping[str, str]) -> Iterator[Problem]:
        if not services:
            hint = Text('例如 { 1 = "tax" }', 'button = service, for example { 1 = "tax" }')
            yield Problem("services", "", Text("缺少这一项", "is missing"), hint)
        for button, service in services.items():
            if service not in self._services:
                hint = did_you_mean(service, self._services)
                yield Problem(
                    f"services.{button}", show(service), Text("没有这项服务", "is no service"), hint
                )

    def _priority_problems(self, table: Wired) -> Iterator[Problem]:
        for button, priority in table.priorities.items():
            key = f"priorities.{button}"
            if priority not in self._priorities:
                reason = Text("没有这种优先类别", "is no priority class")
                yield Problem(key, show(priority), reason, did_you_mean(priority, self._priorities))
            if button not in table.services:
                reason = Text("这个按键没有服务", "is of a button without a service")
                yield Problem(key, show(priority), reason, Text.same(f'services = {{ {button} = "…" }}'))

    def _window_problems(self, device: str, kind: Kind, window: str) -> Iterator[Problem]:
        if window not in self._windows:
            reason = Text("没有这个窗口", "is no window") if window else Text("缺少这一项", "is missing")
            yield Problem(
                "window", show(window) if window else "", reason, did_you_mean(window, self._windows)
            )
            return
        owner = self._places.setdefault((kind, window), device)
        if owner != device:
            reason = Text(f"这个窗口已有 {owner}", f"this window has {owner} already")
            hint = Text(f"一个窗口只有一个 {kind}", f"a window has one {kind}")
            yield Problem("window", show(window), reason, hint)


def _is_id(wanted: object) -> TypeGuard[str]:
    try:
        _ID.validate_python(wanted, strict=True)
    except ValidationError:
        return False
    return True


def wire_of(table: Wired | None) -> Wire:
    """The tie itself; of a table that is not right, none."""
    if table is None:
        return Wire()
    services = {int(button): service for button, service in table.services.items()}
    priorities = {int(button): priority for button, priority in table.priorities.items()}
    return Wire(table.kind, table.window, services, priorities)


def incapable(kind: Kind | None, spec: DriverSpec | None) -> list[Problem]:
    """A kind that the driver cannot be. Nothing is known of a driver that did not load."""
    if kind is None or spec is None or _NEEDS[kind] in spec.events | spec.orders:
        return []
    able = sorted(name for name, needs in _NEEDS.items() if needs in spec.events | spec.orders)
    reason = Text(f"驱动 {spec.family} 做不了", f"{spec.family} cannot be that")
    hint = Text(
        f"它能做：{'、'.join(able) or '（不写 kind）'}",
        f"it can be: {', '.join(able) or 'none, leave it out'}",
    )
    return [Problem("kind", show(kind), reason, hint)]
