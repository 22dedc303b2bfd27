"""`hall-edge check`: every problem of a configuration at once, for the technician who writes it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TextIO

from drivers.checking.problems import Problem
from drivers.checking.words import Text
from drivers.registry import installed
from edge.catalogue import read_catalogue
from edge.settings import ConfigError, DeviceConfig, MqttTable, Settings, load
from edge.settings.items import contradictions

GOOD, BAD = 0, 2

_STOPS = Text("有这些错误，节点不启动", "with these, the node does not start")
_LEFT_OUT = Text("有错的事项不显示也不打印，大厅照常运行", "items with errors stay out, the hall runs on")
_HOLDS = Text(
    "[[item]] 和事项目录不一致，按 [[item]] 办", "[[item]] and the catalogue differ, [[item]] holds"
)
_WAITS = Text("缺这些文件，连不上服务器", "without these files there is no connection to a broker")


def check(
    path: Path,
    *,
    allow_sim: bool = False,
    env: Mapping[str, str] | None = None,
    entry_points: Callable[[], Iterable[EntryPoint]] = installed,
    out: TextIO | None = None,
) -> int:
    """Print what is wrong with a configuration, or what it holds. 0: nothing is wrong; 2: something is.

    It looks at more than a start does: at the files that `[mqtt]` names, which a running node reads again at
    every connection and can wait for, and at the catalogue of items, of which it reads what is asked for.
    """
    try:
        settings = load(path, allow_sim=allow_sim, env=env, entry_points=entry_points)
    except ConfigError as error:
        groups = [(_STOPS, error.problems), *_devices(error.devices)]
    else:
        groups = [
            (_WAITS, _missing_files(settings.mqtt)),
            (_LEFT_OUT, _catalogue(settings)),
            (_HOLDS, list(contradictions(settings.items, settings.catalogued))),
            *_devices(settings.devices),
        ]
    found = sum(len(problems) for _, problems in groups)
    lines = listed(groups) if found else _summary(settings)
    (out or sys.stdout).writelines(f"{line}\n" for line in lines)
    return BAD if found else GOOD


Group = tuple[Text, Sequence[Problem]]  # a heading and what stands under it


def _devices(devices: Iterable[DeviceConfig]) -> Iterator[Group]:
    for device in devices:
        if device.problems:
            heading = Text(f"设备 {device.id} 停用，大厅照常运行", f"{device.id} stays out, the hall runs on")
            yield heading, device.problems
        for child, config in device.children.items():
            heading = Text(f"{device.id} 上的 {child} 停用", f"{child} on {device.id} stays out")
            yield heading, config.problems


def _missing_files(mqtt: MqttTable) -> list[Problem]:
    """The files of `[mqtt]` that this user cannot read on this machine."""
    problems = []
    for name in ("ca", "cert", "key", "password_file"):
        path: Path | None = getattr(mqtt, name)
        try:
            if path is not None:
                path.open("rb").close()
        except OSError as error:
            reason = Text(f"读不了：{error.strerror}", f"cannot be read: {error.strerror}")
            hint = Text("检查路径和权限", "check the path and who may read it")
            problems.append(Problem(f"mqtt.{name}", str(path), reason, hint))
    return problems


def _catalogue(settings: Settings) -> Sequence[Problem]:
    """Of the items that the hall does, each with file, line and column."""
    folder = settings.guide.folder
    return read_catalogue(folder, settings.services).problems if folder else ()


def listed(groups: Iterable[Group]) -> Iterator[str]:
    """Every problem in both languages under its heading, and how many there are."""
    found = 0
    for heading, problems in groups:
        if problems:
            yield f"✗ {heading.zh}"
            yield f"  {heading.en}"
        for problem in problems:
            found += 1
            yield f"    {problem.key} = {problem.value}" if problem.value else f"    {problem.key}"
            yield from (f"      {line}" for line in _sentences(problem))
    yield f"共 {found} 处错误 / {found} problem{'s' * (found != 1)}"


def _sentences(problem: Problem) -> list[str]:
    """The Chinese and the English line, once where they are the same."""
    zh = "：".join(filter(None, (problem.reason.zh, problem.hint.zh)))
    en = ": ".join(filter(None, (problem.reason.en, problem.hint.en)))
    one = problem.reason.zh == problem.reason.en and problem.hint.zh == problem.hint.en
    return [en] if one else [zh, en]


def _summary(settings: Settings) -> Iterator[str]:
    children = sum(len(device.children) for device in settings.devices)
    yield f"配置正确：{settings.hall.name}，{len(settings.windows)} 个窗口，{len(settings.services)} 项服务"
    counts = f"windows {len(settings.windows)}, services {len(settings.services)}"
    yield f"the configuration is right: {counts}"
    for device in settings.devices:
        family = device.loaded.spec.family if device.loaded else ""
        yield f"  {device.id}  {family}  " + (
            f"{len(device.children)} 子设备 / children" if device.children else ""
        )
    yield f"  {len(settings.devices)} 台设备 / devices, {children} 子设备 / children, {settings.config_hash}"
