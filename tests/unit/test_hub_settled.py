"""What does not fit into a chain is settled by somebody; anything else that does not fit is told as ever."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from edge.console.cli import app
from edge.console.record import Record
from edge.wire import Alert
from tests.chain_kit import chained
from tests.integration.node import batch
from tests.stores import outside, store_url

pytestmark = pytest.mark.usefixtures("both_stores")

EPOCH = "e" * 32
KEY = ("h1", "n1", EPOCH)
EVENTS = chained(EPOCH, 30)
WHY = "中心重建，节点已不保存"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hub.db"


@pytest.fixture
def record(path: Path) -> Iterator[Record]:
    """A hub that was set up anew: the node could not tell its first nine events any more."""
    with Record(store_url(path)) as record:
        record.apply([("h1", "n1", batch(EVENTS[9:20]))], {KEY: 10})
        record.mark_told(record.untold())
        yield record


def verify(path: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["verify", "--store", store_url(path), *more])


def altered(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The fourth is not what its link says."""
    return [*events[:3], events[3] | {"staff": "李四"}, *events[4:]]


def settle(path: Path, node: str = "h1/n1", by: str = "李主任", why: str = WHY) -> Result:
    return verify(path, "--settle", node, "--by", by, "--why", why)


def alerts(record: Record) -> list[bytes]:
    """As the hub publishes them, in order."""
    back = record.taken_back()
    record.mark_taken_back(back)
    untold = record.untold()
    record.mark_told(untold)
    return [each.payload for each in back] + [f"seq {each.seq}".encode() for each in untold]


def test_what_is_settled_is_shown_and_the_alert_is_taken_back(record: Record, path: Path) -> None:
    assert verify(path).exit_code == 1
    assert alerts(record) == []
    result = settle(path)
    assert result.exit_code == 0, result.output
    for said in ("✓ h1/n1 eeeeeeee", "已查明 settled", "seq 10", "李主任", WHY):
        assert said in result.stdout
    assert "settled" in verify(path).stdout, "for good"
    (back,) = record.taken_back()
    assert (back.topic, back.payload) == ("hall/1/h1/n1/alert/chain_broken", b"")
    assert alerts(record) == [b""]
    assert alerts(record) == [], "once"


def test_a_later_break_is_told_and_makes_verify_fail(record: Record, path: Path) -> None:
    settle(path)
    assert alerts(record) == [b""]
    events = altered(EVENTS[20:])
    record.apply([("h1", "n1", batch(events))])
    assert alerts(record) == [b"seq 24"]
    result = verify(path)
    assert result.exit_code == 1
    assert "seq 24" in result.stdout
    assert "已查明 settled" in result.stdout


def test_another_break_at_the_very_place_is_another_finding(record: Record, path: Path) -> None:
    """Acts taken out of the record right there, and one that is altered."""
    settle(path)
    outside(path, "DELETE FROM event WHERE seq BETWEEN 10 AND 12")
    result = verify(path)
    assert result.exit_code == 1
    assert "seq 10" in result.stdout
    assert "已查明" not in result.stdout


@pytest.mark.parametrize("seq", [10, 11, 20])
def test_an_act_that_is_altered_afterwards_is_found(record: Record, path: Path, seq: int) -> None:
    settle(path)
    outside(path, f"""UPDATE event SET body = replace(body, '"at":', '"at": ') WHERE seq = {seq}""")
    assert verify(path).exit_code == 1


def test_what_was_altered_and_settled_is_found_when_altered_again(record: Record, path: Path) -> None:
    settle(path)
    for text in ("1", "2"):
        outside(path, f"""UPDATE event SET body = replace(body, '"by":"', '"by":"{text}') WHERE seq = 15""")
        assert verify(path).exit_code == 1
        assert settle(path, why=f"第 {text} 次").exit_code == 0
    assert outside(path, "SELECT why FROM settled ORDER BY settled_at") == [
        (WHY,),
        ("第 1 次",),
        ("第 2 次",),
    ]


def test_of_two_breaks_one_is_settled_and_the_other_stays_told(record: Record, path: Path) -> None:
    other = "f" * 32
    record.apply([("h1", "n1", batch(altered(chained(other, 9))))])
    assert alerts(record) == [b"seq 4"]
    events = altered(EVENTS[20:])
    record.apply([("h1", "n1", batch(events))])
    assert settle(path).exit_code == 1, "the first of each chain: seq 24 of one is left"
    (payload,) = alerts(record)
    assert "seq 24" in Alert.model_validate_json(payload).detail
    assert settle(path).exit_code == 0
    assert alerts(record) == [b""]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--settle", "h1/n1"), "go together"),
        (("--settle", "h1/n1", "--by", "李主任"), "go together"),
        (("--by", "李主任", "--why", "x"), "go together"),
        (("--settle", "n1", "--by", "李主任", "--why", "x"), "HALL/NODE"),
        (("--settle", "h1/n9", "--by", "李主任", "--why", "x"), "nothing to settle"),
        (("--settle", "h1/n1", "--by", "李" * 65, "--why", "x"), "at most 64"),
        (("--settle", "h1/n1", "--by", "李主任", "--why", "x\ny"), "one line"),
        (("--settle", "h1/n1", "--by", "李主任", "--why", "x" * 201), "at most 200"),
    ],
)
def test_what_cannot_be_settled_is_refused_and_nothing_kept(
    record: Record, path: Path, args: tuple[str, ...], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    result = verify(path, *args)
    assert result.exit_code == 2
    assert said in caplog.text + result.output
    assert outside(path, "SELECT count(*) FROM settled") == [(0,)]


def test_a_record_from_before_is_verified_and_can_be_settled(record: Record, path: Path) -> None:
    record.close()
    outside(path, "DROP TABLE settled")
    outside(path, "UPDATE version SET version = 3")
    assert verify(path).exit_code == 1
    assert settle(path).exit_code == 0
