"""The simulated reader on its own: it answers as the document says, and hears bytes as they come."""

from __future__ import annotations

import asyncio

import pytest

from drivers.api import BadSettings
from drivers.conformance import run_warped
from drivers.sdt.sim import SdtSim, simulator
from drivers.sdt.sim_cards import resident
from drivers.transport.null import pair
from tests.golden import sdt_frames as golden

DONE, FOUND, NO_CARD, SELECTED, NOT_SELECTED, NOT_READ, SELF_TEST, UNAUTHORISED, CHECKSUM = (
    bytes.fromhex(frame) for frame, _, _ in golden.REPLIES
)


def talk(sim: SdtSim, *pieces: str, gap_s: float = 0.0) -> bytes:
    """What the reader says to these bytes, with `gap_s` of silence after each piece."""

    async def main() -> bytes:
        near, far = pair()
        task = asyncio.create_task(sim.run(far))
        for piece in pieces:
            await near.write(bytes.fromhex(piece))
            await asyncio.sleep(gap_s)
        await asyncio.sleep(10.0)
        said = bytes(near._buffer)
        task.cancel()
        await asyncio.wait({task})
        return said

    return run_warped(main())


def test_status_and_reset() -> None:
    assert talk(SdtSim(), golden.STATUS) == DONE
    assert talk(SdtSim(), golden.RESET) == DONE


def test_no_card() -> None:
    assert talk(SdtSim(), golden.FIND) == NO_CARD


def test_a_card_is_found_selected_and_read_and_not_found_again() -> None:
    said = talk(SdtSim(resident()), golden.FIND, golden.SELECT, golden.READ, golden.FIND)
    head = bytes.fromhex(golden.CARD_HEAD)
    assert said.startswith(FOUND + SELECTED + head + resident().text)
    assert said.endswith(NO_CARD)
    assert len(said) == len(FOUND + SELECTED + NO_CARD) + 1295


def test_the_order_of_the_commands_matters() -> None:
    assert talk(SdtSim(resident()), golden.SELECT, golden.READ) == NOT_SELECTED + NOT_READ
    assert talk(SdtSim(resident()), golden.FIND, golden.READ) == FOUND + NOT_READ


def test_its_trouble_is_its_answer() -> None:
    assert talk(simulator({"unauthorised": "1"}), golden.STATUS, golden.FIND) == UNAUTHORISED * 2
    assert talk(simulator({"self_test": "1"}), golden.STATUS) == SELF_TEST


def test_what_is_wrong_with_a_request_is_told() -> None:
    assert talk(SdtSim(), golden.STATUS[:-2] + "00") == CHECKSUM
    assert talk(SdtSim(), "AA AA AA 96 69 00 04 11 FF 00 EA")[9] == 0x11
    assert talk(SdtSim(), "AA AA AA 96 69 FF FF")[9] == 0x11
    assert talk(SdtSim(), "AA AA AA 96 69 00 03 77 00 74")[9] == 0x21


def test_a_request_is_heard_in_any_pieces_and_after_any_noise() -> None:
    assert talk(SdtSim(), *golden.STATUS.split()) == DONE
    assert talk(SdtSim(), "00 96 69 AA 55 AA AA" + golden.STATUS) == DONE
    assert talk(SdtSim(), "AA AA" + golden.STATUS) == DONE


def test_a_torn_request_is_forgotten_after_a_gap() -> None:
    assert talk(SdtSim(), golden.STATUS[:20], golden.STATUS, gap_s=0.1) == DONE


@pytest.mark.parametrize("params", [{"card": "library"}, {"find_s": "soon"}, {"colour": "grey"}])
def test_options_that_cannot_be_are_refused(params: dict[str, str]) -> None:
    with pytest.raises(BadSettings):
        simulator(params)


def test_a_card_may_lie_on_it_from_the_start() -> None:
    assert talk(simulator({"card": "permit", "find_s": "0.5"}), golden.FIND) == FOUND
