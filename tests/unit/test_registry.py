"""The registry: which drivers are loaded, and that whatever is wrong with one is told and stays its own."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from drivers.api import BadSettings
from drivers.checking.problems import BadDevice, Problem
from drivers.registry import GROUP, Loaded, Registry, installed
from tests.unit.registry_kit import (
    LineDriver,
    LineSettings,
    Margin,
    Peer,
    SlipDriver,
    SlipSettings,
    entry_points,
    point,
    write,
)

URL = "serial:///dev/ttyUSB0?baud=9600"


def registry(*points: EntryPoint, **options: Any) -> Registry:
    options.setdefault("allow", ["slip", "line", "acme", "plain", "broken"])
    return Registry(entry_points=entry_points(*points), **options)


def refused(
    on: Registry, driver: str = "slip", model: str = "", url: str = URL, **settings: Any
) -> list[Problem]:
    with pytest.raises(BadDevice) as caught:
        on.resolve(driver, model, url, settings)
    return list(caught.value.problems)


def only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, problems
    return problems[0]


# --- what is loaded ---
def test_a_driver_is_resolved_with_its_settings() -> None:
    loaded = registry().resolve("slip", "", URL, {"columns": 32, "margin": {"left": 3}, "fonts": ["a", "b"]})
    assert isinstance(loaded, Loaded)
    assert loaded.driver is SlipDriver
    assert loaded.spec is SlipDriver.spec
    assert loaded.url == URL
    assert loaded.settings == SlipSettings(columns=32, margin=Margin(left=3), fonts=("a", "b"))


def test_children_become_a_tuple_of_the_familys_own_class() -> None:
    loaded = registry().resolve("line", "", URL, {"children": [{"id": "c", "kind": "caller", "address": 3}]})
    assert loaded.driver is LineDriver
    assert loaded.settings == LineSettings(children=(Peer("c", "caller", 3),))


def test_families_are_ours_and_those_allowed() -> None:
    ours = EntryPoint("printer", "drivers.printer.driver:PrinterDriver", GROUP)
    assert registry(ours, allow=["line"]).families() == ["line", "printer"]


def test_a_third_partys_driver_is_not_imported_unless_allowed() -> None:
    acme = point("acme", "module_that_must_not_load:Driver")
    problem = only(refused(registry(acme, allow=[]), "acme"))
    assert problem.key == "driver"
    assert problem.value == '"acme"'
    assert "[drivers] allow" in problem.hint.en


def test_an_unknown_driver_gets_the_nearest_name() -> None:
    assert only(refused(registry(), "slipp")).hint.en == "did you mean slip?"


def test_nobody_takes_the_place_of_a_family_of_ours() -> None:
    thief = point("null", f"{SlipDriver.__module__}:SlipDriver")
    ours = EntryPoint("null", "drivers.transport.null:NullLink", GROUP)
    problem = only(refused(registry(thief, ours, allow=["null"]), "null"))
    assert "drivers.transport.null:NullLink" in problem.reason.en  # ours was loaded, and it is no driver


def test_two_packages_of_one_name_are_an_error_that_names_both() -> None:
    problem = only(refused(registry(point("slip", "other.package:Driver"))))
    assert "other.package:Driver" in problem.reason.en
    assert "SlipDriver" in problem.reason.en


def test_the_same_package_found_twice_is_one() -> None:
    assert registry(point("slip")).resolve("slip", "", URL, {}).driver is SlipDriver


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ("no_such_module_at_all:Driver", "ModuleNotFoundError: No module named 'no_such_module_at_all'"),
        (f"{SlipDriver.__module__}:Absent", "AttributeError"),
        (f"{SlipDriver.__module__}:NOT_A_CLASS", "no class with a method run"),
        (f"{SlipDriver.__module__}:NoRun", "no class with a method run"),
        (f"{SlipDriver.__module__}:Margin", "no class with a method run"),
        (f"{SlipDriver.__module__}:PlainDriver", "spec.family is 'slip', its entry point 'broken'"),
    ],
)
def test_a_driver_that_does_not_load_says_why(value: str, cause: str) -> None:
    problem = only(refused(registry(point("broken", value)), "broken"))
    assert problem.key == "driver"
    assert cause in problem.reason.en
    assert problem.hint.en


def test_a_driver_that_raises_on_import_harms_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "acme_raises.py", "raise RuntimeError('licence expired')\n")
    monkeypatch.syspath_prepend(tmp_path)
    on = registry(point("broken", "acme_raises:Driver"))
    assert "RuntimeError: licence expired" in only(refused(on, "broken")).reason.en
    assert on.resolve("slip", "", URL, {}).driver is SlipDriver


def test_an_installed_distribution_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A third party's package as pip leaves it: a module, and its entry point in the metadata."""
    write(
        tmp_path / "acme_hall.py",
        "from tests.unit.registry_kit import SlipDriver, _spec, SlipSettings\n"
        "class AcmeDriver(SlipDriver):\n    spec = _spec('acme', SlipSettings)\n",
    )
    info = tmp_path / "acme_hall-1.0.dist-info"
    info.mkdir()
    write(info / "METADATA", "Metadata-Version: 2.1\nName: acme-hall\nVersion: 1.0\n")
    write(info / "entry_points.txt", f"[{GROUP}]\nacme = acme_hall:AcmeDriver\n")
    monkeypatch.syspath_prepend(tmp_path)
    on = Registry(allow=["acme"], entry_points=installed)
    assert "acme" in on.families()
    assert on.resolve("acme", "", URL, {}).spec.family == "acme"
    assert "acme" not in Registry(entry_points=installed).families()


