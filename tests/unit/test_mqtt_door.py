"""The door of the commands, without a broker: bounds, time-outs, faults of handlers."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

import edge.door
from edge.door import Door
from edge.ids import new_id
from edge.inbox import Inbound
from edge.wire import MAX_PAYLOAD, Reply, Request, reply_topic
from tests.warped import warped

TOPIC = "hall/1/h1/n1/cmd/take"


class Desk:
    """Collects the answers."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, Reply]] = []
        self.sizes: list[int] = []
        self.door = Door(self.handle, self.answer)
        self.handled: list[str] = []
        self.release = asyncio.Event()
        self.release.set()

    async def handle(self, request: Request, client: str) -> Reply:
        await self.release.wait()
        self.handled.append(client)
        if "raise" in request.args:
            raise RuntimeError(request.args["raise"])
        return Reply(id=request.id, result="done", data={"echo": request.args.get("echo", "")})

    async def answer(self, topic: str, payload: bytes) -> None:
        self.sizes.append(len(payload))
        self.answers.append((topic, Reply.model_validate_json(payload)))

    def knock(self, *, retain: bool = False, **request: Any) -> None:
        request_id = request.setdefault("id", new_id())
        request.setdefault("reply_to", reply_topic("desk", request_id))
        body = {"verb": "take", **request}
        self.door.knock(Inbound(TOPIC, json.dumps(body).encode(), retain))

    async def settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)


async def test_no_reply_wanted_none_sent() -> None:
    desk = Desk()
    desk.knock(reply_to="")
    await desk.settle()
    assert desk.handled == ["mqtt"]
    assert desk.answers == []


async def test_a_handler_s_fault_is_unknown_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    desk.knock(args={"raise": "no paper"})
    await desk.settle()
    reply = desk.answers[0][1]
    assert (reply.result, reply.code) == ("unknown", "internal_error")
    assert "no paper" in caplog.text


@warped
async def test_a_handler_without_end_is_unknown() -> None:
    desk = Desk()
    desk.release.clear()
    desk.knock()
    await asyncio.sleep(edge.door.COMMAND_TIMEOUT_S + 1)
    reply = desk.answers[0][1]
    assert (reply.result, reply.code) == ("unknown", "no_answer")


async def test_running_commands_are_bounded_and_so_is_a_flood() -> None:
    desk = Desk()
    desk.release.clear()
    for _ in range(1_000):
        desk.knock()
        await asyncio.sleep(0)
    busy = [reply for _, reply in desk.answers]
    assert {(reply.result, reply.code) for reply in busy} == {("rejected", "busy")}
    assert len(busy) == 1_000 - edge.door.MAX_RUNNING
    desk.release.set()
    await desk.settle()
    assert len(desk.handled) == edge.door.MAX_RUNNING


async def test_a_burst_in_one_turn_of_the_loop_is_bounded_too() -> None:
    desk = Desk()
    desk.release.clear()
    for _ in range(1_000):
        desk.knock()
    await desk.settle()
    assert desk.door.refused == 1_000 - edge.door.MAX_RUNNING
    assert len(desk.answers) == edge.door.MAX_OPEN - edge.door.MAX_RUNNING  # the rest of the flood gets none
    desk.release.set()
    await desk.settle()
    assert len(desk.handled) == edge.door.MAX_RUNNING


async def test_closing_ends_what_runs() -> None:
    desk = Desk()
    desk.release.clear()
    desk.knock()
    await desk.settle()
    desk.door.close()
    desk.release.set()
    await desk.settle()
    assert desk.handled == []


async def test_an_answer_too_large_for_a_message_says_so() -> None:
    desk = Desk()

    async def handle(request: Request, client: str) -> Reply:
        return Reply(id=request.id, result="done", data={"all": "x" * MAX_PAYLOAD})

    desk.door = Door(handle, desk.answer)
    desk.knock()
    await desk.settle()
    assert (desk.answers[0][1].result, desk.answers[0][1].code) == ("done", "answer_too_large")
    assert desk.sizes[0] < 1_000


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"verb": "other"}, "wrong_verb"),
        ({"verb": "NOT A VERB"}, "malformed"),
        ({"args": []}, "malformed"),
        ({"expires": "tomorrow"}, "malformed"),
        ({"unknown": 1}, "malformed"),
        ({"args": {"text": "x" * 17_000}}, "too_large"),
    ],
)
async def test_refusals_say_why(request_: dict[str, Any], code: str) -> None:
    desk = Desk()
    desk.knock(**request_)
    await desk.settle()
    topic, reply = desk.answers[0]
    assert (reply.result, reply.code) == ("rejected", code)
    assert topic.endswith(reply.id)
    assert (reply.zh != "", reply.en != "") == (True, True)
    assert desk.handled == []


LARGE = "x" * 200_000


@pytest.mark.parametrize(
    ("payload", "answered"),
    [
        ('{{"verb":"take","args":["{large}"],"id":"{id}","reply_to":"{where}"}}', True),
        ('{{"reply_to" : "{where}", "id" : "{id}", "args": "{large}"', True),  # cut off
        ('{{"id":"{other}","reply_to":"{where}","args":"{large}"}}', False),
        ('{{"id":"{id}","args":"{large}"}}', False),
        ('{{"id":"{id}","reply_to":"hall/1/h1/n1/cmd/take","args":"{large}"}}', False),
        ("{large}", False),
    ],
)
async def test_what_is_too_large_is_answered_unread_where_it_says_who_asks(
    payload: str, answered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(edge.door, "from_json")  # nobody parses it
    desk, request_id = Desk(), new_id()
    where = reply_topic("desk", request_id)
    text = payload.format(id=request_id, where=where, other=new_id(), large=LARGE)
    for retain in (False, True):
        desk.door.knock(Inbound(TOPIC, text.encode(), retain))
    await desk.settle()
    codes = [(topic, reply.id, reply.code) for topic, reply in desk.answers]
    assert codes == ([(where, request_id, code) for code in ("too_large", "retained")] if answered else [])
    assert (desk.door.refused, desk.handled) == (2, [])


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "part", ['"reply_to"', '"reply_to": ', " ", '"reply_to":"hall/1/reply/a', '"id":"', "\xff"]
)
async def test_what_is_too_large_is_looked_through_in_no_time(part: str) -> None:
    desk = Desk()
    payload = (part.encode("latin-1") * MAX_PAYLOAD)[:MAX_PAYLOAD]
    for _ in range(20):
        desk.door.knock(Inbound(TOPIC, payload))
    await desk.settle()
    assert (desk.answers, desk.door.refused) == ([], 20)


async def test_kept_messages_are_no_commands() -> None:
    desk = Desk()
    desk.knock(retain=True)
    await desk.settle()
    assert desk.answers[0][1].code == "retained"
    assert desk.handled == []


@pytest.mark.parametrize(
    "reply_to",
    [
        "hall/1/h1/n1/cmd/take",
        "hall/1/reply/desk",
        "hall/1/reply/desk/" + "0" * 32,  # not the request's id
        "hall/1/reply/#/{id}",
        "hall/1/reply/Desk/{id}",
        "hall/1/reply/desk/{id}/more",
        "x/hall/1/reply/desk/{id}",
        "hall/1/reply/desk/{id}\n",
    ],
)
async def test_an_answer_goes_to_a_reply_topic_of_the_request_only(reply_to: str) -> None:
    desk = Desk()
    request_id = new_id()
    desk.knock(id=request_id, reply_to=reply_to.format(id=request_id))
    await desk.settle()
    assert desk.answers == []
    assert desk.handled == []
    assert desk.door.refused == 1
