"""A node on a full screen: `watch`."""

from __future__ import annotations

import sys

import typer

from edge.control import DEFAULT_SOCKET
from edge.diag import reach
from edge.diag.commands.common import EXIT_UNREACHABLE, LangOption, SocketOption
from edge.diag.words import Words, system_lang


def watch(*, socket: SocketOption = DEFAULT_SOCKET, lang: LangOption = None) -> None:
    """Show the node on a full screen, as it changes: devices, a device's line, windows, outbox, log.

    A node that is away is tried again and again. Exit status: 0 ended, 2 no terminal.
    """
    words = Words(lang or system_lang())
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        typer.echo(words("no_terminal"), err=True)
        raise typer.Exit(EXIT_UNREACHABLE)
    from edge.diag.watching.app import AFAR, NEAR, Watch  # noqa: PLC0415 Textual takes half a second

    pace = NEAR if reach.far.get() is None else AFAR
    Watch(lambda: reach.reached(socket), words, pace).run()
