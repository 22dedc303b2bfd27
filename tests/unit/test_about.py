"""What a node tells of itself: of the demonstration's hall, of a whole one, and of more than fits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from drivers.registry import Registry
from edge import about as about_node
from edge.demo.full import full_config
from edge.schema import wire_schema
from edge.settings import Settings, load
from edge.wire import MAX_ABOUT
from edge.wire.about import AboutDevice, LeftOut, NodeAbout
from tests.unit.test_settings_examples import ENV, demo, ours

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo.toml"


def whole(folder: Path, *more: str) -> Settings:
    """52 windows and all that belongs to them; their lines need no file to be right."""
    path = folder / "hall.toml"
    path.write_text(full_config(DEMO.read_text(encoding="utf-8")) + "\n".join(more), encoding="utf-8")
    copies = {f"{name}_{n}": value for name, value in ENV.items() for n in range(1, 5)}
    lines = {f"HALL_TTY_LINE{n}": f"/dev/pts/{20 + n}" for n in range(1, 10)}
    return load(path, env=ENV | copies | lines, entry_points=ours)


def about(settings: Settings) -> NodeAbout:
    """As a reader takes it."""
    return NodeAbout.model_validate_json(about_node.about(settings))


def fitting(whole: dict[str, Any]) -> tuple[NodeAbout, int]:
    """With its size."""
    said = about_node.fitting(whole)
    return NodeAbout.model_validate_json(said), len(said)


def device(said: NodeAbout, name: str) -> AboutDevice:
    (found,) = [each for each in said.devices if each.id == name]
    return found


def test_the_demos_hall_by_its_names() -> None:
    said = about(demo())
    assert said.hall_name == "示范政务服务大厅"
    assert [service.name_en for service in said.services][:2] == ["Taxes", "Social insurance"]
    assert [window.name for window in said.windows] == [f"{n} 号窗口" for n in range(1, 7)]
    assert [camera.id for camera in said.cameras] == [f"cam-{n}" for n in range(1, 13)]
    assert {camera.line for camera in said.cameras} == {"cameras"}
    reason = next(each for each in said.reasons if each.level == 1)
    assert reason.code // 100 == 1
    assert reason.zh
    assert reason.en


def test_a_window_that_calls_all_names_the_services() -> None:
    settings = demo()
    for window in about(settings).windows:
        assert set(window.services) <= set(settings.services)
        assert window.services


def test_what_each_device_is_and_can_do() -> None:
    said = about(demo())
    printer = device(said, "printer")
    assert (printer.driver, printer.model, printer.name) == (
        "printer",
        "escpos-80mm",
        "ESC/POS 票据打印机（80 毫米）",
    )
    assert (printer.checks, printer.shows, printer.prints) == (("internal", "external"), (), True)
    strip = device(said, "strip-2")
    assert (strip.kind, strip.window, strip.line, strip.driver) == ("strip", "2", "windows", "bus68")
    assert (strip.checks, strip.shows) == (("internal", "external"), ("all", "colors", "columns"))
    assert not strip.prints
    assert device(said, "caller-2").shows == ("all", "columns"), "its digits have one colour"
    assert device(said, "pad-1").checks == ("internal", "external")
    assert device(said, "pad-6").checks == ("internal",), "nothing is seen of a keyboard that is asked"
    reader = next(each for each in said.devices if each.driver == "sdt")
    assert (reader.checks, reader.shows) == (("internal",), ())
    assert device(said, "windows").checks == ("internal",)


def test_a_kiosk_is_told_as_a_device(tmp_path: Path) -> None:
    said = about(whole(tmp_path, '[[kiosk]]\nid = "corner"\n'))
    assert device(said, "corner").driver == "kiosk"
    assert "silent" in said.device_words["kiosk"]


def test_words_of_conditions_are_those_of_the_drivers() -> None:
    said = about(demo())
    for family in {each.driver for each in said.devices} - {"kiosk"}:
        specs = Registry(entry_points=ours).driver(family).spec.conditions
        assert set(said.device_words[family]) == {spec.code for spec in specs}
    out = said.device_words["printer"]["paper_out"]
    assert (out.severity, out.zh) == ("error", "缺纸")
    assert out.remedy_en
    assert "link_lost" in said.device_words[""]


def test_a_name_of_its_own_goes_before_the_model_s(tmp_path: Path) -> None:
    path = tmp_path / "hall.toml"
    text = DEMO.read_text(encoding="utf-8")
    text = text.replace('id = "printer"\n', 'id = "printer"\nname = "东门出票机"\n', 1)
    path.write_text(
        text.replace('id = "strip-1"\n', 'id = "strip-1"\nname = "一号屏"\n', 1), encoding="utf-8"
    )
    said = about(load(path, env=ENV, entry_points=ours))
    assert (device(said, "printer").name, device(said, "printer").name_en) == ("东门出票机", "")
    assert device(said, "strip-1").name == "一号屏"


def test_a_device_in_error_is_told_with_what_is_known_of_it(tmp_path: Path) -> None:
    path = tmp_path / "hall.toml"
    path.write_text(DEMO.read_text(encoding="utf-8").replace('model = "escpos-80mm"', 'model = "none"'))
    said = device(about(load(path, env=ENV, entry_points=ours)), "printer")
    assert (said.driver, said.model, said.checks) == ("printer", "none", ("internal",))


def test_it_is_right_by_the_schema(tmp_path: Path) -> None:
    schema = wire_schema()
    assert schema["topics"]["hall/1/<hall>/<node>/about"] == {"$ref": "#/$defs/NodeAbout"}
    only = {"$ref": "#/$defs/NodeAbout", "$defs": schema["$defs"]}
    for settings in (demo(), whole(tmp_path)):
        said = json.loads(about_node.about(settings))
        assert [e.message for e in Draft202012Validator(only).iter_errors(said)] == []
        assert said["v"] == 1


def test_a_whole_hall_fits_with_350_devices_and_all_words(tmp_path: Path) -> None:
    more = (
        text
        for line in (1, 2)
        for text in (
            f'[[device]]\nid = "more-{line}"\ndriver = "bus68"\nmodel = "bus68-standard"',
            f'url = "tcp://192.0.2.{line}:4001"',
            *(
                f'[[device.child]]\nid = "panel-{line}-{n}"\nkind = "buttons"\naddress = {n}\n'
                f'name = "第 {n} 块按键板"\nservices = {{ 1 = "tax" }}'
                for n in range(1, 86)
            ),
        )
    )
    settings = whole(tmp_path, *more)
    assert [str(problem) for device in settings.devices for problem in device.all_problems()] == []
    said = about(settings)
    assert len(said.devices) >= 350
    assert len(said.cameras) == 146
    assert (said.left_out.devices, said.left_out.cameras, said.left_out.words) == (0, 0, 0)
    assert len(about_node.about(settings)) <= MAX_ABOUT


def test_what_does_not_fit_is_counted_words_first() -> None:
    said = json.loads(about_node.about(demo()))
    words = sum(map(len, said["device_words"].values()))
    many = [{"id": f"d{n}", "driver": "printer", "name": "名" * 32} for n in range(700)]
    cut, size = fitting(said | {"devices": many})
    assert (cut.device_words, cut.left_out) == ({}, LeftOut(words=words))
    assert len(cut.devices) == len(many)
    assert size <= MAX_ABOUT
    most = [{"id": f"d{n}", "driver": "printer", "name": "名" * 64} for n in range(1000)]
    cut, size = fitting(said | {"devices": most})
    assert cut.left_out.devices + len(cut.devices) == len(most)
    assert 0 < len(cut.devices) < len(most)
    assert size <= MAX_ABOUT
