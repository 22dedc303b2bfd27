"""What the demonstration counts and concludes, and the whole hall's configuration."""

from __future__ import annotations

import io
import json
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.bx5k.sim import BoardSim
from drivers.printer.sim_paper import Line, Slip
from drivers.xfs4iot.sim import TerminalSim
from edge.check import check
from edge.demo.corner import Corner, Visits
from edge.demo.counts import Events, Recorded, Tickets, events_of, recorded, tickets_of
from edge.demo.fairness import fairness
from edge.demo.figures import FollowUps, appointments_of, waits_of
from edge.demo.full import CAMERAS, TOWNSHIPS, full_config, township_config
from edge.demo.hall import Hall
from edge.demo.ledger import Ledger, Samples, percentile
from edge.demo.observer import NodeView, Observer
from edge.demo.peers import ill_of
from edge.demo.people import People
from edge.demo.report import HallReport, Latency, Visited, report_of
from edge.demo.rig import Rig
from edge.demo.room import Tally, ticket_of
from edge.demo.ruled import Rules
from edge.demo.run import CONFIG
from edge.demo.verdict import problems_around, problems_of, problems_on_the_way
from edge.rules.payments_counts import Counts
from edge.settings import load
from edge.wire import PERSONAL, Reply
from tests.chain_kit import chained

EPOCH = "a" * 32


def event(seq: int, kind: str = "ticket.printed", epoch: str = EPOCH, **fields: Any) -> dict[str, Any]:
    stamp = {"epoch": epoch, "seq": seq, "id": "b" * 32, "at": 1.0, "boot": "c" * 32, "mono": 1.0}
    return stamp | {"clock_ok": True, "by": "printer", "kind": kind} | fields


def batch(events: Iterable[dict[str, Any]]) -> bytes:
    return json.dumps({"v": 1, "events": list(events)}).encode()


@given(st.lists(st.integers(1, 30), max_size=60))
def test_the_ledger_counts_by_number_whatever_the_order(seqs: list[int]) -> None:
    ledger = Ledger()
    fresh = [new for seq in seqs for new in ledger.batch(batch([event(seq)]))]
    assert [each["seq"] for each in fresh] == list(dict.fromkeys(seqs))
    assert ledger.published == len(set(seqs))
    assert ledger.duplicated == len(seqs) - len(set(seqs))
    assert events_of(ledger, EPOCH, 30, 0).lost == 30 - len(set(seqs))


def test_the_ledger_sees_what_does_not_fit_into_its_chain() -> None:
    ledger = Ledger()
    events = chained(EPOCH, 12, telemetry=4)
    ledger.batch(batch(events[:6]))
    ledger.batch(batch(events[3:]))  # some of them again
    assert (ledger.published, ledger.duplicated, ledger.unfit) == (12, 3, 0)
    ledger = Ledger()
    events[4]["staff"] = "李四"
    ledger.batch(batch(events[:8] + events[9:]))
    assert ledger.unfit == 2


def test_two_epochs_are_two_counts() -> None:
    ledger = Ledger()
    ledger.batch(batch([event(1), event(1, epoch="d" * 32)]))
    assert (ledger.published, ledger.duplicated) == (2, 0)


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"v":1,"events":[{}]}', b'{"v":2,"events":[]}'])
def test_a_malformed_batch_is_counted_and_breaks_nothing(payload: bytes) -> None:
    ledger = Ledger()
    assert ledger.batch(payload) == []
    assert ledger.malformed == 1


def test_who_rates_late_has_rated() -> None:
    ledger = Ledger()
    kinds = (("missed", "A001"), ("given", "A002"), ("missed", "A003"), ("given", "A001"), ("given", "A001"))
    events = [event(seq, f"rating.{kind}", act=act) for seq, (kind, act) in enumerate(kinds, 1)]
    ledger.batch(batch(events))
    assert (ledger.kinds["rating.given"], ledger.kinds["rating.missed"]) == (3, 1)


