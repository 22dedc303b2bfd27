"""A recorded line heard again: `replay`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from drivers.checking.problems import BadDevice
from edge.diag import tape
from edge.diag.commands.common import JsonOption
from edge.diag.hearing import Hearing
from edge.diag.pieces import shown
from edge.diag.remedies import of_device
from edge.diag.speaking import LangOption, spoken
from edge.diag.tape import Piece
from edge.diag.trouble import Trouble, of_file
from edge.diag.words import Words, both
from edge.wire.plain import plain


def replay(
    file: Annotated[Path, typer.Argument(help="As `hallctl sniff --out` has written it.", dir_okay=False)],
    *,
    family: Annotated[
        str,
        typer.Option(
            help="By which codec it is heard; by default that of the file. A third party's is named."
        ),
    ] = "",
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Feed a recorded line to its codec, and print what it makes of it.

    Exit status: 0 all frames are good, 1 some are not, 2 the file cannot be read.
    """
    words = spoken(lang)
    console = Console(highlight=False)
    try:
        head, pieces = tape.read(file)
        if not as_json:
            names = {name: plain(getattr(head, name)) for name in ("device", "line", "family")}
            typer.echo(words("tape_of").format(**names), err=True)
        hearing = Hearing(family or head.family, [family] if family else [])
        for piece in pieces:
            said = hearing.hear(piece)
            _show(piece, said, words, None if as_json else console)
    except tape.BadTape as error:
        raise Trouble(both("tape_bad", file=file, why=error), both("record_again")) from None
    except OSError as error:
        raise of_file(error, both("record_again"), file) from None
    except BadDevice as error:
        raise of_device(error) from None
    if head.lengths_only:
        typer.echo(words("nothing_to_hear"), err=True)
    if not as_json:
        typer.echo(words("replayed").format_map(hearing.counts), err=True)
    raise typer.Exit(int(hearing.counts["bad"] > 0))


def _show(piece: Piece, said: Sequence[str], words: Words, console: Console | None) -> None:
    if console is None:
        typer.echo(json.dumps({**piece.model_dump(), "said": list(said)}, ensure_ascii=False))
        return
    if piece.missed:
        console.print(words("missed").format(piece.missed), style="yellow")
    console.print(shown(piece, "; ".join(said), words, console.width), soft_wrap=True)
