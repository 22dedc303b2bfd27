"""A node's certificates that end soon: told while there is time, over once they are renewed."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drivers.messages import Instant
from edge.broker import Tls
from edge.ca.authority import Issued
from edge.ca.ending import Ending, What, authority_ends, endings, own_ends
from edge.ca.folder import Folder
from edge.ca.names import Role, client
from edge.certificates import CA, OWN, Certificates, alert_of, keys
from edge.console.certificates import to_renew
from edge.settings.tables import MqttTable
from edge.wire import Alert
from tests.unit.hall_kit import until
from tests.unit.supervision import ManualClock

NOW = datetime(2030, 1, 1, tzinfo=UTC)
NOW_S = NOW.timestamp()
DAY_S = 86400.0
NODE = client(Role.NODE, "h1/n1")


def authority(path: Path, made: datetime = NOW) -> Folder:
    folder = Folder(path, b"", made)
    folder.begin("a test")
    return folder


def provided(folder: Folder, days: int) -> Path:
    """Where ca.crt, client.crt and client.key of a node are."""
    folder.provide(NODE, (), days, renew=True)
    return folder.place(NODE)


def read(file: Path) -> float:
    """By the library that a daemon does not load."""
    return Issued.read(file.read_bytes()).ends.timestamp()


@pytest.mark.parametrize("made", [NOW, datetime(2027, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)])
def test_the_ends_are_those_that_stand_in_the_files(tmp_path: Path, made: datetime) -> None:
    place = provided(authority(tmp_path / "ca", made), days=30)
    assert own_ends(place / "client.crt", place / "client.key") == read(place / "client.crt")
    assert authority_ends(place / "ca.crt") == read(place / "ca.crt")


def test_an_authority_is_as_old_as_its_renewed_certificate(tmp_path: Path) -> None:
    authority(tmp_path / "ca")
    later = Folder(tmp_path / "ca", b"", NOW + timedelta(days=3000))
    before = authority_ends(tmp_path / "ca/ca.crt")
    later.renew_root()
    assert authority_ends(tmp_path / "ca/ca.crt") == before + 3000 * DAY_S


def test_files_that_cannot_be_used_are_told_of(tmp_path: Path) -> None:
    place, other = (provided(authority(tmp_path / name), 30) for name in ("one", "other"))
    (tmp_path / "empty").write_bytes(b"")
    for key in (other / "client.key", tmp_path / "none", tmp_path / "empty"):
        with pytest.raises(OSError):
            own_ends(place / "client.crt", key)
    for file in (tmp_path / "none", tmp_path / "empty", place / "client.key", place / "client.crt"):
        with pytest.raises(OSError):
            authority_ends(file)


@pytest.mark.parametrize(
    ("what", "days", "severity"),
    [
        ("node", 30.01, None),
        ("node", 30, "warning"),
        ("node", 0.01, "warning"),
        ("node", 0, "error"),
        ("ca", 180.01, None),
        ("ca", 180, "warning"),
        ("ca", -1, "error"),
    ],
)
def test_an_alert_from_a_time_before_the_end(what: What, days: float, severity: str | None) -> None:
    alert = alert_of(Ending.of(what, Path(), NOW_S + days * DAY_S), NOW_S)
    assert (alert and alert.severity) == severity
    if alert:
        assert (
            alert.since <= NOW_S and "broker renew" in alert.remedy_zh and "broker renew" in alert.remedy_en
        )


def test_a_clock_that_was_never_set_says_nothing() -> None:
    assert alert_of(Ending.of("node", Path(), 10 * DAY_S), 0.0) is None


class Clock(ManualClock):
    """One that has been set."""

    def now(self) -> Instant:
        return Instant(NOW_S + self.mono_s, self.mono_s, True)


async def test_it_is_over_within_an_hour_of_its_renewal(tmp_path: Path) -> None:
    folder, clock = authority(tmp_path / "ca"), Clock()
    stands: dict[str, Alert | None] = {}
    files = {name: tmp_path / name for name in ("ca.crt", "client.crt", "client.key")}

    def put_there(days: int) -> None:
        for name, file in files.items():
            shutil.copy(provided(folder, days) / name, file)

    put_there(20)
    ca, cert, key = files.values()
    mqtt = MqttTable.model_construct(brokers=(), ca=ca, cert=cert, key=key)
    assert set(keys(mqtt)) == {OWN, CA}
    running = asyncio.create_task(Certificates(mqtt, stands.__setitem__, clock).run())
    await until("it has looked", lambda: clock.sleepers == 1)
    found = stands[OWN]
    assert found and found.severity == "warning"
    assert found.detail == f"{NOW + timedelta(days=20):%Y-%m-%d}"
    assert stands[CA] is None

    cert.write_text("half a certi")
    stands.clear()
    clock.expire()
    await until("it has looked again", lambda: CA in stands and clock.sleepers == 1)
    assert OWN not in stands, "who connects with it tells of that"

    put_there(700)
    clock.expire()
    await until("it is over", lambda: OWN in stands)
    assert stands[OWN] is None
    running.cancel()
    await asyncio.wait({running})


async def test_a_node_without_certificates_has_nothing_to_look_at() -> None:
    mqtt = MqttTable.model_construct(brokers=())
    assert not list(keys(mqtt))
    await Certificates(mqtt, dict[str, Alert | None]().__setitem__, Clock()).run()


def test_a_console_says_what_ends_in_its_log(tmp_path: Path) -> None:
    place = provided(authority(tmp_path / "ca"), days=60)
    cert, tls = place / "client.crt", Tls(place / "ca.crt", place / "client.crt", place / "client.key")
    said = [
        [told for each in endings(tls) if (told := to_renew(each, NOW_S + days * DAY_S))]
        for days in (29, 31, 61, 3500)
    ]
    assert said[0] == []
    (soon,), (over,), both = said[1:]
    assert soon.startswith(f"{cert} ends on 2030-03-02: hallctl broker renew ")
    assert over.startswith(f"{cert} ended on 2030-03-02: ")
    assert [each.split(":")[0].split()[0] for each in both] == [str(cert), str(place / "ca.crt")]
    cert.unlink()
    assert [each.what for each in endings(tls)] == ["ca"], "who connects with it tells of that"