def test_a_recall_is_not_another_ticket_called() -> None:
    ledger = Ledger()
    ledger.batch(batch([event(1, "ticket.called", times=1), event(2, "ticket.called", times=2)]))
    assert tickets_of(ledger).called == 1


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_a_percentile_is_a_value_that_was_measured(values: list[float]) -> None:
    ordered = sorted(values)
    assert percentile(ordered, 1.0) == ordered[-1]
    for share in (0.01, 0.5, 0.99):
        found = percentile(ordered, share)
        assert sum(value <= found for value in ordered) >= share * len(ordered) - 1e-9


def test_no_samples_have_no_percentile() -> None:
    assert Samples().summary() == {"n": 0}


def test_the_latency_goes_to_the_press_whichever_is_told_first() -> None:
    view = NodeView()
    view.pressing("printer")
    view.take("event", batch([event(1)]), 10.005)
    view.pressed("printer", 10.0)
    view.pressing("printer")  # refused: no event
    view.pressed("printer", 11.0)
    view.pressing("printer")
    view.pressed("printer", 20.0)
    view.take("event", batch([event(2)]), 20.007)
    assert [round(value, 3) for value in view.byte_to_publish.values_s] == [0.005, 0.007]


def test_each_node_is_seen_apart_and_what_is_not_watched_not_at_all() -> None:
    observer = Observer("mqtt://127.0.0.1")
    here, there = observer.watch("here", "node-1"), observer.watch("there", "node-1")
    for hall in ("here", "there", "elsewhere"):
        observer._take(f"hall/1/{hall}/node-1/event", batch([event(1)]), 1.0)
    observer._take("hall/1/there/node-1/event", batch([event(1)]), 2.0)
    observer._take("hall/1/there/node-1/health", b"{}", 2.0)
    assert (here.ledger.published, here.ledger.duplicated, here.ledger.malformed) == (1, 0, 0)
    assert (there.ledger.published, there.ledger.duplicated, there.ledger.malformed) == (1, 1, 1)
    assert observer.watch("elsewhere", "node-1").ledger.published == 0


def people(*, waiting: Iterable[str] = (), slips: dict[str, int], served: Iterable[str]) -> People:
    return cast("People", SimpleNamespace(waiting=set(waiting), tally=Tally(slips=slips, served=set(served))))


def good() -> tuple[Ledger, People]:
    ledger = Ledger()
    act = {"ticket": "A001", "window": "1"}
    kinds = ("ticket.printed", "ticket.called", "service.finished", "rating.given")
    ledger.batch(batch(event(seq, kind, times=1, **act) for seq, kind in enumerate(kinds, 1)))
    return ledger, people(slips={"A001": 1}, served=["A001"])


def judged(
    ledger: Ledger, crowd: People, *, rows: int = 4, last_seq: int = 4, different: int = 4
) -> list[str]:
    events = events_of(ledger, EPOCH, last_seq, rows)
    return [
        *problems_of(tickets_of(ledger), crowd, ledger.malformed),
        *problems_on_the_way(events, different, broker_lost=False),
    ]


def test_a_good_day_has_no_problems() -> None:
    assert judged(*good()) == []


def test_each_fault_is_named() -> None:
    ledger, crowd = good()
    assert judged(ledger, crowd, last_seq=5) == ["1 events never came by"]
    assert "4 published, 3 recorded" in judged(ledger, crowd, rows=3, different=3)
    assert "the record has 1 events twice" in judged(ledger, crowd, rows=4, different=3)
    assert judged(ledger, people(slips={"A001": 2}, served=["A001"])) == ["more than one slip: A001"]
    assert "never called: A002" in judged(
        ledger, people(waiting=["A002"], slips={"A001": 1}, served=["A001"])
    )
    assert "a slip had no number" in judged(ledger, people(slips={"": 1}, served=["A001"]))
    ledger.batch(batch([event(4)]))
    assert judged(ledger, crowd) == ["1 events came more than once on a broker that was never lost"]
    assert judged(Ledger(), people(slips={}, served=[]), rows=0, last_seq=0, different=0) == [
        "no ticket was issued",
        "nobody was called",
    ]
    ledger, crowd = good()
    ledger.batch(batch([event(5, "ticket.called", times=1)]))
    assert "2 called, but 1 served, 0 put by and 0 did not come" in judged(ledger, crowd, last_seq=5)
    ledger.batch(batch([event(6, "ticket.no_show")]))
    assert judged(ledger, crowd, rows=6, different=6, last_seq=6) == []
    ledger.batch(batch([event(7, "staff.logged_out", follows="0" * 64, link="1" * 64)]))
    unfit = judged(ledger, crowd, rows=7, different=7, last_seq=7)
    assert unfit == ["1 acts do not fit into their chain"]


