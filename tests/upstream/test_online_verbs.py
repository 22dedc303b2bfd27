"""The verbs over the client and the sandbox: what kiosks are answered, and every refusal in plain words."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from edge.commands import Verb
from edge.ids import new_id
from edge.settings import load
from edge.upstream.client import HttpUpstream
from edge.upstream.people import People
from edge.upstream.port import Away, Nonsense, Refused, UpstreamError
from edge.upstream.sandbox.faults import Fault
from edge.upstream.sandbox.service import Service
from edge.upstream.verbs import OnlineVerbs
from edge.upstream.words import NOT_ASKED, WORDS, not_done
from edge.wire import Reply, Request
from edge.wire.services import KioskSlotDays
from tests.unit.registry_kit import WHOLE, entry_points, write
from tests.upstream.kit import OTHER, Ahead, client_of, sandbox, visit

SANDBOX = Path(__file__).resolve().parents[2] / "edge" / "upstream" / "sandbox"
ROSTER = '[[roster]]\ndays = ["mon", "tue", "wed", "thu", "fri"]\nhours = ["09:00-12:00"]\n'


class Kiosk:
    def __init__(self, client: HttpUpstream, folder: Path, today: str, more: str = "") -> None:
        path = write(folder / "hall.toml", WHOLE + more)
        settings = load(path, allow_sim=True, env={}, entry_points=entry_points())
        self.client, self.people = client, People(Ahead(), lambda _: None)
        hall = MagicMock(today=lambda: today)
        verbs = OnlineVerbs(
            client, self.people, MagicMock(), settings=settings, hall=hall, booked=AsyncMock()
        ).all()
        self.verbs: dict[str, Verb] = {verb.name: verb for verb in verbs}

    async def ask(self, verb: str, **args: Any) -> Reply:
        found = self.verbs[verb]
        return await found.handler(found.args.model_validate(args), Request(id=new_id(), verb=verb), "local")

    async def comes(self, number: str = "") -> str:
        return self.people.came(await (visit(self.client, number) if number else visit(self.client)), 900)


@asynccontextmanager
async def kiosk(folder: Path, service: Service, more: str = "") -> AsyncIterator[Kiosk]:
    async with sandbox(service) as url, client_of(url) as client:
        yield Kiosk(client, folder, service.today().isoformat(), more)


async def test_no_answer_is_kept_and_none_is_given_from_afar(tmp_path: Path) -> None:
    async with kiosk(tmp_path, Service()) as found:
        assert {verb.private for verb in found.verbs.values()} == {True}


async def test_a_visit_that_is_over_is_told_and_forgotten(tmp_path: Path) -> None:
    service = Service()
    async with kiosk(tmp_path, service) as found:
        person = await found.comes()
        service.visits.clear()
        reply = await found.ask("tax.obligations", person=person)
        assert (reply.result, reply.code) == ("rejected", "visit_over")
        assert len(found.people) == 0
        service.faults.faults = [Fault("down")]
        again = await found.ask("tax.obligations", person=person)
        assert again.code == "visit_over", "nobody is asked any more"


@pytest.mark.parametrize(("fault", "code"), [("down", "upstream_away"), ("schema", "upstream_nonsense")])
async def test_after_silence_what_was_to_be_done_is_unknown(tmp_path: Path, fault: str, code: str) -> None:
    service = Service()
    day = (service.today() + timedelta(3)).isoformat()
    async with kiosk(tmp_path, service) as found:
        person = await found.comes()
        service.faults.faults = [Fault(fault)]
        wish = {"person": person, "ref": new_id(), "service": "tax", "day": day, "time": "09:00"}
        booked = await found.ask("booking.make", **wish)
        assert (booked.result, booked.code) == ("unknown", code)
    async with kiosk(tmp_path, service) as found:
        listed = await found.ask("slot.find", service="tax", day=day)
        assert (listed.result, listed.code) == ("failed", code)


async def test_a_tax_of_somebody_else(tmp_path: Path) -> None:
    async with kiosk(tmp_path, Service()) as found:
        owed = await found.ask("tax.obligations", person=await found.comes())
        wishes = [{"id": owed.data["obligations"][0]["id"], "values": {}}]
        other = await found.comes(OTHER)
        reply = await found.ask("tax.declare", person=other, key=new_id(), obligations=wishes)
        assert (reply.result, reply.code) == ("rejected", "not_yours")
        assert "纳税人本人的证件" in reply.zh


async def test_days_are_the_halls_own_and_need_nobody(tmp_path: Path) -> None:
    service = Service()
    service.faults.faults = [Fault("down")]
    async with kiosk(tmp_path, service, ROSTER) as found:
        reply = await found.ask("slot.days", service="tax")
        days = KioskSlotDays.model_validate(reply.data).days
        assert days[0].day == service.today().isoformat()
        names = {(service.today() + timedelta(n)).weekday(): day.open for n, day in enumerate(days[:7])}
        assert [names[weekday] for weekday in range(7)] == [True] * 5 + [False] * 2
        assert (await found.ask("slot.days", service="nothing")).code == "unknown_service"


def test_every_refusal_of_the_sandbox_has_its_words() -> None:
    """But for those that only a program in error meets."""
    source = "".join(path.read_text(encoding="utf-8") for path in SANDBOX.glob("*.py"))
    codes = set(re.findall(r'Problem\(\s*\d+, "([a-z_]+)"', source))
    ours = {"wrong_request", "unauthorised", "sandbox_full", "twice"}
    ours |= {"other_order", "other_declaration", "unknown_declaration"}
    money = {"unknown_payment", "closed", "nothing_due", "not_paid", "unknown_certificate"}
    assert codes - ours - money - set(WORDS) == set()
    assert "slot_taken" in codes


@pytest.mark.parametrize("code", WORDS)
def test_words_are_chinese_first_and_english_too(code: str) -> None:
    reply = not_done("a" * 32, Refused(code, "for technicians", 1))
    assert re.search(r"[\u4e00-\u9fff]", reply.zh)
    assert re.match(r"[A-Z]", reply.en)
    assert (reply.result, reply.code, reply.data) == ("rejected", code, {"total_fen": 1})


@pytest.mark.parametrize(
    ("error", "changes", "result", "code"),
    [
        (Away("timeout", "x"), True, "unknown", "upstream_away"),
        (Away("timeout", "x"), False, "failed", "upstream_away"),
        (Away("resting", "x"), True, "failed", "upstream_away"),
        (Nonsense("not_json", "x"), True, "unknown", "upstream_nonsense"),
        (Refused("brand_new", "x"), True, "rejected", "brand_new"),
    ],
)
def test_what_is_known_after_each(error: UpstreamError, changes: object, result: str, code: str) -> None:
    reply = not_done("a" * 32, error, changes=bool(changes))
    assert (reply.result, reply.code) == (result, code)
    assert "x" not in (reply.zh, reply.en), "causes are for technicians"
    assert "resting" in NOT_ASKED
