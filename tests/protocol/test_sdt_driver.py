"""The card reader's driver: what it asks and when, what it makes of the answers, and what it forgets."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import cast

import pytest

from drivers.api import BadFrame, DeviceFault, Link, LinkLost, ProtocolBreach
from drivers.conformance import RecordingContext
from drivers.messages import Beep, IdCard, Result
from drivers.sdt import commands
from drivers.sdt import session as session_module
from drivers.sdt.codec import Answer, CardReply, SdtCodec
from drivers.sdt.driver import SdtDriver
from drivers.sdt.session import Session
from drivers.sdt.settings import SdtSettings
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import Card, foreigner, made_up_number, permit, resident
from drivers.transport.faults import Faults
from drivers.transport.null import pair
from drivers.transport.sick import WELL, Ills
from tests.protocol.sdt_desk import FIND, READ, SELECT, STATUS, Desk, desk, said
from tests.warped import warped

# Whatever a test does: these must stand in no log, condition, attribute, error or repr.
PERSONAL = ("样卡", "SPECIMEN", "虚构省", made_up_number(), made_up_number("19850612", "202"), "XXX0000910")
PERSONAL_HEX = tuple(
    text.encode("utf-16-le").hex(sep) for text in ("样卡甲", made_up_number()[:8]) for sep in (" ", ":")
)


class WatchedCodec(SdtCodec):
    """Keeps what it has given out and itself, so that a test sees whether it was overwritten."""

    made: list[WatchedCodec]
    cards: list[CardReply]

    def __init__(self) -> None:
        super().__init__()
        self.made.append(self)

    def feed(self, data: bytes) -> Sequence[Answer | BadFrame]:
        found = super().feed(data)
        self.cards += [each for each in found if isinstance(each, CardReply)]
        return found


@pytest.fixture(autouse=True)
def watched(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """With every log at its most talkative: nothing personal is said, nothing that held a card keeps it."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(WatchedCodec, "made", [], raising=False)
    monkeypatch.setattr(WatchedCodec, "cards", [], raising=False)
    monkeypatch.setattr(session_module, "SdtCodec", WatchedCodec)
    yield
    told = caplog.text + "".join(map(repr, (vars(record) for record in caplog.records)))
    check_private(told)
    assert all(card.text == bytes(256) for card in WatchedCodec.cards), "a card's text was left as it was"
    for codec in WatchedCodec.made:
        assert bytes(codec._held) == bytes(len(codec._held)), "a codec's buffer was left as it was"


def check_private(told: str) -> None:
    for text in (*PERSONAL, *PERSONAL_HEX):
        assert text not in told


# --- reading ---
@pytest.mark.parametrize("card", [resident(), permit(), foreigner()], ids=lambda card: card.kind)
@warped
async def test_a_card_that_lies_there_is_read(card: Card) -> None:
    async with desk(SdtSim(card)) as at:
        outcome = await at.read()
        assert said(outcome) == ("done", "")
        assert isinstance(outcome.reading, IdCard)
        assert outcome.reading.kind == card.kind
        assert outcome.reading.name == card.parts[0][0]
        assert list(at.sim.asked) == [STATUS, FIND, SELECT, READ]
        assert at.ctx.own.attributes == {"GoodReadCount": "1"}
        check_private(repr(outcome) + repr(at.ctx.commanded) + repr(at.ctx.own))


@warped
async def test_a_card_that_is_laid_on_later_is_read_then() -> None:
    async with desk() as at:
        order = at.order(10.0)
        await asyncio.sleep(4.0)
        at.sim.put_card(resident())
        assert (await at.ended(order)).result is Result.DONE
        assert 8 <= at.asked()[FIND] <= 16, "every 300 ms"


@warped
async def test_no_card_within_the_time() -> None:
    async with desk() as at:
        began_s = asyncio.get_running_loop().time()
        assert said(await at.read(3.0)) == ("failed", "no_card")
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(3.0, abs=0.5)
        assert at.ctx.own.attributes == {}, "nobody's card has failed"


@warped
async def test_nobody_asks_so_no_card_is_looked_for() -> None:
    async with desk(SdtSim(resident())) as at:
        await asyncio.sleep(600.0)
        assert set(at.sim.asked) == {STATUS}
        assert 19 <= at.asked()[STATUS] <= 21, "the health check, every 30 s"
        assert at.ctx.alive_count == at.asked()[STATUS]


@warped
async def test_after_an_order_it_looks_no_further() -> None:
    async with desk() as at:
        await at.read(1.0)
        finds = at.asked()[FIND]
        at.sim.put_card(resident())
        await asyncio.sleep(120.0)
        assert at.asked()[FIND] == finds


