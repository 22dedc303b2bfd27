"""Tickets for an item: what is taken, what is refused, and what the day teaches of each."""

from __future__ import annotations

import pytest

from drivers.messages import KeyAction
from edge.rules.items import Item
from edge.rules.lineup import Ask, Clock
from edge.rules.model import Transfer, Window
from edge.rules.speed import A0, ALIKE, FEW, S0, V0, W0, speed
from edge.rules.waits import waits
from edge.wire import ServiceFinished, TicketReserved
from tests.unit.rules_kit import Play, a_hall, refusal

SHORT, LONG, DEED = (
    Item("short", "tax", 120.0),
    Item("long", "tax", 1800.0, 45.0),
    Item("deed", "land", 600.0),
)
LISTED = {item.id: item for item in (SHORT, LONG, DEED)}


def hall_of(items: dict[str, Item] | None = None) -> Play:
    play = Play(a_hall(items=LISTED if items is None else items))
    play.staff("1", "2")
    return play


def join(play: Play, item: str, service: str = "tax") -> str:
    ticket = str(play.take(service, item=item).answer["ticket"])
    play.printed(ticket)
    return ticket


def served(play: Play, item: str, seconds: float, times: int = 1) -> None:
    for _ in range(times):
        join(play, item)
        play.key("1", KeyAction.CALL)
        play.passes(seconds)
        play.key("1", KeyAction.FINISH)


def wait_s(play: Play) -> float:
    found = waits(play.state, play.hall, [Ask("tax")], Clock(play.state.clock.s))[0]
    assert found
    return found.p50_s


# --- what is taken ---
def test_a_ticket_keeps_its_item_and_so_does_its_act() -> None:
    play = hall_of()
    assert play.state.tickets[join(play, "long")].item == "long"
    play.serve("1")
    (reserved,) = [fact for fact, _ in play.kept if isinstance(fact, TicketReserved)]
    (finished,) = [fact for fact, _ in play.kept if isinstance(fact, ServiceFinished)]
    assert (reserved.item, finished.item, finished.promise_min) == ("long", "long", 45.0)


@pytest.mark.parametrize(
    ("item", "code"), [("longer", "unknown_item"), ("deed", "item_elsewhere"), ("长", "unknown_item")]
)
def test_where_items_are_listed_no_other_is_taken(item: str, code: str) -> None:
    play = hall_of()
    refused = play.take(item=item)
    assert refusal(refused) == code
    assert refused.rejection
    assert "事项" in refused.rejection.zh
    assert "item" in refused.rejection.en


@pytest.mark.parametrize("item", ["0101", "33-A.7_x", "A" * 64])
def test_where_none_is_listed_any_code_is_kept(item: str) -> None:
    play = hall_of({})
    assert play.state.tickets[join(play, item)].item == item


@pytest.mark.parametrize("item", ["事项", "a b", "-a", "A" * 65, "a\n"])
def test_but_nothing_that_is_no_code(item: str) -> None:
    assert refusal(hall_of({}).take(item=item)) == "item_code"


# --- what is learnt ---
def test_a_wait_is_the_sum_of_the_items_before_it() -> None:
    few, many = hall_of(), hall_of()
    for play, item in ((few, "short"), (many, "long")):
        for _ in range(6):
            join(play, item)
    assert wait_s(many) > 5 * wait_s(few)
    codes = hall_of({})  # of which nobody knows how long they take
    for _ in range(6):
        join(codes, "short")
    assert wait_s(few) < wait_s(codes) < wait_s(many)


def test_by_the_formula() -> None:
    """Ten acts of 240 s instead of 120 s: f as for a service; then of the item's own moments."""
    play = hall_of()
    served(play, "short", 240.0, 10)
    known = speed(play.state, play.hall)
    v = W0 * V0 / (W0 + 9)
    f = known.factor["tax"]
    assert known.spread == pytest.approx(v)
    weight = 10 / (10 + FEW)
    between = max(ALIKE, (S0 * A0 + weight * ((2 / f - 1) ** 2 - v / 10)) / (S0 + weight))
    shrink = v / between
    assert known.of(("tax", "short")) == pytest.approx(120 * (shrink * f + 20) / (shrink + 10))
    assert known.of(("tax", "long")) == pytest.approx(1800 * f), "its service is slow today"
    assert known.of(("tax", "")) == pytest.approx(480 * f)
    assert known.of(("land", "deed")) == pytest.approx(600 * known.factor["land"])
    assert 1 < known.factor["land"] < f, "and so is the hall, in part"


def test_codes_that_nobody_listed_are_learnt_from_the_day() -> None:
    play = hall_of({})
    for _ in range(30):
        served(play, "short", 120.0)
        served(play, "long", 1200.0)
    known = speed(play.state, play.hall)
    assert known.of(("tax", "short")) == pytest.approx(120, rel=0.1)
    assert known.of(("tax", "long")) == pytest.approx(1200, rel=0.1)
    assert known.of(("tax", "new")) == known.act_s["tax"] == pytest.approx(660, rel=0.1)


def test_who_is_sent_on_takes_there_what_others_take_there() -> None:
    play = hall_of()
    play.hall.windows["1"] = Window("1", "1号窗口", ("tax",))
    ticket = join(play, "long")
    play.key("1", KeyAction.CALL)
    play.do(Transfer("1", "2", "land"))
    assert play.state.tickets[ticket].kind == ("land", "long")
    known = speed(play.state, play.hall)
    assert known.of(("land", "long")) == known.act_s["land"]
    play.key("2", KeyAction.CALL)
    (finished,) = [f for f in play.key("2", KeyAction.FINISH).facts if isinstance(f, ServiceFinished)]
    assert (finished.item, finished.promise_min) == ("long", 0.0), "land promises nothing"
