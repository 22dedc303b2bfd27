"""What this node keeps and stands on, verified: `verify`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from drivers.checking.words import Text
from edge.clock import SystemClock
from edge.diag import soundness
from edge.diag.commands.common import JsonOption
from edge.diag.soundness import Finding
from edge.diag.speaking import LangOption, spoken
from edge.diag.words import Words
from edge.diag.words_store import refused
from edge.store import StoreRefused
from edge.store.audit import audit_all
from edge.store.examine import examine
from edge.wire.chain_words import verdict
from edge.wire.plain import plain
from edge.wire.walk import Walk

STORE = Path("/var/lib/hall-edge/hall.db")  # where the unit keeps it
CONFIG_FILE = Path("/etc/hall-edge/hall.toml")  # where the unit looks for it
LOGS = Path("/var/log")


def verify(
    *,
    store: Annotated[Path, typer.Option(help="The node's database, read beside a running daemon.")] = STORE,
    config: Annotated[Path, typer.Option(help="Its configuration, for its certificates.")] = CONFIG_FILE,
    quick: Annotated[
        bool, typer.Option(help="Do not compare the database's indexes with its tables.")
    ] = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Walk the chain of all that this node keeps, and look at its database, time, disk and certificates.

    Exit status: 0 all is sound but for warnings, 1 something is not, 2 the database cannot be read.
    """
    words = spoken(lang)
    try:
        walks = audit_all(store)
    except StoreRefused as error:
        raise refused(error) from error
    findings = list(look(store, config, quick=quick))
    if as_json:
        typer.echo(json.dumps(as_data(walks, findings), ensure_ascii=False))
    else:
        _print(walks, findings, words)
    raise typer.Exit(not is_sound(walks, findings))


def is_sound(walks: list[Walk], findings: list[Finding]) -> bool:
    return not any(walk.first for walk in walks) and all(each.state != "fault" for each in findings)


def look(store: Path, config: Path, *, quick: bool) -> Iterator[Finding]:
    """Everything but the chain."""
    now, known = datetime.now(UTC), soundness.Config({})
    newest_at = 0.0
    try:
        found = examine(store, quick=quick)
    except sqlite3.Error as error:
        said = Text(f"数据库无法检查（{error}）", f"the database cannot be examined ({error})")
        yield soundness.Finding(
            "database", "fault", said, Text("停止服务再查一次", "Stop hall-edge, and verify again")
        )
    else:
        newest_at = found.newest_at
        yield from soundness.database(found)
    try:
        known = soundness.Config.read(config)
    except (OSError, ValueError):
        said = Text(f"读不了 {config}，没有查证书", f"{config} cannot be read: no certificate was looked at")
        yield soundness.Finding(
            "config", "unknown", said, Text("hall-edge check 会说明原因", "hall-edge check says why")
        )
    trusted = known.value("node", "trust_rtc") is True
    clock_ok = SystemClock(trust_rtc=False).now().clock_ok
    yield soundness.clock(now, newest_at, disciplined=clock_ok, trusted=trusted)
    devices = set[int]()
    for place in (store.parent, LOGS):
        if place.is_dir() and (device := place.stat().st_dev) not in devices:
            devices.add(device)
            yield soundness.disk(soundness.Room.of(place), known.least_bytes)
    yield from soundness.certificates(known, now)


def as_data(walks: list[Walk], findings: list[Finding]) -> dict[str, Any]:
    """For a program."""
    return {
        "sound": is_sound(walks, findings),
        "chain": [
            {
                "epoch": walk.epoch,
                "last_seq": walk.next_seq - 1,
                "acts": walk.acts,
                "link": walk.link,
                "misfits": walk.findings,
                "first": walk.first and {"seq": walk.first.seq, "misfit": walk.first.misfit},
            }
            for walk in walks
        ],
        "checks": [each.data() for each in findings],
    }


def _print(walks: list[Walk], findings: list[Finding], words: Words) -> None:
    for walk in walks:
        for zh, en in verdict(walk):
            typer.echo(plain(words.pick(zh, en)))
    for each in findings:
        typer.echo(each.told(words))
