"""`hall-console`: the hub's recorder, and the look at what it has recorded, from the command line."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, closing
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from edge import heap
from edge.broker import Broker, Tls
from edge.console import certificates
from edge.console.account_cli import app as account
from edge.console.audit import audit
from edge.console.engine import FORMS, RecordError, shown
from edge.console.exits import NOT_STARTED, log, refuse
from edge.console.followup_cli import app as followup
from edge.console.followup_limits import DEFAULT, load_limits
from edge.console.home_assistant.announcer import CLIENT_ID as HOME_ASSISTANT_ID
from edge.console.home_assistant.announcer import Announcer
from edge.console.home_assistant.told import Told
from edge.console.hub import CLIENT_ID, Hub
from edge.console.keeping import Keeping
from edge.console.leading import Leading
from edge.console.lease import Lease
from edge.console.live.session import Live
from edge.console.plan.model import plans_of
from edge.console.record import Record
from edge.console.reports.period import NoPeriod, Period
from edge.console.reports.reading import reading
from edge.console.reports.settings import BadSettings, ReportSettings
from edge.console.reports.timely import Command, Timely
from edge.console.serving import CannotListen, Pages, watched
from edge.console.settings import BadConsoleSettings, ConsoleSettings
from edge.console.settling import settle_first, told_of
from edge.console.sums.follower import Follower
from edge.log import setup_beside
from edge.mqtt import Session
from edge.wire.chain_words import verdict
from edge.wire.plain import plain

END_S = 30.0  # twice the longest wait for a broker or a database that does not answer; systemd kills after 90

T = TypeVar("T")
Beside = Sequence[AbstractAsyncContextManager[None]]  # what is entered while it is at work


class RunByDefault(TyperGroup):
    """`hall-console --broker …` runs the hub."""

    default = "run"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # of the click that typer has within
        named = args and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if named else [self.default, *args])


app = typer.Typer(add_completion=False, rich_markup_mode=None, cls=RunByDefault)
app.add_typer(followup, name="followup")
app.add_typer(account, name="account")

Certificate = Annotated[Path | None, typer.Option(exists=True, dir_okay=False)]


@app.command()
def run(
    *,
    broker: Annotated[
        list[str], typer.Option(help="mqtt://[user:password@]host[:port] or mqtts://…; may be repeated")
    ],
    store: Annotated[str, typer.Option(help=f"the record: {FORMS}")],
    web: Annotated[bool, typer.Option(help="serve the pages of managers and technicians")] = True,
    port: Annotated[int, typer.Option(help="of the pages", min=0, max=65535)] = 8080,
    config: Annotated[
        Path | None, typer.Option(help="console.toml: where it listens, halls, floor plans", dir_okay=False)
    ] = None,
    ca: Certificate = None,
    cert: Certificate = None,
    key: Certificate = None,
    limits: Annotated[
        str, typer.Option(help="deadlines of follow-ups: a .toml file, or fifteen-days or five-days")
    ] = DEFAULT,
    reports: Annotated[
        Path | None, typer.Option(help="folder in which reports are published; without it none is made")
    ] = None,
    report_settings: Annotated[
        Path | None, typer.Option(help="halls that are to report, weights; a TOML file")
    ] = None,
    verbose: Annotated[bool, typer.Option(help="also what is of use only in a search for a fault")] = False,
) -> None:
    """Record every event of every hall node once, and acknowledge it when it is safely kept.

    Of several on one record one leads, and the others serve pages and take over when it has gone.
    """
    level = logging.DEBUG if verbose else logging.INFO
    if not setup_beside(level, "hall-console"):
        form = "%(asctime)s %(levelname)s %(message)s"
        logging.basicConfig(level=level, format=form, stream=sys.stderr)
    if (cert is None) != (key is None):
        refuse("--cert and --key go together")
    brokers = _read("--broker", lambda: [Broker.parse(url) for url in broker])
    region = _read("--limits", lambda: load_limits(limits))
    zone = _read("--report-settings", lambda: ReportSettings.load(report_settings).zone)
    settings = _read("--config", lambda: ConsoleSettings.load(config))
    _read("--config", lambda: plans_of(settings))  # its floor plans are right, too
    tls, live, keeping = Tls(ca, cert, key), Live(), Keeping()
    try:
        lease = Lease(store, keeping=keeping)
        record = Record(store, limits=region, fence=lease.check, keeping=keeping)
    except RecordError as error:
        refuse(str(error), NOT_STARTED)
    timely = Timely(store, zone, Command(store, reports, report_settings)) if reports else None
    told = Told(store, lease.check)
    announcer = Announcer(live.fleet, Session(brokers, HOME_ASSISTANT_ID, tls), told, settings.home_assistant)
    with record, closing(lease), closing(told), closing(Follower(store, settings.zone)) as follower:
        hub = partial(Hub, Session(brokers, CLIENT_ID, tls), record)
        leading = Leading(lease, hub, follower, announcer, timely)
        pages = Pages(store, settings, port, live, keeping, report_settings, leading)
        beside = [*([pages.open()] if web else []), certificates.told(tls)]
        if web or settings.home_assistant:
            beside.append(watched(live, brokers, tls))
        try:
            asyncio.run(_until_stopped(leading, beside))
        except CannotListen as error:
            refuse(str(error), NOT_STARTED)


@app.command()
def verify(
    *,
    store: Annotated[str, typer.Option(help=f"the record: {FORMS}")],
    hall: Annotated[str, typer.Option(help="of this hall only")] = "",
    settle: Annotated[
        str,
        typer.Option(metavar="NODE", help="hall/node: what does not fit there first has been looked into"),
    ] = "",
    by: Annotated[str, typer.Option(help="by whom")] = "",
    why: Annotated[str, typer.Option(help="what happened: kept for good, so no names of citizens")] = "",
) -> None:
    """Walk the chain of every node in the record, and name the first event of each that does not fit.

    Exit status: 0 all fit or are settled, 1 some do not, 2 the record cannot be read or has nothing of that
    hall.
    """
    found = []
    try:
        if settle or by or why:
            settle_first(store, settle, by, why)
        for each in audit(store, hall):
            found.append(each.walk.first is None)
            for zh, en in verdict(each.walk, "/".join(each.key[:2])):
                typer.echo(plain(f"{zh} · {en.strip('✓✗ ')}"))
            for finding, said in zip(each.walk.settled, each.settled, strict=True):
                typer.echo(plain(told_of(finding, said)))
            if each.marked:
                typer.echo("  来的时候就对不上，已经告警 · it did not fit when it came, and that was told")
    except RecordError as error:
        refuse(f"无法核对 · cannot be verified: {error}")
    if not found:
        refuse(f"无法核对 · cannot be verified: {shown(store)} has nothing{f' of {hall}' if hall else ''}")
    raise typer.Exit(not all(found))


@app.command()
def recount(
    *,
    store: Annotated[str, typer.Option(help=f"the record: {FORMS}")],
    hall: Annotated[str, typer.Option(help="of this hall only")] = "",
    config: Annotated[Path | None, typer.Option(help="console.toml: the time zone", dir_okay=False)] = None,
) -> None:
    """Count anew from the record what the pages show; until it is done they show what was counted before.

    Also beside a running hall-console, which is then counting with it. Exit status: 0 done, 2 it cannot be.
    """
    settings = _read("--config", lambda: ConsoleSettings.load(config))
    try:
        with reading(store), Record(store) as record:  # one that is not there is not made
            record.forget_sums(hall)
        with closing(Follower(store, settings.zone)) as follower:
            counted = follower.catch_up()
    except RecordError as error:
        refuse(f"重算不了 · cannot be counted anew: {error}")
    typer.echo(f"已重算 {counted} 条 · counted anew: {counted} events")


@app.command()
def report(
    kind: Annotated[str, typer.Argument(help="month, quarter or year")],
    period: Annotated[str, typer.Argument(help="2026-10, 2026Q4 or 2026")] = "",
    *,
    store: Annotated[str, typer.Option(help=f"the record: {FORMS}")] = "",
    out: Annotated[
        Path | None, typer.Option(help="folder of the files: JSON, CSV, XLSX", file_okay=False)
    ] = None,
    hall: Annotated[str, typer.Option(help="of this hall only")] = "",
    settings: Annotated[
        Path | None, typer.Option(help="halls that are to report, weights; a TOML file")
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="keep it in the record as the next version")
    ] = False,
    version: Annotated[int | None, typer.Option(help="write this published version again")] = None,
) -> None:
    """Make a report from the record: volumes, ratings, times, availability, and what is missing.

    Exit status: 0 made, 1 there is nothing to report, 2 it cannot be made.
    """
    from edge.console.reports.command import Wish, produce  # noqa: PLC0415 the hub makes none itself

    try:
        Period.asked(kind, period)
    except NoPeriod as error:
        refuse(f"做不出报表 · no report: {error}")
    if not store or out is None:
        refuse(
            "还要写 --store（记录）和 --out（文件夹） · --store (the record) and --out (a folder) are needed"
        )
    done = produce(kind, period, Wish(store, out, hall, settings, publish, version))
    for line in done.lines:
        typer.echo(plain(line), err=done.status != 0)
    raise typer.Exit(done.status)


def _read(option: str, reading: Callable[[], T]) -> T:
    """What an option gives, or the end with what is wrong with it."""
    try:
        return reading()
    except (ValueError, BadSettings, BadConsoleSettings) as error:
        refuse(f"{option}: {error}")


async def _at_work(leading: Leading, beside: Beside) -> None:
    async with AsyncExitStack() as stack:
        for each in beside:
            await stack.enter_async_context(each)
        await leading.run()


async def _until_stopped(leading: Leading, beside: Beside) -> None:
    """SIGTERM and SIGINT end it in order: what is being written is written, the broker gets its farewell.
    Where that hangs for END_S, the log gets where, and it is ended: the record bears that."""
    running = asyncio.ensure_future(_at_work(leading, beside))
    loop = asyncio.get_running_loop()

    def stop() -> None:
        faulthandler.dump_traceback_later(END_S, exit=True)  # whatever hangs: the loop, a thread, the exit
        running.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    await asyncio.wait({running})
    if not running.cancelled():
        running.result()
    log.info("stopped: %d events recorded, %d came more than once", leading.applied, leading.duplicates)


def main() -> None:
    heap.spare()  # a page is 200 KB at most, a report some MB
    app()
