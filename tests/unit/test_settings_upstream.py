"""`[upstream]` and `[[extended]]`: what may stand there, and what is wrong in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.settings import ConfigError, Settings, load
from edge.settings.upstream import ExtendedTable
from tests.unit.registry_kit import WHOLE, entry_points, write


def settings(folder: Path, text: str = "") -> Settings:
    path = write(folder / "hall.toml", WHOLE + text)
    return load(path, allow_sim=True, env={"CREDENTIALS_DIRECTORY": "/run/c"}, entry_points=entry_points())


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        settings(folder, text)
    (problem,) = caught.value.problems
    assert problem.reason.zh
    assert problem.hint.zh
    return str(problem)


def test_without_the_table_there_are_none(tmp_path: Path) -> None:
    assert settings(tmp_path).upstream.url == ""


def test_an_address_and_what_is_shown_of_oneself(tmp_path: Path) -> None:
    table = settings(
        tmp_path,
        '[upstream]\nurl = "https://gov.example:8443/hall/"\n'
        'token_file = "${CREDENTIALS_DIRECTORY}/token"\nservices = ["tax"]\n',
    ).upstream
    assert table.url == "https://gov.example:8443/hall"
    assert table.token_file == Path("/run/c/token")
    assert table.services == ("tax",)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8089", "http://localhost", "http://[::1]:1"])
def test_a_sandbox_on_this_machine_needs_no_encryption(tmp_path: Path, url: str) -> None:
    assert settings(tmp_path, f'[upstream]\nurl = "{url}"\n').upstream.url == url


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('url = "http://gov.example"', "is not encrypted"),
        ('url = "http://127.0.0.1.gov.example"', "is not encrypted"),
        ('url = "gov.example"', "is no address of a web service"),
        ('url = "https://"', "is no address of a web service"),
        ('url = "https://gov.example:port"', "is no address"),
        ('url = "https://hall:secret@gov.example"', "holds credentials"),
        ('url = "https://gov.example/?token=1"', "has a query or a fragment"),
        ('url = "https://gov.example"\ncert = "/a.pem"', "has one of cert and key"),
        ('ca = "/a.pem"', "has certificates and no https://"),
        ('url = "https://gov.example"\ntimeout_s = 0.5', "timeout_s"),
        ('url = "https://gov.example"\nservices = ["cases", "money"]', "services[1]"),
        ('url = "https://gov.example"\nservices = []', "services"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, said: str) -> None:
    told = refused(tmp_path, f"[upstream]\n{text}\n")
    assert said in told
    assert "secret" not in told


def test_longer_hours_are_told_by_nobody_without_the_services(tmp_path: Path) -> None:
    told = refused(tmp_path, '[[extended]]\nhours = "17:00-20:00"\nzh = "延时服务"\n')
    assert "is shown by nobody" in told


def test_longer_hours_last_as_long_as_they_say() -> None:
    evening = ExtendedTable(hours="17:30-20:00", zh="延时服务")
    assert [evening.lasts_at(minute) for minute in (1049, 1050, 1199, 1200)] == [False, True, True, False]
    night = ExtendedTable(hours="22:00-06:00", zh="夜间服务")
    assert [night.lasts_at(minute) for minute in (1319, 1320, 0, 359, 360)] == [
        *(False, True, True, True, False)
    ]
