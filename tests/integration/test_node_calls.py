"""Calls through the real daemon: what is heard at the loudspeaker, which here is a file with a diary."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.node_kit import Node, config_text, hall_at
from tests.voice_kit import tone_set

WORD_S = 0.1
HOLD_S = 1.0
NOBODY = "mqtt://127.0.0.1:1"  # no broker is needed for what is heard
VOICE = """
[[device]]
id = "voice"
kind = "voice"
driver = "voice"
url = "{url}"
settings = {{ clips = "{clips}", chime = false }}
"""


@dataclass
class Hall:
    node: Node
    diary: Path

    def notes(self) -> list[dict[str, Any]]:
        if not self.diary.exists():
            return []
        return [json.loads(line) for line in self.diary.read_text(encoding="utf-8").splitlines()]

    async def heard(self, count: int) -> list[dict[str, Any]]:
        """The diary once it has `count` lines."""

        async def look() -> list[dict[str, Any]]:
            return self.notes()

        found: list[dict[str, Any]] = await self.node.until(lambda notes: len(notes) >= count, look)
        return found

    async def call(self, window: str) -> str:
        reply = await self.node.ask("window.call", {"window": window})
        assert reply.result == "done", reply
        return str(reply.data["ticket"])


@asynccontextmanager
async def hall_with(folder: Path, url: str, word_s: float = WORD_S) -> AsyncIterator[Hall]:
    """A hall that has an announcer beside its simulated devices, with six who wait for window 1 and 2."""
    clips = folder / "clips"
    tone_set(clips, seconds=word_s)
    text = config_text(hall=f"call_hold_s = {HOLD_S}\nlogin_required = false")
    async with hall_at(folder, NOBODY, config=text, hub=None, start=False) as node:
        node.config = folder / "with-voice.toml"
        node.config.write_text(text + VOICE.format(url=url, clips=clips), encoding="utf-8")
        await node.start()
        for service in ("tax", "tax", "tax", "social", "social", "social"):
            await node.ask("ticket.take", {"service": service})
        yield Hall(node, folder / "out.wav.jsonl")


async def test_two_calls_at_once_are_both_heard_once_and_in_order(tmp_path: Path) -> None:
    async with hall_with(tmp_path, f"wav://{tmp_path}/out.wav") as hall:
        await hall.node.online("voice")
        first, second = await asyncio.gather(hall.call("1"), hall.call("2"))
        notes = await hall.heard(4)
        await asyncio.sleep(HOLD_S + 1)
        assert hall.notes() == notes, "each is heard once"
        order = [event["ticket"] for event in await hall.node.has("ticket.called")]
    windows = {first: "1", second: "2"}
    labels = [f"请{ticket}号到{windows[ticket]}号窗口" for ticket in order]
    said = [(note["event"], note["label"]) for note in notes]
    assert said == [(event, label) for label in labels for event in ("begun", "played")]
    assert notes[2]["mono"] >= notes[1]["mono"], "they do not overlap"
    assert notes[1]["mono"] - notes[0]["mono"] >= 9 * WORD_S


async def test_what_was_said_before_a_power_cut_is_not_said_again(tmp_path: Path) -> None:
    # It sounds for longer than a busy machine takes to cut the power.
    async with hall_with(tmp_path, f"wav://{tmp_path}/out.wav", word_s=5 * WORD_S) as hall:
        await hall.node.online("voice")
        cut = await hall.call("1")
        await hall.call("2")  # waits behind it
        await hall.heard(1)
        hall.node.daemon.kill()
        await hall.node.start()
        await hall.node.online("voice")
        after = await hall.call("1")
        labels = [note["label"] for note in await hall.heard(3)]
    assert labels == [f"请{cut}号到1号窗口", *[f"请{after}号到1号窗口"] * 2]


async def test_without_a_card_the_hall_calls_on(tmp_path: Path) -> None:
    async with hall_with(tmp_path, "alsa://plughw:CARD=Nowhere") as hall:
        first = await hall.call("1")
        await hall.node.shows(f"请 {first} 号")
        second = await hall.call("1")
        await hall.node.shows(f"请 {second} 号")
        voice = (await hall.node.devices())["voice"]
    assert voice["state"] in ("backoff", "connecting")
    assert {condition["code"] for condition in voice["conditions"]} <= {"no_card", "no_player"}
    assert voice["conditions"]


async def test_a_notice_outlives_a_power_cut(tmp_path: Path) -> None:
    async with hall_with(tmp_path, f"wav://{tmp_path}/out.wav") as hall:
        reply = await hall.node.ask("board.notice", {"text": "下午五点半关门"})
        assert (reply.result, reply.data) == ("done", {"notice": "下午五点半关门"})
        refused = await hall.node.ask("board.notice", {"text": "长" * 201})
        assert (refused.code, "缩短" in refused.zh) == ("notice_too_long", True)
        hall.node.daemon.kill()
        await hall.node.start()
        await hall.node.has("notice.set", text="下午五点半关门")
        assert (await hall.node.ask("board.notice", {"text": "下午五点半关门"})).result == "done"
        assert len(await hall.node.has("notice.set")) == 1, "it is known still: nothing new to keep"
