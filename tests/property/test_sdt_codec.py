"""The card reader's codec under ten thousand broken inputs: no error, no growth, the next frame is read."""

from __future__ import annotations

import random

from drivers.sdt.codec import MAX_FRAME, CardReply, Reply, SdtCodec
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import CARDS

INPUTS = 10_000
_FRAMES = [
    SdtCodec().encode(Reply(sw, bytes(size))) for sw, size in ((0x90, 0), (0x9F, 4), (0x80, 0), (0x90, 8))
]
_FRAMES += [SdtSim().card_reply(make()) for make in CARDS.values()]
_GOOD = SdtCodec().encode(Reply(0x9F, b"good"))


def broken(rng: random.Random) -> bytes:
    """Noise, or a frame that was cut, changed, doubled, or says another length."""
    frame = bytearray(rng.choice(_FRAMES[:4] if rng.random() < 0.8 else _FRAMES))
    match rng.randrange(6):
        case 0:
            return rng.randbytes(rng.randrange(1, 300))
        case 1:
            return bytes(frame[: rng.randrange(len(frame))])
        case 2:
            return bytes(frame[rng.randrange(len(frame)) :])
        case 3:
            frame[rng.randrange(len(frame))] ^= 1 << rng.randrange(8)
        case 4:
            frame[5:7] = rng.randbytes(2)
        case 5:
            at = rng.randrange(len(frame))
            frame[at:at] = frame[at : at + rng.randrange(1, 9)]
    return bytes(frame)


def test_ten_thousand_broken_inputs() -> None:
    rng = random.Random(5)
    codec = SdtCodec()
    for number in range(INPUTS):
        codec.feed(broken(rng))
        assert 0 <= codec.buffered <= MAX_FRAME
        if number % 4 == 0:  # the time-out of an answer that is not complete
            codec.expire()
            assert codec.buffered == 0
            assert codec.feed(_GOOD)[-1:] == [Reply(0x9F, b"good")]


def test_cards_one_after_the_other_with_noise_between_are_all_read() -> None:
    rng = random.Random(6)
    codec, cards = SdtCodec(), [make() for make in CARDS.values()]
    for _ in range(100):
        card = rng.choice(cards)
        noise = rng.randbytes(rng.randrange(50)).replace(b"\xaa", b"")
        found = [
            each for each in codec.feed(noise + SdtSim().card_reply(card)) if isinstance(each, CardReply)
        ]
        assert [bytes(each.text) for each in found] == [card.text]