def test_the_record_is_read_beside_its_writer(tmp_path: Path) -> None:
    import sqlite3  # noqa: PLC0415 only here

    path = tmp_path / "hub.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE event (hall TEXT, node TEXT, epoch TEXT, seq INTEGER)")
        rows = [("here", "a", 1), ("here", "a", 2), ("here", "a", 2), ("there", "a", 1), ("there", "b", 1)]
        db.executemany("INSERT INTO event VALUES (?, 'n', ?, ?)", rows)
    assert recorded(path) == {("here", "n"): Recorded(3, 2), ("there", "n"): Recorded(2, 2)}


@pytest.mark.parametrize(
    ("lines", "ticket"),
    [(["大厅", " A012 ", "税务"], "A012"), (["AB1000"], "AB1000"), (["A12"], ""), ([], "")],
)
def test_the_number_is_read_from_the_paper(lines: list[str], ticket: str) -> None:
    items = tuple(Line(text, (2, 2), "center") for text in lines)
    assert ticket_of(Slip(items)) == ticket


def test_the_whole_hall_is_a_right_configuration(tmp_path: Path) -> None:
    config = tmp_path / "full.toml"
    config.write_text(full_config(CONFIG.read_text(encoding="utf-8")), encoding="utf-8")
    four = range(1, 5)
    rest = [f"{name}_{number}" for name in ("BOARD", "READER", "SCANNER") for number in four]
    names = ["PRINTER", "ENTRANCE", *rest, *(f"LINE{line}" for line in range(1, 10))]
    env = {f"HALL_TTY_{name}": str(tmp_path / name) for name in names}
    env |= {f"HALL_PORT_TERMINAL{which}_{number}": str(5000 + number) for which in "12" for number in four}
    env |= {"HALL_PORT_CAMERAS": "5554"}
    settings = load(
        config, env=env | {"HALL_BROKER": "mqtt://h", "STATE_DIRECTORY": "/s", "RUNTIME_DIRECTORY": "/r"}
    )
    assert [problem for device in settings.devices for problem in device.all_problems()] == []
    assert len(settings.windows) == 52
    families = Counter(device.loaded.spec.family for device in settings.devices if device.loaded)
    assert set(settings.cameras.values()) == {"cameras"}
    assert len(settings.cameras) == CAMERAS
    assert families == {"printer": 1, "bus68": 10, "camera": 1} | dict.fromkeys(
        ("bx5k", "sdt", "newland", "xfs4iot", "heartbeat"), 4
    )
    for window in settings.windows:
        assert settings.caller_of(window) and settings.pad_of(window) and settings.strip_of(window)
    served = {service for window in settings.windows.values() for service in window.services}
    assert served == {"tax", "social", "business", "property", "residence", "general"}
    assert settings.printer == "printer"
    assert settings.service_of("buttons", 6) == "general"


