"""A node on a full screen: `watch`."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import typer

from edge.control import DEFAULT_SOCKET, ControlError
from edge.diag import reach
from edge.diag.commands.common import (
    STATUS_TIMEOUT_S,
    JsonOption,
    SocketOption,
    finish,
)
from edge.diag.following import Follower, Refused
from edge.diag.speaking import LangOption, spoken
from edge.diag.trouble import Trouble
from edge.diag.way import far
from edge.diag.words import Words, both
from edge.diag.words_reach import unreached


def watch(
    *, socket: SocketOption = DEFAULT_SOCKET, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Show the node on a full screen, as it changes: devices, a device's line, windows, outbox, log.

    A node that is away is tried again and again. With --json: once, for a program. Exit status: 0 ended,
    2 no terminal, or no daemon with --json.
    """
    words = spoken(lang)
    if as_json:
        _once(socket, words)
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Trouble(both("no_terminal"), both("for_a_program"))
    from edge.diag.watching.app import AFAR, NEAR, Watch  # noqa: PLC0415 Textual takes half a second

    pace = NEAR if far.get() is None else AFAR
    Watch(lambda: reach.reached(socket), words, pace).run()


def _once(socket: Path, words: Words) -> None:
    try:
        typer.echo(json.dumps(asyncio.run(_seen(socket)), ensure_ascii=False))
    except ControlError as error:
        raise unreached(error) from error
    except Refused as refused:
        finish(refused.reply, words, as_json=True)


async def _seen(socket: Path) -> dict[str, object]:
    """What the screen shows but for a device's line, which `sniff --json` tells as it passes."""
    async with reach.reached(socket) as node:
        status = await node.request("status", {}, STATUS_TIMEOUT_S)
        if status.result != "done":
            raise Refused(status)
        happening = [
            await Follower(*each).ask(node) for each in (("node.events", "events"), ("node.log", "lines"))
        ]
        events, lines = ([dict(item) for item in each.items] for each in happening)
        return {**status.data, "events": events, "log": lines}
