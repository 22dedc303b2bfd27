"""hallctl, the technicians' tool: what a node is doing, and a way to tell it something.

Exit status: 0 done, 1 rejected or failed, 2 wrong usage or no daemon, 3 unknown.
"""

from __future__ import annotations

import typer

from edge.diag.commands import broker, orders, scanning, simulate, state, verify

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Look at a hall node and tell it what to do. 查看大厅节点并下达命令。",
)
# In the order in which `hallctl --help` lists them.
for _command in (
    state.status,
    state.alerts,
    orders.reload,
    orders.restart,
    verify.verify,
    orders.send,
    scanning.scan,
    simulate.sim,
):
    app.command()(_command)
app.add_typer(broker.app, name="broker")


def main() -> None:
    app()