@pytest.mark.parametrize("faults", [Faults(bytewise=True), Faults(delay_s=0.02)], ids=["bytewise", "slow"])
@warped
async def test_a_card_is_read_over_any_line(faults: Faults) -> None:
    async with desk(SdtSim(resident()), faults=faults) as at:
        assert (await at.read()).result is Result.DONE


@warped
async def test_it_does_nothing_else() -> None:
    async with desk() as at:
        outcome = await at.obey(Beep())
        assert said(outcome) == ("rejected", "unsupported")


# --- a card that moves ---
@warped
async def test_a_card_pulled_in_the_middle_of_a_reading() -> None:
    async with desk(SdtSim(resident())) as at:
        order = at.order()
        await at.sim.reading.wait()
        at.sim.take_card()
        assert said(await at.ended(order)) == ("failed", "card_moved")
        assert at.ctx.own.attributes == {"FailedReadCount": "1"}
        at.sim.put_card(resident())
        assert (await at.read()).result is Result.DONE, "the next order works"


@warped
async def test_a_card_pulled_before_it_is_selected_is_looked_for_again() -> None:
    async with desk(SdtSim(resident(), select_s=0.5)) as at:
        order = at.order(10.0)
        while SELECT not in at.sim.asked:  # noqa: ASYNC110 the simulator sets no Event
            await asyncio.sleep(0.01)
        at.sim.take_card()
        await asyncio.sleep(2.0)
        at.sim.put_card(permit())
        outcome = await at.ended(order)
        assert isinstance(outcome.reading, IdCard)
        assert outcome.reading.kind == "permit"


class FarAway(SdtSim):
    """The card is found, and too far away for more."""

    async def _select(self) -> bytes:
        return bytes.fromhex("AAAAAA9669000400008185")


@warped
async def test_a_card_that_is_never_near_enough_has_moved() -> None:
    async with desk(FarAway(resident())) as at:
        assert said(await at.read(3.0)) == ("failed", "card_moved")
        assert at.asked()[SELECT] > 3


@warped
async def test_what_cannot_be_the_answer_is_not_taken_for_it() -> None:
    async with desk(SdtSim(resident())) as at:
        at.sim.trouble.refuse.append(0x81)  # of a select, and find was asked
        assert (await at.read(10.0)).result is Result.DONE
        assert at.asked()[FIND] == 2


@pytest.mark.parametrize(
    ("sw3", "code"),
    [(0x41, "card_moved"), (0x47, "card_moved"), (0x31, "card_refused"), (0x40, "wrong_card")],
)
@warped
async def test_what_goes_wrong_with_a_card_is_told_apart(sw3: int, code: str) -> None:
    async with desk(SdtSim(resident(), select_s=0.5)) as at:
        order = at.order()
        while SELECT not in at.sim.asked:  # noqa: ASYNC110 as above
            await asyncio.sleep(0.01)
        at.sim.trouble.refuse.append(sw3)  # of the read
        assert said(await at.ended(order)) == ("failed", code)
        assert (await at.read()).result is Result.DONE


# --- a card must leave ---
@warped
async def test_a_card_must_leave_before_it_is_read_again() -> None:
    async with desk(SdtSim(resident())) as at:
        assert (await at.read()).result is Result.DONE
        assert said(await at.read(3.0)) == ("failed", "no_card")
        card = at.sim.take_card()
        assert card
        assert said(await at.read(1.0)) == ("failed", "no_card")
        at.sim.put_card(card)
        assert (await at.read()).result is Result.DONE


@warped
async def test_a_reader_that_forgets_does_not_give_one_card_to_two_sessions() -> None:
    async with desk(SdtSim(resident())) as at:
        at.sim.forgets = True
        assert (await at.read()).result is Result.DONE
        assert said(await at.read(3.0)) == ("failed", "same_card")
        at.sim.put_card(permit())
        assert (await at.read()).result is Result.DONE, "another person's card need not wait"
        at.sim.take_card()
        await at.read(1.0)
        at.sim.put_card(permit())
        assert (await at.read()).result is Result.DONE, "seen to have left"


@warped
async def test_a_card_must_leave_also_when_the_line_was_opened_anew() -> None:
    sim, driver = SdtSim(resident()), SdtDriver()
    sim.forgets = True
    async with desk(sim, driver=driver) as at:
        assert (await at.read()).result is Result.DONE
    async with desk(sim, driver=driver) as at:
        assert said(await at.read(3.0)) == ("failed", "same_card")


# --- a card that is none ---
@warped
async def test_a_wrong_check_digit_is_told_and_counted() -> None:
    wrong = made_up_number()[:-1] + ("1" if made_up_number()[-1] != "1" else "2")
    async with desk() as at:
        for times in (1, 2):
            at.sim.put_card(resident().spoilt(5, wrong))
            outcome = await at.read()
            assert said(outcome) == ("failed", "check_digit")
            assert outcome.reading is None
            assert at.conditions == {"check_digit": f"{times} since the last good reading"}
        assert at.ctx.own.attributes["FailedReadCount"] == "2"
        at.sim.put_card(resident())
        assert (await at.read()).result is Result.DONE
        assert at.conditions == {}


