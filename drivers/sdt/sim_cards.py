"""Cards for the simulator and the tests, made of bytes that no real card has.

Numbers begin with region 000000: GB/T 2260 gives no region a code below 11, so nobody was ever given such a
number. Their check characters are right. Names say that they are made up, and the foreigner's country XXX is
none: ISO 3166-1 leaves XAA to XZZ to users. Written from the layouts alone, without the driver's decoder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

REGION = "000000"
PHOTO = bytes(range(256)) * 4  # in place of the photo: a pattern that a test can look for


def made_up_number(birth: str = "19900307", order: str = "101", region: str = REGION) -> str:
    """A number that nobody has, with the check character of GB 11643-1999: weights 2^(i-1) mod 11."""
    digits = region + birth + order
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(digits))
    return digits + "10X98765432"[total % 11]


@dataclass(frozen=True, slots=True)
class Card:
    """A card as the reader reads it: the text as pairs of characters and bytes that they are padded to."""

    kind: str  # resident, permit or foreigner
    parts: tuple[tuple[str, int], ...] = field(repr=False)
    photo: bytes = field(default=PHOTO, repr=False)

    @property
    def text(self) -> bytes:
        return b"".join(said.ljust(size // 2).encode("utf-16-le") for said, size in self.parts)

    def spoilt(self, at: int, by: str) -> Card:
        """The same card with another text in the part `at`."""
        parts = list(self.parts)
        parts[at] = (by, parts[at][1])
        return replace(self, parts=tuple(parts))


def resident(
    name: str = "样卡甲", birth: str = "19900307", order: str = "101", until: str = "20350101"
) -> Card:
    number = made_up_number(birth, order)
    sex = "1" if int(order) % 2 else "2"
    face = ((name, 30), (sex, 2), ("01", 4), (birth, 16), ("虚构省样板市测试路 1 号", 70), (number, 36))
    return Card("resident", (*face, ("样板市测试局", 30), ("20150101", 16), (until, 16), ("", 36)))


def permit(name: str = "样卡乙", birth: str = "19850612", order: str = "202") -> Card:
    """A residence permit for Hong Kong, Macao and Taiwan. It has no nationality."""
    number = made_up_number(birth, order)
    face = ((name, 30), ("2", 2), ("", 4), (birth, 16), ("虚构省样板市测试路 2 号", 70), (number, 36))
    rest = (("样板市测试局", 30), ("20190901", 16), ("20240901", 16), ("X00000000", 18), ("01", 4), ("", 6))
    return Card("permit", (*face, *rest, ("J", 2), ("", 6)))


def foreigner(name: str = "SPECIMEN, TEST CARD", name_zh: str = "样卡丙") -> Card:
    """A foreigner's permanent residence card of 2017."""
    face = ((name, 120), ("2", 2), ("XXX000091010100", 30), ("XXX", 6), (name_zh, 30))
    rest = (("20180101", 16), ("20280101", 16), ("19910101", 16), ("01", 4), ("0000", 8), ("I", 2), ("", 6))
    return Card("foreigner", (*face, *rest))


CARDS: dict[str, Callable[[], Card]] = {"resident": resident, "permit": permit, "foreigner": foreigner}
