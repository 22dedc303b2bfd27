"""Alerts taken on at the console: only those that are raised, by who may, in the words of who does."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.console.accounts.roles import Role
from tests.console import live_kit as say
from tests.console.accounts_kit import Pages, served
from tests.console.test_pages_device import Node, logged_in
from tests.console.test_pages_fleet import COUNTY, fill, tell

WARNING = {"kind": "idle", "about": "4", "level": "amber", "value": 3.0, "to": "duty"}


def warned(pages: Pages, **more: object) -> None:
    fill(pages)
    tell(pages, COUNTY.alert("idle-4"), say.alert("idle-4", "warning", warning=WARNING | more))
    tell(pages, COUNTY.alert("chain_broken"), say.alert("chain_broken"))


async def test_who_takes_one_on_is_told_to_the_node_with_the_note(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        warned(pages)
        node = Node(pages, alert_acknowledge={})
        browser = await logged_in(pages, "boss", Role.MANAGER)
        text = (await browser.get("/halls/county")).text
        assert "我来处理" in text
        assert 'value="idle-4"' in text
        assert 'value="chain_broken"' not in text, "it ends when somebody settles it"
        done = await browser.act("/halls/county/alerts", node="node-1", key="idle-4", note="已去窗口")
        assert node.asked == [
            ("alert.acknowledge", {"key": "idle-4", "by": "shown boss", "note": "已去窗口"})
        ]
        assert "接手告警" in (await browser.get(done.headers["Location"])).text
        (act,) = pages.acts("alert.acknowledge")
        assert (act.on, act.detail, act.result) == ("node-1/idle-4", "已去窗口", "done")
        warned(pages, acknowledged_by="王主任", note="已去窗口")
        text = (await browser.get("/halls/county")).text
        assert "王主任 已接手" in text
        assert 'value="idle-4"' not in text


async def test_a_devices_alert_is_taken_on_like_any_other(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        fill(pages)
        key = "device-printer"
        tell(pages, COUNTY.alert(key), say.alert(key))
        node = Node(pages, alert_acknowledge={})
        browser = await logged_in(pages, "boss", Role.MANAGER)
        await browser.act("/halls/county/alerts", node="node-1", key=key)
        assert node.asked == [("alert.acknowledge", {"key": key, "by": "shown boss", "note": ""})]
        tell(pages, COUNTY.alert(key), say.alert(key, acknowledged_by="王工", note="去换纸"))
        text = (await browser.get("/halls/county")).text
        assert "王工 已接手：去换纸" in text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"node": "node-1", "key": "over"}, 404),
        ({"node": "node-9", "key": "idle-4"}, 404),
        (
            {"node": "node-1", "key": "chain_broken"},
            404,
        ),  # the centre raised it, and the node knows nothing of it
        ({"node": "node-1", "key": "idle-4", "note": "x" * 201}, 400),
        ({"node": "node-1", "key": "idle-4", "note": "a\nb"}, 400),
        ({}, 404),
    ],
)
async def test_what_is_not_raised_cannot_be_taken_on(
    tmp_path: Path, fields: dict[str, str], status: int
) -> None:
    async with served(tmp_path) as pages:
        warned(pages)
        node = Node(pages, alert_acknowledge={})
        browser = await logged_in(pages, "boss", Role.MANAGER)
        assert (await browser.act("/halls/county/alerts", **fields)).status == status
        assert node.asked == []


async def test_a_forged_one_reaches_no_node(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        warned(pages)
        node = Node(pages, alert_acknowledge={})
        browser = await logged_in(pages, "boss", Role.MANAGER)
        wanted = {"node": "node-1", "key": "idle-4"}
        assert (await browser.post("/halls/county/alerts", None, **wanted)).status == 403, (
            "without the form's token"
        )
        token = await browser.csrf()
        evil = {"Origin": "https://evil.example"}
        assert (await browser.post("/halls/county/alerts", evil, csrf=token, **wanted)).status == 403
        for name, role, hall in (("viewer", Role.VIEWER, ""), ("other", Role.MANAGER, "town")):
            pages.account(name, role, hall)
            their = await pages.logged_in(name)
            assert (await their.act("/halls/county/alerts", **wanted)).status == 403
        assert node.asked == []
