"""What is there, and how it is written into a configuration: `scan`."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from edge.diag.commands.common import JsonOption
from edge.diag.probing import machine
from edge.diag.probing.found import Finding
from edge.diag.probing.inputs import key_test
from edge.diag.probing.line import LONGEST_S
from edge.diag.proposing import proposed
from edge.diag.speaking import LangOption, spoken
from edge.diag.words import Words
from edge.wire.plain import plain

_STYLES = {"found": "green", "silent": "yellow", "strange": "yellow", "held": "cyan", "failed": "red"}


def scan(
    *,
    port: Annotated[
        list[Path] | None,
        typer.Option("--port", help="Look at this serial port and no other; may come again."),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option("--host", help="Ask this machine of the network too; may come again."),
    ] = None,
    listen_s: Annotated[
        float,
        typer.Option("--listen", min=0.1, max=600, help="Seconds to listen before a port is asked."),
    ] = 1.0,
    no_cameras: Annotated[bool, typer.Option("--no-cameras", help="Do not look for cameras.")] = False,
    keys_s: Annotated[
        float, typer.Option("--keys", min=0, max=600, help="Seconds of a key test: which device is which.")
    ] = 0.0,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Look which devices are there, and propose lines of a configuration. Nothing prints, shows or opens by
    it; ports that another program holds are left alone.

    Exit status: 0 something was found, 1 nothing.
    """
    words = spoken(lang)
    if not as_json:
        typer.echo(words("looking").format(round(listen_s + LONGEST_S)), err=True)
    wanted = machine.Wanted(tuple(map(str, port or ())), tuple(host or ()), not no_cameras, listen_s)
    findings = asyncio.run(machine.scan(wanted))
    if keys_s:
        asyncio.run(_keys(findings, keys_s, words))
    _told(findings, words, as_json=as_json)
    raise typer.Exit(not any(each.state == "found" for each in findings))


async def _keys(findings: Sequence[Finding], for_s: float, words: Words) -> None:
    """Keys are told as they are pressed, beside the answer."""
    typer.echo(words("press_keys").format(f"{for_s:g}"), err=True)
    places = [each.place for each in findings if each.kind == "input"]
    await key_test(
        places, for_s, lambda place, key: typer.echo(f"  {place}  {words('pressed')} {key}", err=True)
    )


def _told(findings: Sequence[Finding], words: Words, *, as_json: bool) -> None:
    lines = proposed(findings)
    if as_json:
        found = [dataclasses.asdict(each) for each in findings]
        typer.echo(json.dumps({"findings": found, "proposed": lines}, ensure_ascii=False))
        return
    if not findings:
        typer.echo(words("nothing_there"))
        return
    Console().print(_table(findings, words))
    if lines:
        typer.echo(f"{words('propose')}\n")
        typer.echo(lines)


def _table(findings: Sequence[Finding], words: Words) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("place", "state", "what_found", "do_next"):
        table.add_column(words(heading), overflow="fold")  # a name cut short could not be copied
    for each in findings:
        evidence, next_ = each.evidence, each.next
        table.add_row(
            plain(each.place),
            Line(words(f"scan_{each.state}"), style=_STYLES[each.state]),
            Line(plain(" ".join(filter(None, (each.driver, words.pick(evidence.zh, evidence.en)))))),
            Line(plain(words.pick(next_.zh, next_.en))),
        )
    return table