# --- settings ---
@pytest.mark.parametrize(
    ("settings", "key", "value", "reason", "hint"),
    [
        ({"heartbeat_s": 0.5}, "settings.heartbeat_s", "0.5", "too small", "from 1 up to 60"),
        ({"heartbeat_s": 61}, "settings.heartbeat_s", "61", "too large", "from 1 up to 60"),
        ({"heartbeat_s": float("nan")}, "settings.heartbeat_s", "nan", "finite", "a number"),
        ({"heartbeat_s": float("inf")}, "settings.heartbeat_s", "inf", "finite", "a number"),
        ({"heartbeat_s": True}, "settings.heartbeat_s", "true", "wrong type", "a number"),
        ({"columns": "32"}, "settings.columns", '"32"', "wrong type", "a whole number, default 48"),
        ({"columns": 32.5}, "settings.columns", "32.5", "wrong type", "a whole number"),
        ({"cut": 1}, "settings.cut", "1", "wrong type", "true or false"),
        ({"colums": 32}, "settings.colums", "32", "no such key", "did you mean columns?"),
        ({"charset": "gb1830"}, "settings.charset", '"gb1830"', "choices", "did you mean gb18030?"),
        ({"charset": 5}, "settings.charset", "5", "choices", "gb18030 | ascii"),
        ({"margin": 3}, "settings.margin", "3", "wrong type", "a table"),
        ({"margin": {"lft": 3}}, "settings.margin.lft", "3", "no such key", "did you mean left?"),
        ({"margin": {"left": 11}}, "settings.margin.left", "11", "too large", "from 0 up to 10"),
        ({"fonts": "a"}, "settings.fonts", '"a"', "wrong type", "a list"),
        ({"fonts": ["a", 2]}, "settings.fonts[1]", "2", "wrong type", "text in quotes"),
        ({"keys": {"x": 1}}, "settings.keys.x", "1", "wrong type", "text in quotes"),
        ({"api_key": 12345}, "settings.api_key", "***", "wrong type", "text in quotes"),
        ({"charset": "ascii", "columns": 80}, "settings", "", "at most 60 columns", ""),
        ({"columns": 13}, "settings", "", "13 columns", "choose another number"),
        ({"columns": 14}, "settings", "", "ZeroDivisionError: a fault of the settings class", ""),
    ],
)
def test_a_wrong_setting_is_told_with_what_would_be_right(
    settings: dict[str, Any], key: str, value: str, reason: str, hint: str
) -> None:
    problem = only(refused(registry(), **settings))
    assert (problem.key, problem.value) == (key, value)
    assert reason in problem.reason.en
    assert hint in problem.hint.en


