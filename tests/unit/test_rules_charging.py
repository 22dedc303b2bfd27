"""Fees at a window: whose they are, once a receipt, never more back than was charged, and what is amiss."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drivers.messages import KeyAction
from edge.rules import charging
from edge.rules.fees import ChargeFee, RefundFee, yuan
from edge.rules.items import Item
from edge.rules.model import Decision, Hall, State
from edge.rules.supervision_kinds import Kind
from edge.wire import FeeCharged, FeeRefunded
from tests.unit.rules_kit import NINE, TODAY, Play, a_hall, kinds, refusal
from tests.unit.test_rules_supervision_readings import measured

ITEMS = {
    "card": Item("card", "tax", 300.0, fee_fen=500),
    "free": Item("free", "tax", 300.0, fee_fen=0),
    "open": Item("open", "tax", 300.0),
}


def hall() -> Play:
    play = Play(a_hall(items=ITEMS))
    play.staff("1", "2")
    return play


def called(play: Play, item: str = "card", window: str = "1") -> str:
    ticket = str(play.take("tax", item=item).answer["ticket"])
    play.printed(ticket)
    play.key(window, KeyAction.CALL)
    return ticket


def charge(
    play: Play,
    amount_fen: int = 500,
    receipt: str = "R1",
    *,
    window: str = "1",
    item: str = "",
    act: str = "",
) -> Decision:
    return play.do(ChargeFee(window, amount_fen, receipt, item, act))


def refund(play: Play, amount_fen: int | None = None, receipt: str = "R1", window: str = "1") -> Decision:
    return play.do(RefundFee(window, receipt, amount_fen))


def left_fen(play: Play, receipt: str = "R1") -> int:
    return play.state.fees[receipt].left_fen


# --- whose it is ---
def test_a_charge_is_of_the_act_at_its_window_with_its_item_and_what_was_due() -> None:
    play = hall()
    ticket = called(play)
    (fact,) = charge(play).facts
    assert isinstance(fact, FeeCharged)
    assert (fact.act, fact.item, fact.amount_fen, fact.fee_fen) == (f"{TODAY}/{ticket}", "card", 500, 500)
    assert (fact.window, fact.staff, fact.receipt) == ("1", "1001", "R1")


def test_many_pay_when_all_is_done_and_until_the_next_is_called() -> None:
    play = hall()
    first = called(play)
    play.key("1", KeyAction.FINISH)
    assert charge(play, receipt="R1").answer["act"] == f"{TODAY}/{first}"
    second = called(play)
    assert charge(play, receipt="R2").answer["act"] == f"{TODAY}/{second}"
    assert charge(play, receipt="R3", act=f"{TODAY}/{first}").answer["act"] == f"{TODAY}/{first}"


def test_money_without_an_act_is_kept_too() -> None:
    play = hall()
    assert kinds(charge(play)) == ["fee.charged"]
    assert play.state.fees["R1"].act == ""
    called(play)
    play.key("1", KeyAction.SKIP)
    assert charge(play, receipt="R2").answer["act"] == "", "he never came"


def test_where_nothing_is_configured_nothing_is_compared() -> None:
    play = hall()
    called(play, "open")
    (fact,) = charge(play).facts
    assert isinstance(fact, FeeCharged)
    assert fact.fee_fen is None


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (ChargeFee("9", 500, "R1"), "unknown_window"),
        (ChargeFee("3", 500, "R1"), "not_logged_in"),
        (ChargeFee("1", 500, "票据"), "receipt_code"),
        (ChargeFee("1", 500, ""), "receipt_code"),
        (ChargeFee("1", 500, "R1", act=f"{TODAY}/A099"), "fee_no_act"),
        (ChargeFee("1", 500, "R1", act="2024-05-03/A001"), "fee_no_act"),
        (ChargeFee("1", 500, "R1", item="other"), "fee_item"),
        (RefundFee("1", "R1"), "fee_unknown"),
    ],
)
def test_what_is_refused(wish: ChargeFee | RefundFee, code: str) -> None:
    play = hall()
    play.join()
    assert refusal(play.do(wish)) == code


# --- once ---
def test_a_receipt_is_kept_once_and_told_again() -> None:
    play = hall()
    called(play)
    first = charge(play)
    assert (charge(play).facts, charge(play).answer) == ((), first.answer)
    for other in (charge(play, 600), charge(play, item="free"), charge(play, window="2")):
        assert refusal(other) == "receipt_used"
    assert left_fen(play) == 500
    refund(play)
    assert charge(play).facts == (), "a receipt does not begin again"


def test_no_more_is_given_back_than_was_charged() -> None:
    play = hall()
    called(play)
    charge(play)
    (fact,) = refund(play, 200).facts
    assert isinstance(fact, FeeRefunded)
    assert (fact.amount_fen, left_fen(play)) == (200, 300)
    too_much = refund(play, 301)
    assert refusal(too_much) == "refund_too_much"
    assert too_much.rejection
    assert "3.00 元" in too_much.rejection.zh
    assert refund(play, window="2").answer == {"receipt": "R1", "refunded_fen": 300, "left_fen": 0}
    assert refusal(refund(play)) == "refund_too_much"


def test_a_restart_knows_it_again_and_a_new_day_begins_without() -> None:
    play = hall()
    called(play)
    charge(play)
    refund(play, 100)
    play.restart()
    assert left_fen(play) == 400
    play.at(NINE + timedelta(days=1))
    play.staff("1")
    assert play.state.fees == {}
    assert refusal(refund(play)) == "fee_unknown"


def test_what_is_kept_of_earlier_days_comes_with_the_wish_of_that_day() -> None:
    play = hall()
    called(play)
    (paid,) = charge(play).facts
    (back,) = refund(play, 100).facts
    earlier = charging.known_of([paid, back])
    assert earlier
    assert earlier.left_fen == 400
    play.at(NINE + timedelta(days=1))
    play.staff("1")
    again = ChargeFee("1", 500, "R1", earlier=earlier, day=play.state.day)
    assert play.do(again).facts == ()
    wish = RefundFee("1", "R1", 300, earlier, play.state.day)
    assert kinds(play.do(wish)) == ["fee.refunded"]
    play.restart()
    assert refusal(play.do(wish)) == "refund_too_much", "100 are left, whatever was read before"
    assert refusal(play.do(RefundFee("1", "R1", 100, earlier, TODAY))) == "fee_unknown", "read on another day"
    assert charging.known_of([back]) is None


def test_a_day_has_room_for_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charging, "MAX_FEES", 1)
    play = hall()
    charge(play)
    assert refusal(charge(play, receipt="R2")) == "fees_full"


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0.00"), (5, "0.05"), (1250, "12.50"), (100_000_000, "1000000.00")]
)
def test_fen_are_written_as_yuan(fen: int, text: str) -> None:
    assert yuan(fen) == text


# --- what supervision measures ---
def amiss(play: Play, kind: Kind = "fee_amiss") -> dict[str, float | bool]:
    return measured(play, kind)


def test_another_amount_is_amiss_until_it_is_put_right() -> None:
    play = hall()
    called(play)
    charge(play, 500)
    assert amiss(play) == {}
    charge(play, 300, "R2")
    assert amiss(play) == {"1": 1.0}, "800 for 500"
    refund(play, receipt="R2")
    assert amiss(play) == {}


def test_too_little_is_amiss_until_the_rest_is_charged() -> None:
    play = hall()
    called(play)
    charge(play, 200)
    assert amiss(play) == {"1": 1.0}
    charge(play, 300, "R2")
    assert amiss(play) == {}


def test_what_is_free_is_not_charged() -> None:
    play = hall()
    called(play, "free")
    charge(play, 1)
    called(play, "free")
    charge(play, 100, "R2")
    assert amiss(play) == {"1": 2.0}
    refund(play)
    assert amiss(play) == {"1": 1.0}
    called(play, "open")
    charge(play, 100, "R3")
    assert amiss(play) == {"1": 1.0}, "of that nobody knows"


def test_a_charge_without_an_act_is_told_until_it_is_given_back() -> None:
    play = hall()
    charge(play, window="2")
    assert amiss(play, "fee_without_act") == {"2": 1.0}
    assert measured(play, "fee_without_act", windows=("1",)) == {}
    refund(play)
    assert amiss(play, "fee_without_act") == {}


def test_an_act_with_a_fee_and_no_charge_is_told_with_its_minutes() -> None:
    play = hall()
    first = called(play)
    play.key("1", KeyAction.FINISH)
    play.passes(300)
    for item in ("free", "open", "card"):
        called(play, item)
        play.key("1", KeyAction.FINISH)
    play.passes(300)
    assert amiss(play, "fee_missing") == {"1": pytest.approx(10.0)}
    charge(play, receipt="R1", act=f"{TODAY}/{first}")
    assert amiss(play, "fee_missing") == {"1": pytest.approx(5.0)}
    charge(play, receipt="R2")
    assert amiss(play, "fee_missing") == {}
    refund(play, receipt="R2")
    assert amiss(play, "fee_missing") == {}, "it was charged, and given back"


def test_nothing_is_told_of_yesterday() -> None:
    play = hall()
    called(play)
    play.key("1", KeyAction.FINISH)
    charge(play, 100)
    charge(play, 100, "R2", window="2")
    play.at(NINE + timedelta(days=1))
    for kind in ("fee_amiss", "fee_without_act", "fee_missing"):
        assert measured(play, kind) == {}


def test_a_hall_without_fees_looks_at_no_ticket() -> None:
    state = State()
    state.tickets = None  # type: ignore[assignment] # what nobody may touch
    assert charging.unpaid_since_s(state, Hall("h", "h", NINE.tzinfo, {}, {})) == {}  # type: ignore[arg-type] # a zone
