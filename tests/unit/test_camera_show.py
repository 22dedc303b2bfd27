"""A camera's picture for somebody who is not there: kept who saw it before it is handed out, or refused."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.cameras.part import NoCameras
from edge.cameras.verbs import CameraVerbs
from edge.commands import Commands
from edge.ids import new_id
from edge.store import Store, StoreFull
from edge.wire import Reply, Request
from tests.unit.supervision import ManualClock

JPEG = b"\xff\xd8 a fault \xff\xd9"


class OneCamera(NoCameras):
    """Of which there is a picture of its fault, and none of before."""

    def __contains__(self, camera: object) -> bool:
        return camera == "cam-1"

    def __iter__(self) -> Iterator[str]:
        return iter(("cam-1",))

    def picture(self, camera: str, which: str) -> bytes:
        assert camera == "cam-1"
        return JPEG if which == "fault" else b""


@asynccontextmanager
async def node(folder: Path, *, afar: bool = True) -> AsyncIterator[tuple[Commands, Store]]:
    store = await Store.open(folder / "hall.db")
    commands = Commands(store)
    commands.add(*CameraVerbs(OneCamera(), store, ManualClock(), afar=afar).all())
    try:
        yield commands, store
    finally:
        await store.close()


async def show(commands: Commands, **args: Any) -> Reply:
    """As the broker brings it, from afar."""
    return await commands.handle(Request(id=new_id(), verb="camera.show", args=args), "hall-console")


async def kept(store: Store) -> list[tuple[str, str, str]]:
    facts = [json.loads(row.text) for row in await store.after(0, 100, 1 << 20)]
    return [(each["by"], each["kind"], each["which"]) for each in facts]


async def test_who_looks_is_kept_and_then_has_the_picture(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, store):
        reply = await show(commands, camera="cam-1", by="李工")
        assert (reply.result, base64.b64decode(reply.data["jpeg"])) == ("done", JPEG)
        assert await kept(store) == [("李工", "camera.picture_shown", "fault")]
        assert await store.answer_for(reply.id) is None, "no picture is kept with an answer"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"camera": "cam-2", "by": "李工"}, "unknown_camera"),
        ({"camera": "cam-1", "by": "李工", "which": "before"}, "no_picture"),
        ({"camera": "cam-1"}, "bad_args"),
        ({"camera": "cam-1", "by": "a\nb"}, "bad_args"),
    ],
)
async def test_what_is_not_there_is_refused_and_nothing_kept(
    tmp_path: Path, args: dict[str, str], code: str
) -> None:
    async with node(tmp_path) as (commands, store):
        reply = await show(commands, **args)
        assert (reply.result, reply.code, reply.data) == ("rejected", code, {})
        assert await kept(store) == []


async def test_a_hall_that_does_not_allow_it_shows_nothing(tmp_path: Path) -> None:
    async with node(tmp_path, afar=False) as (commands, store):
        reply = await show(commands, camera="cam-1", by="李工")
        assert (reply.code, reply.data, await kept(store)) == ("not_allowed", {}, [])


async def test_where_it_cannot_be_kept_nothing_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_drafts: object) -> None:
        raise StoreFull("no room on the disk")

    async with node(tmp_path) as (commands, store):
        monkeypatch.setattr(store, "append", full)
        reply = await show(commands, camera="cam-1", by="李工")
        assert (reply.code, reply.data) == ("store_full", {})


async def test_the_verb_of_who_stands_at_the_node_stays_there(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, _):
        asked = Request(id=new_id(), verb="camera.picture", args={"camera": "cam-1"})
        assert (await commands.handle(asked, "hall-console")).code == "local_only"
