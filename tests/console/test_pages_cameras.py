"""Cameras: the wall, pictures for who may see them, a view accepted; each kept in the trail."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from edge.console.accounts.roles import Role
from edge.console.web.pictures import KEEP_S, KEPT, MOST, Pictures
from tests.console import live_kit as say
from tests.console.accounts_kit import Pages, served
from tests.console.test_pages_device import Node, logged_in
from tests.console.test_pages_fleet import COUNTY, fill, tell

CAMERA = "/halls/county/cameras/node-1/cam-5"
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
TOLD = base64.b64encode(JPEG).decode()


def cameras(pages: Pages) -> None:
    fill(pages)
    words = {
        "zh": "镜头被遮挡",
        "en": "the lens is covered",
        "remedy_zh": "清除遮挡物",
        "remedy_en": "clear it",
    }
    covered = {"fault": "covered", "since": 1_790_000_000.0, **words}
    for name, state, troubles in (("cam-1", "ok", []), ("cam-5", "fault", [covered])):
        body = say.said(v=1, camera=name, state=state, since=1.0, troubles=troubles)
        tell(pages, COUNTY.camera(name), body)


async def test_the_wall_shows_first_what_needs_somebody(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        cameras(pages)
        text = (await (await logged_in(pages, "li", Role.VIEWER)).get("/halls/county/cameras")).text
        assert text.index("cam-5") < text.index("cam-1")
        assert "镜头被遮挡" in text


async def test_who_asks_for_pictures_sees_them_and_nobody_else_does(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        cameras(pages)
        node = Node(pages, camera_show={"jpeg": TOLD})
        browser = await logged_in(pages, "li", Role.TECHNICIAN)
        assert node.asked == [], "no picture is asked for before somebody wants it"
        text = (await browser.get(f"{CAMERA}?pictures=1")).text
        asked = [args for verb, args in node.asked if verb == "camera.show"]
        assert {each["which"] for each in asked} == {"before", "fault"}
        assert {each["by"] for each in asked} == {"li"}, "the hall keeps who has seen it"
        (path, *_) = re.findall(r'src="(/pictures/[0-9a-f]{32})"', text)
        async with browser.session.get(path) as answer:
            assert (await answer.read(), answer.content_type) == (JPEG, "image/jpeg")
        assert {act.detail for act in pages.acts("camera.picture")} == {"before", "fault"}
        other = await logged_in(pages, "wang", Role.TECHNICIAN)
        assert (await other.get(path)).status == 404
        pages.clock.now += KEEP_S + 1
        assert (await browser.get(path)).status == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
async def test_others_see_that_there_are_pictures_and_none_of_them(tmp_path: Path, role: Role) -> None:
    async with served(tmp_path) as pages:
        cameras(pages)
        node = Node(pages, camera_show={"jpeg": TOLD})
        browser = await logged_in(pages, "li", role)
        assert "图片只给管理和技术人员看" in (await browser.get(f"{CAMERA}?pictures=1")).text
        assert (await browser.act(f"{CAMERA}/accept")).status == 403
        assert (await browser.act(f"{CAMERA}/look")).status == 403
        assert node.asked == []


async def test_a_manager_accepts_a_view_by_name(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        cameras(pages)
        node = Node(pages, camera_accept={})
        browser = await logged_in(pages, "boss", Role.MANAGER)
        done = await browser.act(f"{CAMERA}/accept", CAMERA)
        assert ("camera.accept", {"camera": "cam-5", "by": "boss"}) in node.asked
        assert "接受新画面" in (await browser.get(done.headers["Location"])).text
        assert pages.acts("camera.accept")[0].on == "node-1/cam-5"


async def test_a_hall_that_shows_none_says_why(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        cameras(pages)
        Node(pages)
        browser = await logged_in(pages, "li", Role.TECHNICIAN)
        assert "没有这个命令" in (await browser.get(f"{CAMERA}?pictures=1")).text


@pytest.mark.parametrize(
    "told", [None, 7, "", "<script>", base64.b64encode(b"GIF89a").decode(), "A" * (MOST * 2)]
)
def test_what_is_no_picture_is_not_kept(told: object) -> None:
    assert Pictures().keep("li", 0.0, told) is None


def test_pictures_are_bounded() -> None:
    pictures = Pictures()
    ids = [pictures.keep("li", 0.0, TOLD) or "" for _ in range(KEPT + 1)]
    assert pictures.find("li", ids[0], 0.0) is None
    assert pictures.find("li", ids[-1], 0.0) == JPEG
