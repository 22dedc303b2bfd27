"""Floor plans: read, refused by the key, drawn, and laid out where nobody has drawn one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.console.plan.drawing import EDGE, WIDTH, Mark, draw
from edge.console.plan.model import BadPlan, Place, Plan, What, grid
from tests.papers import ROOT, paper

CONFIG = ROOT / "config"
DEMO = CONFIG / "plans" / "demo.toml"
SVG = "{http://www.w3.org/2000/svg}"


def known(place: Place) -> Mark | None:
    return Mark(f"<{place.id}>", "bad", 'away" onload="x', f"/halls/demo/{place.what}/{place.id}", "A012")


def test_the_demonstration_s_plan_has_every_thing_of_its_hall() -> None:
    plan = Plan.load(DEMO)
    hall = tomllib.loads((CONFIG / "demo.toml").read_text())
    devices = {each["id"] for each in hall["device"]}
    children = {child["id"]: child["kind"] for each in hall["device"] for child in each.get("child", ())}
    drawn = {
        what: {each.id for each in plan.place if each.what == what} for what in ("window", "device", "camera")
    }
    assert drawn["window"] == {each["id"] for each in hall["window"]}
    assert drawn["device"] == devices | {id_ for id_, kind in children.items() if kind != "camera"}
    assert drawn["camera"] == {id_ for id_, kind in children.items() if kind == "camera"}


def test_the_plan_that_is_shown_is_one_and_part_of_the_demonstration_s(tmp_path: Path) -> None:
    shown = re.search(r"## Floor plans\n.*?```toml\n(.*?)```", paper("docs/managers.md"), re.DOTALL)
    assert shown
    path = tmp_path / "plan.toml"
    path.write_text(shown[1], encoding="utf-8")
    plan, demo = Plan.load(path), Plan.load(DEMO)
    assert plan.size == demo.size
    for kind in ("wall", "room", "place"):
        assert set(getattr(plan, kind)) <= set(getattr(demo, kind)), kind


def test_things_of_the_demonstration_s_plan_can_be_touched_apart() -> None:
    plan = Plan.load(DEMO)
    scale = WIDTH / plan.size[0]
    for number, one in enumerate(plan.place):
        for other in plan.place[number + 1 :]:
            apart = max(abs(one.at[0] - other.at[0]), abs(one.at[1] - other.at[1])) * scale
            assert apart >= 32, (one.id, other.id)


@pytest.mark.parametrize(
    ("toml", "why"),
    [
        ("", "size: Field required"),
        ("size = [10, 0]", "size.1"),
        ("size = [10, 10]\nwals = 1", "wals"),
        ('size = [10, 10]\n[[place]]\nwhat = "door"\nid = "a"\nat = [1, 1]', "place.0.what"),
        (
            'size = [10, 10]\n[[place]]\nwhat = "device"\nid = "a"\nat = [11, 1]',
            "place.0.at: 11, 1 is outside",
        ),
        ('size = [10, 10]\n[[place]]\nwhat = "device"\nid = "A b"\nat = [1, 1]', "place.0.id"),
        ('size = [10, 10]\n[[place]]\nwhat = "device"\nid = "a"\nat = [nan, 1]', "place.0.at.0"),
        ("size = [10, 10]\n[[wall]]\npoints = [[1, 1], [1, 99]]", "wall.0.points: 1, 99 is outside"),
        (
            "size = [9, 9]\n" + 2 * '[[place]]\nwhat = "camera"\nid = "a"\nat = [1, 1]\n',
            "place.1: camera a is there twice",
        ),
        ("size = [", "Invalid value"),
    ],
)
def test_a_plan_that_cannot_be_used_is_refused_by_the_key(tmp_path: Path, toml: str, why: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(toml)
    with pytest.raises(BadPlan, match=re.escape(why)):
        Plan.load(path)


def test_a_plan_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPlan, match=r"nothing\.toml"):
        Plan.load(tmp_path / "nothing.toml")


def test_each_thing_is_a_link_that_says_how_it_is() -> None:
    drawn = str(draw(Plan.load(DEMO), "大厅", "2 个设备故障", known))
    assert "style=" not in drawn and "<script" not in drawn and 'onload="' not in drawn
    root = ElementTree.fromstring(drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))
    links = {each.attrib["href"]: each for each in root.iter(f"{SVG}a")}
    assert len(links) == len(Plan.load(DEMO).place)
    assert links["/halls/demo/device/printer"].attrib["aria-label"] == '<printer>: away" onload="x'
    assert links["/halls/demo/device/printer"].attrib["class"] == "plan-device bad"


def test_what_a_hall_does_not_know_is_no_link() -> None:
    drawn = str(draw(Plan.load(DEMO), "x", "y", lambda _: None))
    assert "<a " not in drawn
    assert "plan-device off" in drawn


THINGS = st.lists(
    st.tuples(st.sampled_from(("window", "device", "camera")), st.just("n"), st.integers(0, 999).map(str)),
    max_size=80,
    unique=True,
)


@given(THINGS)
def test_without_a_plan_all_stand_in_rows_within_the_box(things: list[tuple[What, str, str]]) -> None:
    plan = grid(things)
    assert len(plan.place) == len(things)
    assert len({place.at for place in plan.place}) == len(things)
    drawn = str(draw(plan, "x", "y", known))
    height = float(re.findall(r'viewBox="[^"]* ([0-9.]+)"', drawn)[0])
    for x, y in re.findall(r'transform="translate\(([-0-9.]+) ([-0-9.]+)\)"', drawn):
        assert 0 <= float(x) <= WIDTH and 0 <= float(y) <= height - EDGE


def test_a_window_whose_name_has_no_room_is_drawn_by_its_number() -> None:
    plan = Plan.model_validate(
        {"size": (20, 10), "place": [{"what": "window", "id": str(n), "at": (5 * n, 5)} for n in (1, 2)]}
    )
    names = {"1": "1 号", "2": "Window 2 of the tax office"}
    drawn = draw(plan, "t", "s", lambda place: Mark(names[place.id], "good", "free", "#", "A1"), english=True)
    words = re.findall(r"<text[^>]*>([^<]*)<", drawn)
    assert [each for each in words if each in ("1", "1 号", "2")] == ["1 号", "2"]
    assert "Window 2 of the tax office: free" in drawn, "its whole name is told"
