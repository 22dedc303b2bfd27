"""`hall-edge`: run a node, check its configuration, print schemas, show the whole thing at work."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from edge.daemon import NOT_STARTED, become

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)

ConfigPath = Annotated[Path, typer.Argument(help="the node's configuration, a TOML file")]
AllowSim = Annotated[bool, typer.Option("--allow-sim", help="let simulators and line faults stand in URLs")]


class LogStyle(StrEnum):
    TEXT = "text"
    JSON = "json"


class Schema(StrEnum):
    CONFIG = "config"
    WIRE = "wire"


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
def schema(what: Annotated[Schema, typer.Argument(help="config or wire")]) -> None:
    """Print the JSON Schema of the configuration, or of all messages."""
    from edge.schema import config_schema, wire_schema  # noqa: PLC0415 as above

    tree = config_schema() if what is Schema.CONFIG else wire_schema()
    typer.echo(json.dumps(tree, ensure_ascii=False, indent=2))


@app.command()
def demo(
    *,
    full: Annotated[
        bool, typer.Option("--full", help="the centre with 52 windows, and the 18 halls of townships")
    ] = False,
    minutes: Annotated[
        float | None,
        typer.Option(min=0.1, max=1440, help="how long the doors are open: 1, or with --speed the whole day"),
    ] = None,
    speed: Annotated[
        float, typer.Option(min=1, max=120, help="above 1 a whole working day is played, so much faster")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="of all chance: who comes when and does what")] = 1,
    headless: Annotated[bool, typer.Option("--headless", help="no live table, for a machine's eyes")] = False,
    broker: Annotated[
        str, typer.Option(help="mqtt://… of one that runs; default: a nats-server of its own")
    ] = "",
    ill: Annotated[
        list[str] | None,
        typer.Option(help="a camera that falls ill when the doors open: 5=cover, 7=hang, …; may come again"),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="write the report to this file, as JSON")] = None,
) -> None:
    """Show a whole hall at work: real broker, hub and daemon, simulated devices on real serial lines.

    Exit status 1 where the report is not ok.
    """
    from edge.demo.day import working_day  # noqa: PLC0415 as above
    from edge.demo.full import CAMERAS, DEMO_CAMERAS, TOWNSHIPS  # noqa: PLC0415 as above
    from edge.demo.peers import ill_of  # noqa: PLC0415 as above
    from edge.demo.processes import DemoError  # noqa: PLC0415 as above
    from edge.demo.run import Plan, play  # noqa: PLC0415 as above

    cameras = CAMERAS if full else DEMO_CAMERAS
    try:
        ills = tuple(ill_of(each, cameras) for each in ill or ())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--ill") from None
    played = working_day(date.today()) if speed > 1 else None
    minutes = minutes if minutes or played else 1.0
    plan = Plan(minutes, speed, seed, full, headless, broker, played, TOWNSHIPS if full else 0, ills)
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


def main() -> None:
    app()
