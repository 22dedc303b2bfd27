"""Terminals that misbehave: ports that are closed, silent or slow; floods, endless and senseless messages."""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import Callable

import pytest

from drivers.api import BadSettings, DriverError, Link, LinkLost, ProtocolBreach
from drivers.conformance import RecordingContext
from drivers.transport.null import pair
from drivers.xfs4iot.discovery import MAX_SERVICES, Place, place_of, read
from drivers.xfs4iot.driver import TerminalDriver
from drivers.xfs4iot.settings import TerminalSettings
from drivers.xfs4iot.sim import TerminalSim
from tests.protocol.doubles_xfs4iot import Bench, Port, bench
from tests.warped import warped

PORTS = TerminalSettings().ports


# --- discovery ---
def test_the_ports_are_those_of_the_specification() -> None:
    assert PORTS == (80, 443, 5846, 5847, 5848, 5849, 5850, 5851, 5852, 5853, 5854, 5855, 5856)


@pytest.mark.parametrize("other", ["closed", "silent", "slow", "away"])
@pytest.mark.parametrize("port", [80, 5851, 5856])
@warped
async def test_it_is_found_among_ports_that_are_not_its_own(other: Port, port: int) -> None:
    """All are tried at the same time: twelve that each take long take no longer than one."""
    sim = TerminalSim(port=port)
    async with bench(sim, at=dict.fromkeys(PORTS, other) | {port: sim}) as b:
        started_s = b.now_s
        await b.ready()
        assert b.now_s - started_s <= TerminalSettings().discovery_s + 1
        assert set(b.ports.tried[: len(PORTS)]) == set(PORTS)
        await b.shows()


@warped
async def test_the_services_of_two_publishers_are_put_together() -> None:
    printer, reader = TerminalSim(services=("Printer",)), TerminalSim(services=("CardReader",), port=5847)
    async with bench(printer, at={5846: printer, 5847: reader}) as b:
        await b.ready()
        assert b.attributes["services"] == "CardReader, Printer"
        reader.stick_card()
        await b.shows("card_stuck")


@pytest.mark.parametrize(
    ("at", "code", "words"),
    [
        ({}, "no_publisher", "peer_refused: 80, 443, 5846"),
        (dict.fromkeys(PORTS, "away"), "peer_unreachable", "peer_unreachable"),
        (dict.fromkeys(PORTS, "silent"), "no_publisher", "no answer: 80, 443"),
        ({80: "silent", 443: "away"}, "no_publisher", "no answer: 80; peer_unreachable: 443; peer_refused"),
    ],
)
@warped
async def test_a_search_in_vain_says_what_each_port_did(at: dict[int, Port], code: str, words: str) -> None:
    async with bench(at=at) as b:
        error = await b.ends(10)
        assert isinstance(error, LinkLost)
        assert error.code == code
        assert words in str(error)


