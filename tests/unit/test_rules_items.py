"""Tickets for an item: what is taken, what is refused, and what the day teaches of each."""

from __future__ import annotations

import pytest

from drivers.messages import KeyAction
from edge.rules.before import A0, B0, V0, W0, K
from edge.rules.items import Item
from edge.rules.lineup import Ask, Clock
from edge.rules.model import Transfer, Window
from edge.rules.speed import FEW, S0, speed
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
    """Ten acts of 240 s instead of 120 s, and five of 1800 s as usual."""
    play = hall_of()
    served(play, "short", 240.0, 10)
    served(play, "long", 1800.0, 5)
    known = speed(play.state, play.hall)
    hall = 1 / (A0 + V0 / 10), 1 / (A0 + V0 / 5)
    g = (K / V0 + 2 * hall[0] + hall[1]) / (K / V0 + sum(hall))
    short, long = (FEW * g + 20) / (FEW + 10), (FEW * g + 5) / (FEW + 5)
    v = W0 * V0 / (W0 + 13)
    assert known.spread == pytest.approx(v)
    mean = 25 / 15
    moments = 10 / (10 + FEW) * ((2 / mean - 1) ** 2 - v / 10 * 5 / 15)
    moments += 5 / (5 + FEW) * ((1 / mean - 1) ** 2 - v / 5 * 10 / 15)
    b = (S0 * A0 + moments) / (S0 + 10 / (10 + FEW) * 5 / 15 + 5 / (5 + FEW) * 10 / 15)
    w = 1 / (b + v * short**2 / 10), 1 / (b + v * long**2 / 5)
    ratio = (2 * w[0] + w[1]) / sum(w)
    a = (S0 * A0 + max(0.0, (ratio - g) ** 2 - 1 / sum(w))) / (S0 + 1)
    f = (g / a + 2 * w[0] + w[1]) / (1 / a + sum(w))
    assert known.factor["tax"] == pytest.approx(f)
    assert known.doubt["tax"] == pytest.approx(1 / (1 / a + sum(w)) / f**2)
    own = 10 / (v * (short**2 + b * FEW / (FEW + 10)))
    m = (f / b + 2 * own) / (1 / b + own)
    assert known.of(("tax", "short")) == pytest.approx(120 * m)
    assert known.varies(("tax", "short"), 3) == pytest.approx(v + 3 / (1 / b + own) / m**2)
    assert known.of(("tax", "")) == pytest.approx(480 * f)
    assert known.of(("land", "deed")) == pytest.approx(600 * known.factor["land"])


def test_one_that_is_slow_today_makes_its_service_slow_a_little_and_the_hall_less() -> None:
    play = hall_of()
    served(play, "short", 240.0, 10)
    known = speed(play.state, play.hall)
    assert known.of(("tax", "long")) == pytest.approx(1800 * known.factor["tax"])
    assert 1 < known.factor["land"] < known.factor["tax"] < known.of(("tax", "short")) / 120 < 2


def test_one_item_that_comes_often_and_is_slow_makes_no_other_slow() -> None:
    """Of three others, each as long as is usual, all have come."""
    others = tuple(Item(f"o{n}", "tax", 600.0) for n in range(3))
    play = hall_of({item.id: item for item in (SHORT, LONG, *others)})
    served(play, "short", 240.0, 30)
    for other in others:
        served(play, other.id, 600.0, 4)
    known = speed(play.state, play.hall)
    assert known.of(("tax", "short")) == pytest.approx(240, rel=0.1)
    assert known.of(("tax", "long")) < 1800 * 1.35, "four acts in five took twice as long as is usual"


def test_who_comes_for_what_nobody_knows_the_length_of_may_take_long_or_not() -> None:
    play = hall_of({"short": SHORT, "new": Item("new", "tax")})
    known = speed(play.state, play.hall)
    assert known.varies(("tax", "")) == V0
    assert known.varies(("tax", "short")) == pytest.approx(V0 + A0)
    assert known.varies(("tax", "new")) == pytest.approx(V0 + B0)
    assert known.varies(("tax", "new"), 4) == pytest.approx(V0 + 4 * B0), "long or not, all four are"
    served(play, "new", 480.0, 20)
    learnt = speed(play.state, play.hall)
    assert learnt.varies(("tax", "new")) - learnt.spread < 0.05


def test_codes_that_nobody_listed_are_learnt_from_the_day() -> None:
    play = hall_of({})
    for _ in range(30):
        served(play, "short", 120.0)
        served(play, "long", 1200.0)
    known = speed(play.state, play.hall)
    assert known.of(("tax", "short")) == pytest.approx(120, rel=0.1)
    assert known.of(("tax", "long")) == pytest.approx(1200, rel=0.1)
    assert known.of(("tax", "new")) == known.act_s["tax"] == pytest.approx(660, rel=0.15)


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
