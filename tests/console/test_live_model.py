"""The fleet in memory: what it takes, what it shows of strangers' bytes, and how old it says it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.console.live import model, node, views
from edge.console.live.model import Fleet
from edge.console.live.things import Key, Moment, Unreadable
from edge.wire import MAX_PAYLOAD, Topics
from tests.console.live_kit import (
    COUNTY,
    NOON,
    about,
    alert,
    device,
    health,
    later,
    queue,
    said,
    status,
    take,
    window,
)

SCRIPT = "<script>alert(1)</script>"


def ready(now: Moment = NOON) -> Fleet:
    fleet = Fleet()
    take(fleet, COUNTY.status, status(), now)
    take(fleet, COUNTY.health, health(), now)
    return fleet


def test_a_hall_is_what_its_nodes_say() -> None:
    fleet = ready()
    take(fleet, COUNTY.queue, queue(card=(3, 240.0), tax=(2, 600.0)))
    second = Topics("county", "node-2")
    take(fleet, second.status, status())
    take(fleet, second.queue, queue(permit=(1, 30.0), idle=(0, 900.0)))
    take(fleet, COUNTY.window("w1"), window("w1"))
    take(fleet, COUNTY.window("w2"), window("w2", "closed"))
    take(fleet, COUNTY.device("printer"), device("printer", "degraded"))
    take(fleet, COUNTY.device("pad"), device("pad"))
    take(fleet, second.device("board"), device("board", "backoff"))

    hall = fleet.hall("county")
    assert (hall.waiting, hall.longest_wait_s) == (6, 600.0)
    assert (hall.windows_open, hall.windows) == (1, 2)
    assert dict(hall.devices) == {"warn": 1, "good": 1, "bad": 1}
    assert [each.node for each in hall.nodes] == ["node-1", "node-2"]
    assert hall.stale is None


_SAYINGS = (
    (COUNTY.status, (status(), status("lost"), b"")),
    (COUNTY.health, (health(), health(at=2.0), b"")),
    (COUNTY.queue, (queue(card=(3, 1.0)), b"{", b"")),
    (COUNTY.about, (about(), about(hall_name="县中心"), b"")),
    (COUNTY.device("pad"), (device("pad"), device("pad", "backoff"), b"")),
    (Topics("county", "node-2").status, (status(), b"")),
    (Topics("valley", "node-1").status, (status(), b"")),
)
_heard = st.sampled_from(_SAYINGS).flatmap(lambda each: st.tuples(st.just(each[0]), st.sampled_from(each[1])))
_done = st.sampled_from(("lost", "found", "tick", "look_at_all", "looked_at_all", "look_at", "looked_at"))


@given(st.lists(st.tuples(_heard | _done, st.sampled_from((0.0, 1.0, 100.0))), max_size=30))
def test_a_hall_is_the_same_as_seen_anew(steps: list[tuple[tuple[str, bytes] | str, float]]) -> None:
    fleet, now = Fleet(), NOON
    owner = ("county", "node-1")
    for step, after_s in steps:
        now = Moment(now.mono_s + after_s, now.wall_s + after_s)
        if isinstance(step, tuple):
            fleet.take(*step, now, kept=after_s == 1.0)
        elif step == "look_at":
            fleet.look_at(owner)
        elif step == "looked_at":
            fleet.looked_at(owner, now, complete=True)
        elif step in ("look_at_all", "looked_at_all"):
            getattr(fleet, step)()
        else:
            getattr(fleet, step)(now)
        for hall in ("county", "valley"):
            nodes = (fleet.node(*each) for each in fleet.nodes(hall))
            assert fleet.hall(hall) == views.hall_view(hall, tuple(each for each in nodes if each))
            assert fleet.hall(hall).unknown or fleet.hall(hall) is fleet.hall(hall)


def test_alerts_are_shown_the_gravest_first_and_those_taken_on_last() -> None:
    fleet = ready()
    warned = {"kind": "wait", "about": "card", "value": 1, "to": "李"}
    red = {"warning": warned | {"level": "red"}}
    mine = {"warning": warned | {"level": "red", "acknowledged_by": "李", "acknowledged_at": 5.0}}
    for each in (
        alert("amber", "warning", 1.0),
        alert("new", "error", 9.0),
        alert("old", "error", 2.0),
        alert("red", "warning", 5.0, **red),
        alert("mine", "error", 1.0, **mine),
    ):
        take(fleet, COUNTY.alert(json.loads(each)["key"]), each)
    take(fleet, COUNTY.alert("odd"), b"odd")
    hall = fleet.hall("county")
    assert [each.key for each in hall.alerts] == ["old", "red", "new", "amber", "odd", "mine"]
    assert hall.standing == "bad"


def test_a_node_says_what_its_things_are_called_and_what_their_conditions_mean() -> None:
    fleet = ready()
    take(fleet, COUNTY.device("printer"), device("printer", "degraded"))
    take(fleet, COUNTY.device("odd"), device("odd"))
    take(fleet, COUNTY.about, about())
    hall = fleet.hall("county")
    assert hall.names == ("县政务服务中心", "County centre")
    assert {
        family: [(each.device, each.standing) for each in devices]
        for family, devices in views.by_family(hall).items()
    } == {"bus68": [("pad", "off")], "printer": [("printer", "warn")], "": [("odd", "good")]}
    names = hall.nodes[0].names
    assert [bool(names.condition(*each)) for each in (("printer", "paper_out"), ("pad", "paper_out"))] == [
        True,
        False,
    ]
    assert names.condition("pad", "no_link")
    take(fleet, COUNTY.about, b"")
    assert fleet.hall("county").names == ("", "")


def test_words_that_many_nodes_say_are_kept_once() -> None:
    fleet = Fleet()
    for node_id in ("n1", "n2"):
        take(fleet, Topics("county", node_id).about, about(hall_name=node_id))
    first, second = (each.names.about for each in fleet.hall("county").nodes)
    assert first and second
    assert first.device_words["printer"] is second.device_words["printer"]
    assert first.reasons is second.reasons
    assert first.hall_name != second.hall_name


def test_only_what_is_new_is_told() -> None:
    fleet = ready()
    topic = COUNTY.device("printer")
    assert take(fleet, topic, device("printer")) == {Key("device", "county", "node-1", "printer")}
    assert take(fleet, topic, device("printer")) == set()
    assert take(fleet, topic, b"") == {Key("device", "county", "node-1", "printer")}
    assert take(fleet, topic, b"") == set()
    assert not fleet.hall("county").devices


def test_a_node_that_is_taken_out_goes_with_all_that_it_told() -> None:
    fleet = ready()
    assert take(fleet, COUNTY.status, b"") == {Key("node", "county", "node-1")}
    assert fleet.hall("county").unknown
    assert fleet.size == 0


def test_a_later_program_may_say_more_but_another_version_is_not_guessed_at() -> None:
    fleet = ready()
    take(fleet, COUNTY.device("pad"), device("pad", colour="red", conditions=[]))
    take(fleet, COUNTY.device("next"), device("next", v=2))
    view = fleet.node("county", "node-1")
    assert view is not None
    assert view.devices["pad"].good is not None
    assert view.devices["next"].value == Unreadable("later_version", "v: 2")


@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        (b"\xff\xfe", "not_json"),
        (b"[" * 10_000, "not_json"),
        (b'{"v":1,' * 300, "not_json"),
        (b"[1]", "not_it"),
        (said(v=1, device="pad", state=["online"], since=1), "not_it"),
        (said(v="1", device="pad"), "not_it"),
        (device("pad", "on fire"), "not_it"),
        (device("pad", attributes={"note": SCRIPT * 1_000}), "too_large"),
        (b'{"v":1,"device":"pad","state":"online","since":1e999}', "beyond_sense"),
        (b'{"v":1,"device":"pad","state":"online","since":NaN}', "beyond_sense"),
        (b'{"v":%s}' % (b"9" * 4_000), "beyond_sense"),
        (device("printer"), "names_another"),
        (device(SCRIPT), "names_another"),
    ],
)
def test_what_cannot_be_read_stands_in_its_place_and_says_why(payload: bytes, fault: str) -> None:
    fleet = ready()
    key = Key("device", "county", "node-1", "pad")
    assert take(fleet, COUNTY.device("pad"), payload) == {key}
    view = fleet.node("county", "node-1")
    assert view is not None
    bad = view.devices["pad"].bad
    assert bad is not None and bad.fault == fault
    assert len(bad.detail) <= 200
    assert fleet.hall("county").devices == {"off": 1}
    take(fleet, COUNTY.device("pad"), device("pad"))
    assert fleet.hall("county").devices == {"good": 1}


@pytest.mark.parametrize("wrong", [0.0, 4_070_908_800.0])
def test_a_clock_that_is_wrong_makes_nothing_old_or_young(wrong: float) -> None:
    fleet = Fleet()
    take(fleet, COUNTY.status, status(since=wrong))
    take(fleet, COUNTY.health, health(wrong))
    assert fleet.tick(later(node.SILENT_S - 1)) == frozenset()
    assert fleet.hall("county").stale is None
    assert fleet.hall("county").heard_s == NOON.wall_s
    assert fleet.tick(later(node.SILENT_S + 1)) == {Key("node", "county", "node-1")}
    stale = fleet.hall("county").stale
    assert stale is not None and (stale.why, stale.since_s) == ("silent", NOON.wall_s)
    assert take(fleet, COUNTY.health, health(wrong + 30), later(100)) >= {Key("node", "county", "node-1")}
    assert fleet.hall("county").stale is None


def test_a_node_that_ended_is_from_before_and_its_kept_words_make_it_no_younger() -> None:
    fleet = ready()
    assert Key("node", "county", "node-1") in take(fleet, COUNTY.status, status("lost"), later(5))
    stale = fleet.hall("county").stale
    assert stale is not None and (stale.why, stale.since_s) == ("lost", later(5).wall_s)
    take(fleet, COUNTY.device("pad"), device("pad"), later(6), kept=True)
    assert fleet.hall("county").heard_s == later(5).wall_s


def test_without_its_broker_all_is_from_before_until_it_has_been_looked_at_again() -> None:
    fleet = ready()
    owner = ("county", "node-1")
    take(fleet, COUNTY.device("gone"), device("gone"))
    take(fleet, COUNTY.device("pad"), device("pad"))
    assert fleet.lost(later(10)) == {Key("broker"), Key("node", *owner)}
    assert fleet.lost(later(20)) == frozenset()
    assert fleet.lost_since_s == later(10).wall_s

    fleet.look_at_all()
    fleet.found(later(200))
    take(fleet, COUNTY.status, status(), later(200), kept=True)
    stale = fleet.hall("county").stale
    assert stale is not None and (stale.why, stale.since_s) == ("broker", later(10).wall_s)
    fleet.look_at(owner)
    take(fleet, COUNTY.health, health(), later(200), kept=True)
    take(fleet, COUNTY.device("pad"), device("pad"), later(200), kept=True)
    told = fleet.looked_at(owner, later(201), complete=True)
    assert told == {Key("node", *owner), Key("device", *owner, "gone")}
    view = fleet.node(*owner)
    assert view is not None and list(view.devices) == ["pad"]
    assert view.stale is None
    assert fleet.looked_at_all() == frozenset()


def test_what_may_not_have_come_through_is_not_forgotten() -> None:
    fleet = ready()
    take(fleet, COUNTY.device("pad"), device("pad"))
    fleet.look_at(("county", "node-1"))
    assert fleet.looked_at(("county", "node-1"), later(1), complete=False) == frozenset()
    assert fleet.hall("county").devices == {"good": 1}


def test_a_node_of_which_the_broker_knows_nothing_any_more_goes() -> None:
    fleet = ready()
    fleet.lost(later(1))
    fleet.look_at_all()
    fleet.found(later(2))
    assert fleet.hall("county").stale is not None
    assert fleet.looked_at_all() == {Key("node", "county", "node-1")}
    assert fleet.hall("county").unknown


@pytest.mark.parametrize(
    "topic",
    [
        "hall/1/reply/hub/x",
        "hall/2/county/node-1/status",
        "hall/1/COUNTY/node-1/status",
        f"hall/1/{SCRIPT}/node-1/status",
        "hall/1/county/node-1/device/../x",
        "hall/1/county/node-1/device/a/b",
        "hall/1/county/node-1/secret",
        "hall/1/county/node-1/event",
        "hall/1/county//status",
        "weather/today",
        "",
    ],
)
def test_strangers_topics_leave_no_trace(topic: str) -> None:
    fleet = Fleet()
    assert take(fleet, topic, status()) == set()
    assert fleet.nodes() == []
    assert fleet.strange == 1


def test_one_node_cannot_fill_the_fleet() -> None:
    fleet = ready()
    for number in range(node.MAX_TOPICS + 50):
        take(fleet, COUNTY.device(f"d{number}"), device(f"d{number}"))
    view = fleet.node("county", "node-1")
    assert view is not None
    assert len(view.devices) < node.MAX_TOPICS
    assert view.refused >= 50
    big = {"note": "x" * 15_000}
    for number in range(200):
        take(fleet, COUNTY.device(f"d{number}"), device(f"d{number}", attributes=big))
    assert fleet.size <= node.MAX_BYTES
    other = Topics("valley", "node-1")
    assert take(fleet, other.status, status())


def test_there_are_at_most_so_many_nodes() -> None:
    fleet = Fleet()
    for number in range(model.MAX_NODES + 10):
        take(fleet, Topics(f"h{number}", "n").status, status())
    assert len(fleet.nodes()) == model.MAX_NODES
    assert fleet.full == 10


NAMES = st.sampled_from(["pad", "printer", "w1"])
PAYLOADS = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [
            device("pad"),
            device("printer", "faulted"),
            window("w1"),
            status(),
            health(),
            b"",
            queue(a=(1, 2.0)),
        ]
    ),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode()),
)
TOPICS = st.one_of(
    st.sampled_from([COUNTY.status, COUNTY.health, COUNTY.queue, COUNTY.cameras]),
    NAMES.map(COUNTY.device),
    NAMES.map(COUNTY.window),
    NAMES.map(COUNTY.alert),
    NAMES.map(COUNTY.camera),
    st.text(max_size=40),
)


@given(st.lists(st.tuples(TOPICS, PAYLOADS, st.booleans()), max_size=30))
def test_no_order_of_any_bytes_breaks_it(messages: list[tuple[str, bytes, bool]]) -> None:
    fleet = Fleet()
    for second, (topic, payload, kept) in enumerate(messages):
        assert len(payload) < MAX_PAYLOAD
        for key in fleet.take(topic, payload, later(second), kept=kept):
            assert key.hall == "county"
    for hall in fleet.halls(["county", "valley"]):
        assert hall.waiting >= 0
        assert sum(hall.devices.values()) == sum(len(each.devices) for each in hall.nodes)
    owner = ("county", "node-1")
    fleet.look_at(owner)
    fleet.looked_at(owner, later(99), complete=True)
    fleet.look_at_all()
    fleet.looked_at_all()
    assert fleet.size == 0
    assert fleet.nodes() == []
