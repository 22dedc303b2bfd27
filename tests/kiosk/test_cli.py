"""The command line of the kiosk, and what README.md says of it."""

from __future__ import annotations

import re
from pathlib import Path

from kiosk_ui.cli import parser

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_command_has_its_row_with_exactly_its_options() -> None:
    (row,) = [line for line in README.splitlines() if line.startswith("| `hall-kiosk`")]
    flags = {flag for action in parser()._actions for flag in action.option_strings}
    assert set(re.findall(r"--[a-z][a-z-]*", row)) == {flag for flag in flags if flag.startswith("--")} - {
        "--help"
    }


def test_a_panel_may_be_named() -> None:
    arguments = parser().parse_args(["--panel", "27", "--windowed"])
    assert (arguments.panel, arguments.windowed, arguments.config) == ("27", True, None)
