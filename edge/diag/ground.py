"""What can be seen of a node whose daemon does not answer: its unit, its configuration, its ports."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drivers.api import DriverError
from drivers.checking.words import Text
from drivers.registry import LINK_CONDITIONS, Loaded
from edge.control import ControlError
from edge.diag.gathering import holders_of
from edge.diag.remedies import explained
from edge.diag.rights import rights_of, service_user
from edge.diag.standing import unsound
from edge.settings import ConfigError, DeviceConfig, load

UNIT = "hall-edge.service"
SYSTEMCTL_TIMEOUT_S = 3.0  # it asks the manager over D-Bus, which answers at once or hangs
_SPECS = {spec.code: spec for spec in LINK_CONDITIONS}
_NOTHING = Text()

Unit = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Seen:
    well: bool
    what: Text
    next: Text = _NOTHING

    def data(self) -> dict[str, Any]:
        return {"well": self.well, "what": asdict(self.what), "next": asdict(self.next)}


def unit_state() -> str:
    """As `systemctl show` has it, in a line; "" where there is no systemd."""
    command = ["systemctl", "show", "-p", "ActiveState,SubState,Result,NRestarts", "--value", UNIT]
    try:
        told = subprocess.run(
            command, capture_output=True, text=True, timeout=SYSTEMCTL_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return " ".join(told.stdout.split())


def looked(error: ControlError, config: Path, device: str = "", unit: Unit = unit_state) -> list[Seen]:
    """`device`: "" for all. Why the daemon was not reached comes first."""
    return [
        Seen(False, Text.same(str(error)), Text(error.remedy_zh, error.remedy)),
        *_unit(unit()),
        *_configured(config, device),
        *(Seen(False, each.said, each.remedy) for each in unsound(config, datetime.now(UTC))),
    ]


def _unit(state: str) -> Iterator[Seen]:
    if not state:
        return
    what = Text(f"systemd：{UNIT} {state}", f"systemd: {UNIT} {state}")
    if state.startswith("active"):
        yield Seen(True, what)
        return
    yield Seen(
        False,
        what,
        Text(
            f"看它为什么停了：journalctl -u {UNIT} -n 50；再启动：systemctl start {UNIT}",
            f"see why it ended: journalctl -u {UNIT} -n 50; then start it: systemctl start {UNIT}",
        ),
    )


def _configured(path: Path, device: str) -> Iterator[Seen]:
    try:
        settings = load(path)
    except ConfigError as error:
        for problem in error.problems:
            yield Seen(
                False,
                Text(f"{path}：{problem}", f"{path}: {problem}"),
                Text(f"改正后运行 hall-edge check {path}", f"correct it, then run hall-edge check {path}"),
            )
        return
    devices = [each for each in settings.devices if device in ("", each.id, *each.children)]
    if not devices:
        yield Seen(
            False,
            Text(f"{path} 里没有设备“{device}”", f"{path} has no device {device!r}"),
            Text("hall-edge check 列出全部设备", "hall-edge check lists all there are"),
        )
    for each in devices:
        yield _port(each)


def _port(config: DeviceConfig) -> Seen:
    if config.loaded is None:
        told = "; ".join(map(str, config.problems))
        return Seen(
            False,
            Text(f"{config.id}：配置有误：{told}", f"{config.id}: misconfigured: {told}"),
            Text("按提示改正，再运行 hall-edge check", "correct it, then run hall-edge check"),
        )
    if config.loaded.port is None:
        return Seen(True, Text(f"{config.id}：配置正确", f"{config.id}: its configuration is right"))
    return _node(config.id, config.loaded)


def _node(device: str, loaded: Loaded) -> Seen:
    """Is its port there, may we open it, does another program hold it?"""
    try:
        path = loaded.port.find() if loaded.port else ""
    except DriverError as error:
        what, next_ = explained(error)
        return Seen(False, Text(f"{device}：{what.zh}", f"{device}: {what.en}"), next_)
    try:
        rights = rights_of(path, service_user())
    except OSError:
        return _told(device, "port_missing", path)
    if not rights.lets_in:
        return Seen(
            False,
            Text(
                f"{device}：用户 {rights.user} 没有打开这个口的权限（{rights}）",
                f"{device}: the user {rights.user} may not open its port ({rights})",
            ),
            rights.remedy,
        )
    if found := holders_of(loaded.url):
        held = ", ".join(f"{each.name} ({each.pid})" for each in found)
        return _told(device, "port_busy", f"{path}: {held}")
    return Seen(
        True, Text(f"{device}：口在，没有被占用（{path}）", f"{device}: its port is there and free ({path})")
    )


def _told(device: str, code: str, detail: str) -> Seen:
    spec = _SPECS[code]
    return Seen(
        False,
        Text(f"{device}：{spec.zh}（{detail}）", f"{device}: {spec.en} ({detail})"),
        Text(spec.remedy_zh, spec.remedy_en),
    )
