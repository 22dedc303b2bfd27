"""One registry of verbs: what is refused, what is carried out once, and which answers are remembered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.api import NotKept
from edge.commands import Args, Commands, Verb
from edge.ids import new_id
from edge.store import Limits, Store
from edge.wire import Reply, Request
from tests.store_kit import draft


class Count(Args):
    step: int = 1


class Handlers:
    """A verb that counts, and says how it ends."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.count = 0
        self.result = "done"
        self.error: Exception | None = None
        self.with_facts = False
        self.hold = asyncio.Event()
        self.hold.set()

    async def add(self, args: Count, request: Request, _client: str) -> Reply:
        await self.hold.wait()
        if self.error:
            raise self.error
        self.count += args.step
        reply = Reply.model_validate({"id": request.id, "result": self.result, "data": {"count": self.count}})
        if self.with_facts:
            await self.store.append([draft()], reply)
        return reply


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(tmp_path / "hall.db", Limits(min_free_bytes=0))
    yield store
    await store.close()


@pytest.fixture
def handlers(store: Store) -> Handlers:
    return Handlers(store)


@pytest.fixture
def commands(store: Store, handlers: Handlers) -> Commands:
    return registry(store, handlers)


def registry(store: Store, handlers: Handlers) -> Commands:
    """As after a start: it remembers nothing but what the store does."""
    commands = Commands(store, wall_s=lambda: 1000.0)
    commands.add(Verb("count.add", Count, handlers.add, "count on"))
    return commands


def request(verb: str = "count.add", **more: object) -> Request:
    return Request.model_validate({"id": new_id(), "verb": verb} | more)


@pytest.mark.parametrize("with_facts", [False, True])
async def test_a_repeat_gets_the_first_answer_also_after_a_start(
    store: Store, handlers: Handlers, commands: Commands, with_facts: bool
) -> None:
    handlers.with_facts = with_facts
    asked = request(args={"step": 3})
    first = await commands.handle(asked, "c")
    assert first.data == {"count": 3}
    assert await commands.handle(asked, "c") == first
    assert await registry(store, handlers).handle(asked, "c") == first
    assert handlers.count == 3
    assert (await commands.handle(request(), "c")).data == {"count": 4}


async def test_a_rejection_is_remembered_too(handlers: Handlers, commands: Commands) -> None:
    asked = request()
    handlers.result = "rejected"
    assert (await commands.handle(asked, "c")).result == "rejected"
    handlers.result = "done"
    assert (await commands.handle(asked, "c")).result == "rejected"
    assert handlers.count == 1


async def test_an_unknown_end_is_asked_for_again(handlers: Handlers, commands: Commands) -> None:
    asked = request()
    handlers.result = "unknown"
    assert (await commands.handle(asked, "c")).result == "unknown"
    handlers.result = "done"
    assert (await commands.handle(asked, "c")).data == {"count": 2}


async def test_what_could_not_be_kept_is_welcome_again(handlers: Handlers, commands: Commands) -> None:
    asked = request()
    handlers.error = NotKept("the disk is full", code="store_full")
    refused = await commands.handle(asked, "c")
    assert (refused.result, refused.code) == ("rejected", "store_full")
    handlers.error = None
    assert (await commands.handle(asked, "c")).result == "done"


async def test_an_answer_that_cannot_be_kept_is_given_all_the_same(tmp_path: Path) -> None:
    full = await Store.open(tmp_path / "hall.db", Limits(min_free_bytes=2**60))
    handlers = Handlers(full)
    reply = await registry(full, handlers).handle(request(), "c")
    await full.close()
    assert reply.data == {"count": 1}


async def test_two_at_once_are_one(handlers: Handlers, commands: Commands) -> None:
    asked = request()
    handlers.hold.clear()
    both = [asyncio.create_task(commands.handle(asked, name)) for name in ("a", "b")]
    await asyncio.sleep(0)
    handlers.hold.set()
    first, second = await asyncio.gather(*both)
    assert first == second
    assert handlers.count == 1


async def test_a_reading_verb_is_never_remembered(handlers: Handlers, commands: Commands) -> None:
    asked = request("count.read")
    handlers.hold.set()
    commands.add(Verb("count.read", Count, handlers.add, "read", reads=True))
    assert (await commands.handle(asked, "c")).data == {"count": 1}
    assert (await commands.handle(asked, "c")).data == {"count": 2}


async def test_a_private_verb_is_for_this_machine_and_kept_nowhere(
    store: Store, handlers: Handlers, commands: Commands
) -> None:
    commands.add(Verb("count.mine", Count, handlers.add, "a person's own", private=True))
    assert (commands.is_bound("count.mine"), commands.is_bound("count.add")) == (True, False)
    assert not commands.is_bound("count.sub")
    asked = request("count.mine")
    refused = await commands.handle(asked, "local-0")  # what a client calls itself proves nothing
    assert (refused.result, refused.code) == ("rejected", "local_only")
    assert refused.zh
    assert refused.en
    assert handlers.count == 0
    assert (await commands.handle_local(asked, "local-0")).data == {"count": 1}
    assert await store.answer_for(asked.id) is None
    assert (await commands.handle_local(asked, "local-0")).data == {"count": 2}, "no way to an old answer"
    assert "count" not in repr(Reply(id=asked.id, result="done", data={"count": 1}))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (request("count.sub"), "unknown_verb"),
        (request(expires=999.0), "expired"),
        (request(args={"step": "many"}), "bad_args"),
        (request(args={"stepp": 1}), "bad_args"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_reason(
    handlers: Handlers, commands: Commands, asked: Request, code: str
) -> None:
    reply = await commands.handle(asked, "c")
    assert (reply.id, reply.result, reply.code) == (asked.id, "rejected", code)
    assert reply.zh
    assert reply.en
    assert handlers.count == 0


@pytest.mark.parametrize(
    ("args", "zh", "en"),
    [
        ({"step": "many"}, 'step = "many"：类型不对', 'step = "many": is of the wrong type; a whole number'),
        ({"stepp": 1}, "stepp = 1：没有这一项；是不是 step？", "there is no such key; did you mean step?"),
    ],
)
async def test_wrong_arguments_are_told_in_either_language_with_what_would_be_right(
    commands: Commands, args: dict[str, object], zh: str, en: str
) -> None:
    reply = await commands.handle(request(args=args), "c")
    assert zh in reply.zh and en in reply.en
    assert "should" not in reply.zh
