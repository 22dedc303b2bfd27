"""`hall-edge`: run a node, check its configuration, print schemas, show the whole thing at work."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.daemon import NOT_STARTED, become

if TYPE_CHECKING:
    from edge.demo.run import Plan

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)
sim = typer.Typer(
    no_args_is_help=True, help="Lay a card on the reader of a demonstration that runs, or scan."
)
app.add_typer(sim, name="sim")

NO_DEMO = 2
ConfigPath = Annotated[Path, typer.Argument(help="the node's configuration, a TOML file")]
AllowSim = Annotated[bool, typer.Option("--allow-sim", help="let simulators and line faults stand in URLs")]


class LogStyle(StrEnum):
    TEXT = "text"
    JSON = "json"


class Schema(StrEnum):
    CONFIG = "config"
    WIRE = "wire"
    ASYNCAPI = "asyncapi"
    OPENAPI = "openapi"


class CardKind(StrEnum):
    RESIDENT = "resident"
    PERMIT = "permit"
    FOREIGNER = "foreigner"


@app.command()
def run(
    config: ConfigPath,
    *,
    allow_sim: AllowSim = False,
    log_style: Annotated[LogStyle, typer.Option("--log", help="how a log line is written")] = LogStyle.TEXT,
    verbose: Annotated[bool, typer.Option(help="also what helps only in a search for a fault")] = False,
) -> None:
    """Run the daemon of this hall node until it is told to stop."""
    become(config, allow_sim=allow_sim, style=log_style.value, verbose=verbose)


@app.command()
def check(config: ConfigPath, *, allow_sim: AllowSim = False) -> None:
    """Name every error of a configuration at once; exit status 2 where there is one."""
    from edge.check import check as report  # noqa: PLC0415 loaded by who needs it

    raise typer.Exit(report(config, allow_sim=allow_sim))


@app.command()
def init(
    config: Annotated[Path, typer.Argument(help="the file that is written; one that exists is left alone")],
    *,
    answers: Annotated[
        Path | None, typer.Option(help="a TOML file: hall, name, node, broker, services, windows, hosts")
    ] = None,
    port: Annotated[
        list[Path] | None, typer.Option(help="look at this serial port and no other; may come again")
    ] = None,
    no_scan: Annotated[bool, typer.Option("--no-scan", help="do not look for devices")] = False,
) -> None:
    """Ask a few questions, look which devices are there, and write a configuration for them.

    Exit status 2 where nothing is written.
    """
    from edge.setup.command import init as write  # noqa: PLC0415 loaded by who needs it

    def ask(question: str, default: str) -> str:
        return str(typer.prompt(question, default=default or None))

    ports = tuple(map(str, port or ()))
    raise typer.Exit(write(config, answers, ask, typer.echo, ports=ports, look=not no_scan))


@app.command()
def schema(what: Annotated[Schema, typer.Argument(help="config, wire, asyncapi or openapi")]) -> None:
    """Print the JSON Schema of the configuration or of all messages, the topics as AsyncAPI, the hub's API
    as OpenAPI."""
    from edge.asyncapi import asyncapi  # noqa: PLC0415 as above
    from edge.console.api.openapi import openapi  # noqa: PLC0415 as above
    from edge.schema import config_schema, wire_schema  # noqa: PLC0415 as above

    made = {"config": config_schema, "wire": wire_schema, "asyncapi": asyncapi, "openapi": openapi}
    typer.echo(json.dumps(made[what](), ensure_ascii=False, indent=2))


@app.command()
def demo(
    *,
    full: Annotated[
        bool, typer.Option("--full", help="the centre with 52 windows, and the 18 halls of townships")
    ] = False,
    minutes: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            max=1440,
            help="how long the doors are open: 1, with a kiosk 5, or with --speed the whole day",
        ),
    ] = None,
    speed: Annotated[
        float, typer.Option(min=1, max=120, help="above 1 a whole working day is played, so much faster")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="of all chance: who comes when and does what")] = 1,
    headless: Annotated[
        bool, typer.Option("--headless", help="neither live table nor kiosk, for a machine's eyes")
    ] = False,
    broker: Annotated[
        str, typer.Option(help="mqtt://… of one that runs; default: a nats-server of its own")
    ] = "",
    ill: Annotated[
        list[str] | None,
        typer.Option(help="a camera that falls ill when the doors open: 5=cover, 7=hang, …; may come again"),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="write the report to this file, as JSON")] = None,
) -> None:
    """Show a whole hall at work: real broker, hub and daemon, simulated devices on real serial lines, and
    where there is a display a kiosk in a window.

    Exit status 1 where the report is not ok.
    """
    from edge.demo.day import working_day  # noqa: PLC0415 as above
    from edge.demo.full import CAMERAS, DEMO_CAMERAS, TOWNSHIPS  # noqa: PLC0415 as above
    from edge.demo.kiosk import MINUTES, has_display  # noqa: PLC0415 as above
    from edge.demo.peers import ill_of  # noqa: PLC0415 as above
    from edge.demo.run import Plan  # noqa: PLC0415 as above

    cameras = CAMERAS if full else DEMO_CAMERAS
    try:
        ills = tuple(ill_of(each, cameras) for each in ill or ())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--ill") from None
    played = working_day(date.today()) if speed > 1 else None
    kiosk = has_display() and not headless
    minutes = minutes if minutes or played else MINUTES if kiosk else 1.0
    townships = TOWNSHIPS if full else 0
    _play(Plan(minutes, speed, seed, full, headless, broker, played, townships, ills, kiosk), report)


def _play(plan: Plan, report: Path | None) -> None:
    from edge.demo.processes import DemoError  # noqa: PLC0415 as above
    from edge.demo.run import play  # noqa: PLC0415 as above

    try:
        result = asyncio.run(play(plan))
    except DemoError as error:
        typer.echo(f"✗ {error}", err=True)
        raise typer.Exit(NOT_STARTED) from None
    text = result.model_dump_json(indent=2)
    typer.echo(text)
    if report:
        report.write_text(text + "\n", encoding="utf-8")
    raise typer.Exit(not result.ok)


@app.command()
def replay(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="a day that this node has kept")],
    config: ConfigPath,
    *,
    windows: Annotated[
        list[str] | None,
        typer.Option(help="other staffing: +1, tax=-1, 3=off, 3=08:30-12:00,13:30-17:00; may come again"),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="a database, or a file of events, one a line; default: the node's own"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="a folder for the chart, an SVG file")] = None,
) -> None:
    """Play a kept day again with other staffing, and print the waits side by side; exit status 2 where it
    cannot be."""
    from edge.replay.command import replay as play_again  # noqa: PLC0415 as above

    raise typer.Exit(play_again(day.date().isoformat(), config, windows or (), source, out))


@app.command()
def sandbox(
    *,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0: one that is free, as it tells")] = 8089,
    host: Annotated[
        str, typer.Option(help="the address; payers with telephones need one that they reach")
    ] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="of all that is made up")] = 1,
    latency_ms: Annotated[float, typer.Option(min=0, help="before each answer")] = 0.0,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="lost, lost=0.3, lost=0.3@pay,close; down, hang, error, …; may come again"),
    ] = None,
    token: Annotated[str, typer.Option(help="who does not bring this bearer token is refused")] = "",
    zone: Annotated[str, typer.Option(help="the hall's, by whose days money is counted")] = "Asia/Shanghai",
) -> None:
    """Serve made-up case progress, appointments and taxes over HTTP, until told to stop; faults may be set
    while it runs.

    Exit status 1 where the port is taken, 2 where a fault or the zone is none.
    """
    from edge.upstream.sandbox.app import serve  # noqa: PLC0415 as above

    faults = fault or []
    raise typer.Exit(
        asyncio.run(
            serve(host, port, seed=seed, zone=zone, latency_ms=latency_ms, faults=faults, token=token)
        )
    )


@sim.command()
def card(
    kind: Annotated[CardKind, typer.Option(help="whose card")] = CardKind.RESIDENT,
    seconds: Annotated[
        float, typer.Option(min=0.05, max=600, help="how long it lies there; 0.3 is pulled away too early")
    ] = 10.0,
) -> None:
    """Lay a made-up card on the demonstration's reader.

    Exit status 1 where it cannot be, 2 where no demonstration runs.
    """
    _simulate("sim.card", {"kind": kind.value, "lies_s": seconds})


@sim.command()
def scan(
    text: Annotated[
        str, typer.Argument(help="of the code; without it that of an appointment made for it")
    ] = "",
    *,
    case: Annotated[bool, typer.Option(help="of the receipt of a made-up case")] = False,
) -> None:
    """Hold a code before the scanner of the demonstration; exit status as above."""
    _simulate("sim.scan", {"text": text, "case": case})


@sim.command()
def pay() -> None:
    """Pay by the code that the demonstration's kiosk shows, as a telephone does; exit status as above."""
    _simulate("sim.pay", {})


def _simulate(verb: str, args: dict[str, object]) -> None:
    from edge.demo.guest import NoDemo, socket_of_demo, tell  # noqa: PLC0415 as above

    try:
        reply = asyncio.run(tell(verb, args, socket_of_demo()))
    except NoDemo as error:
        typer.echo(f"✗ {error}", err=True)
        raise typer.Exit(NO_DEMO) from None
    typer.echo(f"{'✓' if reply.result == 'done' else '✗'} {reply.zh} · {reply.en}")
    raise typer.Exit(reply.result != "done")


def main() -> None:
    app()
