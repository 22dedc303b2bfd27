"""`hall-console followup`: the follow-ups of bad ratings, listed, shown and taken a step further."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated

import typer
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from edge.console import tables
from edge.console.engine import FORMS, RecordError, open_engine, reason_of, shown
from edge.console.exits import refuse
from edge.console.followup import CHINA, FollowUp, Overtaken, add_step, followups, local_day
from edge.console.followup_due import SHORT_ID
from edge.rules.followup import Finding, Stage, Standing, Step, deadline, standing
from edge.rules.followup_steps import FINDING_WORDS, STAGE_WORDS, refusal, unknown_words
from edge.wire.plain import plain

STANDING_WORDS = {
    Standing.OPEN: "",
    Standing.SOON: "快到期 soon",
    Standing.DUE: "今天到期 today",
    Standing.OVERDUE: "逾期 OVERDUE",
    Standing.CLOSED: "",
}

NO_TABLE = (
    "这份记录还没有差评整改表：先启动一次本版本的 hall-console · "
    "the record has no follow-ups yet: start this version of hall-console on it once"
)

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="What follows bad ratings: verified by call-back, answered, told to the citizen, closed.",
)

Store = Annotated[str, typer.Option(help=f"the record: {FORMS}")]
Id = Annotated[str, typer.Argument(metavar="ID", help="of the list, or its beginning")]


@app.command("list")
def list_(
    *,
    store: Store,
    hall: Annotated[str, typer.Option(help="of this hall only")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="only what is overdue")] = False,
    closed: Annotated[bool, typer.Option("--all", help="also what is closed")] = False,
) -> None:
    """The follow-ups that are open, by the day of the rating, each with its next deadline."""
    now, shown = time.time(), 0
    with _reading(store) as db:
        for each in followups(db, hall, open_only=not closed):
            stands = standing(each.case, local_day(each.case.limits, now), CHINA)
            if not overdue or stands is Standing.OVERDUE:
                shown += 1
                typer.echo(plain(_line(each, stands)))
    if not shown:
        typer.echo("没有这样的差评 · none")


@app.command()
def show(id_: Id, *, store: Store) -> None:
    """One follow-up, with every step that was taken."""
    with _reading(store) as db:
        found = _the_one(db, id_)
    rating, case = found.rating, found.case
    today = local_day(case.limits, time.time())
    typer.echo(plain(_line(found, standing(case, today, CHINA))))
    words = " ".join(f"{name}={rating.get(name)}" for name in ("act", "window", "staff", "level", "reasons"))
    typer.echo(plain(f"  评价 rating: {words}"))
    typer.echo(plain(f"  事件 event: {found.id} epoch={rating.get('epoch')} seq={rating.get('seq')}"))
    for step in case.steps:
        typer.echo(plain(f"  {_step_line(step)}"))


@app.command()
def step(
    id_: Id,
    state: Annotated[Stage, typer.Argument(metavar="STATE", help="what has been done now")],
    *,
    store: Store,
    by: Annotated[str, typer.Option(help="who takes the step: a staff number or name")],
    finding: Annotated[Finding | None, typer.Option(help="of `verified`: what the call-back found")] = None,
    until: Annotated[str, typer.Option(help="of `rectify_by`: the date, as 2026-12-31")] = "",
    note: Annotated[str, typer.Option(help="what was done, in a line; nothing about the citizen")] = "",
) -> None:
    """Take a follow-up one step further. What was taken before is never changed.

    Exit status: 0 taken, 2 refused, and then nothing has changed.
    """
    with _reading(store) as db:
        found = _the_one(db, id_)
    now = time.time()
    taken = Step(state, local_day(found.case.limits, now), by, finding, _date(until), note)
    if refused := refusal(found.case, taken, CHINA):
        refuse(f"{refused.zh} · {refused.en}")
    try:
        with _opened(open_engine(store)) as engine, engine.begin() as db:
            add_step(db, found, taken, now)
    except Overtaken:
        refuse("刚才有人先办了一步，请重新查看。 · somebody has just taken a step: please look again")
    except SQLAlchemyError as error:
        refuse(f"写不进去 · it cannot be kept: {reason_of(error)}")
    after = FollowUp(found.id, found.node, found.case.after(taken), found.rating)
    typer.echo(plain(_line(after, standing(after.case, taken.day, CHINA))))


def _line(found: FollowUp, stands: Standing) -> str:
    rating, due = found.rating, deadline(found.case, CHINA)
    where = f"{found.case.day} {'/'.join(found.node)} 窗口 window {rating.get('window')}"
    stage = " ".join(STAGE_WORDS[found.case.stage])
    line = f"{found.id[:SHORT_ID]} {where} 评价 level {rating.get('level')} · {stage}"
    if due is None:
        return line
    zh, en = unknown_words(due)
    return f"{line} → {due.day}{zh}{en} {STANDING_WORDS[stands]}".rstrip()


def _step_line(step: Step) -> str:
    parts = [str(step.day), step.by, " ".join(STAGE_WORDS[step.stage])]
    parts += [" ".join(FINDING_WORDS[step.finding])] if step.finding else []
    parts += [f"→ {step.until}"] if step.until else []
    return " · ".join([*parts, step.note] if step.note else parts)


def _the_one(db: Connection, prefix: str) -> FollowUp:
    found = followups(db, prefix=prefix) if prefix else []
    if not found:
        refuse(f"没有这件差评 · no follow-up {prefix!r}: see hall-console followup list --all")
    if len(found) > 1:
        refuse(f"{prefix!r} 不只一件，请多写几位 · {len(found)} begin with it: please give more of it")
    return found[0]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        refuse(f"日期不对，应如 2026-12-31 · --until: {text!r} is no date such as 2026-12-31")


@contextmanager
def _opened(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _reading(store: str) -> Iterator[Connection]:
    """The record as it is now; a command that cannot read it ends here."""
    try:
        with _opened(open_engine(store, read_only=True)) as engine, engine.connect() as db:
            if not inspect(db).has_table(tables.followup.name):
                refuse(NO_TABLE)
            yield db
    except RecordError as error:
        refuse(str(error))
    except SQLAlchemyError as error:
        refuse(f"读不了记录 · the record {shown(store)} cannot be read: {reason_of(error)}")
