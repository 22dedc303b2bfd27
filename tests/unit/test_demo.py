"""What the demonstration counts and concludes, and the whole hall's configuration."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.bx5k.sim import BoardSim
from drivers.printer.sim_paper import Line, Slip
from drivers.xfs4iot.sim import TerminalSim
from edge.demo.corner import Corner, Visits
from edge.demo.full import full_config
from edge.demo.ledger import Ledger, Samples, percentile
from edge.demo.observer import Observer
from edge.demo.people import People, Tally, ticket_of
from edge.demo.report import events_of, problems_around, problems_of, recorded, tickets_of
from edge.demo.rig import Rig
from edge.demo.run import CONFIG
from edge.settings import load
from edge.wire import PERSONAL, Reply

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


def test_two_epochs_are_two_counts() -> None:
    ledger = Ledger()
    ledger.batch(batch([event(1), event(1, epoch="d" * 32)]))
    assert (ledger.published, ledger.duplicated) == (2, 0)


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"v":1,"events":[{}]}', b'{"v":2,"events":[]}'])
def test_a_malformed_batch_is_counted_and_breaks_nothing(payload: bytes) -> None:
    ledger = Ledger()
    assert ledger.batch(payload) == []
    assert ledger.malformed == 1


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
    observer = Observer("mqtt://127.0.0.1")
    observer.pressing("printer")
    observer._take("hall/1/demo/node-1/event", batch([event(1)]), 10.005)
    observer.pressed("printer", 10.0)
    observer.pressing("printer")  # refused: no event
    observer.pressed("printer", 11.0)
    observer.pressing("printer")
    observer.pressed("printer", 20.0)
    observer._take("hall/1/demo/node-1/event", batch([event(2)]), 20.007)
    assert [round(value, 3) for value in observer.byte_to_publish.values_s] == [0.005, 0.007]


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
    observer = Observer("mqtt://127.0.0.1")
    observer.ledger, observer.sessions = ledger, 1
    events = events_of(ledger, EPOCH, last_seq, rows)
    return problems_of(tickets_of(ledger), events, crowd, observer, different)


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
    assert "no ticket was issued" in judged(
        Ledger(), people(slips={}, served=[]), rows=0, last_seq=0, different=0
    )


def test_the_record_is_read_beside_its_writer(tmp_path: Path) -> None:
    import sqlite3  # noqa: PLC0415 only here

    path = tmp_path / "hub.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE event (epoch TEXT, seq INTEGER)")
        db.executemany("INSERT INTO event VALUES ('a', ?)", [(1,), (2,), (2,)])
    assert recorded(path) == (3, 2)


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
    settings = load(
        config, env=env | {"HALL_BROKER": "mqtt://h", "STATE_DIRECTORY": "/s", "RUNTIME_DIRECTORY": "/r"}
    )
    assert [problem for device in settings.devices for problem in device.all_problems()] == []
    assert len(settings.windows) == 52
    families = Counter(device.loaded.spec.family for device in settings.devices if device.loaded)
    assert families == {"printer": 1, "bus68": 10} | dict.fromkeys(
        ("bx5k", "sdt", "newland", "xfs4iot", "heartbeat"), 4
    )
    for window in settings.windows:
        assert settings.caller_of(window) and settings.pad_of(window) and settings.strip_of(window)
    served = {service for window in settings.windows.values() for service in window.services}
    assert served == {"tax", "social", "business", "property", "residence", "general"}
    assert settings.printer == "printer"
    assert settings.service_of("buttons", 6) == "general"


# --- what stands at no window ---
class Around:
    """Boards and terminals as the report looks at them."""

    def __init__(self, lines: tuple[str, ...] = (), state: str = "online") -> None:
        self.board = SimpleNamespace(shown=lambda _area: [SimpleNamespace(text=line) for line in lines])
        self.observer = SimpleNamespace(devices={"terminal": SimpleNamespace(state=state)})

    def of(self, kind: type) -> dict[str, object]:
        found: dict[type, dict[str, object]] = {
            BoardSim: {"board": self.board},
            TerminalSim: {"terminal": None},
        }
        return found.get(kind, {})

    def problems(self, visits: Visits | None = None) -> list[str]:
        tally = Tally(slips={"A001": 1, "B002": 1})
        rig, observer = cast(Rig, self), cast(Observer, self.observer)
        return problems_around(rig, observer, visits or Visits(), tally)


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
    corner = Corner(cast(Rig, Around()), Path(), seed=1, speed=1.0)
    corner._check(reply, "scanner", lambda personal: personal["text"] == "x")
    assert corner.visits.wrong == wrong
