"""The devices of a configuration: whatever is wrong with one, or with one child on its line, is its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drivers.api import DriverSpec
from drivers.checking.problems import BadDevice, Problem, Wrong, nearest
from drivers.checking.values import show
from drivers.checking.variables import expand
from drivers.checking.words import Text
from drivers.registry import Loaded, Registry
from edge.settings.fields import validate
from edge.settings.model import ChildConfig, DeviceConfig, Wire
from edge.settings.tables import MAX_CHILDREN, ChildTable, DeviceTable
from edge.settings.wiring import Wiring, incapable, wire_of

MAX_NAME = 64  # characters of what may be no name at all, as it is told
_CHILD = re.compile(r"settings\.children\[(\d+)\]\.?(.*)")  # where the driver finds fault with a child
_TABLE = Text("[[device]]、[[device.child]] 各是一个表", "[[device]] and [[device.child]] are tables")
_CHILDREN = Text("子设备写成 [[device.child]]", "write each child as [[device.child]]")


@dataclass
class _Child:
    """A child on its way: what the driver is told of it, and all that is wrong with it."""

    id: str
    key: str  # "child[2]"
    wire: Wire = field(default_factory=Wire)
    entry: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    name: str = ""

    def config(self, device_key: str) -> ChildConfig:
        problems = (problem.under(self.key).under(device_key) for problem in first_of_each(self.problems))
        return ChildConfig(self.wire, tuple(problems), self.name)


@dataclass(frozen=True)
class DeviceReader:
    """Reads devices in the order of the file, and never raises for what stands in one."""

    registry: Registry
    wiring: Wiring
    env: Mapping[str, str]

    def read(self, index: int, raw: object) -> DeviceConfig:
        """`[[device]]` number `index`, counted from 0; without a usable id it is "device-<index>"."""
        key = f"device[{index}]"
        own = {name: value for name, value in _table(raw).items() if name != "child"}
        device, problems = self.wiring.claim(own.get("id"), key, f"device-{index}")
        problems += [] if isinstance(raw, Mapping) else [Problem("", show(raw), _NOT_A_TABLE, _TABLE)]
        table, found = validate(DeviceTable, own, self.env)
        spec = self._spec(own.get("driver"))
        problems += found
        if table is not None:
            problems += [*self.wiring.problems(device, table), *incapable(table.kind, spec)]
        children, found = self._children(_table(raw).get("child", []), device, key, spec)
        problems += found
        url = own.get("url", "") if table is None else table.url
        loaded, found = self._resolve(own, str(url), children)
        problems = first_of_each([*problems, *found])
        named = table.name if table else ""
        return DeviceConfig(
            id=device,
            loaded=None if problems else loaded,
            wire=wire_of(table),
            problems=tuple(problem.under(key) for problem in problems),
            children={child.id: child.config(key) for child in children},
            driver=str(own.get("driver", ""))[:MAX_NAME],
            model=str(own.get("model", ""))[:MAX_NAME],
            name=Text(named) if named or not loaded else loaded.title,
        )

    def _spec(self, family: object) -> DriverSpec | None:
        try:
            return self.registry.driver(str(family)).spec
        except BadDevice:  # told by `_resolve`
            return None

    def _children(
        self, raw: object, device: str, key: str, spec: DriverSpec | None
    ) -> tuple[list[_Child], list[Problem]]:
        if not isinstance(raw, list):
            return [], [Problem("child", show(raw), _NOT_A_TABLE, _CHILDREN)]
        if len(raw) > MAX_CHILDREN:
            reason = Text(f"超过 {MAX_CHILDREN} 个", f"are more than {MAX_CHILDREN}")
            return [], [
                Problem("child", show(raw), reason, Text("分到几条总线上", "spread them over several lines"))
            ]
        return [self._child(index, entry, device, key, spec) for index, entry in enumerate(raw)], []

    def _child(self, index: int, raw: object, device: str, key: str, spec: DriverSpec | None) -> _Child:
        place = f"child[{index}]"
        name, problems = self.wiring.claim(_table(raw).get("id"), f"{key}.{place}", f"{device}-child-{index}")
        if not isinstance(raw, Mapping):
            return _Child(name, place, problems=[Problem("", show(raw), _NOT_A_TABLE, _TABLE)])
        table, found = validate(ChildTable, raw, self.env)
        problems += found
        if table is None:
            return _Child(name, place, problems=problems)
        own, found = self._filled(table.model_extra or {})
        problems += [*self.wiring.problems(name, table), *incapable(table.kind, spec), *found]
        entry = {"id": name, "kind": table.kind, **own}
        return _Child(name, place, wire_of(table), entry, problems, table.name)

    def _filled(self, settings: Mapping[str, Any], under: str = "") -> tuple[dict[str, Any], list[Problem]]:
        """A driver's own settings with the variables put in that a text of them names."""
        filled, problems = dict(settings), []
        for key, value in settings.items():
            try:
                filled[key] = expand(value, self.env) if isinstance(value, str) and "${" in value else value
            except Wrong as wrong:
                problems.append(Problem(f"{under}{key}", show(value), wrong.reason, wrong.hint))
        return filled, problems

    def _resolve(
        self, raw: Mapping[str, Any], url: str, children: Sequence[_Child]
    ) -> tuple[Loaded | None, list[Problem]]:
        """With all children that are right so far, then again without those that the driver refuses."""
        settings, problems = self._filled(_table(raw.get("settings")), "settings.")
        if problems:
            return None, problems
        if "children" in settings:
            return None, [Problem("settings.children", show(settings["children"]), _NOT_HERE, _CHILDREN)]
        driver, model = str(raw.get("driver", "")), str(raw.get("model", ""))
        while True:
            right = [child for child in children if not child.problems]
            told = {**settings, "children": [child.entry for child in right]} if children else settings
            try:
                return self.registry.resolve(driver, model, url, told), []
            except BadDevice as error:
                own = _hand_out(error.problems, right)
            if own:
                return None, own


_NOT_A_TABLE = Text("不是表", "is not a table")
_NOT_HERE = Text("子设备不写在这里", "is not the place of children")
_NO_CHILDREN = Text("这个驱动没有子设备", "this driver has no children")


def _hand_out(problems: Iterable[Problem], children: Sequence[_Child]) -> list[Problem]:
    """Give each child its own; what remains is the device's."""
    own = []
    for problem in problems:
        if match := _CHILD.fullmatch(problem.key):
            children[int(match[1])].problems.append(_of_child(problem, match[2]))
        elif problem.key == "settings.children":
            own.append(Problem("child", problem.value, _NO_CHILDREN))
        else:
            own.append(problem)
    return own


def _of_child(problem: Problem, key: str) -> Problem:
    """A key that the driver does not know may be a slip in one of the hall's own."""
    ours = nearest(key, ["window", "services"])
    hint = Text(f"是不是 {ours}？", f"did you mean {ours}?") if ours else problem.hint
    return Problem(key, problem.value, problem.reason, hint)


def first_of_each(problems: Iterable[Problem]) -> list[Problem]:
    """One problem a key: what comes later at the same place follows from it."""
    first: dict[str, Problem] = {}
    for problem in problems:
        first.setdefault(problem.key, problem)
    return list(first.values())


def _table(raw: object) -> Mapping[str, Any]:
    return raw if isinstance(raw, Mapping) else {}
