"""hallctl, the technicians' tool: what a node is doing, and a way to tell it something.

Exit status: 0 done, 1 rejected or failed, 2 wrong usage or no daemon, 3 unknown.

Each command is a function of its own name in a module of `edge.diag.commands`, which is loaded when the
command is asked for: else who asks how the node is would wait for what only others need.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from edge.diag.commands import afar
from edge.diag.speaking import Speaking, SpeakingGroup
from edge.leanly import one_typed_dict, without


class Listed(NamedTuple):
    """A command as `hallctl --help` lists it."""

    module: str  # of edge.diag.commands
    brief: str
    here: bool = False  # it looks at this machine, and asks no daemon


COMMANDS = {
    "status": Listed("state", "Devices, windows, the queue and the outbox."),
    "watch": Listed("watching", "The node on a full screen, as it changes."),
    "tail": Listed("listening", "Events and the log, as they happen."),
    "sniff": Listed("listening", "A device's line: bytes and what they mean."),
    "alerts": Listed("state", "The alerts that stand; acknowledge one."),
    "diag": Listed("diagnosis", "How a device is, why, and what to do next."),
    "reload": Listed("orders", "Read the configuration again."),
    "restart": Listed("orders", "Close one device and open it afresh."),
    "send": Listed("orders", "Send one request to the daemon."),
    "verify": Listed("verify", "Verify what this node keeps.", here=True),
    "backup": Listed("backup", "Copy what this node keeps into one file.", here=True),
    "restore": Listed("backup", "Put a backup in the place of what is kept.", here=True),
    "doctor": Listed("doctor", "Gather what helps to find a fault.", here=True),
    "scan": Listed("scanning", "Look which devices are there.", here=True),
    "replay": Listed("replaying", "Hear a recorded line again.", here=True),
    "sim": Listed("simulate", "Run one device's simulator.", here=True),
    "broker": Listed("broker", "The broker's certificates and access list.", here=True),
}


class Later(Speaking):
    """A command of which no more is known than how it is listed, until somebody asks for it."""

    def __init__(self, name: str, listed: Listed) -> None:
        self._listed = listed
        super().__init__(name, short_help=listed.brief)

    @cached_property
    def loaded(self) -> TyperCommand | TyperGroup:
        """The command itself, or the group of its own that stands in its place."""
        found = getattr(import_module(f"edge.diag.commands.{self._listed.module}"), str(self.name))
        if not isinstance(found, typer.Typer):
            found = _app(found)
        command = get_command(found)
        assert isinstance(command, TyperCommand | TyperGroup)
        return command

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """From here on it is the command itself that is parsed, run and asked what may follow."""
        return self.loaded.make_context(*args, **extra)


def _app(command: Callable[..., None]) -> typer.Typer:
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(cls=Speaking)(command)
    return alone


class _Commands(SpeakingGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {name: Later(name, listed) for name, listed in COMMANDS.items()}


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    rich_markup_mode=None,
    help="Look at a hall node and tell it what to do.",
    context_settings={"obj": frozenset(name for name, listed in COMMANDS.items() if listed.here)},
)
app.callback()(afar.way)


def main() -> None:
    # Pydantic looks through all that is installed for what extends it, and loads what reads mails for that.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    with without(["importlib.metadata._adapters", "importlib.resources.abc", "zipfile"]):
        import_module("importlib.metadata")
    with one_typed_dict():  # 90 of them say what a schema of pydantic's core is made of
        import_module("pydantic_core")
    try:
        app()
    finally:
        gc.freeze()  # or Python, as it ends, looks for circles in all that is loaded: an eighth of the time
