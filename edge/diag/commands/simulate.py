"""A device that is not there: `sim`."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Annotated

import typer

from drivers.api import BadSettings, LinkLost
from drivers.checking.problems import BadDevice
from drivers.checking.words import Text
from edge.diag.commands.common import JsonOption, split
from edge.diag.peers import Place, made, served
from edge.diag.remedies import explained, of_device
from edge.diag.speaking import LangOption, spoken
from edge.diag.trouble import Trouble
from edge.diag.words import Words


def sim(
    family: Annotated[str, typer.Argument(help="printer, bus68, sdt, …; a third party's too.")],
    options: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE]...",
            help="What is wrong with it, as behind sim://family?: paper=out, sick=late, ….",
        ),
    ] = None,
    *,
    pty: Annotated[Path | None, typer.Option("--pty", help="A link to its pty, the same each time.")] = None,
    tcp: Annotated[
        int | None, typer.Option("--tcp", min=0, max=65_535, help="A TCP port here; 0: one that is free.")
    ] = None,
    port: Annotated[
        Path | None, typer.Option("--port", help="A serial port, whose cable leads to who is tried.")
    ] = None,
    baud: Annotated[
        int | None, typer.Option("--baud", min=50, max=4_000_000, help="Of the port or the pty's line.")
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Run one device's simulator, and print the URL at which a daemon or `hallctl scan` finds it.

    It ends with Ctrl+C. Exit status: 0 ended, 1 it cannot listen there, 2 wrong usage.
    """
    if sum(each is not None for each in (pty, tcp, port)) > 1:
        raise typer.BadParameter("--pty, --tcp and --port: one of them")
    words = spoken(lang)
    place = Place(pty, tcp, port, baud)
    raise typer.Exit(asyncio.run(_live(family, split(options or []), place, words, as_json=as_json)))


async def _live(family: str, options: dict[str, str], place: Place, words: Words, *, as_json: bool) -> int:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    try:
        simulator, links = made(family, options)
        async with served(family, simulator, links, place) as url:
            typer.echo(json.dumps({"family": family, "url": url}) if as_json else url)
            if not as_json:
                typer.echo(words("ends_by"), err=True)
            await ended.wait()
    except BadDevice as error:
        raise of_device(error) from error
    except BadSettings as error:
        raise Trouble(Text.same(str(error)), Text.same(error.remedy)) from error
    except (LinkLost, OSError) as error:
        raise Trouble(*explained(error), status=1) from error
    return 0
