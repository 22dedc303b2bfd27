"""What `hallctl verify` looks at beside the chain: each fault named, with its remedy."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edge.ca.folder import Folder
from edge.ca.names import Role, client
from edge.diag import soundness
from edge.diag.cli import app
from edge.diag.soundness import Finding, Room
from edge.store import Store
from edge.store.examine import Examined, examine
from tests.store_kit import draft

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WELL = Examined(damage="", gap="", page_bytes=4096, journal_mode="wal", wal_bytes=0, newest_at=0)


def states(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    found = list(findings)
    for each in found:
        assert (each.state == "ok") == (not each.remedy.zh) == (not each.remedy.en), each
    return [(each.name, each.state) for each in found]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    async def made() -> None:
        store = await Store.open(tmp_path / "hall.db")
        await store.append([draft() for _ in range(300)])
        await store.close()

    asyncio.run(made())
    return tmp_path / "hall.db"


# --- the database ---
def test_a_sound_database(store: Path) -> None:
    assert states(soundness.database(examine(store, quick=False))) == [("database", "ok")]


def test_a_gap_and_a_broken_index_are_found(store: Path) -> None:
    with closing(sqlite3.connect(store)) as db, db:
        db.execute("DELETE FROM event WHERE seq = 7")
        db.execute("PRAGMA writable_schema = ON")
        db.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'act = 1', 'act = 0') WHERE name = 'event_act'"
        )
    found = examine(store, quick=False)
    assert found.gap == "1 of 1…300"
    assert "event_act" in found.damage
    assert states(soundness.database(found)) == [("database", "fault"), ("gaps", "fault")]


def test_a_log_that_is_held_open() -> None:
    long = Examined("", "", 4096, "wal", 100 << 20, 0)
    assert states(soundness.database(long)) == [("wal", "warning"), ("database", "ok")]


# --- time and disk ---
@pytest.mark.parametrize(
    ("now", "newest", "disciplined", "trusted", "state"),
    [
        (NOW, NOW - DAY, True, False, "ok"),
        (NOW, NOW - DAY, False, True, "ok"),
        (NOW, NOW - DAY, False, False, "warning"),
        (NOW, NOW + timedelta(hours=1), True, False, "fault"),
        (datetime(1970, 1, 1, 0, 5, tzinfo=UTC), None, True, True, "fault"),
    ],
)
def test_the_clock(
    now: datetime, newest: datetime | None, disciplined: bool, trusted: bool, state: str
) -> None:
    at = newest.timestamp() if newest else 0.0
    assert states([soundness.clock(now, at, disciplined=disciplined, trusted=trusted)]) == [("time", state)]


@pytest.mark.parametrize(
    ("free_mb", "inodes", "expected"),
    [
        (1000, 500_000, ("disk", "ok")),
        (100, 500_000, ("disk", "warning")),
        (31, 500_000, ("disk", "fault")),
        (1000, 9_000, ("inodes", "fault")),
    ],
)
def test_the_disk(free_mb: int, inodes: int, expected: tuple[str, str]) -> None:
    room = Room(Path("/var"), free_mb << 20, inodes, 1_000_000)
    assert states([soundness.disk(room, 32 << 20)]) == [expected]


# --- certificates ---
def node_with(tmp_path: Path, made: datetime, days: int, **mqtt: str) -> soundness.Config:
    folder = Folder(tmp_path / "ca", b"", made)
    folder.begin("a test")
    who = client(Role.NODE, "h1/n1")
    folder.provide(who, (), days)
    place = folder.place(who)
    files = {"ca": "ca.crt", "cert": "client.crt", "key": "client.key"}
    named = {name: str(place / file) for name, file in files.items()} | mqtt
    return soundness.Config({"hall": {"id": "h1"}, "node": {"id": "n1"}, "mqtt": named})


@pytest.mark.parametrize(
    ("made", "days", "state", "said"),
    [
        (NOW, 730, "ok", "until 2028"),
        (NOW, 20, "warning", "in 20 days"),
        (NOW - 90 * DAY, 30, "fault", "ran out on 2026-10-01"),
        (NOW + 10 * DAY, 730, "fault", "valid from 2026-12-09"),
    ],
)
def test_a_certificate_by_its_days(tmp_path: Path, made: datetime, days: int, state: str, said: str) -> None:
    found = list(soundness.certificates(node_with(tmp_path, made, days), NOW))
    assert found[1].state == state
    assert said in found[1].said.en
    states(found)


def test_the_authoritys_is_warned_of_half_a_year_before(tmp_path: Path) -> None:
    config = node_with(tmp_path, NOW, 730)
    assert [each.state for each in soundness.certificates(config, NOW)] == ["ok", "ok"]
    ca, _ = soundness.certificates(config, NOW + 3500 * DAY)
    assert ca.state == "warning" and "in 150 days" in ca.said.en and "150 天" in ca.said.zh
    assert "renew --authority" in ca.remedy.en and "renew --authority" in ca.remedy.zh


def test_a_certificate_of_another_node_or_key(tmp_path: Path) -> None:
    config = node_with(tmp_path, NOW, 730)
    other = soundness.Config({"hall": {"id": "h1"}, "node": {"id": "n2"}, "mqtt": config.table("mqtt")})
    assert ("certificate", "warning") in states(soundness.certificates(other, NOW))
    key = tmp_path / "ca" / "ca.key"
    strange = soundness.Config({"mqtt": config.table("mqtt") | {"key": str(key)}})
    assert ("key", "fault") in states(soundness.certificates(strange, NOW))
    (tmp_path / "ca/node/h1/n1/client.key").chmod(0o644)
    assert ("key", "warning") in states(soundness.certificates(config, NOW))
    gone = node_with(tmp_path, NOW, 730, cert=str(tmp_path / "none.crt"))
    assert ("certificate", "fault") in states(soundness.certificates(gone, NOW))
    rotten = tmp_path / "rotten.crt"
    rotten.write_text("-----BEGIN CERTIFICATE-----\n")
    assert ("certificate", "fault") in states(
        soundness.certificates(node_with(tmp_path, NOW, 730, cert=str(rotten)), NOW)
    )


# --- the command ---
def verify(store: Path, *more: str | Path) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(app, ["verify", "--store", str(store), "--json", *map(str, more)])
    told: dict[str, Any] = json.loads(done.stdout)
    return done.exit_code, told


def test_the_command_says_what_is_not_sound_and_exits_so(store: Path, tmp_path: Path) -> None:
    code, told = verify(store, "--config", tmp_path / "none.toml")
    assert (code, told["sound"], told["chain"][0]["acts"]) == (0, True, 300)
    assert {each["name"] for each in told["checks"]} >= {"database", "time", "disk", "config"}
    with closing(sqlite3.connect(store)) as db, db:
        db.execute("UPDATE event SET at = 4e9 WHERE seq = 300")
    code, told = verify(store)
    assert (code, told["sound"]) == (1, False)
    assert "time" in {each["name"] for each in told["checks"] if each["state"] == "fault"}
    done = CliRunner().invoke(app, ["verify", "--store", str(store), "--lang", "zh"])
    assert "处理：" in done.stdout


def test_a_half_written_configuration_is_no_obstacle(store: Path, tmp_path: Path) -> None:
    half = tmp_path / "hall.toml"
    half.write_text('[mqtt]\nca = "/etc')
    code, told = verify(store, "--config", half)
    assert code == 0
    assert ("config", "unknown") in {(each["name"], each["state"]) for each in told["checks"]}