class Says:
    """A peer that says the same to whoever comes, and no more."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def run(self, link: Link) -> None:
        await link.read()
        await link.write(self._data)
        while True:
            await link.read()


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        b"\x15\x03\x01\x00\x02\x02\x46" * 10_000,
    ],
)
@warped
async def test_a_web_server_on_one_port_does_not_hide_the_terminal_on_another(said: bytes) -> None:
    sim = TerminalSim()
    async with bench(sim, at={80: Says(said), 5846: sim}) as b:
        await b.ready()
        await b.shows()


@warped
async def test_a_publisher_that_hangs_is_no_publisher() -> None:
    sim = TerminalSim()
    sim.hang("")
    async with bench(sim) as b:
        error = await b.ends(20)
        assert isinstance(error, LinkLost)
        assert error.code == "no_publisher"


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("wss://ATM1:123/xfs4iot/v1.0/CardReader", Place(123, "/xfs4iot/v1.0/CardReader")),
        ("ws://localhost:5846/xfs4iot/v1.0/Printer/", Place(5846, "/xfs4iot/v1.0/Printer/")),
        ("wss://atm/xfs4iot/v1.0/Printer", Place(443, "/xfs4iot/v1.0/Printer")),
        ("ws://atm/xfs4iot/v1.0/Printer", Place(80, "/xfs4iot/v1.0/Printer")),
        ("http://atm:80/xfs4iot/v1.0/Printer", None),
        ("ws://atm:99999/x", None),
        ("ws://[::1/x", None),
        ("ws://atm:80", None),
        ("", None),
        (None, None),
        (["ws://atm:80/x"], None),
    ],
)
def test_a_uri_is_a_port_and_a_path(uri: object, place: Place | None) -> None:
    assert place_of(uri) == place


def test_a_publisher_cannot_send_us_elsewhere_nor_without_end() -> None:
    uris = [f"ws://198.51.100.{n}:22/service{n}" for n in range(1000)]
    found = read({"vendorName": "x" * 1000, "services": [{"serviceURI": uri} for uri in uris]})
    assert len(found.places) == MAX_SERVICES
    assert len(found.vendor) == 64
    assert len(read({"services": [{}] * 1000}).strange) == MAX_SERVICES
    for services in (None, 7, "x", {"a": 1}):
        assert read({"services": services}).places == ()


# --- services that misbehave ---
async def misbehaves(b: Bench, act: Callable[[], object], code: str) -> None:
    """It is told while the other services go on, and the service comes back by itself."""
    await b.ready()
    result = act()
    if inspect.isawaitable(result):
        with contextlib.suppress(LinkLost):
            await result
    await b.shows(code)
    b.sim.set_door("open")
    await b.shows(code, "door_open")
    b.sim.set_door("locked")
    await b.shows()
    assert b.sim.connected("Printer") == 1
    assert not b.task.done()


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda s: s.send_endless("Printer"), "message_too_long"),
        (lambda s: s.flood("Printer", 100_000), "flooded"),
        (lambda s: s.send_raw("Printer", b"\x83\x00"), "not_websocket"),
        (lambda s: s.send_raw("Printer", b"\x88\x02\x03\xe9"), "service_lost"),
    ],
)
@warped
async def test_a_service_that_breaks_the_rules_is_closed_told_and_tried_again(
    act: Callable[[TerminalSim], object], code: str
) -> None:
    async with bench() as b:
        await misbehaves(b, lambda: act(b.sim), code)


@warped
async def test_a_service_that_takes_no_line_any_more_is_told_and_tried_again() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.closed.add("Printer")
        b.sim.send_raw("Printer", b"\x88\x02\x03\xe9")  # going away
        await b.shows("upgrade_refused")
        assert b.detail("upgrade_refused") == "Printer: host://192.0.2.1: HTTP status 404"
        b.sim.closed.clear()
        await b.shows()


@warped
async def test_the_only_service_that_breaks_the_rules_ends_the_run_with_what_it_did() -> None:
    async with bench(TerminalSim(services=("Printer",)), TerminalSettings(expects=("Printer",))) as b:
        await b.ready()
        with pytest.raises(LinkLost):
            await b.sim.send_endless("Printer")
        error = await b.ends()
        assert isinstance(error, ProtocolBreach)
        assert error.code == "message_too_long"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "[" * 100_000,
        '{"header":{"type":"event"}}',
        json.dumps({"header": {"type": "x", "name": "y"}}),
    ],
)
@warped
async def test_a_message_without_sense_is_told_until_the_next_good_answers(text: str) -> None:
    async with bench() as b:
        await b.ready()
        b.sim.send("Printer", text)
        await b.shows("bad_message")
        assert b.detail("bad_message").startswith("Printer: ")
        await b.shows()
        assert b.ports.open_lines == 3


@warped
async def test_too_many_without_sense_and_the_line_is_reopened() -> None:
    async with bench() as b:
        await b.ready()
        for _ in range(TerminalSettings().bad_messages + 1):
            b.sim.send("Printer", "hello")
        await b.until(lambda: "service_lost" in b.ctx.own.conditions)
        await b.shows()


@warped
async def test_answers_that_nobody_asked_for_are_counted() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.answer_unasked("Printer")
        b.sim.answer_unasked("Printer", 1)  # of a question that has been answered
        await b.until(lambda: b.ctx.own.conditions.get("unasked") == "Printer: 2")
        await b.ctx.clock.sleep(60)
        await b.shows("unasked")


@warped
async def test_a_value_that_no_document_has_is_told_and_does_no_harm() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.set_paper("soggy")
        b.sim.set_device("CardReader", "haunted")
        await b.shows("unknown_value")
        for word in ("Printer: printer.paper.upper = soggy", "CardReader: common.device = haunted"):
            assert word in b.detail("unknown_value")
        assert b.attributes["paper"] == "full"


@warped
async def test_a_ping_is_answered() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.ping("Printer")
        await b.ctx.clock.sleep(60)
        await b.shows()


@warped
async def test_a_terminal_of_another_edition_says_that_it_cannot_be_asked() -> None:
    """Its publisher refuses the message's version: the settings name the right one."""
    async with bench(TerminalSim(edition="3.0")) as b:
        error = await b.ends()
        assert isinstance(error, DriverError)
        assert error.code == "no_publisher"


@warped
async def test_one_line_is_not_enough() -> None:
    near, _ = pair()
    with pytest.raises(BadSettings):
        await TerminalDriver().run(near, RecordingContext(TerminalDriver.spec, TerminalSettings()))
