"""The command line of the kiosk, and what the papers say of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk_ui.cli import BAD_CONFIG, parser, run
from tests.papers import ROOT, TOLD


def test_the_command_has_its_row_with_exactly_its_options() -> None:
    (row,) = [line for line in TOLD.splitlines() if line.startswith("| `hall-kiosk`")]
    flags = {flag for action in parser()._actions for flag in action.option_strings}
    assert set(re.findall(r"--[a-z][a-z-]*", row)) == {flag for flag in flags if flag.startswith("--")} - {
        "--help"
    }


def test_its_unit_starts_it_as_it_can_be_started_and_keeps_its_errors_off_the_glass() -> None:
    unit = (ROOT / "systemd" / "hall-kiosk.service").read_text(encoding="utf-8")
    said = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line and line[0] not in "#[")
    program, *arguments = said["ExecStart"].split()
    assert Path(program).name == "hall-kiosk"
    assert parser().parse_args(arguments).config == Path("/etc/hall-edge/kiosk.toml")
    assert (said["Restart"], said["RestartPreventExitStatus"]) == ("always", str(BAD_CONFIG))
    assert float(said["RestartSec"]) + 3.0 <= 5.0, "K17: usable again within 5 s"
    assert said["StandardOutput"] == said["StandardError"] == "journal"
    users = (ROOT / "systemd" / "sysusers.d" / "hall-edge.conf").read_text()
    assert f"u {said['User']} " in users


@pytest.mark.parametrize("asked", [["--low"], ["--text", "0"], ["--contrast", "dark_on_light"]])
def test_what_is_said_of_pictures_is_refused_where_none_are_made(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(parser().parse_args(asked)) == BAD_CONFIG
    assert f"only with --screenshots: {asked[0]}" in capsys.readouterr().err


def test_a_panel_may_be_named() -> None:
    arguments = parser().parse_args(["--panel", "27", "--windowed"])
    assert (arguments.panel, arguments.windowed, arguments.config) == ("27", True, None)
