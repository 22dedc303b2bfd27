"""`hall-console account`: accounts from the machine itself, for who cannot come in by the pages any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar

import typer
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from edge.console import tables
from edge.console.accounts import book, codes, links, sessions, trail
from edge.console.accounts.book import Kept
from edge.console.accounts.links import Link
from edge.console.accounts.refusals import Refused
from edge.console.accounts.roles import Account, Role
from edge.console.accounts.trail import Act
from edge.console.engine import RecordError, open_engine, reason_of
from edge.console.exits import refuse
from edge.wire.plain import plain

BY = "hall-console"  # who did it: whoever was at the machine
NO_TABLE = (
    "这份记录还没有账号表：先启动一次本版本的 hall-console · "
    "the record has no accounts yet: start this version of hall-console on it once"
)

T = TypeVar("T")

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Who may use the pages, and as what.",
)

Store = Annotated[str, typer.Option(help="the record: sqlite:///PATH, with four / for an absolute path")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="of the account")]
At = Annotated[str, typer.Option(help="the address that the pages have for who gets the link")]
HERE = "http://127.0.0.1:8080"


@app.command("list")
def list_(*, store: Store) -> None:
    """All accounts, by hall and name."""
    with _writing(store) as db:
        everyone = book.everyone(db)
    for each in everyone:
        typer.echo(plain(_line(each)))
    if not everyone:
        typer.echo("还没有账号 · none")


@app.command()
def invite(
    name: Name,
    *,
    store: Store,
    role: Annotated[Role, typer.Option(help="what it may do")],
    hall: Annotated[str, typer.Option(help="of this hall only; without it of all")] = "",
    shown: Annotated[str, typer.Option(help="how the person is called")] = "",
    at: At = HERE,
) -> None:
    """Make an account, and print the link by which its owner chooses a password.

    Exit status: 0 made, 2 refused, and then nothing has changed.
    """
    account = Account(book.name_of(name), shown or name, role, hall)

    def work(db: Connection, now: float) -> tuple[str, Link]:
        book.add(db, account, BY, now)
        return links.make(db, account.name, now)

    _tell(at, _do(store, "account.invited", account.name, work))


@app.command()
def disable(name: Name, *, store: Store) -> None:
    """Whoever uses it is out at once. It stays in the list, since the trail names it."""

    def work(db: Connection, now: float) -> Kept:
        book.disable(db, name, now)
        sessions.end_all(db, name)
        links.drop(db, name)
        return book.need(db, name)

    typer.echo(plain(_line(_do(store, "account.disabled", name, work))))


@app.command()
def link(
    name: Name,
    *,
    store: Store,
    drop_codes: Annotated[
        bool, typer.Option("--drop-codes", help="the phone is lost too: no codes are asked for any more")
    ] = False,
    at: At = HERE,
) -> None:
    """Print a link by which the owner of an account chooses a new password."""

    def work(db: Connection, now: float) -> tuple[str, Link]:
        made = links.make(db, name, now)
        if drop_codes:
            codes.turn_off(db, name)
        return made

    _tell(at, _do(store, "account.codes_off" if drop_codes else "account.link", name, work))


def _do(store: str, what: str, name: str, work: Callable[[Connection, float], T]) -> T:
    """With its line in the trail, or neither."""
    now = time.time()
    with _writing(store) as db:
        done = work(db, now)
        trail.add(db, Act(now, BY, "", "", what, name, "", trail.OK, ""))
    return done


def _line(kept: Kept) -> str:
    account = kept.account
    state = "已邀请 invited"
    if kept.disabled_at is not None:
        state = "已停用 disabled"
    elif kept.password or kept.subject:
        state = "正常 active"
    parts = [account.name, account.shown, account.role, account.hall or "全部大厅 all halls", state]
    return " · ".join([*parts, "验证码 codes"] if kept.totp else parts)


def _tell(at: str, made: tuple[str, Link]) -> None:
    token, found = made
    until = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.expires_at))
    typer.echo(f"{at.rstrip('/')}/link/{token}")
    typer.echo(f"用一次即失效，有效期至 {until} · it works once, until {until}")


@contextmanager
def _writing(store: str) -> Iterator[Connection]:
    """One transaction; a command that cannot be done ends here."""
    try:
        with _opened(open_engine(store, read_only=True)) as engine:  # which makes no file for a wrong path
            if not inspect(engine).has_table(tables.account.name):
                refuse(NO_TABLE)
        with _opened(open_engine(store)) as engine, engine.begin() as db:
            yield db
    except RecordError as error:
        refuse(str(error))
    except Refused as refused:
        refuse(str(refused))
    except SQLAlchemyError as error:
        refuse(f"记录用不了 · the record {store} cannot be used: {reason_of(error)}")


@contextmanager
def _opened(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    finally:
        engine.dispose()
