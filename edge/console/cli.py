"""`hall-console`: the hub's recorder, from the command line."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from edge.broker import Broker, Tls
from edge.console.engine import RecordError
from edge.console.hub import CLIENT_ID, Hub
from edge.console.record import Record
from edge.mqtt import Session

BAD_USE = 2  # exit status: an argument is wrong, as the shell's own tools have it
NOT_STARTED = 1

app = typer.Typer(add_completion=False)
log = logging.getLogger("hall-console")

Certificate = Annotated[Path | None, typer.Option(exists=True, dir_okay=False)]


@app.command()
def run(
    *,
    broker: Annotated[
        list[str], typer.Option(help="mqtt://[user:password@]host[:port] or mqtts://…; may be repeated")
    ],
    store: Annotated[str, typer.Option(help="the record: sqlite:///PATH, with four / for an absolute path")],
    web: Annotated[bool, typer.Option(help="serve the managers' pages: not part of this version")] = True,
    ca: Certificate = None,
    cert: Certificate = None,
    key: Certificate = None,
    verbose: Annotated[bool, typer.Option(help="also what is of use only in a search for a fault")] = False,
) -> None:
    """Record every event of every hall node once, and acknowledge it when it is safely kept."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
    )
    if web:
        _refuse("the managers' pages are not part of this version: start hall-console with --no-web")
    if (cert is None) != (key is None):
        _refuse("--cert and --key go together")
    try:
        brokers = [Broker.parse(url) for url in broker]
    except ValueError as error:
        _refuse(f"--broker: {error}")
    try:
        record = Record(store)
    except RecordError as error:
        _refuse(str(error), NOT_STARTED)
    with record:
        asyncio.run(_until_stopped(Hub(Session(brokers, CLIENT_ID, Tls(ca, cert, key)), record)))


async def _until_stopped(hub: Hub) -> None:
    """SIGTERM and SIGINT end it in order: what is being written is written, the broker gets its farewell."""
    running = asyncio.ensure_future(hub.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    await asyncio.wait({running})
    if not running.cancelled():
        running.result()
    log.info("stopped: %d events recorded, %d came more than once", hub.applied, hub.duplicates)


def _refuse(reason: str, status: int = BAD_USE) -> NoReturn:
    log.error("%s", reason)
    raise typer.Exit(status)


def main() -> None:
    app()
