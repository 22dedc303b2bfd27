"""A configuration that is right: what the rest of the node reads from it."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from edge.rules.model import Priority, Service, Window
from edge.settings import Settings, load
from edge.settings.fingerprint import fingerprint
from tests.unit.registry_kit import HEAD, WHOLE, Peer, SlipSettings, entry_points, replaced, write


def settings(tmp_path: Path, text: str = WHOLE, *points: EntryPoint, **env: str) -> Settings:
    path = write(tmp_path / "hall.toml", text)
    return load(path, env=env, entry_points=entry_points(*points))


HALL = """name = "示范大厅"
rating_limit_s = 20
no_show_calls = 2
no_show_back_after = 4
no_show_times = 0
hold_min = 7
overtake_most = 3
overtake_most_min = 15
login_required = false"""
CLASSES = """[[priority]]
id = "soldier"
name = "军人优先"
strict = true
[[priority]]
id = "elder"
name = "老年人"
credit_min = 15
"""


def test_the_rules_get_the_hall_in_their_words(tmp_path: Path) -> None:
    text = WHOLE.replace('name = "示范大厅"', HALL)
    hall = settings(tmp_path, text + CLASSES).rules_hall()
    assert (hall.overtake_most, hall.overtake_most_s) == (3, 900.0)
    assert hall.priorities == {
        "soldier": Priority("soldier", "军人优先", strict=True),
        "elder": Priority("elder", "老年人", credit_s=900.0),
    }
    assert (hall.name, str(hall.zone), hall.printer) == ("示范大厅", "Asia/Shanghai", "slips")
    assert (hall.rating_limit_s, hall.no_show_calls, hall.login_required) == (20.0, 2, False)
    assert (hall.no_show_back_after, hall.no_show_times, hall.hold_min) == (4, 0, 7)
    assert hall.services == {"tax": Service("tax", "税务", "A"), "social": Service("social", "社保", "B")}
    assert hall.windows["1"] == Window("1", "1 号窗口", ("tax", "social"))


def test_services_and_windows_are_found_by_id(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert list(found.windows) == ["1", "2"]
    assert found.windows["2"].services == ("tax",)
    assert found.services["social"].name_en == ""
    assert "3" not in found.windows


def test_the_smallest_configuration_has_sound_defaults(tmp_path: Path) -> None:
    found = settings(tmp_path, HEAD)
    assert found.devices == ()
    assert found.printer == ""
    assert found.node.metrics_port == 0
    assert found.node.max_bytes == 512 * 1024 * 1024
    assert found.node.min_free_bytes == 32 * 1024 * 1024
    assert not found.node.trust_rtc
    assert not found.node.allow_sim
    assert found.mqtt.ack == "hub"
    assert found.rules_hall().login_required


def test_a_device_is_loaded_with_its_settings(tmp_path: Path) -> None:
    slips = settings(tmp_path).devices[0]
    assert (slips.id, slips.problems, slips.wire.kind) == ("slips", (), None)
    assert slips.loaded is not None
    assert slips.loaded.settings == SlipSettings(columns=32)
    assert slips.loaded.url == "serial:///dev/ttyUSB0?baud=9600"


def test_the_halls_own_keys_of_a_child_do_not_reach_the_driver(tmp_path: Path) -> None:
    bus = settings(tmp_path).devices[1]
    assert bus.loaded is not None
    assert bus.loaded.settings.children == (
        Peer("caller-1", "caller", 1),
        Peer("pad-1", "pad", 2),
        Peer("strip-1", "strip", 3),
        Peer("panel", "buttons", 4),
    )
    assert list(bus.children) == ["caller-1", "pad-1", "strip-1", "panel"]
    assert bus.children["pad-1"].wire.window == "1"


def test_devices_are_found_by_window_and_windows_by_device(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found.window_of("caller-1") == "1"
    assert (found.caller_of("1"), found.pad_of("1"), found.strip_of("1")) == ("caller-1", "pad-1", "strip-1")
    assert (found.caller_of("2"), found.pad_of("2"), found.strip_of("2")) == (None, None, None)
    assert found.window_of("panel") is None
    assert found.window_of("slips") is None
    assert found.window_of("nobody") is None


def test_buttons_ask_for_services(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert (found.service_of("panel", 1), found.service_of("panel", 2)) == ("tax", "social")
    assert found.service_of("panel", 3) is None
    assert found.service_of("caller-1", 1) is None
    assert found.service_of("nobody", 1) is None


def test_a_button_may_be_for_a_class(tmp_path: Path) -> None:
    text = replaced('2 = "social" }', '2 = "social", 3 = "tax" }\npriorities = { 3 = "elder" }')
    elder = '[[priority]]\nid = "elder"\nname = "老年人"\ncredit_min = 15\n'
    found = settings(tmp_path, text.replace("[[service]]", elder + "[[service]]", 1))
    assert (found.service_of("panel", 3), found.priority_of("panel", 3)) == ("tax", "elder")
    assert (found.priority_of("panel", 1), found.priority_of("nobody", 1)) == ("", "")
    text = text.replace('3 = "elder"', '4 = "elder"').replace("[[service]]", elder + "[[service]]", 1)
    lost = settings(tmp_path, text)
    (problem,) = lost.devices[1].children["panel"].problems
    assert problem.key.endswith("priorities.4") and "without a service" in problem.reason.en


def test_a_device_on_its_own_line_can_stand_at_a_window(tmp_path: Path) -> None:
    alone = (
        '[[device]]\nid = "solo"\ndriver = "line"\nurl = "tcp://192.0.2.9:1"\nkind = "caller"\nwindow = "2"\n'
    )
    found = settings(tmp_path, HEAD + alone)
    assert found.devices[0].problems == ()
    assert (found.caller_of("2"), found.window_of("solo")) == ("solo", "2")


def test_the_environment_fills_urls_and_paths(tmp_path: Path) -> None:
    text = (
        WHOLE.replace("serial:///dev/ttyUSB0", "serial://${TTY}")
        .replace('"hall.db"', '"${STATE_DIRECTORY}/hall.db"')
        .replace("mqtt://127.0.0.1:1883", "mqtt://${BROKER}:${PORT}")
    )
    found = settings(tmp_path, text, TTY="/dev/pts/7", STATE_DIRECTORY="/var/lib/x", BROKER="h", PORT="4222")
    assert found.devices[0].loaded is not None
    assert found.devices[0].loaded.url == "serial:///dev/pts/7?baud=9600"
    assert found.node.store == Path("/var/lib/x/hall.db")
    assert found.mqtt.brokers == ("mqtt://h:4222",)


def test_what_the_environment_says_is_not_expanded_again(tmp_path: Path) -> None:
    found = settings(tmp_path, WHOLE.replace("ttyUSB0", "${A}"), A="${B}", B="no")
    assert found.devices[0].loaded is not None
    assert "${B}" in found.devices[0].loaded.url


def test_other_texts_keep_their_dollars(tmp_path: Path) -> None:
    assert settings(tmp_path, WHOLE.replace("示范大厅", "${HOME}")).hall.name == "${HOME}"


@pytest.mark.parametrize("where", ["argument", "file"])
def test_simulators_are_allowed_by_argument_or_file(tmp_path: Path, where: str) -> None:
    text = WHOLE.replace("serial:///dev/ttyUSB0?baud=9600", "sim://slip")
    if where == "file":
        text = text.replace("[node]", "[node]\nallow_sim = true")
    path = write(tmp_path / "hall.toml", text)
    found = load(path, allow_sim=where == "argument", env={}, entry_points=entry_points())
    assert found.devices[0].problems == ()


def test_a_sites_models_are_found(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    title = 'title = { zh = "型号", en = "model" }\n'
    write(
        tmp_path / "models" / "t80.toml", f'driver = "slip"\n{title}[settings]\ncolumns = 42\ncut = false\n'
    )
    text = WHOLE.replace("[drivers]", '[drivers]\nmodels = ["${SITE}/models"]').replace(
        'driver = "slip"', 'driver = "slip"\nmodel = "t80"'
    )
    found = settings(tmp_path, text, SITE=str(tmp_path))
    assert found.devices[0].loaded is not None
    assert found.devices[0].loaded.settings == SlipSettings(columns=32, cut=False)


@pytest.mark.parametrize("content", ["hunter2", "hunter2\n", "hunter2\r\nmore\n"])
def test_the_password_is_the_first_line_of_its_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "mqtt").write_text(content, newline="")
    text = WHOLE.replace("brokers", f'username = "node"\npassword_file = "{tmp_path}/mqtt"\nbrokers')
    assert settings(tmp_path, text).mqtt.read_password() == "hunter2"
    assert settings(tmp_path).mqtt.read_password() == ""


# --- the fingerprint ---
def test_the_fingerprint_is_of_what_counts(tmp_path: Path) -> None:
    first = settings(tmp_path).config_hash
    assert len(first) == 16
    assert int(first, 16) >= 0
    same = WHOLE.replace("[hall]", "# a comment\n[hall]\ntimezone = 'Asia/Shanghai'").replace(
        "columns = 32", "columns=32"
    )
    assert settings(tmp_path, same).config_hash == first
    for old, new in [
        ("columns = 32", "columns = 33"),
        ("ttyUSB0", "ttyUSB1"),
        ("号窗口", "号台"),
        ('"A"', '"C"'),
    ]:
        assert settings(tmp_path, WHOLE.replace(old, new)).config_hash != first, new


def test_the_fingerprint_counts_a_models_file(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    title = 'title = { zh = "型号", en = "model" }\n'
    text = WHOLE.replace("[drivers]", f'[drivers]\nmodels = ["{tmp_path}/models"]').replace(
        'driver = "slip"', 'driver = "slip"\nmodel = "t80"'
    )
    hashes = set()
    for cut in ("true", "false"):
        write(tmp_path / "models" / "t80.toml", f'driver = "slip"\n{title}[settings]\ncut = {cut}\n')
        hashes.add(settings(tmp_path, text).config_hash)
    assert len(hashes) == 2


def test_secrets_do_not_count_in_the_fingerprint(tmp_path: Path) -> None:
    hashes = {
        settings(tmp_path, WHOLE.replace("columns = 32", f'columns = 32\napi_key = "{key}"')).config_hash
        for key in ("a", "b")
    }
    hashes |= {
        settings(tmp_path, WHOLE.replace("//192.", f"//u:{word}@192.")).config_hash for word in ("a", "b")
    }
    assert len(hashes) == 2  # one for each place, whatever the secret


def test_sets_have_one_order_in_the_fingerprint() -> None:
    words = [f"word-{number}" for number in range(50)]
    assert fingerprint(frozenset(words)) == fingerprint(frozenset(reversed(words)))


def test_one_window_may_be_for_all_works(tmp_path: Path) -> None:
    text = replaced('services = ["tax", "social"]', 'services = ["*"]')
    assert settings(tmp_path, text).windows["1"].services == ("tax", "social")
    assert settings(tmp_path, text).rules_hall().windows["1"].services == ("tax", "social")
