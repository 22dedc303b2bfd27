"""`hallctl watch`, driven as at a terminal: what stands on the screen is read as text."""

from __future__ import annotations

import html
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from textual.pilot import Pilot

from edge.control import ControlError
from edge.diag.watching.app import Pace, Watch
from edge.diag.words import Lang, Words
from edge.ids import new_id
from edge.wire import Reply
from tests.unit.test_hallctl import run, status_data
from tests.unit.test_hallctl_listening import KEY, SPOILT, piece

QUICK = Pace(0.01, 0.02)
LIMIT_S = 60.0  # for a machine that has other work too


class FakeNode:
    """Answers from what the test has set."""

    def __init__(self) -> None:
        self.status = status_data()
        self.pieces: dict[str, list[dict[str, Any]]] = {}
        self.refused = ""  # a device whose line is not told
        self.is_away = False
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    @asynccontextmanager
    async def reach(self) -> AsyncIterator[FakeNode]:
        if self.is_away:
            raise ControlError("no daemon answers", "start it", "启动它")
        yield self

    async def request(
        self,
        verb: str,
        args: Mapping[str, Any] | None = None,
        timeout_s: float = 10.0,  # noqa: ARG002 it answers at once
        *,
        id: str = "",  # noqa: A002, ARG002 the wire's own word
    ) -> Reply:
        args = args or {}
        self.asked.append((verb, args))
        if self.is_away:
            raise ControlError("no daemon answers", "start it", "启动它")
        if verb == "device.frames" and args["device"] == self.refused:
            return Reply(id=new_id(), result="rejected", code="packets", zh="不记录", en="nothing is kept")
        return Reply(id=new_id(), result="done", data=self._data(verb, args))

    def _data(self, verb: str, args: Mapping[str, Any]) -> dict[str, Any]:
        if verb == "status":
            return self.status
        if verb == "device.frames":
            pieces = self.pieces.get(args["device"], [])
            fresh = [each for each in pieces if each["seq"] > args["since"]]
            seq = pieces[-1]["seq"] if pieces else 0
            return {"device": args["device"], "family": "bus68", "seq": seq, "frames": fresh}
        if verb == "node.log":
            line = {"seq": 1, "at": 1e9, "level": "WARNING", "text": "device: lost\x1b[2J device=bus-1"}
            return {"seq": 1, "lines": [] if args.get("since") else [line]}
        return {"seq": 0, "events": []}


@asynccontextmanager
async def watching(
    node: FakeNode, lang: Lang = Lang.EN, size: tuple[int, int] = (110, 30)
) -> AsyncIterator[Pilot[None]]:
    async with Watch(node.reach, Words(lang), QUICK).run_test(size=size) as pilot:
        yield pilot


def text_of(pilot: Pilot[None]) -> str:
    drawn = pilot.app.export_screenshot()
    return html.unescape(re.sub(r"<[^>]+>", " ", drawn.partition("</defs>")[2])).replace("\xa0", " ")


async def until(
    pilot: Pilot[None], holds: Callable[[str], bool], read: Callable[[Pilot[None]], str] = text_of
) -> str:
    """The screen as it stands once it `holds`."""
    ends_s = time.monotonic() + LIMIT_S
    while True:
        await pilot.pause(0.03)  # to draw it costs as much
        if holds(text := read(pilot)):
            return text
        assert time.monotonic() < ends_s, text


async def test_devices_and_the_line_of_the_chosen_one() -> None:
    node = FakeNode()
    node.pieces["bus-1"] = [piece(1, KEY), piece(2, SPOILT)]
    async with watching(node) as pilot:
        text = await until(pilot, lambda text: "Line of printer" in text and "offline, trying again" in text)
        assert "● online" in text and "✗ offline" in text and "▲ usable" not in text
        assert "county/n1" in text and "the connection is lost" in text and "check the cable" not in text
        await pilot.press("down")
        text = await until(pilot, lambda text: "81: rating 03" in text)
        assert "Line of bus-1" in text and "✗ check byte 96, computed 95" in text
        assert "check the cable" in text, "the remedy of the chosen one"
        assert "\x1b" not in text
        await pilot.press("space")
        assert "held" in await until(pilot, lambda text: "held" in text)
        asked = len([verb for verb, _ in node.asked if verb == "device.frames"])
        await pilot.pause(0.1)
        assert len([verb for verb, _ in node.asked if verb == "device.frames"]) <= asked + 1
        node.pieces["bus-1"].append(piece(9, KEY))
        await pilot.press("space")
        assert "held" not in await until(pilot, lambda text: "6 pieces between were missed" in text)


def contains(part: str, text: str) -> bool:
    return part in text


async def test_one_key_leads_to_each_device_that_is_not_well_and_back_to_the_first() -> None:
    node = FakeNode()
    async with watching(node) as pilot:
        await until(pilot, lambda text: "▲ 2 not well" in text)
        await pilot.press("4")
        for title in ("Line of bus-1", "Line of caller-1", "Line of bus-1"):
            await pilot.press("n")
            await until(pilot, partial(contains, title))
        node.status = {**node.status, "devices": node.status["devices"][:1]}
        await until(pilot, lambda text: "nothing is wrong" in text)
        await pilot.press("n")
        assert "Line of printer" in await until(pilot, lambda text: "● online" in text)


async def test_a_node_that_goes_away_is_said_and_back_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.diag.watching.app.AGAIN_S", 0.01)
    node = FakeNode()
    node.is_away = True
    async with watching(node) as pilot:
        await until(pilot, lambda text: "✗ away: no daemon answers" in text)
        node.is_away = False
        await until(pilot, lambda text: "● connected" in text)
        node.is_away = True
        text = await until(pilot, lambda text: "✗ away" in text)
        assert "bus-1" in text, "what was known stays to be seen"


async def test_a_device_that_comes_or_goes_by_a_reload_and_a_line_that_is_not_told() -> None:
    node = FakeNode()
    node.refused = "printer"
    async with watching(node) as pilot:
        await until(pilot, lambda text: "nothing is kept" in text)
        node.status = {**node.status, "devices": node.status["devices"][1:]}
        text = await until(pilot, lambda text: "printer" not in text)
        assert "Line of bus-1" in text
        node.status = {"made": "by another version"}
        await until(pilot, lambda text: "of another version" in text)


async def test_it_ends_by_q() -> None:
    async with watching(FakeNode()) as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert pilot.app.return_code == 0


def test_without_a_terminal_it_says_what_to_use() -> None:
    result = run("watch")
    assert (result.exit_code, "hallctl watch --json" in result.stderr) == (2, True)
