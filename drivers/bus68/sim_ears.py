"""How simulated devices take bytes: one at a time, like the firmware of a small controller.

Written from the frame descriptions alone, on purpose without the driver's codec.
"""

from __future__ import annotations

GAP_S = 0.05  # silence within a frame after which a device starts afresh
LONGEST = 300  # bytes; a device's own buffer is no larger


class KeyEar:
    """`[FF] 68 L L 68 addr func data.. cs 16`: gives each whole frame with a right check byte."""

    def __init__(self) -> None:
        self._frame = bytearray()
        self._last_s = 0.0

    def hear(self, byte: int, at_s: float) -> bytes | None:
        if at_s - self._last_s > GAP_S:
            self._frame.clear()
        self._last_s = at_s
        self._frame.append(byte)
        core = self._frame[1:] if self._frame[0] == 0xFF else self._frame[:]
        if not self._may_go_on(core):
            self._frame.clear()
            if byte in {0xFF, 0x68}:
                self._frame.append(byte)
            return None
        if len(core) < 4 or len(core) < core[1] + 6:
            return None
        frame = bytes(self._frame)
        self._frame.clear()
        body, check = core[4:-2], core[-2]
        return frame if sum(body) % 256 == check and core[-1] == 0x16 else None

    @staticmethod
    def _may_go_on(core: bytearray) -> bool:
        """Whether what came so far is the beginning of a frame."""
        wanted = [0x68, None, None, 0x68]
        if any(want not in {None, byte} for want, byte in zip(wanted, core, strict=False)):
            return False
        return len(core) < 3 or core[1] == core[2] >= 2


class StripEar:
    """`A0 90 addr cmd lenH lenL data.. xor`, xor from addr on: gives (addr, cmd, data, when it began)."""

    def __init__(self) -> None:
        self._frame = bytearray()
        self._last_s = self._began_s = 0.0

    def hear(self, byte: int, at_s: float) -> tuple[int, int, bytes, float] | None:
        if at_s - self._last_s > GAP_S:
            self._frame.clear()
        self._last_s = at_s
        if not self._frame:
            self._began_s = at_s
        self._frame.append(byte)
        frame = self._frame
        if frame[0] != 0xA0 or (len(frame) > 1 and frame[1] != 0x90):
            frame.clear()
            if byte == 0xA0:
                frame.append(byte)
            return None
        size = 7 + frame[4] * 256 + frame[5] if len(frame) > 5 else LONGEST
        if size > LONGEST:
            frame.clear()
        if len(frame) < size or not frame:
            return None
        check = 0
        for part in frame[2:-1]:
            check ^= part
        taken = (frame[2], frame[3], bytes(frame[6:-1]), self._began_s) if check == frame[-1] else None
        frame.clear()
        return taken
