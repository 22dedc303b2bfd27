"""A configuration with errors in its devices: what is wrong with one stays its own, and the hall runs on."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.settings import ConfigError, DeviceConfig, Settings, load
from edge.settings.load import _Reading
from tests.unit.registry_kit import DEVICES, HEAD, PRINTING, WHOLE, entry_points, replaced, write


def read(tmp_path: Path, text: str, **env: str) -> Settings:
    return load(write(tmp_path / "hall.toml", text), env=env, entry_points=entry_points())


def misconfigured(found: Settings) -> dict[str, DeviceConfig]:
    return {device.id: device for device in found.devices if device.problems}


@pytest.mark.parametrize(
    "case",
    [
        ("columns = 32", "columns = 32.5", "device[0].settings.columns", "wrong type", "a whole number"),
        ("columns = 32", "colums = 32", "device[0].settings.colums", "no such", "columns?"),
        (
            "columns = 32",
            "heartbeat_s = 0.1",
            "device[0].settings.heartbeat_s",
            "too small",
            "from 1 up to 60",
        ),
        ('driver = "slip"', 'driver = "slp"', "device[0].driver", "no such driver", "did you mean slip?"),
        ('driver = "slip"', "driver = 3", "device[0].driver", "wrong type", "for example printer"),
        ('driver = "slip"\n', "", "device[0].driver", "is missing", "for example printer"),
        ('driver = "slip"', 'driver = "slip"\nmodel = "nope"', "device[0].model", "no such model", ""),
        (
            'driver = "slip"',
            'driver = "slip"\nmodle = "x"',
            "device[0].modle",
            "no such",
            "did you mean model?",
        ),
        (
            'driver = "slip"',
            'driver = "slip"\nkind = "caller"\nwindow = "2"',
            "device[0].kind",
            "slip cannot be that",
            "leave it out",
        ),
        ('driver = "slip"', 'driver = "slip"\nwindow = "1"', "device[0].window", "only a caller", "kind"),
        (
            'driver = "slip"',
            'driver = "slip"\nservices = {1 = "tax"}',
            "device[0].services",
            "only buttons",
            "kind",
        ),
        ("serial:///dev/ttyUSB0", "serial://${TTY}", "device[0].url", "no variable TTY", "set it"),
        ("serial:///dev/ttyUSB0", "usb:///dev/lp0", "device[0].url", "cannot live on usb://", "serial://"),
        ("serial:///dev/ttyUSB0?baud=9600", "sim://slip", "device[0].url", "no simulators", "--allow-sim"),
        ("serial:///dev/ttyUSB0?baud=9600", "/dev/ttyUSB0", "device[0].url", "not a URL", "serial://"),
        ("[device.settings]\ncolumns = 32", "settings = 3", "device[0].settings", "wrong type", "a table"),
        (
            "[device.settings]",
            "child = 3\n[device.settings]",
            "device[0].child",
            "not a table",
            "[[device.child]]",
        ),
    ],
)
def test_an_error_in_a_device_is_that_devices_alone(
    tmp_path: Path, case: tuple[str, str, str, str, str]
) -> None:
    old, new, key, reason, hint = case
    found = read(tmp_path, replaced(old, new))
    (device,) = misconfigured(found).values()
    assert device.id == "slips"
    assert device.loaded is None
    (problem,) = device.problems
    assert problem.key == key
    assert reason in problem.reason.en
    assert hint in problem.hint.en
    assert found.caller_of("1") == "caller-1"


def test_all_of_a_devices_problems_are_told_even_where_its_table_is_wrong(tmp_path: Path) -> None:
    text = replaced("columns = 32", 'columns = "x"').replace("serial:///dev/ttyUSB0", "serial://${TTY}", 1)
    device = misconfigured(read(tmp_path, text.replace('driver = "slip"', 'driver = "slip"\nextra = 1')))[
        "slips"
    ]
    assert [p.key for p in device.problems] == [
        "device[0].url",
        "device[0].extra",
        "device[0].settings.columns",
    ]


@pytest.mark.parametrize(
    "case",
    [
        ("address = 1\n", "address = 0\n", "caller-1", "child[0].address", "too small", "from 1 up to 255"),
        ("address = 1\n", "", "caller-1", "child[0].address", "is missing", "a whole number"),
        ("address = 1\n", "address = 1\nbaud = 3\n", "caller-1", "child[0].baud", "no such", "address"),
        (
            'window = "1"',
            'widow = "1"\nwindow = "1"',
            "caller-1",
            "child[0].widow",
            "no such",
            "mean window?",
        ),
        ('window = "1"', 'window = "9"', "caller-1", "child[0].window", "is no window", "known here: 1, 2"),
        ('window = "1"\n', "", "caller-1", "child[0].window", "is missing", "known here: 1, 2"),
        ('kind = "pad"', 'kind = "pda"', "pad-1", "child[1].kind", "choices", "did you mean pad?"),
        ('kind = "pad"', 'kind = "caller"', "pad-1", "child[1].window", "has caller-1 already", "one caller"),
        (
            'kind = "pad"',
            'kind = "pad"\nservices = {1 = "tax"}',
            "pad-1",
            "child[1].services",
            "only buttons",
            "kind",
        ),
        (
            '2 = "social"',
            '2 = "socal"',
            "panel",
            "child[3].services.2",
            "is no service",
            "did you mean social?",
        ),
        (
            'kind = "pad"',
            'kind = "pad"\npriorities = {1 = "elder"}',
            "pad-1",
            "child[1].priorities",
            "only buttons",
            "kind",
        ),
        (
            "address = 4\n",
            'address = 4\npriorities = { 2 = "elder" }\n',
            "panel",
            "child[3].priorities.2",
            "is no priority class",
            "",
        ),
        ('2 = "social"', 'x = "social"', "panel", "child[3].services.x", "not written", ""),
        ('services = { 1 = "tax", 2 = "social" }', "", "panel", "child[3].services", "is missing", "button"),
    ],
)
def test_an_error_in_a_child_leaves_the_others_on_its_line_at_work(
    tmp_path: Path, case: tuple[str, str, str, str, str, str]
) -> None:
    old, new, child, key, reason, hint = case
    found = read(tmp_path, PRINTING + HEAD + replaced(old, new, DEVICES))
    assert misconfigured(found) == {}
    bus = found.devices[1]
    wrong = {name: config for name, config in bus.children.items() if config.problems}
    assert list(wrong) == [child]
    (problem,) = wrong[child].problems
    assert problem.key == f"device[1].{key}"
    assert reason in problem.reason.en
    assert hint in problem.hint.en
    assert bus.loaded is not None
    assert {peer.id for peer in bus.loaded.settings.children} == set(bus.children) - {child}
    assert found.window_of(child) is None


def test_a_fault_between_children_is_the_lines_own(tmp_path: Path) -> None:
    device = misconfigured(read(tmp_path, replaced("address = 2", "address = 1")))["bus"]
    assert "two children at one address" in device.problems[0].reason.en


def test_a_misconfigured_line_has_its_children_at_no_window(tmp_path: Path) -> None:
    found = read(tmp_path, replaced("tcp://192.0.2.7:4001", "ftp://192.0.2.7"))
    assert found.devices[1].loaded is None
    assert list(found.devices[1].children) == ["caller-1", "pad-1", "strip-1", "panel"]
    assert found.caller_of("1") is None


def test_children_belong_under_device_child(tmp_path: Path) -> None:
    device = misconfigured(read(tmp_path, replaced("columns = 32", "children = []")))["slips"]
    assert "[[device.child]]" in device.problems[0].hint.en


def test_a_driver_without_children_says_so(tmp_path: Path) -> None:
    text = replaced("columns = 32", 'columns = 32\n[[device.child]]\nid = "c"\nkind = "caller"\nwindow = "2"')
    told = {p.key: p.reason.en for p in read(tmp_path, text).devices[0].all_problems()}
    assert told == {
        "device[0].child": "this driver has no children",
        "device[0].child[0].kind": "slip cannot be that",
    }


# --- ids ---
def test_ids_of_devices_and_children_are_one_name_space(tmp_path: Path) -> None:
    found = read(tmp_path, replaced('id = "pad-1"', 'id = "slips"'))
    assert misconfigured(found) == {}
    children = found.devices[1].children
    assert list(children) == ["caller-1", "bus-child-1", "strip-1", "panel"]
    assert "device[0] has this id already" in children["bus-child-1"].problems[0].reason.en


def test_the_second_device_of_one_id_is_the_one_that_stays_out(tmp_path: Path) -> None:
    found = read(tmp_path, replaced('id = "bus"', 'id = "slips"'))
    assert [device.id for device in found.devices] == ["slips", "device-1"]
    assert found.devices[0].loaded is not None
    assert [p.key for p in found.devices[1].problems] == ["device[1].id"]


@pytest.mark.parametrize("entry", ['id = "Slips"', 'id = "a/b"', 'id = "a+"', "id = 3", "", 'id = "a\\n"'])
def test_a_device_without_a_usable_id_is_known_by_its_place(tmp_path: Path, entry: str) -> None:
    found = read(tmp_path, replaced('id = "slips"', entry, WHOLE.removeprefix(PRINTING)))
    assert found.devices[0].id == "device-0"
    assert [p.key for p in found.devices[0].problems] == ["device[0].id"]


def test_a_spare_id_never_meets_a_real_one(tmp_path: Path) -> None:
    text = HEAD + (
        '[[device]]\nid = "device-1"\ndriver = "slip"\nurl = "tcp://h:1"\n'
        '[[device]]\nid = "device-1"\ndriver = "slip"\nurl = "tcp://h:2"\n'
    )
    found = read(tmp_path, text)
    assert [device.id for device in found.devices] == ["device-1", "device-1-x"]


@pytest.mark.parametrize("entry", ["device = [3]", 'device = ["x", {}]'])
def test_a_device_that_is_no_table(tmp_path: Path, entry: str) -> None:
    found = read(tmp_path, entry + "\n" + HEAD)
    assert found.devices[0].loaded is None
    assert "not a table" in str(found.devices[0].problems[0])


def test_a_child_that_is_no_table(tmp_path: Path) -> None:
    text = HEAD + '[[device]]\nid = "b"\ndriver = "line"\nurl = "tcp://h:1"\nchild = [3]\n'
    found = read(tmp_path, text)
    assert found.devices[0].loaded is not None
    assert "not a table" in found.devices[0].children["b-child-0"].problems[0].reason.en


# --- whatever is written ---
_WORDS = st.sampled_from(
    ["id", "url", "driver", "slip", "line", "child", "settings", "1", "tax", "caller", "${X}", "x"]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(
    table=st.sampled_from(["hall", "node", "mqtt", "drivers", "printing", "service", "window", "device"]),
    value=_VALUES | st.lists(st.dictionaries(_WORDS, _VALUES, max_size=5), max_size=4),
)
def test_any_tables_give_settings_or_problems(table: str, value: object) -> None:
    """Whatever is written, an answer and no other exception: what a start can survive, it does."""
    raw = tomllib.loads(WHOLE) | {table: value}
    try:
        found = _Reading(raw, {}).settings(False, entry_points())
        assert len({device.id for device in found.devices}) == len(found.devices)
    except ConfigError as error:
        assert error.problems
        assert all(problem.key and problem.reason.en for problem in error.problems)
