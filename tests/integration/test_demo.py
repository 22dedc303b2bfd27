"""`hall-edge demo`, as a person starts it: the real broker, hub and daemon, for a short while."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from edge.control import ControlClient
from edge.demo import kiosk, people
from edge.demo.guest import FOLDER, NoDemo, socket_of_demo
from edge.demo.processes import DemoError
from edge.demo.room import now_s
from edge.demo.run import Plan, play
from kiosk_ui.i18n import tr
from tests.integration.demo_kit import demo, told
from tests.kiosk.process_kit import driven

pytestmark = pytest.mark.few


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder for sockets, whose paths may have 107 bytes: pytest's own are long beside another test."""
    with tempfile.TemporaryDirectory(prefix="hall-") as name:
        yield Path(name)


async def test_a_short_day_is_good_and_its_report_says_so(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    status, out = await demo("--minutes", "0.4", "--seed", "7", "--ill", "5=hang", "--report", str(report))
    data = json.loads(report.read_text(encoding="utf-8"))
    assert (status, data["ok"], data["problems"]) == (0, True, []), out
    tickets, events = data["tickets"], data["events"]
    again = tickets["held"] + data["rules"]["came_back"]  # each of them is called once more
    first_calls = tickets["called"] - again
    assert tickets["issued"] >= first_calls >= tickets["served"] > 0
    assert tickets["rated"] + tickets["not_rated"] == tickets["served"]
    assert events["published"] == events["recorded"] > 0
    assert (events["lost"], events["duplicated"], events["unfit"]) == (0, 0, 0)
    assert all(data["corner"][what] > 0 for what in ("cards", "codes", "payments"))
    paid = data["payments"]
    assert paid["created"] > 0
    assert (paid["unsettled"], paid["charged_twice"]) == (0, 0)
    assert list(data["boards"]) == ["board"]
    assert sum(data["cameras"].values()) == 12
    assert data["camera_faults"] == {"cam-5": ["offline"]}
    for name in ("byte_to_publish", "tap_to_print", "key_to_strip", "card_to_fields"):
        assert data["latency_ms"][name]["n"] > 0
    assert data["rss_mb"] > 0
    assert data["cpu_percent"] >= 0
    rules = data["rules"]
    assert rules["waits"]["told"] == tickets["issued"] - 2  # to who has an appointment its time is told
    assert (rules["appointments"]["booked"], rules["appointments"]["checked_in"]) == (3, 2)
    assert rules["first"]["elder"] >= rules["first"]["soldier"] == 1


async def test_a_morning_is_played_by_the_halls_own_time(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    status, out = await demo("--speed", "120", "--minutes", "0.6", "--report", str(report))
    data = json.loads(report.read_text(encoding="utf-8"))
    assert (status, data["ok"], data["problems"]) == (0, True, []), out
    rules = data["rules"]
    assert data["first_called_s"] > 60 * 10 / 120 / 2  # nobody before the doors open, at 08:30
    assert data["tickets"]["issued"] - rules["appointments"]["checked_in"] == rules["waits"]["told"] > 10
    # The hall's time runs as soon as its daemon does: the slower the rest starts, the later the doors close.
    assert (rules["appointments"]["booked"], rules["appointments"]["checked_in"]) in ((6, 1), (6, 2), (6, 3))
    assert rules["first"]["elder"] in (1, 2, 3)
    assert rules["first"].keys() <= {"elder", "soldier"}  # the latter late, on a busy machine
    assert rules["waits"]["mean_wait_s"] > 60  # of the hall's time


async def test_the_halls_of_townships_are_nodes_of_their_own_on_the_same_hub() -> None:
    screen = StringIO()
    report = await play(
        Plan(minutes=0.15, seed=7, townships=2),
        Console(file=screen, force_terminal=True, width=180, height=60),
    )
    assert report.problems == ()
    fleet = report.fleet
    assert fleet is not None
    assert (fleet.halls, fleet.windows, fleet.devices) == (3, 8, report.devices + 2 * 7)
    assert list(fleet.events_by_hall) == ["demo", "township-01", "township-02"]
    for events in fleet.events_by_hall.values():
        assert events.published == events.recorded > 0
        assert (events.lost, events.duplicated, events.unfit) == (0, 0, 0)
    assert fleet.tickets.issued >= report.tickets.issued + 2
    assert fleet.tickets.called == fleet.tickets.served + fleet.tickets.no_show + fleet.tickets.held
    assert fleet.rss_mb > report.rss_mb + fleet.rss_mb_largest / 2
    assert fleet.last_opened_s > 0
    assert screen.getvalue().count("township halls") > 10  # it is drawn again and again
    assert "示范二镇大厅" in screen.getvalue()


async def test_a_kiosk_beside_the_hall_is_at_its_node_and_the_sample_card_checks_in_at_it(
    short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(short_path))
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    screen = StringIO()
    over = doors_that_close_when_told(monkeypatch)
    plan = Plan(minutes=10, headless=True, kiosk=True)
    playing = asyncio.create_task(play(plan, Console(file=screen, width=200)))
    assert (await told("sim.card", {"kind": "none"})).code == "bad_card"
    (node,) = short_path.glob(f"{FOLDER}*/hall-0/control.sock")
    async with asyncio.timeout(60), ControlClient(node) as client:
        while not (states := await kiosks_of(client)):  # noqa: ASYNC110 a node sets no Event
            await asyncio.sleep(0.1)
        reply = await told("sim.card", {"kind": "permit"})
        assert (reply.result, reply.zh) == ("done", "证件已放上，10 秒后拿走；没有预约")
        card = await client.request("card.read", {"device": "card-reader", "session": "s", "within_s": 5}, 10)
        view = (await client.request("kiosk.view", {}, 10)).data
    assert states == ["online"]
    assert (view["card_readers"], view["scanners"]) == (["card-reader"], ["scanner"]), "a pad is none"
    assert card.result == "done"
    key = node.with_name("person.key")
    async with driven(
        node, short_path, HALL_PERSON_KEY=str(key)
    ) as screens:  # as one who sits before it does
        await screens.tap("wake", "open-check_in", "card")
        laid = await told("sim.card", {})
        assert laid.result == "done" and "的预约" in laid.zh
        shown = await screens.at("ticket")
    assert shown["ticket"] and tr("zh", "ticket.printed") in shown["text"]
    over.set()
    report = await playing
    assert report.problems == ()
    assert (report.corner.cards, report.corner.codes) == (0, 0), "these are who sits before it"
    assert "the kiosk is closed" in screen.getvalue()
    with pytest.raises(NoDemo):
        socket_of_demo()


def doors_that_close_when_told(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Else they would have to be open for as long as a busy machine may take."""
    over = asyncio.Event()
    for module in (people, kiosk):
        monkeypatch.setattr(module, "now_s", lambda: now_s() + 3600.0 * over.is_set())
    return over


@pytest.mark.thorough
async def test_a_kiosk_that_cannot_be_shown_is_told_and_the_hall_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "nowhere")
    screen = StringIO()
    report = await play(Plan(minutes=0.15, headless=True, kiosk=True), Console(file=screen, width=400))
    assert report.problems == ()
    assert "the hall goes on" in screen.getvalue() and "没有可用的显示器" in screen.getvalue()


async def kiosks_of(client: ControlClient) -> list[str]:
    devices = (await client.request("status", {}, 10)).data["devices"]
    return [each["state"] for each in devices if each["device"] == "kiosk-1" and each["state"] == "online"]


async def test_a_daemon_that_dies_ends_the_demonstration_and_is_named() -> None:
    others = psutil.Process().children()  # of tests before it, which may have the whole run
    playing = asyncio.create_task(play(Plan(minutes=10, townships=2, headless=True)))
    async with asyncio.timeout(240):
        while not (daemons := daemons_in("hall-2")):  # noqa: ASYNC110 a process sets no Event
            await asyncio.sleep(0.1)
        assert not playing.done()
        (daemon,) = daemons
        daemon.kill()
        with pytest.raises(DemoError, match=r"hall-edge of township-02 \(示范二镇大厅\) has ended"):
            await playing
    assert set(psutil.Process().children()) <= set(others)


def daemons_in(folder: str) -> list[psutil.Process]:
    """Our own daemons whose configuration lies there."""
    found: list[psutil.Process] = []
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # ended, or awaits its parent's look
            if any(f"/{folder}/" in argument for argument in process.cmdline()):
                found.append(process)
    return found