def test_every_problem_is_told_at_once() -> None:
    problems = refused(registry(), url="ftp://x", colums=3, cut="yes", margin={"left": -1})
    assert [p.key for p in problems] == ["url", "settings.cut", "settings.margin.left", "settings.colums"]


def test_the_message_of_the_exception_names_every_problem() -> None:
    with pytest.raises(BadDevice, match=r"settings\.columns = \"x\": .*settings\.cut = 1: "):
        registry().resolve("slip", "", URL, {"columns": "x", "cut": 1})


# --- models ---
def models(directory: Path, **files: str) -> tuple[Path]:
    for name, text in files.items():
        write(directory / f"{name}.toml", text)
    return (directory,)


TITLE = 'title = { zh = "型号", en = "model" }\n'


def test_a_models_settings_lie_under_the_devices_own(tmp_path: Path) -> None:
    where = models(
        tmp_path,
        t80=f'driver = "slip"\n{TITLE}[settings]\ncolumns = 42\ncut = false\nkeys = {{ a = "1", b = "2" }}\n'
        "margin = { left = 4, right = 5 }\n",
    )
    own = {"cut": True, "keys": {"b": "3"}, "margin": {"right": 6}}
    loaded = registry(models=where).resolve("slip", "t80", URL, own)
    assert loaded.settings == SlipSettings(
        columns=42, cut=True, keys={"a": "1", "b": "3"}, margin=Margin(4, 6)
    )


def test_a_sites_model_wins_over_ours(tmp_path: Path) -> None:
    ours, site = tmp_path / "ours", tmp_path / "site"
    ours.mkdir()
    site.mkdir()
    write(ours / "t80.toml", f'driver = "slip"\n{TITLE}[settings]\ncolumns = 42\n')
    write(site / "t80.toml", f'driver = "slip"\n{TITLE}[settings]\ncolumns = 43\n')
    on = registry(models=(ours, site))
    assert on.resolve("slip", "t80", URL, {}).settings.columns == 43


def test_an_unknown_model_gets_the_nearest_name(tmp_path: Path) -> None:
    where = models(tmp_path, **{"epson-t80": f'driver = "slip"\n{TITLE}'})
    problem = only(refused(registry(models=where), model="epson-t8"))
    assert (problem.key, problem.value) == ("model", '"epson-t8"')
    assert problem.hint.en == "did you mean epson-t80?"


def test_a_missing_directory_of_models_is_told(tmp_path: Path) -> None:
    problems = refused(registry(models=(tmp_path / "absent",)), model="x")
    assert "absent does not exist" in problems[1].reason.en


def test_a_models_name_is_no_path(tmp_path: Path) -> None:
    write(tmp_path / "secret.toml", f'driver = "slip"\n{TITLE}')
    (tmp_path / "models").mkdir()
    on = registry(models=(tmp_path / "models",))
    assert only(refused(on, model="../secret")).key == "model"


def test_a_model_of_another_driver_is_told(tmp_path: Path) -> None:
    where = models(tmp_path, t80=f'driver = "line"\n{TITLE}')
    problem = only(refused(registry(models=where), model="t80"))
    assert (problem.key, problem.hint.en) == ("driver", 'write driver = "line"')


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ('driver = "slip"\n', "model (t80.toml).title", "is missing"),
        (f"driver = 5\n{TITLE}", "model (t80.toml).driver", "wrong type"),
        (f'driver = "slip"\n{TITLE}setings = 1\n', "model (t80.toml).setings", "no such key"),
        ('driver = "slip\n', "model (t80.toml).line 1, column 15", "is not TOML"),
    ],
)
def test_a_models_file_that_is_not_right_says_so(tmp_path: Path, text: str, key: str, reason: str) -> None:
    problem = only(refused(registry(models=models(tmp_path, t80=text)), model="t80"))
    assert problem.key == key
    assert reason in problem.reason.en


