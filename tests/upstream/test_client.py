"""The client and the sandbox over a real socket: whole visits, repeats, and what is told of refusals."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from edge.ids import new_id
from edge.upstream.messages import Appointment, Declaring
from edge.upstream.port import Away, Refused
from edge.upstream.sandbox.cases import numbers_of, tail_of
from edge.upstream.sandbox.faults import Fault
from edge.upstream.sandbox.service import Service
from tests.upstream.kit import NUMBER, OTHER, Way, card, client_of, declared, pays, sandbox, visit


async def test_who_answers_says_that_it_is_a_sandbox() -> None:
    async with sandbox(Service()) as url, client_of(url) as client:
        about = await client.about()
        assert about.sandbox
        assert client.clock_off_s is not None
        assert abs(client.clock_off_s) < 5
        assert [notice.id for notice in await client.notices()] == ["sandbox", "hours"]


async def test_cases_by_receipt_and_by_card() -> None:
    service = Service(seed=3)
    async with sandbox(service) as url, client_of(url) as client:
        subject = await visit(client)
        mine = await client.cases_of(subject)
        assert mine
        for case in mine:
            assert await client.case(case.number + tail_of(service.world, case.number)) == case
            wrong = f"{(int(tail_of(service.world, case.number)) + 1) % 10_000:04d}"
            with pytest.raises(Refused) as caught:
                await client.case(case.number + wrong)
            assert caught.value.code == "unknown_case"
        assert await client.cases_of(await visit(client)) == mine, "the same card, the same cases"
        numbers = {number[6:] for number in numbers_of(service.world, "somebody else", service.today())}
        assert not numbers & {case.number[6:] for case in mine}


async def test_an_appointment_is_made_changed_and_cancelled() -> None:
    service = Service()
    day = (service.today() + timedelta(7)).isoformat()
    async with sandbox(service) as url, client_of(url) as client:
        subject, ref = await visit(client), new_id()
        free = [slot.time for slot in await client.slots("tax", day) if slot.free == 1]
        wish = Appointment(ref=ref, service="tax", day=day, time=free[0])
        assert await client.book(subject, wish) == wish
        assert await client.book(subject, wish) == wish, "the same again is done once"
        other = await visit(client, OTHER)
        with pytest.raises(Refused) as caught:
            await client.book(other, wish.model_copy(update={"ref": new_id()}))
        assert caught.value.code == "slot_taken"
        with pytest.raises(Refused) as caught:
            await client.book(other, wish.model_copy(update={"time": free[1]}))
        assert caught.value.code == "unknown_appointment", "another's is not to be changed"
        moved = await client.book(subject, wish.model_copy(update={"time": free[1]}))
        assert await client.appointments_of(subject) == (moved,)
        assert {slot.time: slot.free for slot in await client.slots("tax", day)}[free[0]] == 1
        for _ in range(2):
            await client.cancel(subject, ref)
        assert await client.appointments_of(subject) == ()


async def test_a_tax_is_declared_paid_and_receipted() -> None:
    async with sandbox(Service()) as url, client_of(url) as client:
        subject = await visit(client)
        declaration, total_fen = await declared(client, subject)
        key = new_id()
        order = await client.pay(key, declaration, total_fen)
        assert (order.state, order.total_fen, order.paid_fen) == ("open", total_fen, 0)
        assert order.qr == f"{url}/pay/{order.order}"
        assert 0 < order.expires_in_s <= 180
        again = await client.pay(key, declaration, total_fen)
        left_s = again.expires_in_s
        assert 0 < left_s <= order.expires_in_s
        assert again.model_copy(update={"expires_in_s": order.expires_in_s}) == order, "the same again is one"
        assert {each.state for each in await client.obligations(subject)} == {"in_payment"}
        with pytest.raises(Refused) as caught:
            await client.receipt(key)
        assert caught.value.code == "not_paid"
        assert await pays(url, order.order) == [200]
        paid = await client.payment(key)
        assert (paid.state, paid.paid_fen, paid.qr) == ("paid", total_fen, "")
        assert {each.state for each in await client.obligations(subject)} == {"paid"}
        receipt = await client.receipt(key)
        assert receipt.total_fen == total_fen == sum(line.amount_fen for line in receipt.lines)
        assert receipt.payer == f"样*甲 {NUMBER[-4:]}"
        assert [each.key for each in await client.payments_of(subject)] == [key]
        certificates = await client.certificates_of(subject)
        assert len(certificates) == 2
        first = await client.certificate(subject, certificates[0].id)
        assert first.total_fen == total_fen
        with pytest.raises(Refused) as caught:
            await client.pay(new_id(), declaration, total_fen)
        assert caught.value.code == "already_paid"


async def test_a_second_payment_waits_for_the_first_to_end() -> None:
    async with sandbox(Service()) as url, client_of(url) as client:
        declaration, total_fen = await declared(client, await visit(client))
        key = new_id()
        await client.pay(key, declaration, total_fen)
        with pytest.raises(Refused) as caught:
            await client.pay(new_id(), declaration, total_fen)
        assert caught.value.code == "in_payment"
        assert (await client.close(key)).state == "closed"
        with pytest.raises(Refused) as caught:
            await client.pay(key, declaration, total_fen)
        assert caught.value.code == "closed"
        assert (await client.pay(new_id(), declaration, total_fen)).state == "open"


async def test_a_key_that_was_never_known_is_closed_for_ever() -> None:
    async with sandbox(Service()) as url, client_of(url) as client:
        declaration, total_fen = await declared(client, await visit(client))
        key = new_id()
        with pytest.raises(Refused) as caught:
            await client.payment(key)
        assert caught.value.code == "unknown_payment"
        for _ in range(2):
            closed = await client.close(key)
            assert (closed.state, closed.paid_fen) == ("closed", 0)
        with pytest.raises(Refused) as caught:
            await client.pay(key, declaration, total_fen)
        assert caught.value.code == "closed"


async def test_what_was_paid_twice_or_late_is_given_back() -> None:
    service = Service()
    service.bank.refund_s = 0.0
    async with sandbox(service) as url, client_of(url) as client:
        declaration, total_fen = await declared(client, await visit(client))
        key = new_id()
        order = await client.pay(key, declaration, total_fen)
        assert await pays(url, order.order, times=2) == [200, 200]
        twice = await client.payment(key)
        assert (twice.state, twice.paid_fen) == ("paid", 2 * total_fen)
        assert (await client.close(key)).state == "paid", "money had been taken before"
        refunded = await client.refund(key, total_fen, "paid_twice")
        assert refunded.paid_fen == 2 * total_fen
        again = await client.refund(key, total_fen, "paid_twice")
        assert (again.state, again.refunded_fen) == ("refunded", total_fen), "what is kept is said, not given"
        assert (await client.receipt(key)).total_fen == total_fen
        service.faults.faults = [Fault("late_money")]
        subject = await visit(client, OTHER)
        declaration, total_fen = await declared(client, subject)
        late = new_id()
        order = await client.pay(late, declaration, total_fen)
        assert await pays(url, order.order) == [200]
        assert (await client.payment(late)).paid_fen == 0, "it is on its way"
        assert (await client.close(late)).paid_fen == 0
        arrived = await client.close(late)
        assert (arrived.state, arrived.paid_fen) == ("closed", total_fen)
        await client.refund(late, 0, "paid_late")
        assert (await client.close(late)).refunded_fen == total_fen
        with pytest.raises(Refused) as caught:
            await client.refund(late, 1, "paid_late")
        assert caught.value.code == "nothing_due"
        settled = await client.settlement(service.today().isoformat())
        assert {each.key for each in settled.payments} == {key, late}
        assert not settled.more


async def test_a_sum_that_has_changed_is_told_and_nothing_taken() -> None:
    service = Service()
    async with sandbox(service) as url, client_of(url) as client:
        subject = await visit(client)
        declaration, total_fen = await declared(client, subject)
        service.faults.faults = [Fault("dearer", times=1)]
        with pytest.raises(Refused) as caught:
            await client.pay(new_id(), declaration, total_fen)
        assert (caught.value.code, caught.value.total_fen) == ("amount_changed", total_fen + 100)
        assert (await client.pay(new_id(), declaration, total_fen + 100)).state == "open"


async def test_a_card_that_is_not_the_taxpayers() -> None:
    async with sandbox(Service()) as url, client_of(url) as client:
        owed = await client.obligations(await visit(client))
        with pytest.raises(Refused) as caught:
            wish = [Declaring(id=owed[0].id, values={})]
            await client.declare(await visit(client, OTHER), new_id(), wish)
        assert caught.value.code == "not_yours"


async def test_values_are_declared_as_they_may_be() -> None:
    async with sandbox(Service(seed=2)) as url, client_of(url) as client:
        subject = await visit(client)
        owed = {each.id.split("-")[0]: each for each in await client.obligations(subject)}
        field = next(f for each in owed.values() for f in each.fields if f.editable and f.unit == "fen")
        mine = next(each for each in owed.values() if field in each.fields)
        more = Declaring(id=mine.id, values={field.id: field.value + 1_000_000})
        less = Declaring(id=mine.id, values={field.id: 0})
        sums = [(await client.declare(subject, new_id(), [wish])).total_fen for wish in (more, less)]
        assert sums[0] > sums[1]
        fixed = Declaring(id=mine.id, values={"unknown": 1})
        with pytest.raises(Refused) as caught:
            await client.declare(subject, new_id(), [fixed])
        assert caught.value.code == "wrong_value"


async def test_a_visit_is_over_when_it_is_told_so_or_its_time_has_passed() -> None:
    async with sandbox(Service()) as url, client_of(url) as client:
        subject = await visit(client)
        for _ in range(2):
            await client.forget(subject)
        with pytest.raises(Refused) as caught:
            await client.cases_of(subject)
        assert caught.value.code == "visit_over"
    service = Service(visit_s=1)
    async with sandbox(service) as url, client_of(url) as client:
        subject = await visit(client)
        await asyncio.sleep(1.1)
        with pytest.raises(Refused) as caught:
            await client.cases_of(subject)
        assert caught.value.code == "visit_over"


async def test_a_number_with_a_wrong_check_character() -> None:
    async with sandbox(Service()) as url, client_of(url) as client:
        with pytest.raises(Refused) as caught:
            await client.identify(card(NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")))
        assert caught.value.code == "wrong_number"


async def test_the_token_is_read_anew_each_time(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("old\n")
    async with sandbox(Service(), token="new") as url, client_of(Way(url, token_file=path)) as client:
        with pytest.raises(Away) as caught:
            await client.about()
        assert caught.value.code == "unauthorised"
        assert "token_file" in str(caught.value)
        path.write_text("new\n")
        assert (await client.about()).sandbox


async def test_what_may_be_told_again_is_not_asked_twice() -> None:
    service = Service()
    day = (service.today() + timedelta(1)).isoformat()
    async with sandbox(service) as url, client_of(url) as client:
        service.faults.latency_ms = 50
        found = await asyncio.gather(*(client.slots("tax", day) for _ in range(5)))
        assert all(each == found[0] for each in found)
        await client.notices()
        service.faults.faults = [Fault("error")]
        assert await client.slots("tax", day) == found[0]
        assert len(await client.notices()) == 2
        with pytest.raises(Away):
            await client.slots("social", day)