@pytest.mark.parametrize(
    ("card", "code"),
    [(resident().spoilt(0, "\ufffd样卡"), "unreadable"), (permit().spoilt(12, "Z"), "unknown_card")],
    ids=["unreadable", "unknown"],
)
@warped
async def test_what_cannot_be_read_is_told(card: Card, code: str) -> None:
    async with desk(SdtSim(card)) as at:
        assert said(await at.read()) == ("failed", code)
        assert set(at.conditions) == {code} - {"unknown_card"}, (
            "a layout of tomorrow is no fault of the reader"
        )
        at.sim.put_card(resident())
        assert (await at.read()).result is Result.DONE
        assert at.conditions == {}


# --- the reader's own trouble ---
@pytest.mark.parametrize("code", ["unauthorised", "self_test"])
@warped
async def test_a_reader_that_cannot_read_says_why_and_comes_back(code: str) -> None:
    sim = SdtSim(resident())
    setattr(sim.trouble, code, True)
    async with desk(sim) as at:
        await at.until(lambda: code in at.conditions)
        assert said(await at.read()) == ("rejected", code)
        assert set(sim.asked) == {STATUS}, "no card is looked for"
        setattr(sim.trouble, code, False)
        await at.until(lambda: not at.conditions)
        assert (await at.read()).result is Result.DONE


@warped
async def test_trouble_that_comes_while_a_card_is_looked_for_ends_the_order() -> None:
    async with desk() as at:
        order = at.order(30.0)
        await asyncio.sleep(2.0)
        at.sim.trouble.unauthorised = True
        assert said(await at.ended(order)) == ("failed", "unauthorised")
        assert "unauthorised" in at.conditions


@pytest.mark.parametrize("sw3", [0x10, 0x11, 0x21])
@warped
async def test_a_command_that_was_not_understood_is_said_again(sw3: int) -> None:
    async with desk(SdtSim(resident())) as at:
        at.sim.trouble.refuse.extend([sw3] * 2)
        assert (await at.read()).result is Result.DONE
        assert at.asked()[FIND] == 3
        assert at.conditions == {}


@warped
async def test_a_command_that_is_never_understood_is_given_up() -> None:
    async with desk(SdtSim(resident())) as at:
        at.sim.trouble.refuse.extend([0x10] * 3)
        assert said(await at.read()) == ("failed", "garbled")
        assert "garbled" in at.conditions
        assert (await at.read()).result is Result.DONE
        assert at.conditions == {}


@warped
async def test_a_silent_reader() -> None:
    async with desk(SdtSim(resident())) as at:
        at.sick.ills = Ills(mute=True)
        assert said(await at.read(20.0)) == ("unknown", "silent")
        assert "silent" in at.conditions
        assert said(await at.read()) == ("rejected", "silent")
        at.sick.ills = WELL
        await at.until(lambda: not at.conditions)
        assert (await at.read()).result is Result.DONE


@warped
async def test_a_reader_that_stays_silent_gets_its_line_opened_afresh() -> None:
    async with desk() as at:
        at.sick.ills = Ills(mute=True)
        error = await at.error()
        assert isinstance(error, DeviceFault)
        assert error.code == "silent"


@warped
async def test_a_reader_that_never_answers_is_never_ready() -> None:
    async with desk(ills=Ills(mute=True), ready=False) as at:
        await at.until(lambda: "silent" in at.conditions)
        assert not at.ctx.is_ready


# --- bad lines and bad replies ---
@warped
async def test_a_card_with_a_wrong_xor_is_not_read() -> None:
    async with desk(SdtSim(resident())) as at:
        order = at.order()
        await at.sim.reading.wait()
        at.sick.ills = Ills(bad_check=1.0, answers=1)
        assert said(await at.ended(order)) == ("unknown", "no_answer")
        at.sim.put_card(resident())
        assert (await at.read()).result is Result.DONE


@pytest.mark.parametrize(
    "spoil",
    [
        lambda at: setattr(at.sick, "ills", Ills(bad_check=1.0, answers=1)),
        lambda at: setattr(at.sick, "ills", Ills(cut=1.0, answers=1)),
        lambda at: setattr(at.sim.trouble, "stuffed", 1),
    ],
    ids=["wrong xor", "cut", "stuffed"],
)
@warped
async def test_a_broken_answer_costs_one_look(spoil: Callable[[Desk], None]) -> None:
    async with desk(SdtSim(resident())) as at:
        spoil(at)
        assert (await at.read(10.0)).result is Result.DONE
        assert at.asked()[FIND] == 2
        assert at.conditions == {}


