"""What the hub owes its nodes: acknowledgements, and at most one question at a time."""

from __future__ import annotations

import json

import pytest

import edge.console.fleet
from edge.console.fleet import ASK_TIMEOUT_S, Fleet
from edge.wire import Ack, NodeStatus, Request, Topics

KEY = ("h1", "n1")
TOPICS = Topics(*KEY)
EPOCH, OTHER = "e" * 32, "f" * 32


def status(state: str = "ready", last_seq: int = 0, epoch: str = EPOCH) -> NodeStatus:
    fields = {
        "epoch": epoch,
        "boot": "b" * 32,
        "session": "c" * 32,
        "version": "1",
        "config_hash": "",
        "since": 0,
    }
    return NodeStatus.model_validate({"state": state, "last_seq": last_seq, **fields})


def owed(fleet: Fleet) -> tuple[dict[str, int], list[int]]:
    """({epoch: acknowledged}, [asked from]) and both are then paid."""
    acks, asks = {}, []
    for topic, payload in fleet.owed():
        if topic == TOPICS.ack:
            ack = Ack.model_validate_json(payload)
            acks[ack.epoch] = ack.seq
        else:
            assert topic == TOPICS.command("backfill")
            asks.append(Request.model_validate_json(payload).args["seq"])
    return acks, asks


def ask_id(fleet: Fleet) -> str:
    ((_, payload),) = [message for message in fleet.owed() if message[0] != TOPICS.ack]
    return str(json.loads(payload)["id"])


def progress(fleet: Fleet, last: int, seen: int, now: float = 0.0, *, applied: bool = True) -> None:
    fleet.progress(KEY, EPOCH, last, seen, applied=applied, now=now)


def test_acknowledgements_are_coalesced_to_the_last() -> None:
    fleet = Fleet()
    for last in range(1, 50):
        progress(fleet, last, last)
    fleet.progress(KEY, OTHER, 3, 3, applied=True, now=0)
    assert owed(fleet) == ({EPOCH: 49, OTHER: 3}, [])
    assert owed(fleet) == ({}, [])


def test_a_gap_is_asked_for_once_until_it_moves_or_the_time_is_over() -> None:
    fleet = Fleet()
    progress(fleet, 2, 5)
    progress(fleet, 2, 6, applied=False)
    assert owed(fleet)[1] == [3]
    progress(fleet, 2, 7, 1.0, applied=False)
    assert owed(fleet)[1] == []
    progress(fleet, 4, 7, 2.0)  # it moved, and there is another hole
    assert owed(fleet)[1] == [5]
    progress(fleet, 4, 7, 2.0 + ASK_TIMEOUT_S, applied=False)
    assert owed(fleet)[1] == [5]


def test_silence_after_an_ask_is_overdue() -> None:
    fleet = Fleet()
    fleet.status(KEY, status(), 0, kept=False, now=0)
    progress(fleet, 2, 5)
    owed(fleet)
    fleet.overdue(ASK_TIMEOUT_S - 1, dropped=False)
    assert owed(fleet)[1] == []
    fleet.overdue(ASK_TIMEOUT_S + 1, dropped=False)
    assert owed(fleet)[1] == [3]
    progress(fleet, 5, 5, ASK_TIMEOUT_S + 2)
    owed(fleet)
    fleet.overdue(9 * ASK_TIMEOUT_S, dropped=False)
    assert owed(fleet)[1] == []


def test_messages_that_were_dropped_here_may_have_been_anybody_s() -> None:
    fleet = Fleet()
    fleet.status(KEY, status(), 0, kept=False, now=0)
    progress(fleet, 5, 5)
    owed(fleet)
    fleet.overdue(1, dropped=True)
    assert owed(fleet)[1] == [6]


def test_a_node_that_was_there_before_the_hub_is_asked_whatever_its_old_status_says() -> None:
    fleet = Fleet()
    fleet.status(KEY, status(last_seq=0), 7, kept=True, now=0)
    assert owed(fleet) == ({EPOCH: 7}, [8])
    fleet.status(KEY, status(last_seq=0), 7, kept=True, now=1)
    assert owed(fleet) == ({}, [])
    fleet.connected()
    fleet.status(KEY, status(last_seq=0), 7, kept=True, now=2)
    assert owed(fleet) == ({EPOCH: 7}, [8])


