"""What this node keeps, verified: `verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge.diag.commands.common import EXIT_UNREACHABLE, LangOption
from edge.diag.words import Words, system_lang
from edge.wire.chain_words import verdict
from edge.wire.plain import plain

STORE = Path("/var/lib/hall-edge/hall.db")  # where the unit keeps it


def verify(
    *,
    store: Annotated[Path, typer.Option(help="The node's database, read beside a running daemon.")] = STORE,
    lang: LangOption = None,
) -> None:
    """Walk the chain of all that this node keeps, and name the first record that does not fit.

    Exit status: 0 all fit, 1 one does not, 2 the database cannot be read.
    """
    from edge.store import StoreRefused  # noqa: PLC0415 the other commands need no database
    from edge.store.audit import audit  # noqa: PLC0415 the other commands need no database

    words = Words(lang or system_lang())
    if not store.exists():
        typer.echo(words("unverified") + words("no_store").format(store), err=True)
        raise typer.Exit(EXIT_UNREACHABLE)
    try:
        walk = audit(store)
    except StoreRefused as error:
        typer.echo(f"{words('unverified')}{error}", err=True)
        raise typer.Exit(EXIT_UNREACHABLE) from error
    for zh, en in verdict(walk):
        typer.echo(plain(words.pick(zh, en)))
    raise typer.Exit(walk.first is not None)
