"""Who lays a card there: the process that asks, what the node keeps of it, and what a citizen is told."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import pytest
from aiohttp import web

from drivers.messages import Code, IdCard, Order, Outcome, Reading, Result
from edge.ids import new_id
from edge.readings import ReadArgs, Readings
from edge.upstream import identifying
from edge.upstream.identifying import Identifying
from edge.upstream.people import People
from edge.upstream.sandbox.faults import Fault
from edge.upstream.sandbox.service import Service
from edge.wire import PERSONAL, Reply, Request
from edge.wire.services import KioskPerson
from tests.upstream.kit import NAME, NUMBER, TERMINAL, Ahead, Way, answering, sandbox


def read_anew(name: str = NAME, number: str = NUMBER) -> IdCard:
    """A card as a driver gives it: texts of its own, which will be overwritten."""
    name, number = "".join(list(name)), "".join(list(number))
    return IdCard(
        "resident", name, number, (("name", name), ("number", number), ("address", "某路".ljust(3)))
    )


class Devices:
    def __init__(self, reading: Reading | None, code: str = "") -> None:
        self._outcome = Outcome(Result.DONE if reading else Result.FAILED, code, reading=reading)
        self.asked = 0

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome:  # noqa: ARG002 one does
        self.asked += 1
        return self._outcome


class Hall:
    def __init__(
        self,
        url: str,
        reading: Reading | None,
        code: str = "",
        *,
        up: bool = True,
        limit_s: float = 10.0,
        **way: Path,
    ) -> None:
        self.devices, self.left = Devices(reading, code), list[str]()
        self.people = People(Ahead(), self.left.append)
        access = Way(url, timeout_s=limit_s, **way)
        self._identifying = Identifying(Readings(self.devices), self.people, access, TERMINAL, lambda: up)

    async def identify(self) -> Reply:
        args = ReadArgs(device="reader", session="s-1", within_s=1)
        request = Request(id=new_id(), verb="person.identify")
        return await self._identifying.identify(args, request, "local-0")


async def test_a_card_becomes_a_handle_and_what_may_be_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service, card = Service(), read_anew()
    async with sandbox(service) as url:
        hall = Hall(url, card)
        reply = await hall.identify()
    assert reply.result == "done"
    told = KioskPerson.model_validate(reply.data)
    assert dict(told.personal) == {"name": "样*甲", "number": f"000***********{NUMBER[-4:]}"}
    subject = hall.people.subject_of(told.person)
    assert subject in service.visits
    assert set(card.number) == {"\0"}, "the reading is overwritten once it is told"
    assert set(card.name) == {"\0"}
    for text in (caplog.text, repr(reply)):
        assert NUMBER not in text
        assert NAME not in text
        assert str(subject) not in text


async def test_the_services_and_the_log_know_a_request_by_one_name(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    names: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        names.append(request.headers["X-Request-Id"])
        return web.json_response({"subject": "a" * 32, "expires_in_s": 900}, status=201)

    async with answering(answer) as url:
        assert (await Hall(url, read_anew()).identify()).result == "done"
    (said,) = [record for record in caplog.records if record.getMessage() == "identify: answered"]
    assert names == [vars(said)["request"]]


@pytest.mark.parametrize(
    ("name", "number", "code"),
    [
        (NAME, NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2"), "wrong_number"),
        ("SPECIMEN, TEST CARD", "XXX000091010100", "unknown_person"),
        (NAME, "", "unknown_person"),
        ("长" * 65, NUMBER, "unknown_person"),
    ],
)
async def test_a_card_that_they_do_not_know(name: str, number: str, code: str) -> None:
    async with sandbox(Service()) as url:
        hall = Hall(url, read_anew(name, number))
        reply = await hall.identify()
    assert (reply.result, reply.code) == ("rejected", code)
    assert reply.zh
    assert reply.en
    assert len(hall.people) == 0


async def test_a_card_that_was_not_read() -> None:
    hall = Hall("http://127.0.0.1:1", None, "card_moved")
    reply = await hall.identify()
    assert (reply.result, reply.code) == ("failed", "card_moved")
    assert "拿开得太早" in reply.zh
    odd = await Hall("http://127.0.0.1:1", Code("x")).identify()
    assert odd.result == "unknown"


async def test_nobody_lays_his_card_there_for_nothing() -> None:
    hall = Hall("http://127.0.0.1:1", read_anew(), up=False)
    reply = await hall.identify()
    assert (reply.result, reply.code) == ("failed", "upstream_away")
    assert hall.devices.asked == 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [("down", "upstream_away"), ("error", "upstream_away"), ("schema", "upstream_nonsense")],
)
async def test_who_does_not_answer_as_he_should(fault: str, code: str) -> None:
    service, card = Service(), read_anew()
    service.faults.faults = [Fault(fault)]
    async with sandbox(service) as url:
        reply = await Hall(url, card).identify()
    assert (reply.result, reply.code) == ("failed", code)
    assert set(card.number) == {"\0"}


async def test_a_token_that_cannot_be_read_is_told_to_technicians(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with sandbox(Service()) as url:
        reply = await Hall(url, read_anew(), token_file=tmp_path / "nowhere").identify()
    assert reply.code == "upstream_away"
    assert f"{tmp_path}/nowhere: No such file" in caplog.text


@pytest.mark.parametrize(
    "does", ["pass", "print('{}')", "print('no')", "print('[]')", "import time; time.sleep(60)"]
)
async def test_a_process_that_is_broken(monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    monkeypatch.setattr(identifying, "COMMAND", (sys.executable, "-c", does))
    monkeypatch.setattr(identifying, "START_S", 0.0)
    async with sandbox(Service()) as url, asyncio.timeout(20):
        reply = await Hall(url, read_anew(), limit_s=1.0).identify()
    assert (reply.result, reply.code) == ("failed", "upstream_away")


async def test_a_process_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identifying, "COMMAND", ("/nowhere/python",))
    hall = Hall("http://127.0.0.1:1", read_anew())
    reply = await hall.identify()
    assert (reply.result, reply.code) == ("failed", "upstream_away")
    assert PERSONAL not in reply.data
