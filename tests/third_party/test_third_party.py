"""A package that is not ours, installed by pip, under the real registry: refused, allowed, at work, tried."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from importlib.metadata import EntryPoint
from pathlib import Path
from site import addpackage

import pytest

from drivers.checking.problems import BadDevice
from drivers.messages import Result, ShowDigits
from drivers.registry import GROUP, Registry
from drivers.transport.sim import serve_pty
from edge.clock import SystemClock
from edge.life import Seams
from edge.settings import DeviceConfig
from edge.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
PROJECT = Path(__file__).parent / "acme"
FAMILY = "acme_digits"
URL = "serial:///dev/serial/by-id/usb-acme?baud=9600"


def wheel(folder: Path) -> Path:
    """The package as its maker would build it. By hand, since the backend that does it is not a need of ours:
    a wheel is a zip file with its metadata (binary distribution format, PyPA)."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"].replace("-", "_"), project["version"]
    info = f"{name}-{version}.dist-info"
    groups = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in points.items())
        for group, points in project["entry-points"].items()
    ]
    head = f"Name: {project['name']}\nVersion: {version}\n"
    needs = "".join(f"Requires-Dist: {need}\n" for need in project["dependencies"])
    files = {path.relative_to(PROJECT).as_posix(): path.read_text() for path in PROJECT.glob("*/*.py")}
    files |= {
        f"{info}/METADATA": f"Metadata-Version: 2.1\n{head}{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "\n".join(groups),
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    built = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(built, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return built


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed package."""
    folder = tmp_path_factory.mktemp("acme")
    target = folder / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile"]
    subprocess.run([*pip, "--target", str(target), str(wheel(folder))], check=True, timeout=100)
    return target


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The package on the path of this process, and gone from it afterwards."""
    monkeypatch.syspath_prepend(str(site))
    yield site
    for name in [each for each in sys.modules if each.partition(".")[0] == FAMILY]:
        del sys.modules[name]


def test_it_is_refused_until_the_configuration_allows_it_and_not_even_imported(installed: Path) -> None:
    registry = Registry()
    assert FAMILY not in registry.families()
    with pytest.raises(BadDevice) as refused:
        registry.resolve(FAMILY, "", URL, {})
    (problem,) = refused.value.problems
    assert (problem.key, problem.reason.zh) == ("driver", "第三方驱动未获允许")
    assert problem.reason.en == "this third party's driver is not allowed"
    assert problem.hint.en == f'add "{FAMILY}" to [drivers] allow'
    assert FAMILY not in sys.modules


def test_its_settings_are_checked_as_ours_are(installed: Path) -> None:
    registry = Registry(allow=[FAMILY])
    with pytest.raises(BadDevice) as refused:
        registry.resolve(FAMILY, "", "usblp:///dev/usb/lp0", {"address": 100, "color": "red"})
    assert {problem.key for problem in refused.value.problems} == {
        "url",
        "settings.address",
        "settings.color",
    }


async def test_it_is_at_work_once_it_is_allowed(installed: Path) -> None:
    registry = Registry(allow=[FAMILY])
    board = registry.simulate(FAMILY, {"address": "7"})
    async with serve_pty(board) as line:
        loaded = registry.resolve(FAMILY, "", f"serial://{line.path}?baud=9600", {"address": 7})

        async def emit(_event: object) -> None: ...

        seams = Seams(SystemClock(), random.Random(1), emit, lambda _status: None)
        devices = Supervisor([DeviceConfig("board", loaded)], seams)
        running = asyncio.create_task(devices.run())
        try:
            async with asyncio.timeout(20):
                while devices.problem("board"):  # noqa: ASYNC110 it tells of no change
                    await asyncio.sleep(0.01)
            outcome = await devices.order("board", ShowDigits("012"), 20)
            assert outcome.result is Result.DONE
            assert board.shown == " 012"  # type: ignore[attr-defined]  # of the third party's class
            assert devices.statuses()[0].attributes == {"model": "four digits", "firmware": "1.07"}
            assert (await devices.order("board", ShowDigits("01234"), 20)).result is Result.REJECTED
        finally:
            running.cancel()
            await asyncio.wait({running})


def test_the_debian_package_reads_it_from_its_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is installed that an upgrade would have to install again; what is no wheel harms nobody."""
    (tmp_path / "torn-1.0-py3-none-any.whl").write_bytes(b"PK")
    (tmp_path / "notes.txt").touch()
    wheel(tmp_path)
    lines = (ROOT / "debian/drivers.pth").read_text()
    assert lines.count("/usr/local/lib/hall-edge/drivers") == 1
    (tmp_path / "hall-edge-drivers.pth").write_text(
        lines.replace("/usr/local/lib/hall-edge/drivers", str(tmp_path))
    )
    monkeypatch.setattr(sys, "path", list(sys.path))
    behind = len(sys.path)
    addpackage(str(tmp_path), "hall-edge-drivers.pth", set())
    assert [Path(each).suffix for each in sys.path[behind:]] == [".whl", ".whl"]
    try:
        registry = Registry(allow=[FAMILY])
        loaded = registry.resolve(FAMILY, "", URL, {"address": 7})
        assert str(tmp_path) in str(sys.modules[loaded.driver.__module__].__file__)
    finally:
        for name in [each for each in sys.modules if each.partition(".")[0] == FAMILY]:
            del sys.modules[name]


# --- the kit, as its maker runs it ---
def kit(*paths: Path) -> subprocess.CompletedProcess[str]:
    """`pytest --pyargs drivers.conformance`, in a project of their own with what is in `paths` installed."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (*paths, ROOT)))}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--pyargs", "drivers.conformance"]
    cwd = paths[0] if paths else Path("/")
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=100, check=False)


def test_it_passes_the_conformance_kit(site: Path) -> None:
    ran = kit(site)
    assert ran.returncode == 0, ran.stdout
    assert "14 passed" in ran.stdout  # twelve promises, its codec, and that there was something to try


def test_a_driver_that_breaks_a_promise_does_not(site: Path, tmp_path: Path) -> None:
    broken = tmp_path / "site"
    shutil.copytree(site, broken, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
    driver = broken / FAMILY / "driver.py"
    right = driver.read_text()
    driver.write_text(right.replace("outcome = Outcome(Result.UNKNOWN", "outcome = Outcome(Result.DONE"))
    assert driver.read_text() != right
    ran = kit(broken)
    assert ran.returncode == 1, ran.stdout
    assert "nobody can know that" in ran.stdout


def test_nothing_to_try_is_no_pass() -> None:
    ran = kit()
    assert ran.returncode == 1, ran.stdout
    assert "hall_edge.conformance" in ran.stdout


def test_nobody_takes_the_place_of_a_family_of_ours(installed: Path) -> None:
    def points() -> Iterable[EntryPoint]:
        yield from metadata.entry_points(group=GROUP)
        yield EntryPoint("printer", "acme_digits.driver:DigitsDriver", GROUP)

    assert Registry(allow=["printer"], entry_points=points).driver("printer").__name__ == "PrinterDriver"
