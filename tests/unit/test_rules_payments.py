"""Payments by the rules: what follows from what the services say, whatever the order in which it comes."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from drivers.messages import Result
from edge.rules.effects import PrintReceipt, SetTimer
from edge.rules.model import Decision, Started
from edge.rules.payments import MAX_PAYMENTS, ask, carry_over
from edge.rules.payments_counts import Counts, counted
from edge.rules.payments_model import BeginPayment, ReceiptEnded, Seen, Settle, WantReceipt
from edge.rules.payments_receipts import MAX_SLIPS, timer
from edge.rules.payments_settled import to_settle
from edge.store.model import MAX_EVENT
from edge.wire import MAX_FEN, PaymentsSettled, flat_json
from tests.unit.rules_kit import NINE, TODAY, TOMORROW, Play, effects, kinds, refusal

KEY, OTHER, DECLARATION = "a" * 32, "b" * 32, "d" * 32
ORDER = f"P{1:019d}"


def begin(play: Play, key: str = KEY, **changes: Any) -> Decision:
    sums = {"total_fen": 12_350, "national_fen": 10_000, "local_fen": 2_350}
    about = {"declaration": DECLARATION, "name": "个人所得税", "name_en": "Income tax", "kiosk": "kiosk-1"}
    wish: dict[str, Any] = {**about, **sums, **changes}
    return play.do(BeginPayment(key, **wish))


def told(state: str, taken: int = 0, refunded: int = 0, key: str = KEY, **more: Any) -> Seen:
    about = {"total_fen": 12_350, "order": ORDER, "paid_on": TODAY if taken else ""}
    return Seen(key, state, taken_fen=taken, refunded_fen=refunded, **(about | more))  # type: ignore[arg-type]


OPEN, PAID, CLOSED = told("open"), told("paid", 12_350), told("closed")


@pytest.fixture
def play() -> Play:
    """A payment is shown."""
    play = Play()
    begin(play)
    play.do(OPEN)
    return play


def test_each_state_comes_of_what_the_services_say() -> None:
    play = Play()
    assert kinds(begin(play))[-1:] == ["payment.created"]
    assert ask(play.state.payments[KEY], attended=True) == "pay"
    assert kinds(play.do(OPEN)) == ["payment.shown"]
    assert ask(play.state.payments[KEY], attended=True) == "look"
    assert kinds(play.do(PAID)) == ["payment.paid", "payment.receipt_not_printed"]  # nobody is there
    assert ask(play.state.payments[KEY], attended=True) == ""
    assert play.state.payments[KEY].is_paid


def test_what_nobody_attends_to_is_closed() -> None:
    play = Play()
    begin(play)
    assert ask(play.state.payments[KEY], attended=False) == "close"
    assert kinds(play.do(CLOSED)) == ["payment.expired"]
    assert ask(play.state.payments[KEY], attended=False) == ""


def test_the_same_told_again_changes_nothing(play: Play) -> None:
    for seen in (OPEN, PAID, PAID, OPEN, told("open"), PAID):
        play.do(seen)
    assert [fact.kind for fact, _ in play.kept].count("payment.paid") == 1
    assert counted(fact for fact, _ in play.kept) == Counts(created=1, paid=1)


def test_the_same_key_is_the_same_payment_and_another_sum_is_refused(play: Play) -> None:
    assert begin(play).answer == {"key": KEY}
    assert begin(play).facts == ()
    assert refusal(begin(play, total_fen=1, national_fen=1, local_fen=0)) == "payment_key_used"


def test_sums_that_do_not_add_up_are_refused() -> None:
    assert begin(Play(), total_fen=12_351).rejection is not None
    assert begin(Play(), total_fen=0, national_fen=0, local_fen=0).rejection is not None


def test_a_declaration_is_paid_once(play: Play) -> None:
    assert refusal(begin(play, OTHER)) == "in_payment"
    play.do(PAID)
    assert refusal(begin(play, OTHER)) == "already_paid"


def test_after_one_that_expired_it_may_be_paid_again(play: Play) -> None:
    play.do(CLOSED)
    assert kinds(begin(play, OTHER)) == ["payment.created"]


def test_a_second_payment_goes_back_and_the_first_is_kept(play: Play) -> None:
    play.do(PAID)
    decision = play.do(told("paid", 24_700))
    (due,) = decision.facts
    assert (due.kind, due.keep_fen, due.reason) == ("payment.refund_due", 12_350, "paid_twice")  # type: ignore[attr-defined]
    assert ask(play.state.payments[KEY], attended=False) == "refund"
    assert kinds(play.do(told("refunding", 24_700))) == []
    assert kinds(play.do(told("refunded", 24_700, 12_350))) == ["payment.refunded"]
    assert play.state.payments[KEY].is_paid


def test_what_is_paid_after_the_close_goes_back_whole(play: Play) -> None:
    play.do(CLOSED)
    (due,) = play.do(told("closed", 12_350)).facts
    assert (due.keep_fen, due.reason) == (0, "paid_late")  # type: ignore[attr-defined]
    play.do(told("refunded", 12_350, 12_350))
    assert play.state.payments[KEY].phase == "refunded"
    assert not play.state.payments[KEY].is_paid


def test_money_and_close_in_one_answer(play: Play) -> None:
    assert kinds(play.do(told("closed", 12_350))) == ["payment.expired", "payment.refund_due"]


def test_another_sum_is_not_kept(play: Play) -> None:
    (due,) = play.do(told("paid", 500)).facts
    assert (due.keep_fen, due.reason) == (0, "paid_wrong_sum")  # type: ignore[attr-defined]


def test_nothing_follows_while_more_may_be_taken(play: Play) -> None:
    """A sum under an open order is not the last word: it is closed first."""
    assert play.do(told("open", 500)).facts == ()


def test_a_third_payment_goes_back_as_well(play: Play) -> None:
    for seen in (PAID, told("paid", 24_700), told("refunded", 24_700, 12_350)):
        play.do(seen)
    assert kinds(play.do(told("refunded", 37_050, 12_350))) == ["payment.refund_due"]
    play.do(told("refunded", 37_050, 24_700))
    assert play.state.payments[KEY].kept_fen == 12_350


def test_what_was_true_before_the_second_payment_does_not_end_its_refund(play: Play) -> None:
    play.do(PAID)
    play.do(told("paid", 24_700))
    assert play.do(PAID).facts == ()
    assert ask(play.state.payments[KEY], attended=False) == "refund"


def test_what_comes_late_or_out_of_order_ends_the_same() -> None:
    """All orders of what was once true, the last of it told again in the end."""
    truths = (OPEN, PAID, told("paid", 24_700), told("refunding", 24_700))
    last = told("refunded", 24_700, 12_350)
    for order in permutations((*truths, last)):
        play = Play()
        begin(play)
        for seen in (OPEN, *order, last):
            play.do(seen)
        payment = play.state.payments[KEY]
        assert (payment.phase, payment.kept_fen) in {("refunded", 12_350)}, order


def test_money_under_a_closed_key_that_nobody_knows_any_more_goes_back() -> None:
    play = Play()
    play.do(Started())
    assert kinds(play.do(told("closed", 12_350)))[-1:] == ["payment.refund_due"]
    assert ask(play.state.payments[KEY], attended=False) == "refund"
    play.do(told("refunded", 12_350, 12_350))
    assert counted(fact for fact, _ in play.kept) == Counts(refunded=1)


def test_what_was_taken_twice_goes_back_also_where_nobody_knows_the_payment_any_more() -> None:
    play = Play()
    play.do(Started())
    assert play.do(PAID).facts == ()
    (due,) = play.do(told("paid", 24_700)).facts
    assert (due.kind, due.keep_fen) == ("payment.refund_due", 12_350)  # type: ignore[attr-defined]
    play.do(told("refunded", 24_700, 12_350))
    assert play.state.payments[KEY].is_paid
    assert play.do(WantReceipt(KEY)).effects == (PrintReceipt(KEY, 1),)


# --- receipts ---
def test_who_pays_and_is_there_gets_a_receipt_at_once(play: Play) -> None:
    decision = play.do(told("paid", 12_350, attended=True))
    assert kinds(decision) == ["payment.paid", "payment.receipt_begun"]
    assert decision.effects == (PrintReceipt(KEY, 1),)
    assert kinds(play.do(ReceiptEnded(KEY, 1, Result.DONE))) == ["payment.receipted"]
    assert play.state.receipts[KEY].phase == "printed"


def test_without_paper_it_can_be_had_later(play: Play) -> None:
    seen = told("paid", 12_350, attended=True, printer_problem="paper_out")
    assert kinds(play.do(seen)) == ["payment.paid", "payment.receipt_not_printed"]
    assert refusal(play.do(WantReceipt(KEY, "paper_out"))) == "receipt_no_printer"
    assert play.do(WantReceipt(KEY)).effects == (PrintReceipt(KEY, 1),)


def test_one_that_was_printed_comes_again_as_a_copy(play: Play) -> None:
    play.do(told("paid", 12_350, attended=True))
    assert play.do(WantReceipt(KEY)).facts == ()  # it is for the one that is being printed
    play.do(ReceiptEnded(KEY, 1, Result.DONE))
    assert play.do(WantReceipt(KEY)).effects == (PrintReceipt(KEY, 2, copy=True),)


def test_a_printer_that_never_answers_brings_three_slips_at_the_most(play: Play) -> None:
    play.do(told("paid", 12_350, attended=True))
    for slips in (1, 2):
        decision = play.do(ReceiptEnded(KEY, slips, Result.UNKNOWN, "timeout"))
        assert effects(decision, SetTimer)
        assert play.fire(timer(KEY)).effects == (PrintReceipt(KEY, slips + 1, copy=True),)
    assert kinds(play.do(ReceiptEnded(KEY, 3, Result.UNKNOWN))) == ["payment.receipt_not_printed"]
    assert play.fire(timer(KEY)).effects == ()


def test_what_certainly_did_not_come_out_is_no_copy_the_next_time(play: Play) -> None:
    play.do(told("paid", 12_350, attended=True))
    play.do(ReceiptEnded(KEY, 1, Result.FAILED, "paper_out"))
    assert play.do(WantReceipt(KEY)).effects == (PrintReceipt(KEY, 1),)


def test_an_outcome_that_comes_late_changes_nothing(play: Play) -> None:
    play.do(told("paid", 12_350, attended=True))
    play.do(ReceiptEnded(KEY, 1, Result.DONE))
    play.do(WantReceipt(KEY))
    assert play.do(ReceiptEnded(KEY, 1, Result.DONE)).facts == ()
    assert play.state.receipts[KEY].phase == "printing"


def test_after_a_restart_nobody_knows_and_the_next_is_a_copy(play: Play) -> None:
    play.do(told("paid", 12_350, attended=True))
    assert kinds(play.restart()) == ["payment.receipt_not_printed"]
    assert play.do(WantReceipt(KEY)).effects == (PrintReceipt(KEY, 2, copy=True),)


def test_there_is_an_end_to_receipts(play: Play) -> None:
    play.do(PAID)
    for slips in range(1, MAX_SLIPS + 1):
        play.do(WantReceipt(KEY))
        play.do(ReceiptEnded(KEY, slips, Result.DONE))
    assert refusal(play.do(WantReceipt(KEY))) == "receipts_enough"


def test_there_is_none_of_what_was_not_paid(play: Play) -> None:
    assert refusal(play.do(WantReceipt(KEY))) == "receipt_not_paid"
    assert refusal(play.do(WantReceipt(OTHER))) == "unknown_payment"


def test_of_another_machines_payment_the_services_vouch_and_it_is_a_copy(play: Play) -> None:
    assert play.do(WantReceipt(OTHER, vouched=True)).effects == (PrintReceipt(OTHER, 1, copy=True),)


# --- days ---
def test_what_is_not_settled_goes_over_into_the_next_day_and_so_do_receipts(play: Play) -> None:
    play.do(told("paid", 12_350, attended=True))
    play.do(ReceiptEnded(KEY, 1, Result.DONE))
    play.passes(86_400)
    play.do(Started())
    assert play.state.day == TOMORROW
    assert play.state == play.folded()
    assert play.state.payments[KEY].name_en == "Income tax"
    assert play.do(WantReceipt(KEY)).effects == (PrintReceipt(KEY, 2, copy=True),)


def test_the_day_that_is_over_is_settled_once_and_then_forgotten(play: Play) -> None:
    play.do(PAID)
    begin(play, OTHER, declaration="e" * 32)
    play.passes(86_400)
    play.do(Started())
    assert to_settle(play.state, TODAY) == (TODAY,)
    (settled,) = play.do(Settle(TODAY, (PAID,))).facts
    assert isinstance(settled, PaymentsSettled)
    assert (settled.created, settled.paid, settled.paid_fen, settled.unsettled) == (2, 1, 12_350, 1)
    assert [(each.key, each.what) for each in settled.differences] == [(OTHER, "unsettled")]
    assert to_settle(play.state, TODAY) == ()
    assert play.do(Settle(TODAY, (PAID,))).facts == ()
    play.passes(86_400)
    play.do(Started())
    assert set(play.state.payments) == {OTHER}  # which is still to be closed
    assert to_settle(play.state, TOMORROW) == (TOMORROW,)


def test_days_between_are_settled_as_well() -> None:
    play = Play()
    begin(play)
    play.passes(3 * 86_400)
    play.do(Started())
    assert to_settle(play.state, "2024-05-08") == ("2024-05-06", "2024-05-07", "2024-05-08")


@pytest.mark.parametrize(
    ("theirs", "what", "sums"),
    [
        ((), "unknown_there", (12_350, 0)),
        ((told("paid", 24_700),), "sum", (12_350, 24_700)),
        ((PAID, told("paid", 700, key=OTHER)), "unknown_here", (0, 700)),
    ],
)
def test_each_difference_is_named(
    play: Play, theirs: tuple[Seen, ...], what: str, sums: tuple[int, int]
) -> None:
    play.do(PAID)
    play.passes(86_400)
    play.do(Started())
    (settled,) = play.do(Settle(TODAY, theirs)).facts
    assert isinstance(settled, PaymentsSettled)
    (difference,) = settled.differences
    assert (difference.what, (difference.ours_fen, difference.theirs_fen)) == (what, sums)


@pytest.mark.parametrize(("name", "name_en"), [("税" * 48, ""), ("税" * 26 + "xx", "T" * 64)])
def test_all_that_a_day_may_begin_with_fits(play: Play, name: str, name_en: str) -> None:
    begin(play, OTHER, declaration="e" * 32, name=name, name_en=name_en)
    play.do(told("paid", 12_350, attended=True))
    play.do(ReceiptEnded(KEY, 1, Result.FAILED))
    fullest = {
        "name": name,
        "name_en": play.state.payments[OTHER].name_en,
        "total_fen": MAX_FEN,
        "taken_fen": MAX_FEN,
        "refunded_fen": MAX_FEN,
        "refunded_on": TODAY,
        "reason": "paid_wrong_sum",
        "phase": "refund_due",
    }
    assert fullest["name_en"] == name_en
    known = replace(play.state.payments[KEY], **fullest)  # type: ignore[arg-type] # as named
    play.state.payments = {f"{n:032x}": replace(known, key=f"{n:032x}") for n in range(MAX_PAYMENTS)}
    sizes = [len(flat_json(fact.model_dump()).encode()) for fact in carry_over(play.state)]
    assert max(sizes) < MAX_EVENT - 1024  # what a stamp and a seal take
    assert sum(sizes) < 320_000


def test_an_english_name_for_which_there_is_no_room_is_left_out(play: Play) -> None:
    begin(play, OTHER, declaration="e" * 32, name="税" * 48, name_en="Tax")
    known = play.state.payments[OTHER]
    assert (known.name, known.name_en) == ("税" * 48, "")


def test_no_more_are_begun_than_fit(play: Play) -> None:
    known = play.state.payments[KEY]
    play.state.payments |= {f"{n:032x}": replace(known, key=f"{n:032x}") for n in range(MAX_PAYMENTS)}
    assert refusal(begin(play, OTHER, declaration="e" * 32)) == "payments_full"


def test_a_day_that_goes_on_is_not_settled(play: Play) -> None:
    assert play.do(Settle(TODAY, ())).facts == ()


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_changes_nothing(play: Play, hours: int) -> None:
    play.wall_s += 3600 * hours
    assert kinds(play.do(PAID))[:1] == ["payment.paid"]
    play.at(NINE)
    assert play.do(OPEN).facts == ()
    assert play.state.payments[KEY].phase == "paid"


def test_a_state_is_the_fold_of_its_facts(play: Play) -> None:
    for seen in (PAID, told("paid", 24_700), told("refunded", 24_700, 12_350)):
        play.do(seen)
        assert play.state == play.folded()