@pytest.mark.parametrize("number", [1, 10, TOWNSHIPS])
def test_a_township_has_one_window_for_all(number: int, tmp_path: Path) -> None:
    config = tmp_path / "township.toml"
    config.write_text(township_config(CONFIG.read_text(encoding="utf-8"), number), encoding="utf-8")
    env = {f"HALL_TTY_{name}": str(tmp_path / name) for name in ("PRINTER", "ENTRANCE", "LINE1")}
    env |= {"HALL_BROKER": "mqtt://h", "STATE_DIRECTORY": "/s", "RUNTIME_DIRECTORY": "/r"}
    said = io.StringIO()
    assert check(config, env=env, out=said) == 0, said.getvalue()
    settings = load(config, env=env)
    (window,) = settings.windows
    assert settings.windows[window].name == "综合窗口"
    assert list(settings.windows[window].services) == list(settings.services)
    assert settings.caller_of(window)
    assert settings.pad_of(window)
    assert settings.strip_of(window)
    assert settings.printer == "printer"
    assert settings.service_of("buttons", 6) == "general"
    assert [device.id for device in settings.devices] == ["printer", "entrance", "line-1"]


def test_no_two_halls_are_one(tmp_path: Path) -> None:
    demo = CONFIG.read_text(encoding="utf-8")
    texts = [demo, *(township_config(demo, number) for number in range(1, TOWNSHIPS + 1))]
    halls = [tomllib.loads(text)["hall"] for text in texts]
    assert len({hall["id"] for hall in halls}) == len({hall["name"] for hall in halls}) == 1 + TOWNSHIPS
    assert [halls[number]["name"] for number in (1, 10, 18)] == [
        "示范一镇大厅",
        "示范十镇大厅",
        "示范十八镇大厅",
    ]
    assert [halls[number]["id"] for number in (1, 18)] == ["township-01", "township-18"]


@pytest.mark.parametrize("text", ["0=cover", "13=cover", "x=cover", "5", "5=nothing", "=cover"])
def test_a_fault_that_no_camera_can_have_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"cameras are 1 to 12|there are"):
        ill_of(text, 12)
    assert ill_of("5=cover", 12) == (5, "cover")


# --- several halls ---
RULES = Rules(
    waits=waits_of([]),
    fairness=fairness([], {}, most=5, most_min=20.0),
    warnings=(),
    appointments=appointments_of([], ZoneInfo("Asia/Shanghai")),
    follow_ups=FollowUps(opened=0, closed=0, steps=0),
    first={},
    came_back=0,
    closed="",
    refused=(),
    problems=(),
)


def report_on(hall: str, problems: tuple[str, ...] = (), *, first_called_s: float | None = 1.0) -> HallReport:
    nothing: dict[str, float | int] = {"n": 0}
    return HallReport(
        hall=hall,
        problems=problems,
        windows=2,
        devices=7,
        tickets=Tickets(issued=5, called=4, no_show=1, served=3, rated=2, not_rated=1),
        events=Events(published=9, recorded=9, lost=0, duplicated=0, unfit=0),
        corner=Visited(cards=1, codes=0, payments=0),
        payments=Counts(),
        boards={},
        cameras={},
        camera_faults={},
        rules=RULES,
        latency_ms=Latency(
            byte_to_publish=nothing, tap_to_print=nothing, key_to_strip=nothing, card_to_fields=nothing
        ),
        first_called_s=first_called_s,
        slips=5,
        unanswered=0,
        rss_mb=40.5,
        cpu_percent=1.25,
    )


def at_work(opened_s: float, samples_s: list[float]) -> Hall:
    tally = Tally(tap_to_print=Samples(samples_s))
    return cast(
        "Hall",
        SimpleNamespace(
            opened_s=opened_s,
            view=NodeView(),
            people=SimpleNamespace(tally=tally),
            corner=SimpleNamespace(visits=Visits()),
        ),
    )


PLAN = {"seed": 7, "minutes": 0.5, "speed": 1.0}


def test_one_hall_is_reported_without_a_fleet() -> None:
    report = report_of([at_work(3.0, [])], [report_on("demo")], **PLAN)
    assert (report.ok, report.fleet, report.seed, report.windows) == (True, None, 7, 2)


