"""The bits of a NAL unit: ITU-T H.264 §7.2 and §9.1, the same in H.265."""

from __future__ import annotations

from drivers.camera.errors import BadSyntax

MAX_EXP_GOLOMB_ZEROS = 32  # the longest that either standard allows: ue(v) up to 2**32 - 2


def unescape(nal: bytes) -> bytes:
    """Without emulation prevention (H.264 §7.4.1): the 03 of each 00 00 03 goes."""
    return nal.replace(b"\x00\x00\x03", b"\x00\x00")


class Bits:
    """Read from the front. Raises BadSyntax beyond the end."""

    __slots__ = ("_left", "_value")

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def u(self, size: int) -> int:
        self._left -= size
        if self._left < 0:
            raise BadSyntax("ends too early")
        return (self._value >> self._left) & ((1 << size) - 1)

    def flag(self) -> bool:
        return self.u(1) == 1

    def ue(self, most: int = 2**32 - 2) -> int:
        """Exp-Golomb. Raises BadSyntax above `most`, the standard's bound of this field."""
        rest = self._value & ((1 << self._left) - 1)
        zeros = self._left - rest.bit_length()
        if zeros > MAX_EXP_GOLOMB_ZEROS:
            raise BadSyntax("no Exp-Golomb number")
        value = self.u(2 * zeros + 1) - 1  # the zeros, and as many bits behind the one
        if value > most:
            raise BadSyntax(f"{value} where at most {most} may stand")
        return value

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)

    def skip(self, size: int) -> None:
        self.u(size)
