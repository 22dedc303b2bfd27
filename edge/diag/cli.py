"""hallctl, the technicians' tool: what a node is doing, and a way to tell it something.

Exit status: 0 done, 1 rejected or failed, 2 wrong usage or no daemon, 3 unknown.
"""

from __future__ import annotations

import typer

from edge.diag.commands import (
    afar,
    backup,
    broker,
    diagnosis,
    doctor,
    listening,
    orders,
    replaying,
    scanning,
    simulate,
    state,
    verify,
    watching,
)

# In the order in which `hallctl --help` lists them.
_ANYWHERE = (
    state.status,
    watching.watch,
    listening.tail,
    listening.sniff,
    state.alerts,
    diagnosis.diag,
    orders.reload,
    orders.restart,
    orders.send,
)
_HERE = (
    verify.verify,
    backup.backup,
    backup.restore,
    doctor.doctor,
    scanning.scan,
    replaying.replay,
    simulate.sim,
)  # they look at this machine, and ask no daemon

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Look at a hall node and tell it what to do. 查看大厅节点并下达命令。",
    context_settings={"obj": frozenset({*(command.__name__ for command in _HERE), "broker"})},
)
app.callback()(afar.way)
for _command in (*_ANYWHERE, *_HERE):
    app.command()(_command)
app.add_typer(broker.app, name="broker")


def main() -> None:
    app()
