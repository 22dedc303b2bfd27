"""The private verbs: whom a card goes to, what a citizen is told, and what becomes of an unwanted order."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from drivers.messages import Code, IdCard, Order, Outcome, ReadCard, ReadCode, Result
from edge.commands import Verb
from edge.ids import new_id
from edge.readings import MAX_WITHIN_S, ONE_CARD_S, WITHIN_S, WORDS, ReadArgs, Readings
from edge.wire import PERSONAL, Reply, Request

NUMBER = "000000199003071015"
CARD = IdCard("resident", "样卡甲", NUMBER, (("name", "样卡甲"), ("number", NUMBER)))


class Devices:
    """Ends every order as it is told, at once or when it may."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.orders: list[tuple[str, Order, float]] = []
        self.go = asyncio.Event()
        self.go.set()
        self.cancelled = 0

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome:
        self.orders.append((device, order, deadline_s))
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.outcome


async def ask(readings: Readings, verb: str = "card.read", **args: Any) -> Reply:
    found: dict[str, Verb] = {each.name: each for each in readings.verbs()}
    given = ReadArgs.model_validate({"device": "reader", "session": "s-1"} | args)
    return await found[verb].handler(given, Request(id=new_id(), verb=verb), "local-0")


async def test_a_card_is_told_to_who_asked(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    devices = Devices(Outcome(Result.DONE, reading=CARD))
    reply = await ask(Readings(devices))
    assert (reply.result, reply.code) == ("done", "")
    assert reply.data == {
        "session": "s-1",
        "kind": "resident",
        PERSONAL: {"name": "样卡甲", "number": NUMBER},
    }
    assert devices.orders == [("reader", ReadCard(WITHIN_S), WITHIN_S + ONE_CARD_S)]
    told = caplog.text + repr(caplog.records) + repr(reply)
    assert "样卡甲" not in told
    assert NUMBER not in told


async def test_a_code_is_told_to_who_asked() -> None:
    devices = Devices(Outcome(Result.DONE, reading=Code("http://hall.example/1")))
    reply = await ask(Readings(devices), "code.read", within_s=5)
    assert reply.data == {"session": "s-1", "kind": "code", PERSONAL: {"text": "http://hall.example/1"}}
    assert devices.orders == [("reader", ReadCode(5.0), 5.0 + ONE_CARD_S)]


@pytest.mark.parametrize("code", WORDS)
async def test_a_citizen_is_told_what_to_do(code: str) -> None:
    reply = await ask(Readings(Devices(Outcome(Result.FAILED, code))))
    assert (reply.result, reply.code) == ("failed", code)
    assert (reply.zh, reply.en) == WORDS[code]
    assert PERSONAL not in reply.data


def test_a_card_that_was_read_wrongly_may_be_laid_on_again() -> None:
    for code in ("check_digit", "unreadable", "card_moved", "same_card"):
        assert "再放一次" in WORDS[code][0]
        assert "again" in WORDS[code][1]


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(Result.REJECTED, "offline", "backoff"),
        Outcome(Result.REJECTED, "unknown_device"),
        Outcome(Result.REJECTED, "unauthorised"),
        Outcome(Result.UNKNOWN, "timeout"),
    ],
)
async def test_with_a_device_out_of_order_there_is_another_way(outcome: Outcome) -> None:
    reply = await ask(Readings(Devices(outcome)))
    assert (reply.result, reply.code) == (outcome.result, outcome.code)
    assert "工作人员" in reply.zh


async def test_done_without_a_reading_is_not_done() -> None:
    assert (await ask(Readings(Devices(Outcome(Result.DONE))))).result == "unknown"


async def test_a_device_reads_for_one_session_at_a_time() -> None:
    devices = Devices(Outcome(Result.DONE, reading=CARD))
    readings = Readings(devices)
    devices.go.clear()
    first = asyncio.create_task(ask(readings))
    await asyncio.sleep(0)
    for session in ("s-1", "s-2"):
        refused = await ask(readings, session=session)
        assert (refused.result, refused.code) == ("rejected", "busy")
    other = asyncio.create_task(ask(readings, device="other"))
    devices.go.set()
    assert (await first).result == (await other).result == "done"
    assert (await ask(readings, session="s-2")).data["session"] == "s-2"


async def test_who_leaves_takes_the_order_along(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    devices = Devices(Outcome(Result.DONE, reading=CARD))
    readings = Readings(devices)
    devices.go.clear()
    first = asyncio.create_task(ask(readings))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    assert devices.cancelled == 1
    assert "card.read: withdrawn" in caplog.text
    devices.go.set()
    assert (await ask(readings)).result == "done", "the device is free again"


@pytest.mark.parametrize(
    "args",
    [{"within_s": 0}, {"within_s": MAX_WITHIN_S + 1}, {"session": ""}, {"session": "s" * 65}, {"device": ""}],
)
def test_arguments_have_bounds(args: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(args))):
        ReadArgs.model_validate({"device": "reader", "session": "s"} | args)
