"""What a terminal with a heartbeat tells, and how soon: over HTTP, and as lines."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import pytest

from drivers.api import Identity, Link, LinkLost, ProtocolBreach
from drivers.conformance import RecordingContext
from drivers.heartbeat.driver import HeartbeatDriver
from drivers.heartbeat.settings import HeartbeatSettings
from drivers.heartbeat.sim import FIELDS, PATH, VALUES, HeartbeatSim, Ill
from drivers.profiles import Profiles
from drivers.transport.losses import lost
from drivers.transport.sick import WELL, Ills, Sick
from drivers.transport.sim import SimLink
from tests.protocol.terminal_bench import AtWork
from tests.protocol.test_conformance_heartbeat import HTTP, TCP
from tests.warped import warped

BOTH = {"http": HTTP, "tcp": TCP}


class Wire(SimLink):
    """A null modem that counts the lines that are open, and can have its peer away."""

    def __init__(self, sick: Sick[HeartbeatSim]) -> None:
        super().__init__("tcp://192.0.2.1:8080", sick)
        self._sick = sick
        self.dialled: list[SimLink] = []
        self.open = 0
        self.away = False

    async def dial(self, port: int | None = None, host: str = "") -> SimLink:
        assert port is None and not host, "a heartbeat has one port"
        if self.away:
            raise lost(self.url, "peer_refused")
        wire, line = self, SimLink(self.url, self._sick)
        self.open += 1
        close = line.close

        async def closed() -> None:
            wire.open -= 1
            await close()

        line.close = closed  # type: ignore[method-assign]  # to count
        self.dialled.append(line)
        return line


@dataclass(slots=True)
class Bench(AtWork[HeartbeatSettings]):
    sick: Sick[HeartbeatSim]
    wire: Wire

    @property
    def sim(self) -> HeartbeatSim:
        return self.sick.simulator

    async def shows(self, *codes: str) -> float:
        return await self.until(lambda: self.ctx.is_ready and set(self.ctx.own.conditions) == set(codes))


@contextlib.asynccontextmanager
async def bench(
    settings: HeartbeatSettings,
    sim: HeartbeatSim | None = None,
    driver: HeartbeatDriver | None = None,
    ills: Ills = WELL,
) -> AsyncIterator[Bench]:
    sick = Sick(sim or HeartbeatSim(settings.protocol), ills)
    wire = Wire(sick)
    ctx = RecordingContext(HeartbeatDriver.spec, settings)
    task: asyncio.Task[None] = asyncio.create_task((driver or HeartbeatDriver()).run(wire, ctx))
    try:
        yield Bench(ctx, task, sick, wire)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await wire.close()
    assert wire.open == 0, "lines were left open"
    assert ctx.undeclared() == []


@pytest.mark.parametrize("protocol", BOTH)
@warped
async def test_a_healthy_terminal_says_how_it_is(protocol: str) -> None:
    async with bench(BOTH[protocol]) as b:
        await b.shows()
        assert b.ctx.own.identities == [Identity(firmware="2.3.1")]
        assert b.ctx.own.attributes == {
            "paper": "full",
            "takings_today": "0.00",
            "door": "closed",
            "last_citizen": "2024-05-06T07:08:09Z",
        }
        b.sim.take("20.5")
        b.sim.use("2024-05-06T15:10:00+08:00")
        await b.until(lambda: b.ctx.own.attributes["last_citizen"] == "2024-05-06T07:10:00Z")
        assert b.ctx.own.attributes["takings_today"] == "20.50"


@pytest.mark.parametrize("protocol", BOTH)
@pytest.mark.parametrize(
    ("spoil", "code", "detail"),
    [
        (lambda s: s.set_health(1), "degraded", ""),
        (lambda s: s.set_health(2), "fault", ""),
        (lambda s: s.set_health(9), "out_of_service", ""),
        (lambda s: s.set_paper(1), "paper_low", ""),
        (lambda s: s.set_paper(2), "paper_out", ""),
        (lambda s: s.set_paper(3), "paper_jammed", ""),
        (lambda s: s.set_door(True), "door_open", ""),
        (lambda s: s.set_paper(7), "field_unreadable", "paper at /printer/paper: string 7"),
        (lambda s: s.document.pop("cash"), "field_missing", "takings_today at /cash/today"),
        (lambda s: s.document.update(doors="open"), "field_missing", "door at /doors/0"),
        (
            lambda s: s.document.update(state={"code": [0]}),
            "field_unreadable",
            "health at /state/code: array",
        ),
    ],
)
@warped
async def test_what_is_wrong_is_told_with_its_pointer_and_taken_back(
    protocol: str, spoil: Callable[[HeartbeatSim], object], code: str, detail: str
) -> None:
    async with bench(BOTH[protocol]) as b:
        await b.shows()
        healthy = dict(b.sim.document)
        spoil(b.sim)
        assert await b.shows(code) <= 11
        assert b.ctx.own.conditions[code] == detail
        b.sim.document = healthy
        assert await b.shows() <= 11


@pytest.mark.parametrize(
    ("ill", "code", "detail"),
    [
        ("500", "http_error", "500"),
        ("redirect", "redirected", "302 http://198.51.100.1/elsewhere"),
        ("not_json", "not_json", ""),
        ("too_long", "too_long", "more than 16384 bytes"),
    ],
)
@warped
async def test_an_answer_that_is_no_heartbeat_is_told_and_what_was_known_stands(
    ill: Ill, code: str, detail: str
) -> None:
    async with bench(HTTP) as b:
        b.sim.set_paper(1)
        await b.shows("paper_low")
        b.sim.fall_ill(ill)
        assert await b.shows(code, "paper_low") <= 11
        assert b.ctx.own.conditions[code].startswith(detail)
        assert b.ctx.own.attributes["paper"] == "low"
        asked = b.sim.asked
        await b.ctx.clock.sleep(35)
        assert 3 <= b.sim.asked - asked <= 4, "neither given up nor asked without rest"
        b.sim.fall_ill("")
        await b.shows("paper_low")


@warped
async def test_a_path_that_is_wrong_is_told_by_who_knows_it() -> None:
    async with bench(replace(HTTP, path="/other")) as b:
        await b.shows("http_error")
        assert b.ctx.own.conditions["http_error"] == "404"


@pytest.mark.parametrize("ill", ["chunked", "until_close"])
@warped
async def test_every_way_of_ending_an_answer_is_read(ill: Ill) -> None:
    async with bench(HTTP) as b:
        b.sim.ill = ill
        await b.shows()
        await b.ctx.clock.sleep(60)
        await b.shows()
        assert len(b.wire.dialled) == (0 if ill == "chunked" else b.sim.asked - 1)


@warped
async def test_something_else_than_http_ends_the_run() -> None:
    async with bench(HTTP) as b:
        b.sim.ill = "garbage"
        error = await b.ends()
        assert isinstance(error, ProtocolBreach)
        assert error.code == "not_http"


@warped
async def test_a_slow_answer_is_told_and_one_that_is_too_slow_is_none() -> None:
    async with bench(HTTP) as b:
        b.sick.ills = Ills(late_s=3.0)
        await b.shows("slow")
        assert b.ctx.own.conditions["slow"] == "3.0 s"
        b.sick.ills = WELL
        await b.shows()
        b.sick.ills = Ills(late_s=5.0)
        error = await b.ends()
        assert isinstance(error, LinkLost)
        assert error.code == "silent"


@pytest.mark.parametrize("protocol", BOTH)
@warped
async def test_a_dead_terminal_is_seen_within_20_seconds(protocol: str) -> None:
    """At the worst moment: just after it has told that it lives."""
    async with bench(BOTH[protocol]) as b:
        await b.shows()
        alive = b.ctx.alive_count
        await b.until(lambda: b.ctx.alive_count > alive)
        died_s = b.now_s
        b.sick.ills = Ills(mute=True)
        error = await b.ends()
        assert isinstance(error, LinkLost)
        assert error.code == "silent"
        assert b.now_s - died_s <= 20


@warped
async def test_a_connection_that_was_closed_meanwhile_is_replaced_without_a_word() -> None:
    async with bench(HTTP) as b:
        b.sim.closes = True
        await b.shows()
        b.sim.closes = False
        await b.ctx.clock.sleep(60)
        await b.shows()
        assert len(b.wire.dialled) == 1
        await b.wire.dialled[0]._near.close()
        b.wire.away = True
        error = await b.ends()
        assert isinstance(error, LinkLost)
        assert error.code == "peer_refused"


@warped
async def test_since_when_it_is_away_is_told_until_it_is_back() -> None:
    driver = HeartbeatDriver()
    async with bench(HTTP, driver=driver) as b:
        await b.shows()
        b.sick.ills = Ills(mute=True)
        await b.ends()
        since = b.ctx.own.attributes["offline_since"]
    async with bench(HTTP, driver=driver, ills=Ills(mute=True)) as b:
        await b.ends()
        assert b.ctx.own.attributes["offline_since"] == since
    async with bench(HTTP, driver=driver) as b:
        await b.shows()
        assert "offline_since" not in b.ctx.own.attributes


# --- lines ---
@pytest.mark.parametrize(
    ("ill", "code"), [("not_json", "not_json"), ("too_long", "too_long"), ("cut", "not_json")]
)
@warped
async def test_a_line_that_is_no_heartbeat_is_told_until_the_next_good_one(ill: Ill, code: str) -> None:
    async with bench(TCP) as b:
        await b.shows()
        b.sim.fall_ill(ill)
        assert await b.shows(code) < 1
        b.sim.fall_ill("")
        assert await b.shows() < 1


@warped
async def test_lines_that_never_make_sense_are_no_heartbeat() -> None:
    class Chatty(HeartbeatSim):
        async def run(self, link: Link) -> None:
            while True:
                await link.write(b"hello\n")
                await asyncio.sleep(0.1)

    async with bench(TCP, Chatty("tcp")) as b:
        error = await b.ends()
        assert isinstance(error, ProtocolBreach)
        assert error.code == "not_json"
        assert not b.ctx.is_ready


@warped
async def test_a_terminal_that_sends_without_end_is_read_in_its_own_time() -> None:
    class Flood(HeartbeatSim):
        sent = 0

        async def run(self, link: Link) -> None:
            while True:
                await link.write(self._line())
                self.sent += 1

    sim = Flood("tcp")
    async with bench(TCP, sim) as b:
        await b.shows()
        with contextlib.suppress(LinkLost):
            await b.ctx.clock.sleep(10)
        assert sim.sent < 3000, "10 s at five reads a second, and what the line holds"


def test_the_model_over_http_is_for_the_simulated_terminals_own_document() -> None:
    settings = Profiles().get("heartbeat-http-terminal").settings
    assert (settings["path"], settings["fields"], settings["values"]) == (PATH, FIELDS, VALUES)
