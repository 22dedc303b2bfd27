"""The units as systemd judges them: no fault, little exposed, a reason for what is left out."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).resolve().parents[2] / "systemd"
# Of 10, as `systemd-analyze security` counts; the kiosk has the screen, touch and sound.
EXPOSED = {"hall-edge": 2.0, "hall-console": 1.2, "hall-kiosk": 3.5}
PROGRAMS = re.compile(r"(?<=[= ])/(?:opt/hall-edge/\.venv|usr)/bin/(?=[a-z-]+)")


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ("systemd-analyze", "--no-pager", *arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("unit", EXPOSED)
def test_a_unit_is_little_exposed(unit: str) -> None:
    threshold = f"--threshold={EXPOSED[unit] * 10:.0f}"
    judged = analyze("security", "--offline=true", threshold, str(UNITS / f"{unit}.service"))
    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.parametrize("unit", EXPOSED)
def test_what_is_left_out_has_its_reason(unit: str) -> None:
    path = UNITS / f"{unit}.service"
    judged = analyze("security", "--offline=true", "--json=short", str(path))
    comments = "\n".join(line for line in path.read_text().splitlines() if line.startswith("#"))
    open_ = {each["name"] for each in json.loads(judged.stdout) if float(each.get("exposure") or 0) > 0}
    assert open_
    assert {name for name in open_ if not told(name, comments)} == set()


def told(name: str, comments: str) -> bool:
    """By its name; of a list, such as `SystemCallFilter=~@clock`, by what is not taken out of it."""
    directive, _, what = name.partition("=")
    if what.startswith("~"):
        return all(
            word in comments for word in re.findall(r"@\w+|AF_[A-Z]+", what.replace("(INET|INET6)", "INET"))
        )
    return f"{directive}=" in comments or f"{directive.partition('/')[0]}" in comments


def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    """With all drop-ins that are shipped, and programs where the units look for them."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for path in (each for each in UNITS.rglob("*") if each.suffix in (".service", ".target", ".conf")):
        text = path.read_text(encoding="utf-8")
        for program in re.findall(rf"{PROGRAMS.pattern}([a-z-]+)", text):
            (programs / program).touch(mode=0o755)
        copy = tmp_path / path.relative_to(UNITS)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(PROGRAMS.sub(f"{programs}/", text), encoding="utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir() if path.suffix in (".service", ".target"))
    found = analyze("verify", "--man=no", *units)
    assert (found.returncode, found.stderr) == (0, "")
    assert len(units) == len(EXPOSED) + 1
    wrong = tmp_path / "hall-wrong.service"
    wrong.write_text("[Service]\nExecStart=/bin/true\nProtectSytem=strict\n")
    assert "ProtectSytem" in analyze("verify", "--man=no", str(wrong)).stderr, "it would have told"


@pytest.mark.parametrize("unit", EXPOSED)
def test_each_service_is_of_the_halls_target(unit: str) -> None:
    text = (UNITS / f"{unit}.service").read_text()
    for line in ("PartOf=hall.target", "WantedBy=hall.target", "Also=hall.target"):
        assert f"\n{line}\n" in text
    assert "\nWantedBy=multi-user.target\n" in (UNITS / "hall.target").read_text()