def test_a_node_that_has_just_come_is_asked_only_where_it_does_not_tell_what_it_has() -> None:
    """It begins by itself with what is not acknowledged; asked at once, it would tell that twice."""
    fleet = Fleet()
    fleet.status(KEY, status(last_seq=9), 7, kept=False, now=0)
    fleet.overdue(ASK_TIMEOUT_S, dropped=False)
    assert owed(fleet)[1] == []
    fleet.overdue(ASK_TIMEOUT_S + 1, dropped=False)
    assert owed(fleet)[1] == [8]
    fleet = Fleet()
    fleet.status(KEY, status(last_seq=7), 7, kept=False, now=0)
    fleet.overdue(9 * ASK_TIMEOUT_S, dropped=False)
    assert owed(fleet)[1] == []


@pytest.mark.parametrize("state", ["lost", "disconnected"])
def test_a_node_that_is_away_is_not_asked(state: str) -> None:
    fleet = Fleet()
    fleet.status(KEY, status(state, last_seq=9), 7, kept=True, now=0)
    fleet.overdue(99, dropped=True)
    assert owed(fleet) == ({}, [])
    fleet.status(KEY, status("ready", last_seq=9), 7, kept=False, now=100)
    fleet.overdue(100 + ASK_TIMEOUT_S + 1, dropped=False)
    assert owed(fleet)[1] == [8]


@pytest.mark.parametrize("states", [[], ["ready", "lost"]])
def test_a_node_whose_birth_was_not_heard_is_asked_all_the_same(states: list[str]) -> None:
    fleet = Fleet()
    for state in states:
        fleet.status(KEY, status(state), 0, kept=False, now=0)
    progress(fleet, 5, 5)
    owed(fleet)
    fleet.overdue(1, dropped=True)
    assert owed(fleet)[1] == [6]


def test_losses_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    fleet = Fleet()
    for state in ("ready", "ready", "lost", "lost", "ready"):
        fleet.status(KEY, status(state), 0, kept=False, now=0)
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        ("INFO", "h1/n1: ready"),
        ("WARNING", "h1/n1: lost"),
        ("INFO", "h1/n1: ready"),
    ]


def test_a_node_that_has_no_more_of_the_old_is_believed_when_it_says_so() -> None:
    fleet = Fleet()
    progress(fleet, 2, 5)
    fleet.answered(ask_id(fleet), 3, now=0)
    assert fleet.resumes() == {}  # it has all that was asked for
    progress(fleet, 2, 200, ASK_TIMEOUT_S, applied=False)
    fleet.answered(ask_id(fleet), 100, now=ASK_TIMEOUT_S)
    assert fleet.resumes() == {(*KEY, EPOCH): 100}
    assert owed(fleet)[1] == [100]  # its events came before the answer, and were not applied
    progress(fleet, 2, 201, ASK_TIMEOUT_S + 1, applied=False)
    assert owed(fleet)[1] == []
    fleet.resumed(KEY)
    assert fleet.resumes() == {}


def test_answers_to_nothing_change_nothing() -> None:
    fleet = Fleet()
    fleet.answered("0" * 32, 100, now=0)
    progress(fleet, 2, 5)
    old = ask_id(fleet)
    progress(fleet, 3, 5)
    fleet.answered(old, 100, now=0)
    assert fleet.resumes() == {}
    fleet.answered(ask_id(fleet), None, now=0)
    assert fleet.resumes() == {}


def test_nodes_are_bounded(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(edge.console.fleet, "MAX_NODES", 2)
    fleet = Fleet()
    nodes = [fleet.node(("h1", f"n{n}")) for n in range(5)]
    assert [node is not None for node in nodes] == [True, True, False, False, False]
    assert fleet.node(("h1", "n0")) is nodes[0]
    fleet.progress(("h1", "n4"), EPOCH, 1, 1, applied=True, now=0)
    assert fleet.owed() == []
    assert len(caplog.records) == 1
