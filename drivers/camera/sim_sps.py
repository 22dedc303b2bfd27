"""Parameter sets that lie about the size: ITU-T H.264 §7.3.2.1.1, H.265 §7.3.2.2.1, written bit by bit."""

from __future__ import annotations

from drivers.camera.sim_recipe import Codec

SIDE = 16_384  # pixels; a decoder that believes it asks for 400 MB a picture


class Bits:
    def __init__(self) -> None:
        self._text = ""

    def u(self, width: int, value: int) -> Bits:
        self._text += f"{value:0{width}b}"
        return self

    def ue(self, *values: int) -> Bits:
        """Exponential Golomb, §9.1."""
        for value in values:
            digits = f"{value + 1:b}"
            self._text += "0" * (len(digits) - 1) + digits
        return self

    def rbsp(self) -> bytes:
        """With the trailing bits, and emulation prevented (§7.4.1)."""
        text = self._text + "1"
        text += "0" * (-len(text) % 8)
        out, zeros = bytearray(), 0
        for byte in int(text, 2).to_bytes(len(text) // 8, "big"):
            if zeros >= 2 and byte <= 3:
                out.append(3)
                zeros = 0
            out.append(byte)
            zeros = zeros + 1 if byte == 0 else 0
        return bytes(out)


def huge(codec: Codec, side: int = SIDE) -> bytes:
    """A sequence parameter set with id 0 that says side × side, as a NAL unit."""
    return _h264(side) if codec == "h264" else _h265(side)


def _h264(side: int) -> bytes:
    bits = Bits().u(8, 100).u(8, 0).u(8, 62)  # High, level 6.2
    bits.ue(0, 1, 0, 0).u(1, 0).u(1, 0)  # id, 4:2:0, 8 bits, no transform bypass, no scaling lists
    bits.ue(0, 2, 1).u(1, 0)  # frame numbers of 4 bits, order as decoded, one reference, no gaps
    bits.ue(side // 16 - 1, side // 16 - 1).u(1, 1).u(1, 1)  # macroblocks across and down; frames; 8×8 direct
    return b"\x67" + bits.u(1, 0).u(1, 0).rbsp()  # no cropping, no VUI


def _h265(side: int) -> bytes:
    bits = Bits().u(4, 0).u(3, 0).u(1, 1)  # VPS 0, one sub-layer
    bits.u(8, 1).u(32, 0x60000000).u(4, 0b1001).u(44, 0).u(8, 186)  # Main, level 6.2
    bits.ue(0, 1, side, side).u(1, 0)  # id, 4:2:0, size; no cropping
    bits.ue(0, 0, 4).u(1, 1).ue(1, 0, 0)  # 8 bits, order of 8 bits, one picture kept
    bits.ue(0, 3, 0, 3, 0, 0)  # coding blocks 8 to 64, transforms 4 to 32
    bits.u(1, 0).u(1, 0).u(1, 0).u(1, 0)  # no scaling lists, asymmetric motion, offsets, PCM
    return b"\x42\x01" + bits.ue(0).u(1, 0).u(1, 0).u(1, 0).u(1, 0).u(1, 0).rbsp()
