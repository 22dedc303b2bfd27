"""Taxes: what is declared is what was shown, and a payment ends in one way, which is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.wire.services import KioskCertificates, KioskPrinted, KioskReceipts
from kiosk_ui.actions import Action, Back, Erase, Finish, GiveUp, Home, Open, Screen, Type
from kiosk_ui.actions_online import (
    ByCard,
    CancelPayment,
    Declare,
    Pay,
    PrintCertificate,
    PrintReceipt,
    SetValue,
    ToggleTax,
)
from kiosk_ui.errand import Errand
from kiosk_ui.fonts import Fonts
from kiosk_ui.i18n import tr
from kiosk_ui.messages import Answer, Answered, Ask, Chime, Failed, Lost, Scanned, Told
from kiosk_ui.node import walk
from kiosk_ui.panel import preset
from kiosk_ui.screens import page
from kiosk_ui.update_scan import STANDING
from tests.kiosk.online_kit import (
    DECLARED,
    ONLINE,
    OWED,
    WHO,
    asked,
    at_online,
    at_sum,
    paying,
    payment,
    poll,
    tell,
    verbs,
    with_card,
)
from tests.kiosk.update_kit import Kiosk

RULER = Fonts(preset("21.5"))


def said(kiosk: Kiosk) -> tuple[str, str]:
    told = kiosk.model.session.said
    return (told.key or told.code, told.note) if told else ("", "")


def typed(kiosk: Kiosk, text: str) -> None:
    kiosk.touch(*(Type(each) for each in text))


# --- what is declared ---
def test_what_is_picked_and_changed_is_what_is_declared() -> None:
    kiosk = with_card("tax", OWED)
    kiosk.touch(Open(Screen.TAX_CHECK))
    assert kiosk.at(Screen.TAX), "nothing is picked"
    kiosk.touch(ToggleTax("stamp"), ToggleTax("vat"), ToggleTax("land"), Open(Screen.TAX_CHECK))
    kiosk.touch(Open(Screen.TAX_VALUE, "vat/turnover"))
    typed(kiosk, "1234.56")
    kiosk.touch(SetValue(), Declare())
    question = asked(kiosk)
    assert (question.verb, question.args["person"]) == ("tax.declare", WHO)
    assert question.args["obligations"] == [
        {"id": "vat", "values": {"turnover": 123_456}},
        {"id": "land", "values": {}},
    ]
    kiosk.answer("unknown")
    assert asked(kiosk).args["key"] == question.args["key"], "asked again, it is the same declaration"
    tell(kiosk, DECLARED)
    assert kiosk.at(Screen.TAX_SUM)
    kiosk.touch(Back(), Open(Screen.TAX_VALUE, "land/area"))
    typed(kiosk, "130")
    kiosk.touch(SetValue(), Declare())
    assert asked(kiosk).args["key"] != question.args["key"], "with other values it is another one"


def test_what_is_the_only_one_is_picked_already() -> None:
    one = OWED.model_copy(update={"obligations": OWED.obligations[1:]})
    assert with_card("tax", one).model.session.errand.picked == {"land"}


@pytest.mark.parametrize(
    ("about", "keys", "value"),
    [
        ("vat/turnover", "1.2.3", 123),
        ("vat/turnover", "12.345", 1234),
        ("vat/turnover", "7", 700),
        ("vat/turnover", "7.", 700),
        ("vat/turnover", ".5", 500),
        ("land/area", "1.5", 15),
        ("land/area", "0", 0),
    ],
)
def test_only_a_number_can_be_typed(about: str, keys: str, value: int) -> None:
    kiosk = with_card("tax", OWED)
    kiosk.touch(ToggleTax("vat"), ToggleTax("land"), Open(Screen.TAX_CHECK), Open(Screen.TAX_VALUE, about))
    typed(kiosk, keys)
    kiosk.touch(SetValue())
    found = kiosk.model.session.errand.field_of(about)
    assert found and kiosk.model.session.errand.value(found[0].id, found[1]) == value
    assert kiosk.at(Screen.TAX_CHECK) and kiosk.model.session.typed == ""


def test_a_value_that_is_too_high_or_empty_changes_nothing() -> None:
    kiosk = with_card("tax", OWED)
    kiosk.touch(ToggleTax("vat"), Open(Screen.TAX_CHECK), Open(Screen.TAX_VALUE, "vat/turnover"))
    typed(kiosk, "2000.01")
    kiosk.touch(SetValue())
    assert said(kiosk)[0] == "said.too_high" and kiosk.at(Screen.TAX_VALUE)
    kiosk.touch(Type("1"), Erase(), SetValue())
    assert kiosk.at(Screen.TAX_CHECK) and kiosk.model.session.errand.changed == ()


def test_what_is_paid_already_or_not_to_be_changed_cannot_be() -> None:
    kiosk = with_card("tax", OWED)
    kiosk.touch(ToggleTax("stamp"), ToggleTax("nothing"))
    assert kiosk.model.session.errand.picked == frozenset()
    kiosk.touch(Open(Screen.TAX_VALUE, "vat/turnover"))
    assert kiosk.at(Screen.TAX)


# --- paid ---
def test_the_sum_that_was_shown_is_paid_and_its_receipt_printed() -> None:
    kiosk = at_sum()
    kiosk.touch(Pay())
    question = asked(kiosk)
    assert question.verb == "payment.begin"
    key = question.args["key"]
    told = {name: question.args[name] for name in ("declaration", "total_fen", "national_fen", "local_fen")}
    assert told == {
        **{"declaration": DECLARED.key, "total_fen": 61_700, "national_fen": 61_700, "local_fen": 0}
    }
    kiosk.answer("unknown")
    assert asked(kiosk).args["key"] == key, "asked again, it is the same payment"
    tell(kiosk, payment(key, "created"))
    assert kiosk.at(Screen.PAY) and not kiosk.model.session.errand.paying.is_shown  # type: ignore[union-attr]
    poll(kiosk, payment(key))
    assert kiosk.model.session.errand.paying.left_s == 120  # type: ignore[union-attr]
    poll(kiosk, payment(key, "paid", receipt="printing"))
    assert kiosk.at(Screen.PAID)
    poll(kiosk, payment(key, "paid", receipt="printed"))
    kiosk.effects.clear()
    kiosk.wait(3.0)
    assert kiosk.wanted(Ask) == [], "there is nothing more to ask"
    kiosk.touch(Finish())
    assert verbs(kiosk) == ["person.forget"], "what is paid is not abandoned"


def test_how_it_stands_is_asked_once_a_second_and_never_twice_at_a_time() -> None:
    kiosk, key = paying()
    kiosk.wait(10.0, 0.25)
    assert len(kiosk.wanted(Ask)) == 1, "the first has not been answered"
    for _ in range(5):
        poll(kiosk, payment(key))
    assert len({each.work for each in kiosk.wanted(Ask)}) == 5


def test_k8_who_pays_is_not_sent_away_and_the_code_has_an_end() -> None:
    kiosk, key = paying()
    for _ in range(119):
        poll(kiosk, payment(key))
        assert kiosk.model.session.ends_in_s is None
    assert kiosk.at(Screen.PAY) and kiosk.effects.count(Chime()) == 1
    kiosk.wait(2.0)
    assert (asked(kiosk).verb, asked(kiosk).args) == ("payment.abandon", {"key": key})
    tell(kiosk, payment(key, "expired"))
    assert said(kiosk)[0] == "said.pay_expired" and kiosk.at(Screen.TAX_SUM)
    assert verbs(kiosk).count("payment.abandon") == 1
    kiosk.wait(121.0)
    assert kiosk.at(Screen.ATTRACT), "and then the session ends as any other"


def test_what_is_left_of_the_time_shows_as_a_bar_that_shortens() -> None:
    kiosk, key = paying()
    shares = []
    for left_s in (90, 60, 30):
        kiosk.wait(30.0)
        poll(kiosk, payment(key, expires_in_s=left_s))
        tree = page(kiosk.model, RULER)
        shares += [node.fraction for node in walk(tree) if node.fraction is not None]
    assert shares == sorted(shares, reverse=True) and len(set(shares)) == 3 and shares[-1] < 0.3


def test_he_may_cancel_and_is_told_what_came_of_it() -> None:
    for state, words in (("expired", ("said.pay_cancelled", "")), ("shown", ("said.closing", "note.pay"))):
        kiosk, key = paying()
        kiosk.touch(CancelPayment())
        assert (asked(kiosk).verb, asked(kiosk).args) == ("payment.abandon", {"key": key})
        tell(kiosk, payment(key, state))
        assert said(kiosk) == words and kiosk.at(Screen.TAX_SUM)
        assert verbs(kiosk).count("payment.abandon") == 1
    kiosk, key = paying()
    kiosk.touch(CancelPayment())
    tell(kiosk, payment(key, "paid", receipt="printing"))
    assert kiosk.at(Screen.PAID), "he had paid before"


def test_paid_while_it_is_being_cancelled_is_paid() -> None:
    kiosk, key = paying()
    kiosk.wait(1.0, 0.25)
    (question,) = kiosk.wanted(Ask)
    kiosk.touch(CancelPayment())
    kiosk.say(Answered(question.work, Answer("done", online=payment(key, "paid", receipt="printing"))))
    assert kiosk.at(Screen.PAID)
    tell(kiosk, payment(key, "paid", receipt="printing"))
    assert kiosk.at(Screen.PAID)


@pytest.mark.parametrize("leaves", ["home", "back", "session", "failure"])
def test_whoever_leaves_has_it_closed(leaves: str) -> None:
    kiosk, key = paying()
    if leaves == "failure":
        kiosk.say(Failed())
    else:
        ways: dict[str, Action] = {"home": Home(), "back": Back(), "session": Finish()}
        kiosk.touch(ways[leaves])
    told = [(each.verb, each.args) for each in kiosk.wanted(Ask)]
    assert ("payment.abandon", {"key": key}) in told
    assert kiosk.model.session.errand.paying is None


def test_nothing_that_is_scanned_meanwhile_leads_away() -> None:
    kiosk, _ = paying()
    kiosk.model = replace(kiosk.model, scan=replace(kiosk.model.scan, device="scanner"))
    scanned = Scanned("case", "1" * 14, "")
    kiosk.say(Answered(STANDING, Answer("done", scanned=scanned, mark="1" * 32)))
    assert kiosk.at(Screen.PAY) and kiosk.model.session.work is None


def test_a_daemon_that_is_away_takes_nothing_away() -> None:
    kiosk, key = paying()
    kiosk.say(Lost())
    kiosk.wait(5.0, 0.25)
    assert kiosk.at(Screen.PAY)
    (question,) = kiosk.wanted(Ask)
    kiosk.say(Answered(question.work, Answer("unknown", "unreachable")))
    poll(kiosk, payment(key, "paid", receipt="not_printed"))
    assert kiosk.at(Screen.PAID)


def test_who_pays_is_told_where_nobody_answers_that_nothing_is_lost() -> None:
    kiosk, _ = paying()
    away = ONLINE.online.model_copy(update={"up": False, "since": "09:12"})

    def says() -> bool:
        return any(node.name == tr("zh", "pay.away") for node in walk(page(kiosk.model, RULER)))

    assert not says()
    kiosk.say(Told(ONLINE.model_copy(update={"online": away})))
    assert says()
    kiosk.say(Told(ONLINE))
    assert not says()
    kiosk.say(Lost())
    assert says()


# --- not paid ---
def test_a_sum_that_has_changed_is_shown_again_before_anything_is_paid() -> None:
    kiosk = at_sum()
    kiosk.touch(Pay())
    kiosk.answer("rejected", code="amount_changed", zh="金额变了", en="It has changed")
    assert asked(kiosk).verb == "tax.declare" or verbs(kiosk)[-2:] == ["tax.declare", "payment.abandon"]
    more = DECLARED.model_copy(update={"total_fen": 70_000, "key": "e" * 32})
    tell(kiosk, more)
    assert kiosk.at(Screen.TAX_SUM) and kiosk.model.session.errand.declaration == more
    assert said(kiosk) == ("amount_changed", "")
    kiosk.touch(None, Pay())
    assert asked(kiosk).args["total_fen"] == 70_000


@pytest.mark.parametrize("code", ["upstream_away", "in_payment", "not_yours"])
def test_what_could_not_begin_took_nothing_and_is_closed(code: str) -> None:
    kiosk = at_sum()
    kiosk.touch(Pay())
    key = asked(kiosk).args["key"]
    kiosk.answer("rejected", code=code, zh="现在不行", en="Not now")
    assert said(kiosk) == (code, "note.pay") and kiosk.at(Screen.TAX_SUM)
    assert (asked(kiosk).verb, asked(kiosk).args) == ("payment.abandon", {"key": key})
    kiosk.touch(None, Pay())
    assert asked(kiosk).args["key"] != key


def test_what_was_paid_before_is_looked_at_again() -> None:
    kiosk = at_sum()
    kiosk.touch(Pay())
    kiosk.answer("rejected", code="already_paid", zh="已经缴过了", en="Paid already")
    tell(kiosk, OWED)
    assert kiosk.at(Screen.TAX) and said(kiosk)[0] == "already_paid"


def test_k12_who_waits_long_for_the_code_may_stop_and_nothing_is_taken() -> None:
    kiosk = at_sum()
    kiosk.touch(Pay())
    key = asked(kiosk).args["key"]
    kiosk.wait(11.0)
    assert kiosk.model.session.work and kiosk.model.session.work.wait == 2
    kiosk.touch(GiveUp())
    assert said(kiosk) == ("said.no_answer", "note.pay")
    assert (asked(kiosk).verb, asked(kiosk).args) == ("payment.abandon", {"key": key})


def test_what_was_paid_and_is_not_due_is_given_back_and_told() -> None:
    kiosk, key = paying()
    poll(kiosk, payment(key, "refund_due"))
    assert said(kiosk)[0] == "said.refund"
    assert "payment.abandon" not in verbs(kiosk)


def test_who_has_paid_twice_has_paid_and_hears_that_the_rest_goes_back() -> None:
    kiosk, key = paying()
    poll(kiosk, payment(key, "refund_due", receipt="printing"))
    assert kiosk.screen is Screen.PAID
    kiosk.wait(2.0)
    poll(kiosk, payment(key, "refunded", receipt="printed"))
    assert (kiosk.screen, said(kiosk)) == (Screen.PAID, ("", ""))


def test_where_there_is_nothing_to_pay_nothing_is_paid() -> None:
    kiosk = with_card("tax", OWED)
    kiosk.touch(ToggleTax("vat"), Open(Screen.TAX_CHECK), Declare())
    tell(kiosk, DECLARED.model_copy(update={"total_fen": 0}))
    kiosk.touch(Pay())
    assert asked(kiosk).verb == "tax.declare"


# --- papers ---
def test_a_receipt_is_printed_again_by_the_code_or_by_the_card() -> None:
    kiosk = at_online()
    receipts = KioskReceipts.model_validate({"receipts": [{"key": "7" * 32, "total_fen": 1}]})
    kiosk.touch(Open(Screen.RECEIPTS), ByCard("receipts"))
    kiosk.answer(online=None, code="")
    assert said(kiosk)[0] == "said.trouble"
    kiosk = with_card("receipts", receipts)
    assert kiosk.at(Screen.RECEIPT_LIST)
    kiosk.touch(PrintReceipt(3))
    assert asked(kiosk).verb == "receipt.list"
    kiosk.touch(PrintReceipt(0))
    assert (asked(kiosk).verb, asked(kiosk).args["key"]) == ("receipt.print", "7" * 32)
    tell(kiosk, KioskPrinted.model_validate({"printed": True, "copy": True}))
    assert said(kiosk)[0] == "said.paper_printed"
    kiosk.touch(PrintReceipt(0))
    tell(kiosk, KioskPrinted(printed=False))
    assert said(kiosk)[0] == "said.not_printed"


def test_a_certificate_is_printed() -> None:
    told = {"certificates": [{"id": "c1", "name": "完税证明", "total_fen": 5}]}
    kiosk = with_card("certificates", KioskCertificates.model_validate(told))
    kiosk.touch(PrintCertificate(0))
    question = asked(kiosk)
    assert (question.verb, question.args["certificate"], question.args["person"]) == (
        *("certificate.print", "c1", WHO),
    )


def test_a_session_that_ends_leaves_nothing() -> None:
    kiosk, _ = paying()
    kiosk.touch(Finish())
    assert kiosk.model.session.errand == Errand()
