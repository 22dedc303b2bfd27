"""Who looks at a kiosk from afar: asked, answered, kept before it is handed out, and bounded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from edge.commands import Commands
from edge.ids import new_id
from edge.kiosk_looks import MAX_LOOKING, WITHIN_S, Looks
from edge.store import Store, StoreFull
from edge.wire import Reply, Request
from tests.unit.supervision import ManualClock

PAGE = {"role": "page", "name": "首页"}


@dataclass
class Node:
    """Looks at kiosk-1 with a real store, by a clock of the test's."""

    store: Store
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.looks = Looks({"kiosk-1"}, self.store, self.clock)
        self.commands = Commands(self.store)
        self.commands.add(*self.looks.verbs())

    def look(self, by: str = "李工") -> asyncio.Task[Reply]:
        return asyncio.create_task(self.ask("kiosk.look", kiosk="kiosk-1", by=by))

    async def ask(self, verb: str, **args: object) -> Reply:
        return await self.commands.handle_local(Request(id=new_id(), verb=verb, args=args), "test")

    async def shows(self, look: str) -> Reply:
        return await self.ask("kiosk.shows", kiosk="kiosk-1", look=look, screen="home", page=PAGE)

    async def wanted(self) -> str:
        while not (look := self.looks.wanted("kiosk-1")):  # noqa: ASYNC110 nothing sets an Event for a test
            await asyncio.sleep(0)
        return look

    async def kept(self) -> list[tuple[str, str, str]]:
        facts = [json.loads(row.text) for row in await self.store.after(0, 100, 1 << 20)]
        return [(each["by"], each["kind"], each["screen"]) for each in facts]


@asynccontextmanager
async def node(folder: Path) -> AsyncIterator[Node]:
    store = await Store.open(folder / "hall.db")
    try:
        yield Node(store)
    finally:
        await store.close()


async def test_who_looks_is_kept_and_then_told_what_shows(tmp_path: Path) -> None:
    async with node(tmp_path) as hall:
        assert hall.looks.wanted("kiosk-1") == ""
        looking = hall.look()
        look = await hall.wanted()
        assert (await hall.shows(look)).result == "done"
        reply = await looking
        assert reply.data == {"kiosk": "kiosk-1", "screen": "home", "page": PAGE}
        assert await hall.kept() == [("李工", "kiosk.looked", "home")]
        assert hall.looks.wanted("kiosk-1") == "", "nobody waits any more"
        assert (await hall.shows(look)).code == "not_asked"
        assert await hall.store.answer_for(reply.id) is None, "a page is not kept"


async def test_several_who_look_share_an_answer_and_each_is_kept(tmp_path: Path) -> None:
    async with node(tmp_path) as hall:
        looking = [hall.look(f"用户{at}") for at in range(MAX_LOOKING)]
        look = await hall.wanted()
        await asyncio.sleep(0.05)
        assert (await hall.look("多余")).code == "busy"
        await hall.shows(look)
        assert [(await each).result for each in looking] == ["done"] * MAX_LOOKING
        assert sorted(by for by, _, _ in await hall.kept()) == [f"用户{at}" for at in range(MAX_LOOKING)]


async def test_a_kiosk_that_does_not_answer_is_told_and_nothing_is_kept(tmp_path: Path) -> None:
    async with node(tmp_path) as hall:
        looking = hall.look()
        late = await hall.wanted()
        await hall.clock.advance(WITHIN_S + 0.1)
        reply = await looking
        assert (reply.result, reply.code) == ("failed", "no_answer")
        assert (await hall.shows(late)).code == "not_asked"
        assert await hall.kept() == []


async def test_nothing_is_handed_out_where_it_cannot_be_kept_who_looks(tmp_path: Path) -> None:
    async with node(tmp_path) as hall:

        async def full(*_args: object) -> None:
            raise StoreFull("no room")

        hall.store.append = full  # type: ignore[method-assign, assignment]
        looking = hall.look()
        await hall.shows(await hall.wanted())
        reply = await looking
        assert (reply.result, reply.code, reply.data) == ("rejected", "store_full", {})


async def test_a_stranger_and_a_nameless_one_are_refused(tmp_path: Path) -> None:
    async with node(tmp_path) as hall:
        assert (await hall.ask("kiosk.look", kiosk="kiosk-9", by="李工")).code == "unknown_kiosk"
        assert (await hall.ask("kiosk.look", kiosk="kiosk-1")).code == "bad_args"
        assert (await hall.ask("kiosk.look", kiosk="kiosk-1", by="\x1b[2J")).code == "bad_args"


async def test_a_page_is_taken_from_this_machine_only(tmp_path: Path) -> None:
    async with node(tmp_path) as hall:
        args = {"kiosk": "kiosk-1", "look": "a" * 32, "screen": "home", "page": PAGE}
        reply = await hall.commands.handle(Request(id=new_id(), verb="kiosk.shows", args=args), "mqtt")
        assert reply.code == "local_only"