@warped
async def test_a_reader_that_says_everything_twice() -> None:
    async with desk(SdtSim(resident())) as at:
        at.sick.ills = Ills(twin_s=0.0)
        assert (await at.read()).result is Result.DONE
        await asyncio.sleep(0.1)
        assert len(WatchedCodec.cards) == 2, "the second is overwritten without being looked at"


@warped
async def test_an_answer_that_comes_too_late_answers_nothing_else() -> None:
    async with desk(SdtSim(resident())) as at:
        at.sick.ills = Ills(late_s=1.5)  # find's own time is 1 s
        assert said(await at.read(2.0)) == ("unknown", "no_answer")
        at.sick.ills = WELL
        assert (await at.read()).result is Result.DONE


@warped
async def test_a_card_that_nobody_asked_for_is_overwritten() -> None:
    async with desk() as at:
        await at.sim.say(at.sim.card_reply(resident()))
        assert said(await at.read(1.0)) == ("failed", "no_card")
        order = at.order(3.0)
        await asyncio.sleep(1.0)
        await at.sim.say(at.sim.card_reply(permit()))
        assert said(await at.ended(order)) == ("failed", "no_card")
        assert len(WatchedCodec.cards) == 2


@pytest.mark.parametrize("what", ["cards", "done", "noise"])
@warped
async def test_a_flood_gets_the_line_opened_afresh(what: str) -> None:
    async with desk() as at:
        done = bytes.fromhex("AAAAAA9669000400009094")
        flood = {"cards": at.sim.card_reply(resident()), "done": done, "noise": b"\x55" * 640}[what]
        for _ in range(200):
            if at.run.done():
                break
            await at.sim.say(flood)
            await asyncio.sleep(0.01)
        error = await at.error()
        assert isinstance(error, ProtocolBreach)
        check_private("".join(traceback.format_exception(error)))


@warped
async def test_a_length_that_lies_is_given_up_with_the_answers_time_out() -> None:
    async with desk(SdtSim(resident())) as at:
        await at.sim.say(bytes.fromhex("AAAAAA96690508000090"))  # a card's head, and nothing more
        assert (await at.read(10.0)).result is Result.DONE


@warped
async def test_a_line_that_is_lost_in_the_middle_of_a_card() -> None:
    async with desk(SdtSim(resident()), faults=Faults(unplug_after=600)) as at:
        order = at.order()
        error = await at.error()
        assert isinstance(error, LinkLost)
        assert said(order.outcomes[0]) == ("unknown", "link_lost")
        check_private("".join(traceback.format_exception(error)))


# --- nobody waits any more ---
@warped
async def test_a_withdrawn_order_stops_at_once() -> None:
    async with desk() as at:
        order = at.order(60.0)
        await asyncio.sleep(3.0)
        order.withdraw()
        assert said(await at.ctx.outcome(order, 0.01)) == ("failed", "withdrawn")
        finds = at.asked()[FIND]
        at.sim.put_card(resident())
        await asyncio.sleep(20.0)
        assert at.asked()[FIND] == finds
        assert (await at.read()).result is Result.DONE


@warped
async def test_a_card_that_comes_after_its_order_was_withdrawn_is_overwritten() -> None:
    async with desk(SdtSim(resident())) as at:
        order = at.order()
        await at.sim.reading.wait()
        order.withdraw()
        outcome = await at.ctx.outcome(order, 0.01)
        assert said(outcome) == ("failed", "withdrawn")
        other = at.order()  # the next citizen's, at once
        await asyncio.sleep(1.0)
        at.sim.put_card(permit())
        outcome = await at.ended(other)
        assert isinstance(outcome.reading, IdCard)
        assert outcome.reading.kind == "permit", "nobody gets the card of the one before"
        assert len(WatchedCodec.cards) == 2


@warped
async def test_a_card_that_comes_in_the_very_turn_in_which_the_wait_ends_is_overwritten() -> None:
    near, _ = pair("sdt")
    session = Session(near, RecordingContext(SdtDriver.spec, SdtSettings()))
    asking = asyncio.create_task(session.ask(commands.READ))
    await asyncio.sleep(0.1)
    card = CardReply(bytearray(b"x" * 256))
    session._take([card])
    asking.cancel()
    await asyncio.wait({asking})
    assert asking.cancelled()
    assert card.text == bytes(256)


async def test_cards_that_nobody_asked_for_are_overwritten_also_where_they_end_the_line() -> None:
    settings = SdtSettings()
    frame = SdtCodec().encode(CardReply(bytearray(resident().text)))
    data = frame * (settings.bad_frames + 2)

    class Line:
        async def read(self) -> bytes:
            return data

    session = Session(cast("Link", Line()), RecordingContext(SdtDriver.spec, settings))
    with pytest.raises(ProtocolBreach):
        await session.listen()
    assert data == bytes(len(data))
