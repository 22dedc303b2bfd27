"""The daemon's side of kiosks: what they are told, and that one which says nothing is missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.messages import KeyAction, Outcome, Result
from edge.commands import Commands
from edge.ids import new_id
from edge.kiosk_verbs import KioskVerbs
from edge.kiosks import CONDITIONS, AliveArgs, Kiosks
from edge.rules.model import Key, SetNotice, TakeTicket
from edge.settings import ConfigError, load
from edge.settings.kiosks import KioskTable
from edge.wire import DeviceStatus, Reply, Request
from edge.wire.kiosk import KioskDevices, KioskReasons, KioskView
from tests.unit.hall_kit import FakeDevices, Stage, stage
from tests.unit.registry_kit import WHOLE, entry_points, replaced, write
from tests.unit.supervision import ManualClock

RUN = "a" * 32


class Told:
    """Kiosks by a clock of the test's, and everything that they said of themselves."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.said: list[DeviceStatus] = []
        tables = [KioskTable(id="kiosk-1", silent_s=15.0), KioskTable(id="kiosk-2", silent_s=15.0)]
        self.kiosks = Kiosks(tables, self.clock, self.said.append)

    def states(self) -> list[str]:
        return [status.state for status in self.kiosks.statuses()]

    def codes(self) -> list[str]:
        return [condition.code for condition in self.kiosks.statuses()[0].conditions]


@asynccontextmanager
async def told() -> AsyncIterator[Told]:
    told = Told()
    running = asyncio.create_task(told.kiosks.run())
    await told.clock.advance(0.0)
    try:
        yield told
    finally:
        running.cancel()
        await asyncio.wait({running})


async def test_k17_a_kiosk_that_says_nothing_is_missed_and_one_that_speaks_again_is_back() -> None:
    async with told() as hall:
        assert hall.states() == ["handshake", "handshake"]
        for _ in range(20):
            hall.kiosks.alive(AliveArgs(kiosk="kiosk-1", run=RUN))
            await hall.clock.advance(1.0)
        assert hall.states() == ["online", "backoff"]
        await hall.clock.advance(17.0)
        assert hall.states() == ["backoff", "backoff"]
        assert hall.codes() == ["silent"]
        assert hall.kiosks.words_of("kiosk-1")["silent"].remedy_zh
        hall.kiosks.alive(AliveArgs(kiosk="kiosk-1", run=RUN))
        assert (hall.states()[0], hall.codes()) == ("online", [])
        assert [each.state for each in hall.said if each.device == "kiosk-1"] == [
            "handshake",
            "online",
            "online",  # so old is what was told of its last sign of life
            "backoff",
            "online",
        ]


async def test_k19_what_is_wrong_with_a_kiosk_stands_until_it_says_otherwise() -> None:
    async with told() as hall:
        troubles = {"touch_lost": "no touch for 4 h", "program_error": "KeyError at screens/home.py:31"}
        hall.kiosks.alive(AliveArgs.model_validate({"kiosk": "kiosk-1", "run": RUN, "troubles": troubles}))
        status = hall.kiosks.statuses()[0]
        assert (status.state, {each.code: each.detail for each in status.conditions}) == (
            "degraded",
            troubles,
        )
        hall.kiosks.alive(AliveArgs(kiosk="kiosk-1", run=RUN))
        assert (hall.states()[0], hall.codes()) == ("online", [])


async def test_a_program_that_began_anew_is_counted() -> None:
    async with told() as hall:
        for run in ("a", "a", "b", "c", "c"):
            hall.kiosks.alive(AliveArgs(kiosk="kiosk-1", run=run * 32, version="1.0"))
        status = hall.kiosks.statuses()[0]
        assert (status.restarts, status.attributes) == (2, {"firmware": "1.0"})


def test_every_condition_is_said_in_both_languages_with_its_remedy() -> None:
    for spec in CONDITIONS:
        assert all((spec.zh, spec.en, spec.remedy_zh, spec.remedy_en)), spec.code


# --- the verbs ---
@asynccontextmanager
async def node(
    folder: Path, devices: FakeDevices | None = None
) -> AsyncIterator[tuple[Commands, Stage, Kiosks]]:
    async with stage(folder, devices) as hall:
        kiosks = Kiosks([KioskTable(id="kiosk-1")], hall.hall.clock, lambda _status: None)
        commands = Commands(hall.store)
        commands.add(
            *KioskVerbs(hall.settings, hall.hall, hall.devices, kiosks, hall.store, online=dict).all()
        )
        yield commands, hall, kiosks


async def ask(commands: Commands, verb: str, **args: object) -> Reply:
    return await commands.handle(Request(id=new_id(), verb=verb, args=args), "test")


async def view(commands: Commands) -> KioskView:
    reply = await ask(commands, "kiosk.view")
    assert reply.result == "done"
    return KioskView.model_validate(reply.data)


async def test_a_kiosk_is_told_what_the_hall_is_like(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, hall, _):
        empty = await view(commands)
        assert [each.id for each in empty.services] == list(hall.settings.services)
        assert [each.id for each in empty.windows] == list(hall.settings.windows)
        assert (empty.hall, empty.printer, empty.called) == (hall.settings.hall.name, "", ())
        for number in range(3):
            await hall.bus.ask(TakeTicket("tax", f"s{number}"), "test")
        window = next(each for each in hall.settings.windows.values() if "tax" in each.services)
        await hall.bus.ask(Key(window.id, KeyAction.LOGIN, "1001"), "test")
        await hall.bus.ask(Key(window.id, KeyAction.CALL), "test")
        await hall.bus.ask(SetNotice("今天下午三点半关门"), "test")
        full = await view(commands)
        assert [(each.ticket, each.window) for each in full.called] == [("A001", window.name)]
        seat = next(each for each in full.windows if each.id == window.id)
        assert (seat.state, seat.ticket, seat.phase) == ("open", "A001", "called")
        assert next(each for each in full.services if each.id == "tax").ahead >= 2
        assert full.notice == "今天下午三点半关门"


