"""What differs between two configurations, and what a running hall can take up of it."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from edge.settings import Changes, Settings, changes, load
from tests.unit.registry_kit import WHOLE, entry_points, replaced, write

SECOND = '[[device]]\nid = "second"\ndriver = "slip"\nurl = "tcp://192.0.2.8:9100"\n'
PRIORITY = '[[priority]]\nid = "elder"\nname = "老年人"\ncredit_min = 15\n'
WARNING = '[[warning]]\nkind = "wait"\n'
EXPRESS = (
    '[[express]]\nid = "fast"\nname = "快"\nlimit_days = 8\namber_days = 6\n'
    '[[express.step]]\nid = "one"\nname = "一"\nservice = "tax"\n'
)
ONLINE = '[upstream]\nurl = "http://127.0.0.1:1"\n[[extended]]\nhours = "17:00-20:00"\nzh = "延时"\n'
KIOSK = '[[kiosk]]\nid = "kiosk-1"\n'
ITEM = '[[item]]\nid = "0101"\nservice = "tax"\n'
ROSTER = '[[roster]]\ndays = ["workdays"]\nhours = ["08:30-12:00"]\n'


def settings(folder: Path, text: str = WHOLE) -> Settings:
    return load(write(folder / "hall.toml", text), allow_sim=True, env={}, entry_points=entry_points())


def between(folder: Path, old: str, new: str) -> Changes:
    return changes(settings(folder, old), settings(folder, new))


def ids(found: Changes) -> list[str]:
    return [device.id for device in found.devices]


def test_the_same_file_read_again_has_no_changes(tmp_path: Path) -> None:
    assert between(tmp_path, WHOLE, WHOLE) == Changes()
    assert between(tmp_path, WHOLE, "# noted\n" + WHOLE.replace("id =", "id  =")) == Changes()


@pytest.mark.parametrize(
    ("device", "old", "new"),
    [
        ("slips", "columns = 32", "columns = 40"),
        ("slips", "columns = 32", 'columns = 32\napi_key = "of which the fingerprint knows nothing"'),
        ("slips", "ttyUSB0?baud=9600", "ttyUSB1?baud=9600"),
        ("bus", "address = 3", "address = 33"),
        ("bus", 'url = "tcp://192.0.2.7:4001"', 'url = "tcp://192.0.2.7:4001"\nsettings = { poll_s = 1.0 }'),
        ("slips", "columns = 32", 'columns = "many"'),  # MISCONFIGURED
        ("bus", "address = 3", "address = 999"),  # of a child
        ("bus", "address = 3", "address = 3\ncolour = 1"),
        ("bus", 'url = "tcp://192.0.2.7:4001"', 'url = "nowhere"'),
    ],
)
def test_a_device_is_taken_up_with_its_settings_to_and_fro(
    tmp_path: Path, device: str, old: str, new: str
) -> None:
    changed = replaced(old, new)
    for found in (between(tmp_path, WHOLE, changed), between(tmp_path, changed, WHOLE)):
        assert (ids(found), found.needs_restart) == ([device], ())
    assert between(tmp_path, WHOLE, changed).devices[0] in settings(tmp_path, changed).devices


def test_another_driver_for_the_same_device_is_taken_up(tmp_path: Path) -> None:
    old = replaced('driver = "slip"', 'driver = "line"', SECOND)
    found = between(tmp_path, WHOLE + old, WHOLE + SECOND)
    assert (ids(found), found.needs_restart) == (["second"], ())


def test_a_place_that_was_in_error_may_be_put_right(tmp_path: Path) -> None:
    wrong = replaced('kind = "strip"\nwindow = "1"', 'kind = "strip"\nwindow = "7"')
    found = between(tmp_path, wrong, WHOLE)
    assert (ids(found), found.needs_restart) == (["bus"], ())


@pytest.mark.parametrize(
    ("old", "new", "zh", "en"),
    [
        ('"示范大厅"', '"新大厅"', 'hall.name 从 "示范大厅" 改为 "新大厅"', "hall.name was"),
        ('store = "hall.db"', 'store = "other.db"', "node.store 改了", "node.store has changed"),
        ('socket = "control.sock"', 'socket = "control.sock"\nallow_sim = true', "node.allow_sim", "is true"),
        (
            '["mqtt://127.0.0.1:1883"]',
            '["mqtt://192.0.2.1"]',
            "mqtt.brokers 改了",
            "mqtt.brokers has changed",
        ),
        ("[mqtt]", "[boards]\ncolumns = 24\n[mqtt]", "boards.columns 从 16 改为 24", "boards.columns was"),
        ("[mqtt]", '[voice]\nquiet = ["12:00-13:00"]\n[mqtt]', "voice.quiet 改了", "voice.quiet has"),
        (
            "[mqtt]",
            "[alerts]\ndevice_after_s = 5\n[mqtt]",
            "alerts.device_after_s 从 60.0 改为 5.0",
            "was 60.0",
        ),
        (
            "[mqtt]",
            '[played]\nbegins = "2026-11-30T08:20"\n[mqtt]',
            "played.begins 从",
            'and is "2026-11-30T08:20"',
        ),
        ("[mqtt]", WARNING + "[mqtt]", "warning 改了", "warning has changed"),
        ("[mqtt]", "[upstream]\ntimeout_s = 5\n[mqtt]", "upstream.timeout_s 从 9.0", "was 9.0 and is 5.0"),
        ("[mqtt]", ONLINE + "[mqtt]", "extended 改了", "extended has changed"),
        ("[mqtt]", KIOSK + "[mqtt]", "自助机 kiosk-1 是新增的", "kiosk kiosk-1 is"),
        ('allow = ["slip", "line"]', "", "drivers.allow 改了", "drivers.allow has changed"),
        ('printer = "slips"', 'printer = ""', "printing.printer", 'was "slips" and is ""'),
        ('prefix = "B"', 'prefix = "C"', '业务 social：prefix 从 "B"', 'service social: prefix was "B"'),
        (
            'name = "1 号窗口"\nservices = ["tax", "social"]',
            'name = "1 号窗口"\nservices = ["social", "tax"]',
            "窗口 1：services",
            "window 1: services",
        ),
        (
            'kind = "strip"\nwindow = "1"',
            'kind = "strip"\nwindow = "2"',
            "strip-1 的种类、窗口",
            "strip-1: its",
        ),
        ('{ 1 = "tax", 2 = "social" }', '{ 1 = "social" }', "panel 的", "panel: its place in the hall"),
        (
            'kind = "pad"\nwindow = "1"',
            'kind = "caller"\nwindow = "2"',
            "pad-1 的",
            "pad-1: its place in the hall",
        ),
        ('id = "strip-1"', 'id = "strip-9"', "bus 的子设备 strip-9 是新增的", "bus's child strip-1 is gone"),
        ('id = "bus"', 'id = "bus-2"', "设备 bus 没有了", "device bus-2 is new"),
        ('id = "2"\nname', 'id = "3"\nname', "窗口 3 是新增的", "window 2 is gone"),
    ],
)
def test_all_else_needs_a_restart_and_is_told_in_words(
    tmp_path: Path, old: str, new: str, zh: str, en: str
) -> None:
    found = between(tmp_path, WHOLE, replaced(old, new))
    assert any(zh in text.zh for text in found.needs_restart), found.needs_restart
    assert any(en in text.en for text in found.needs_restart), found.needs_restart
    assert between(tmp_path, replaced(old, new), WHOLE).needs_restart


def test_every_difference_is_told_at_once(tmp_path: Path) -> None:
    text = WHOLE.replace('"示范大厅"', '"新大厅"').replace('prefix = "B"', 'prefix = "C"') + SECOND
    assert len(between(tmp_path, WHOLE, text).needs_restart) == 3


def test_the_order_counts_for_windows_and_services_and_not_for_devices(tmp_path: Path) -> None:
    first = WHOLE + SECOND
    assert between(tmp_path, first, replaced("[[device]]", SECOND + "[[device]]")) == Changes()
    whole = settings(tmp_path)
    turned = replace(whole, windows=dict(reversed(list(whole.windows.items()))))
    assert [text.en for text in changes(whole, turned).needs_restart] == [
        "the order of the window tables has changed"
    ]
    classes = settings(tmp_path, WHOLE.replace("[mqtt]", PRIORITY + "[mqtt]", 1))
    assert [text.en for text in changes(whole, classes).needs_restart] == ["priority class elder is new"]
    turned = replace(whole, services=dict(reversed(list(whole.services.items()))))
    assert [text.zh for text in changes(whole, turned).needs_restart] == ["业务的次序改了"]


@pytest.mark.parametrize("name", [field.name for field in fields(Settings) if field.name != "config_hash"])
def test_no_part_of_the_settings_is_overlooked(tmp_path: Path, name: str) -> None:
    """A new field of Settings fails here until `changes` knows it."""
    text = (
        WHOLE.replace('"示范大厅"', '"新"')
        .replace("hall.db", "other.db")
        .replace("mqtt://127.0.0.1:1883", "mqtt://192.0.2.1")
        .replace('allow = ["slip", "line"]', "")
        .replace('prefix = "B"', 'prefix = "C"')
        .replace('"2 号窗口"', '"3 号窗口"')
        .replace("columns = 32", "columns = 40")
        .replace("[mqtt]", '[boards]\ncolumns = 24\n[voice]\nquiet = ["12:00-13:00"]\n[mqtt]')
        .replace(
            "[mqtt]",
            "[alerts]\ndevice_after_s = 5\n[appointments]\nlate_min = 5\n[cameras]\nlearn_s = 600\n"
            + '[played]\nbegins = "2026-11-30T08:20"\n[guide]\ncatalogue = "sample"\n'
            + PRIORITY
            + ROSTER
            + WARNING
            + EXPRESS
            + ITEM
            + KIOSK
            + ONLINE
            + "[mqtt]",
        )
        .replace('printer = "slips"', 'printer = ""')
    )
    old, other = settings(tmp_path), settings(tmp_path, text)
    assert getattr(old, name) != getattr(other, name), "this test has to make it differ"
    assert changes(old, replace(old, **{name: getattr(other, name)})) != Changes()
