"""`hall-console`: what it refuses, with which words and exit status."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.console.cli import app

GOOD = ["--broker", "mqtt://127.0.0.1:1"]


def refused(caplog: pytest.LogCaptureFixture, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, caplog.text + result.output


def test_a_port_that_somebody_has(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = refused(caplog, *GOOD, "--store", f"sqlite:///{tmp_path}/r.db", "--port", port)
    assert (code, f"127.0.0.1, port {port}" in said, "Choose another with --port" in said) == (1, True, True)


def test_settings_of_the_console_that_cannot_be(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    config = tmp_path / "console.toml"
    config.write_text("[web]\nprot = 80\n")
    store = f"sqlite:///{tmp_path}/r.db"
    code, said = refused(caplog, *GOOD, "--store", store, "--config", str(config))
    assert (code, "web.prot" in said, (tmp_path / "r.db").exists()) == (2, True, False)


def test_an_address_that_is_none(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/r.db"
    code, said = refused(caplog, *GOOD, "--broker", "mqtt://u:hush@b/x", "--store", store, "--no-web")
    assert (code, "--broker: a broker's address" in said, "hush" in said) == (2, True, False)


def test_a_certificate_without_its_key(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    cert = tmp_path / "c.crt"
    cert.write_text("")
    store = f"sqlite:///{tmp_path}/r.db"
    code, said = refused(caplog, *GOOD, "--store", store, "--no-web", "--cert", str(cert))
    assert (code, "go together" in said) == (2, True)


def test_a_record_that_cannot_be_opened(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    code, said = refused(caplog, *GOOD, "--store", f"sqlite:///{tmp_path}/no/r.db", "--no-web")
    assert (code, "Check that its directory is there" in said) == (1, True)


def test_what_is_asked_for_must_be_said(caplog: pytest.LogCaptureFixture) -> None:
    assert refused(caplog)[0] == 2
    assert refused(caplog, "--help")[0] == 0


def test_settings_of_reports_that_cannot_be(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    settings = tmp_path / "reports.toml"
    settings.write_text('timezone = "Mars"')
    store = f"sqlite:///{tmp_path}/r.db"
    code, said = refused(
        caplog, *GOOD, "--store", store, "--no-web", "--report-settings", str(settings), "--reports", "r"
    )
    assert (code, "--report-settings: " in said, "timezone" in said) == (2, True, True)
    assert not (tmp_path / "r.db").exists()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("day",), ("没有 'day' 这种报表", "there is no report 'day', only month (as 2026-10)")),
        (("day", "2026-10-01"), ("没有 'day' 这种报表", "there is no report 'day'")),
        (("month",), ("不是月报的期间", "is no period of a monthly report: write 2026-10")),
        (("month", "2026-13"), ("'2026-13' 不是月报的期间", "'2026-13' is no period of a monthly report")),
        (("quarter", "2026-10"), ("写成 2026Q4", "write 2026Q4")),
        (("month", "2026-10"), ("--store（记录）", "--out (a folder)")),
    ],
)
def test_a_report_that_there_is_not_is_refused_in_both_languages(
    caplog: pytest.LogCaptureFixture, asked: tuple[str, ...], words: tuple[str, ...]
) -> None:
    code, said = refused(caplog, "report", *asked)
    assert code == 2
    assert all(each in said for each in words)
