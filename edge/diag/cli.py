"""hallctl, the technicians' tool: what a node is doing, and a way to tell it something.

Exit status: 0 done, 1 rejected or failed, 2 wrong usage or no daemon, 3 unknown.

Each command is a function of its own name in a module of `edge.diag.commands`, which is loaded when the
command is asked for: else who asks how the node is would wait for what only others need.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from edge.diag.commands import afar
from edge.diag.words import Words, system_lang


class Listed(NamedTuple):
    """A command as `hallctl --help` lists it."""

    module: str  # of edge.diag.commands
    zh: str
    en: str
    here: bool = False  # it looks at this machine, and asks no daemon


COMMANDS = {
    "status": Listed("state", "看设备、窗口、排队和待发事件", "Devices, windows, the queue and the outbox."),
    "watch": Listed("watching", "全屏看节点的变化", "The node on a full screen, as it changes."),
    "tail": Listed("listening", "看正在发生的事件和日志", "Events and the log, as they happen."),
    "sniff": Listed(
        "listening", "听一台设备的线路：字节和含义", "A device's line: bytes and what they mean."
    ),
    "alerts": Listed("state", "看告警，或确认一条", "The alerts that stand; acknowledge one."),
    "diag": Listed(
        "diagnosis", "设备怎样、为什么、下一步做什么", "How a device is, why, and what to do next."
    ),
    "reload": Listed("orders", "重新读取配置", "Read the configuration again."),
    "restart": Listed("orders", "重新打开一台设备", "Close one device and open it afresh."),
    "send": Listed("orders", "下达一条命令", "Send one request to the daemon."),
    "verify": Listed(
        "verify", "核对记录，查数据库、时间、磁盘、证书", "Verify what this node keeps.", here=True
    ),
    "backup": Listed("backup", "备份数据库和配置", "Copy what this node keeps into one file.", here=True),
    "restore": Listed("backup", "恢复备份", "Put a backup in the place of what is kept.", here=True),
    "doctor": Listed("doctor", "打包状态和日志，供远程排查", "Gather what helps to find a fault.", here=True),
    "scan": Listed("scanning", "看接了哪些设备，给出配置", "Look which devices are there.", here=True),
    "replay": Listed("replaying", "把录下的线路再解码一次", "Hear a recorded line again.", here=True),
    "sim": Listed("simulate", "运行一台模拟设备", "Run one device's simulator.", here=True),
    "broker": Listed(
        "broker", "消息服务器的证书和权限", "The broker's certificates and access list.", here=True
    ),
}


class Later(TyperCommand):
    """A command of which no more is known than how it is listed, until somebody asks for it."""

    def __init__(self, name: str, listed: Listed) -> None:
        self._listed, self._words = listed, Words(system_lang())
        super().__init__(name, short_help=self._words.pick(listed.zh, listed.en))

    @cached_property
    def loaded(self) -> TyperCommand | TyperGroup:
        """The command itself, or the group of its own that stands in its place."""
        found = getattr(import_module(f"edge.diag.commands.{self._listed.module}"), str(self.name))
        if not isinstance(found, typer.Typer):
            found = _app(found)
        command = get_command(found)
        assert isinstance(command, TyperCommand | TyperGroup)
        command.help = self._words.pick(f"{self._listed.zh}\n\n{command.help}", command.help or "")
        return command

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """From here on it is the command itself that is parsed, run and asked what may follow."""
        return self.loaded.make_context(*args, **extra)


def _app(command: Callable[..., None]) -> typer.Typer:
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command()(command)
    return alone


class _Commands(TyperGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {name: Later(name, listed) for name, listed in COMMANDS.items()}


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Look at a hall node and tell it what to do. 查看大厅节点并下达命令。",
    context_settings={"obj": frozenset(name for name, listed in COMMANDS.items() if listed.here)},
)
app.callback()(afar.way)


def main() -> None:
    app()