def test_a_wrong_setting_of_the_model_is_put_under_the_models_name(tmp_path: Path) -> None:
    where = models(tmp_path, t80=f'driver = "slip"\n{TITLE}[settings]\ncolumns = "x"\n')
    problems = refused(registry(models=where), model="t80", cut="x")
    assert [p.key for p in problems] == ["model (t80.toml).settings.columns", "settings.cut"]


def test_the_url_is_checked_even_if_the_model_is_not_there(tmp_path: Path) -> None:
    problems = refused(registry(models=(tmp_path,)), model="x", url="ftp://x")
    assert [p.key for p in problems] == ["url", "model"]


# --- URLs ---
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "is not a URL"),
        ("/dev/ttyUSB0", "is not a URL"),
        ("serial:/dev/ttyUSB0", "is not a URL"),
        ("tcp://[::1", "is not a URL"),
        ("usb:///dev/usb/lp0", "slip cannot live on usb://"),
        ("serial:///dev/ttyUSB0?baud=fast", "baud=fast"),
        ("serial:///dev/ttyUSB0?bauds=9600", "bauds"),
        ("tcp://192.0.2.1", ""),
        ("sim://slip", "no simulators"),
        ("serial:///dev/ttyUSB0?fault=bytewise", "no made-up faults"),
    ],
)
def test_a_url_that_cannot_work_is_told(url: str, reason: str) -> None:
    problem = only(refused(registry(), url=url))
    assert problem.key == "url"
    assert reason in problem.reason.en
    assert problem.hint.en


def test_simulators_and_faults_are_for_who_allows_them() -> None:
    on = registry(allow_sim=True)
    for url in ("sim://slip?paper=out", "sim://slip?fault=bytewise", f"{URL}&fault=bytewise"):
        assert on.resolve("slip", "", url, {}).url == url


def test_a_pty_in_a_keyboards_place_is_for_who_allows_it() -> None:
    model = ("hid", "hid-pad-five", "input:///run/pad")
    problem = only(refused(Registry(), *model))
    assert (problem.key, problem.reason.en) == (
        "url",
        "a hall in service has no simulators and no made-up faults",
    )
    assert Registry(allow_sim=True).resolve(*model, {}).url == "input:///run/pad"


def test_a_simulator_of_another_family_is_told() -> None:
    problem = only(refused(registry(allow_sim=True), url="sim://line"))
    assert problem.hint.en == "sim://slip"


def test_passwords_in_urls_are_masked() -> None:
    for url in (
        "tcp://user:hunter2@192.0.2.1",
        "tcp://u:hun/ter2@x@192.0.2.1:1",
        "ftp://u:hunter2@h?token=hunter2",
    ):
        problem = only(refused(registry(), url=url))
        assert "ter2" not in str(problem)
        assert "***" in problem.value


# --- opening ---
SIM = """
class Echo:
    def __init__(self, params):
        self.params = params
    async def run(self, link):
        while True:
            await link.write(bytes(self.params["say"], "ascii") + await link.read())
def simulator(params):
    return Echo(params)
"""


async def test_a_loaded_device_opens_its_link_to_the_familys_simulator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sim://family` finds the module `sim` beside the driver's, for a third party as for us."""
    package = tmp_path / "acme_sim_test"
    package.mkdir()
    write(package / "__init__.py", "")
    write(package / "driver.py", "from tests.unit.registry_kit import SlipDriver\n")
    write(package / "sim.py", SIM)
    monkeypatch.syspath_prepend(tmp_path)
    on = Registry(
        allow=["slip"],
        allow_sim=True,
        entry_points=lambda: [EntryPoint("slip", "acme_sim_test.driver:SlipDriver", GROUP)],
    )
    link = await on.resolve("slip", "", "sim://slip?say=hi", {}).open()
    try:
        await link.write(b"!")
        answer = b""
        while len(answer) < 3:
            answer += await link.read()
        assert answer == b"hi!"
    finally:
        await link.close()


def test_a_family_without_a_simulator_says_so() -> None:
    with pytest.raises(BadSettings, match="no simulator of 'slip'"):
        registry(allow_sim=True).simulate("slip", {})