def test_several_halls_are_added_up_beside_the_centre() -> None:
    halls = [at_work(3.0, [0.1]), at_work(4.5, [0.3]), at_work(4.0, [])]
    reports = [report_on("demo"), report_on("township-01", first_called_s=2.5), report_on("township-02")]
    report = report_of(halls, reports, **PLAN)
    fleet = report.fleet
    assert (report.ok, report.hall, report.devices) == (True, "demo", 7)
    assert fleet is not None
    assert (fleet.halls, fleet.windows, fleet.devices, fleet.slips) == (3, 6, 21, 15)
    assert fleet.tickets == Tickets(issued=15, called=12, no_show=3, served=9, rated=6, not_rated=3)
    assert fleet.events == Events(published=27, recorded=27, lost=0, duplicated=0, unfit=0)
    assert list(fleet.events_by_hall) == ["demo", "township-01", "township-02"]
    assert (fleet.first_called_s, fleet.last_opened_s) == (2.5, 1.5)
    assert (fleet.rss_mb, fleet.rss_mb_largest, fleet.cpu_percent) == (121.5, 40.5, 3.75)
    assert fleet.latency_ms.tap_to_print == {"n": 2, "p50": 100.0, "p99": 300.0}


def test_a_problem_names_its_hall() -> None:
    reports = [report_on("demo"), report_on("township-01", ("1 events never came by",))]
    report = report_of([at_work(0.0, []), at_work(0.0, [])], reports, **PLAN)
    assert (report.ok, report.problems) == (False, ("township-01: 1 events never came by",))


# --- what stands at no window ---
class Around:
    """Boards and terminals as the report looks at them."""

    def __init__(self, lines: tuple[str, ...] = (), state: str = "online") -> None:
        self.board = SimpleNamespace(shown=lambda _area: [SimpleNamespace(text=line) for line in lines])
        self.view = SimpleNamespace(devices={"terminal": SimpleNamespace(state=state)}, camera={})

    def of(self, kind: type) -> dict[str, object]:
        found: dict[type, dict[str, object]] = {
            BoardSim: {"board": self.board},
            TerminalSim: {"terminal": None},
        }
        return found.get(kind, {})

    def problems(self, visits: Visits | None = None) -> list[str]:
        tally = Tally(slips={"A001": 1, "B002": 1})
        rig, view = cast(Rig, self), cast(NodeView, self.view)
        return problems_around(rig, view, visits or Visits(), tally)


def test_a_good_hall_has_no_problems_around() -> None:
    assert Around(("B002 请到 3 号窗口", "A001请到1号窗口", "")).problems() == []


@pytest.mark.parametrize(
    ("around", "said"),
    [
        (Around(("C003请到1号窗口",)), "board shows C003, which nobody has"),
        (Around(("", "")), "board shows no call"),
        (Around(("A001请到1号窗口",), state="backoff"), "terminal is backoff"),
    ],
)
def test_what_is_wrong_around_is_told(around: Around, said: str) -> None:
    (problem,) = around.problems()
    assert problem.startswith(said)


def test_what_a_visitor_did_not_get_is_told() -> None:
    visits = Visits(wrong=["card-reader: unknown no_card"])
    assert Around(("A001请到1号窗口",)).problems(visits) == ["card-reader: unknown no_card"]


@pytest.mark.parametrize(
    ("reply", "wrong"),
    [
        (Reply(id="1" * 32, result="done", data={PERSONAL: {"text": "x"}}), []),
        (
            Reply(id="1" * 32, result="done", data={PERSONAL: {"text": "y"}}),
            ["scanner: what came is not what was shown"],
        ),
        (Reply(id="1" * 32, result="unknown", code="no_code", zh="", en=""), ["scanner: unknown no_code"]),
    ],
)
def test_what_comes_is_compared_with_what_was_shown(reply: Reply, wrong: list[str]) -> None:
    corner = Corner(cast(Rig, Around()), Path(), None, seed="1", speed=1.0)
    corner._check(reply, "scanner", lambda personal: personal["text"] == "x")
    assert corner.visits.wrong == wrong
