"""The kiosk beside the demonstration, and what is done for who sits before it."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from drivers.newland.sim import NewlandSim
from drivers.printer.sim_paper import Line, Slip
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import CARDS, made_up_number
from edge.checklist.paper import TITLE
from edge.cli import CardKind
from edge.control import ControlServer
from edge.demo import guest as guests
from edge.demo.guest import FOLDER, SOCKET, Guest, NoDemo, socket_of_demo, tell
from edge.demo.kiosk import has_display, settings_of, with_kiosk
from edge.demo.rig import Rig
from edge.demo.room import is_notice
from edge.demo.run import CONFIG
from edge.ids import new_id
from edge.settings import load
from edge.upstream.messages import Declaring
from edge.upstream.sandbox.service import Service
from edge.wire import Reply, Request
from kiosk_ui.keys import person_of
from kiosk_ui.settings import load as load_kiosk
from tests.upstream.kit import client_of, sandbox, visit

KEY = "k" * 64


def ask(verb: str, **args: Any) -> Request:
    return Request(id="a" * 32, verb=verb, args=args)


def rig(*peers: object) -> Rig:
    def of(kind: type) -> dict[str, object]:
        return {str(number): peer for number, peer in enumerate(peers) if isinstance(peer, kind)}

    services = {"tax": object(), "social": object()}
    return cast("Rig", SimpleNamespace(of=of, settings=SimpleNamespace(services=services)))


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "LIGHT_S", 0.05)


@pytest.mark.parametrize(
    ("env", "shown"), [({}, False), ({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "w"}, True)]
)
def test_a_kiosk_is_shown_where_there_is_a_display(env: Mapping[str, str], shown: bool) -> None:
    assert has_display(env) == shown


def test_node_and_kiosk_know_each_other(tmp_path: Path) -> None:
    hall, kiosk = tmp_path / "hall.toml", tmp_path / "kiosk.toml"
    hall.write_text(with_kiosk(CONFIG.read_text(encoding="utf-8")), encoding="utf-8")
    key = tmp_path / "person.key"
    key.write_text(KEY, encoding="utf-8")
    kiosk.write_text(settings_of(tmp_path / 'a "folder"' / "control.sock", key), encoding="utf-8")
    settings = load_kiosk(kiosk)
    assert settings.look().has_card_check_in
    assert settings.kiosk.socket == tmp_path / 'a "folder"' / "control.sock"
    names = re.findall(r"\$\{(\w+)\}", hall.read_text(encoding="utf-8"))
    env = {name: "5000" if "PORT" in name else "/dev/x" for name in names} | {"HALL_BROKER": "mqtt://h"}
    assert settings.kiosk.id in load(hall, env=env).kiosks


async def test_a_card_lies_there_for_a_while_and_is_taken_away() -> None:
    reader = SdtSim()
    guest = Guest(rig(reader), Path(), KEY)
    assert (await guest.handle(ask("sim.card", kind="permit", lies_s=0.05), "me")).result == "done"
    await asyncio.sleep(0.15)
    assert reader.take_card() is None
    assert (await guest.handle(ask("sim.card"), "me")).result == "done"
    card = reader.take_card()
    assert card and card.kind == "resident"
    guest.leave()


@pytest.mark.parametrize(
    ("known", "booked"),
    [
        ([], True),
        ([{"ref": "r", "service": "tax", "time": "10:00", "ticket": ""}], False),
        ([{"ref": "r", "service": "tax", "time": "10:00", "ticket": "A001"}], True),
        ([{"ref": "r", "service": "tax", "time": "09:00", "ticket": ""}], True),
    ],
    ids=["none", "one to come", "one that was used", "one that is over"],
)
async def test_who_lays_the_residents_card_down_has_an_appointment(
    tmp_path: Path, known: list[dict[str, str]], booked: bool
) -> None:
    asked: list[Request] = []

    async def node(request: Request, _client: str) -> Reply:
        asked.append(request)
        return Reply(
            id=request.id, result="done", data={"time": "2026-11-30T09:58:30", "appointments": known}
        )

    reader, server = SdtSim(), ControlServer(tmp_path / "control.sock", node)
    await server.start()
    guest = Guest(rig(reader), tmp_path / "control.sock", KEY)
    try:
        reply = await guest.handle(ask("sim.card"), "me")
    finally:
        guest.leave()
        await server.stop()
    assert reply.result == "done" and f"at {'10:03' if booked else '10:00'}" in reply.en
    assert reader.take_card()
    person = person_of(KEY, made_up_number(), "2026-11-30")
    made = [each.args for each in asked if each.verb == "appointment.book"]
    assert [(each["person"], each["time"]) for each in made] == ([(person, "10:03")] if booked else [])
    assert {each.args.get("person") for each in asked if each.verb != "kiosk.view"} == {person}


@pytest.mark.parametrize("args", [{"kind": "visa"}, {"lies_s": 0}, {"lies_s": "long"}, {"lies_s": 1e9}])
async def test_a_card_that_is_none_is_refused(args: dict[str, object]) -> None:
    reader = SdtSim()
    reply = await Guest(rig(reader), Path(), KEY).handle(ask("sim.card", **args), "me")
    assert (reply.result, reply.code) == ("rejected", "bad_card") and reply.zh
    assert reader.take_card() is None


async def test_a_code_is_held_there_until_the_scanner_is_lit(short: None) -> None:
    scanner = NewlandSim()
    guest = Guest(rig(scanner), Path(), KEY)
    dark = await guest.handle(ask("sim.scan", text="A001"), "me")
    assert (dark.result, dark.code) == ("rejected", "dark") and "自助机" in dark.zh
    scanner.lit.set()
    assert (await guest.handle(ask("sim.scan", text="A001"), "me")).result == "done"
    assert not scanner.lit.is_set(), "what was read puts the light out"


async def test_who_comes_without_a_code_gets_an_appointment_in_the_halls_time(tmp_path: Path) -> None:
    asked: list[Request] = []

    async def node(request: Request, _client: str) -> Reply:
        asked.append(request)
        return Reply(id=request.id, result="done", data={"time": "2026-11-29T23:58:30"})

    scanner, server = NewlandSim(), ControlServer(tmp_path / "control.sock", node)
    await server.start()
    scanner.lit.set()
    try:
        reply = await Guest(rig(scanner), tmp_path / "control.sock", KEY).handle(ask("sim.scan"), "me")
    finally:
        await server.stop()
    booked = asked[-1].args
    assert (booked["service"], booked["day"], booked["time"]) == ("tax", "2026-11-30", "00:03")
    assert reply.result == "done" and booked["ref"] in reply.en


@pytest.mark.parametrize(
    ("verb", "code"), [("sim.card", "no_reader"), ("sim.scan", "no_scanner"), ("x", "unknown_verb")]
)
async def test_what_is_not_there_is_said(verb: str, code: str) -> None:
    reply = await Guest(rig(), Path(), KEY).handle(ask(verb), "me")
    assert (reply.result, reply.code) == ("rejected", code) and reply.zh and reply.en


async def test_without_a_node_no_appointment_is_made(tmp_path: Path) -> None:
    reply = await Guest(rig(NewlandSim()), tmp_path / "none.sock", KEY).handle(ask("sim.scan"), "me")
    assert (reply.result, reply.code, reply.id) == ("rejected", "no_node", "a" * 32)


async def test_the_command_finds_the_demonstration_that_was_started_last(tmp_path: Path) -> None:
    with pytest.raises(NoDemo, match="make demo"):
        socket_of_demo(tmp_path)
    places = [tmp_path / f"{FOLDER}{name}" / SOCKET for name in "ab"]
    for age_s, place in enumerate(places):
        place.parent.mkdir()
        place.touch()
        os.utime(place, (1000 - age_s, 1000 - age_s))
    assert socket_of_demo(tmp_path) == places[0]
    with pytest.raises(NoDemo, match="has ended"):
        await tell("sim.card", {}, places[0])


def test_the_command_knows_every_card_that_there_is() -> None:
    assert {each.value for each in CardKind} == set(CARDS)


def test_a_notice_is_nobodys_number() -> None:
    assert is_notice(Slip((Line("示范大厅", (2, 2), "center"), Line(TITLE[0], (2, 2), "center"))))
    assert not is_notice(Slip((Line("A001", (6, 6), "center"),)))


async def test_a_case_of_the_sandbox_is_held_before_the_scanner() -> None:
    scanner, service = NewlandSim(), Service()
    scanner.lit.set()
    async with sandbox(service) as url:
        reply = await Guest(rig(scanner), Path(), KEY, url).handle(ask("sim.scan", case=True), "me")
    assert reply.result == "done" and service.some_cases()[0] in reply.en


async def test_who_pays_pays_what_the_kiosk_shows(tmp_path: Path) -> None:
    service, shown = Service(), ""

    async def node(request: Request, _client: str) -> Reply:
        assert request.verb == "payment.state"
        return Reply(id=request.id, result="done", data={"qr": shown})

    server = ControlServer(tmp_path / "control.sock", node)
    await server.start()
    try:
        async with sandbox(service) as url, client_of(url) as client:
            subject = await visit(client)
            wanted = [Declaring(id=(await client.obligations(subject))[0].id, values={})]
            due = await client.declare(subject, new_id(), wanted)
            payment = await client.pay(new_id(), due.key, due.total_fen)
            guest = Guest(rig(), tmp_path / "control.sock", KEY, url)
            hidden = await guest.handle(ask("sim.pay"), "me")
            assert (hidden.result, hidden.code) == ("rejected", "no_code") and "办税" in hidden.zh
            shown = payment.qr
            assert (await guest.handle(ask("sim.pay"), "me")).result == "done"
            assert (await client.payment(payment.key)).state == "paid"
    finally:
        await server.stop()


@pytest.mark.parametrize(("verb", "args"), [("sim.pay", {}), ("sim.scan", {"case": True})])
async def test_without_a_sandbox_that_is_said(verb: str, args: dict[str, object]) -> None:
    guest = Guest(rig(NewlandSim()), Path(), KEY, "http://127.0.0.1:9")
    reply = await guest.handle(ask(verb, **args), "me")
    assert (reply.result, reply.code) == ("rejected", "no_services") and reply.zh
