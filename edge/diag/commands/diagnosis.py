"""What is wrong with a device, and what to do: `diag`."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as Cell

from edge.control import DEFAULT_SOCKET, ControlError
from edge.diag import gathering
from edge.diag.commands.common import (
    STATUS_TIMEOUT_S,
    JsonOption,
    SocketOption,
    finish,
)
from edge.diag.evidence import Evidence
from edge.diag.gathering import Refused
from edge.diag.interview import interviewed
from edge.diag.judging.judgement import EXIT, Judgement, judge
from edge.diag.reach import reached
from edge.diag.soundness import Finding
from edge.diag.speaking import LangOption, spoken
from edge.diag.standing import standing
from edge.diag.trouble import NOT_DONE
from edge.diag.way import far
from edge.diag.words import Words
from edge.diag.words_reach import unreached
from edge.wire import Check
from edge.wire.plain import plain

ALL = "all"
NICE = 10  # a whole hall is looked at beside its work: calls go first
CONFIG = Path("/etc/hall-edge/hall.toml")  # where the unit reads it
_STYLES = {"ok": "green", "degraded": "yellow", "fault": "red", "unknown": "cyan"}


class Level(StrEnum):
    """Of UnifiedPOS' CheckHealth."""

    INTERNAL = "internal"
    EXTERNAL = "external"
    INTERACTIVE = "interactive"


def diag(
    device: Annotated[str, typer.Argument(help="A device, or all.")] = ALL,
    *,
    level: Annotated[
        Level,
        typer.Option(
            help="internal: nothing is seen of it; external: it shows, says or prints something; "
            "interactive: and you are asked what you see."
        ),
    ] = Level.INTERNAL,
    config: Annotated[
        Path, typer.Option(help="The node's configuration, looked at where the daemon is away.")
    ] = CONFIG,
    socket: SocketOption = DEFAULT_SOCKET,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Say how a device is, why, and what to do next. Without a daemon, what can be seen without it.

    Exit status: 0 sound, 1 something is wrong, 2 wrong usage or no daemon, 3 it cannot be said.
    """
    words = spoken(lang)
    if device == ALL and level is not Level.INTERNAL:
        raise typer.BadParameter("all devices are looked at internally; name one for the other levels")
    if level is Level.INTERACTIVE and as_json:
        raise typer.BadParameter("--json and a person's answers do not go together")
    itself: list[Finding] = []
    try:
        seen = asyncio.run(_gathered(socket, device, level))
        if device == ALL and far.get() is None:
            itself = asyncio.run(_itself(socket, config))
        if level is Level.INTERACTIVE and not (seen[0].checked and seen[0].checked.look_zh):
            typer.prompt(words("use_it").format(device), default="", show_default=False, err=True)
            after = asyncio.run(_gathered(socket, device, Level.INTERNAL))
            seen = [replace(after[0], used=after[0].own.last_heard != seen[0].own.last_heard)]
        found = [judge(each) for each in seen]
    except Refused as refused:
        finish(refused.reply, words, as_json=as_json)
    except ControlError as error:
        if far.get():
            raise unreached(error) from error
        _without_daemon(error, config, device, words, as_json=as_json)
    if level is Level.INTERACTIVE:
        found = [interviewed(each, words, _asking(words)) for each in found]
    _tell(found, itself, words, as_json=as_json)
    statuses = {EXIT[each.verdict] for each in found} | {1 for each in itself if each.state == "fault"}
    raise typer.Exit(1 if 1 in statuses else max(statuses, default=0))


async def _gathered(socket: Path, device: str, level: Level) -> list[Evidence]:
    async with reached(socket) as node:
        is_here = far.get() is None
        if device == ALL:
            os.nice(NICE)
            return await gathering.everyone(node.request, is_here=is_here)
        how: Check = "internal" if level is Level.INTERNAL else "external"
        seen = await gathering.one(node.request, device, how, is_here=is_here)
        if is_here and how == "external":
            from edge.diag import elsewhere  # noqa: PLC0415 most diagnoses open no line of their own

            seen = await elsewhere.asked(node.request, seen)
        return [seen]


async def _itself(socket: Path, config: Path) -> list[Finding]:
    """What is wrong with the node beside its devices."""
    async with reached(socket) as node:
        status = await node.request("status", {}, STATUS_TIMEOUT_S)
    return standing(status.data, config, datetime.now(UTC))


def _asking(words: Words) -> Callable[[str], str]:
    """Somebody who stands at the device; what is neither yes nor no cannot be said."""

    def ask(look: str) -> str:
        typer.echo(plain(look), err=True)
        answer = str(typer.prompt(words("did_you"), default="?", err=True)).strip().lower()[:1]
        return {"是": "y", "否": "n"}.get(answer, answer)

    return ask


def _without_daemon(error: ControlError, config: Path, device: str, words: Words, *, as_json: bool) -> None:
    from edge.diag.ground import looked  # noqa: PLC0415 with a daemon, nobody here reads its configuration

    found = looked(error, config, "" if device == ALL else device)
    if as_json:
        typer.echo(
            json.dumps({"daemon": False, "found": [each.data() for each in found]}, ensure_ascii=False)
        )
    else:
        for each in found:
            mark = "✔" if each.well else "✘"
            typer.echo(plain(f"{mark} {words.pick(each.what.zh, each.what.en)}"))
            if next_ := words.pick(each.next.zh, each.next.en):
                typer.echo(plain(f"  {words('remedy')}{next_}"))
    raise typer.Exit(NOT_DONE)


def _tell(found: Sequence[Judgement], itself: Sequence[Finding], words: Words, *, as_json: bool) -> None:
    if as_json:
        told = {"devices": [each.data() for each in found], "node": [each.data() for each in itself]}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    if len(found) == 1:
        _in_full(found[0], words)
    else:
        _in_rows(found, words)
    for each in itself:
        typer.echo(each.told(words))


def _in_full(each: Judgement, words: Words) -> None:
    cause = each.cause
    typer.echo(plain(f"{each.device}  {words(each.verdict)}  {words.pick(cause.what.zh, cause.what.en)}"))
    typer.echo(plain(f"{words('next')}{words.pick(cause.next.zh, cause.next.en)}"))
    if each.look.zh:
        typer.echo(plain(f"{words('look')}{words.pick(each.look.zh, each.look.en)}"))
    for text in each.evidence:
        typer.echo(plain(f"  · {words.pick(text.zh, text.en)}"))


def _in_rows(found: Sequence[Judgement], words: Words) -> None:
    """What is wrong first; who is well is counted, not listed."""
    wrong = [each for each in found if each.verdict != "ok"]
    rows = sorted(
        wrong, key=lambda each: list(_STYLES).index(each.verdict) if each.verdict != "fault" else -1
    )
    table = Table(box=None, pad_edge=False)
    for heading in ("device", "verdict", "what", "next"):
        table.add_column(words(heading).rstrip("：: "), overflow="fold")
    for each in rows:
        table.add_row(
            plain(each.device),
            Cell(words(each.verdict), style=_STYLES[each.verdict]),
            Cell(plain(words.pick(each.cause.what.zh, each.cause.what.en))),
            Cell(plain(words.pick(each.cause.next.zh, each.cause.next.en))),
        )
    if rows:
        Console().print(table)
    typer.echo(words("sound_of").format(len(found) - len(rows), len(found)))