async def test_waits_are_told_as_ranges_in_steps_of_five_minutes(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, hall, _):
        window = next(each for each in hall.settings.windows.values() if "tax" in each.services)
        await hall.bus.ask(Key(window.id, KeyAction.LOGIN, "1001"), "test")
        for number in range(12):
            await hall.bus.ask(TakeTicket("tax", f"s{number}"), "test")
        tax = next(each for each in (await view(commands)).services if each.id == "tax")
        assert tax.from_min is not None and tax.to_min is not None
        assert 0 < tax.from_min <= tax.to_min
        assert tax.from_min % 5 == tax.to_min % 5 == 0


async def test_a_printer_in_trouble_is_told(tmp_path: Path) -> None:
    devices = FakeDevices(prints=[Outcome(Result.FAILED, "paper_out")], trouble="paper_out")
    async with node(tmp_path, devices) as (commands, _, _):
        assert (await view(commands)).printer == "paper_out"


async def test_technicians_are_told_of_the_devices_those_that_ail_first(tmp_path: Path) -> None:
    paper = CONDITIONS[0]
    devices = FakeDevices(
        told=[
            *(DeviceStatus(device=f"pad-{at}", state="online", since=0.0) for at in range(70)),
            DeviceStatus(device="slips", state="backoff", since=0.0),
        ],
        meant={"slips": {f"c{at}": paper for at in range(6)}},
    )
    async with node(tmp_path, devices) as (commands, _, _):
        reply = await ask(commands, "kiosk.devices")
        told = KioskDevices.model_validate(reply.data)
        first, second = told.devices[:2]
        assert (first.id, first.state, second.id) == ("slips", "backoff", "pad-0")
        assert [each.code for each in first.conditions] == ["c0", "c1", "c2", "c3"]
        assert (first.conditions[0].zh, first.conditions[0].en) == (paper.zh, paper.en)
        assert (len(told.devices), told.more) == (64, 7)


async def test_a_kiosk_that_is_not_configured_is_refused_in_words(tmp_path: Path) -> None:
    async with node(tmp_path) as (commands, _, kiosks):
        assert (await ask(commands, "kiosk.alive", kiosk="kiosk-1", run=RUN)).result == "done"
        reply = await ask(commands, "kiosk.alive", kiosk="kiosk-9", run=RUN)
        assert (reply.result, reply.code) == ("rejected", "unknown_kiosk")
        assert "[[kiosk]]" in reply.zh and "[[kiosk]]" in reply.en
        assert len(kiosks.statuses()) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"run": "short"}, {"troubles": {"bored": ""}}, {"troubles": {"touch_lost": "a\nb"}}, {"extra": 1}],
)
async def test_a_heartbeat_that_makes_no_sense_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    async with node(tmp_path) as (commands, _, _):
        reply = await ask(commands, "kiosk.alive", **{"kiosk": "kiosk-1", "run": RUN} | wrong)
        assert (reply.result, reply.code) == ("rejected", "bad_args")


# --- what a kiosk reads the answers by ---
@pytest.mark.parametrize(
    "lie",
    [
        {"time": "soon"},
        {"v": 2},
        {"services": [{"id": "tax", "name": "x", "ahead": -1}]},
        {"services": [{"id": "tax", "name": "x" * 300}]},
        {"services": [{"id": "tax", "name": "x"}] * 300},
        {"windows": [{"id": "1", "name": "1", "state": "on fire"}]},
        {"printer": 7},
    ],
)
def test_an_answer_that_lies_is_refused(lie: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        KioskView.model_validate(lie)


async def test_reasons_are_read_as_they_are_told(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        reasons = KioskReasons.model_validate(hall.hall.reasons())
        assert sorted(reasons.levels) == ["1", "2", "3", "4", "5"]
        assert all(each.code // 100 == int(level) for level, of in reasons.levels.items() for each in of)


# --- the configuration ---
@pytest.mark.parametrize(
    ("table", "key"),
    [
        ('id = "slips"', "kiosk[0].id"),
        ('id = "pad-1"', "kiosk[0].id"),
        ('id = "k1"\nsilent_s = 1', "kiosk[0].silent_s"),
        ('id = "k1"\n[[kiosk]]\nid = "k1"', "kiosk[1].id"),
    ],
)
def test_a_kiosk_that_cannot_be_is_named(tmp_path: Path, table: str, key: str) -> None:
    text = replaced("[mqtt]", f"[[kiosk]]\n{table}\n[mqtt]")
    with pytest.raises(ConfigError) as failed:
        load(write(tmp_path / "hall.toml", text), allow_sim=True, env={}, entry_points=entry_points())
    assert [problem.key for problem in failed.value.problems] == [key]


def test_the_whole_is_fine_without_a_kiosk_and_with_one(tmp_path: Path) -> None:
    text = replaced("[mqtt]", '[[kiosk]]\nid = "k1"\n[mqtt]')
    for written, kiosks in ((WHOLE, []), (text, ["k1"])):
        path = write(tmp_path / "hall.toml", written)
        assert list(load(path, allow_sim=True, env={}, entry_points=entry_points()).kiosks) == kiosks
