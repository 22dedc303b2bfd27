"""MPEG-4 Visual (ISO/IEC 14496-2) in RTP (RFC 6416 §5): its bitstream in pieces, a marker at a VOP's end.

Rectangular video, which is all that cameras send. A VOP is a picture; its headers (the VOL) stand in the
description, and again in the stream where a camera likes.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.camera.gathering import Gathering
from drivers.camera.model import AccessUnit, StreamFormat
from drivers.camera.rtp import Packet
from drivers.camera.sdp import described
from drivers.camera.sps import MAX_PARAMETER_SET
from drivers.camera.vol import has_vol

_VOP = b"\x00\x00\x01\xb6"  # ISO/IEC 14496-2 table 6-3; two bits of vop_coding_type follow (table 6-20)


def intra(payload: bytes) -> bool | None:
    """Whether an intra VOP begins in it; None where none does."""
    return _is_intra(payload, payload.find(_VOP))


def _is_intra(data: bytes | bytearray, at: int) -> bool | None:
    kind = at + len(_VOP)
    return data[kind] >> 6 == 0 if at >= 0 and kind < len(data) else None


class Mpeg4Search(Gathering):
    """As `IntraSearch` of `drivers.camera.units`."""

    def __init__(self, form: StreamFormat) -> None:
        super().__init__(form)
        self._skips = False  # the rest of this VOP, which is of no use

    def take(self, packet: Packet) -> AccessUnit | None:
        """The picture, once it is there; a damaged one only when a second has come no better. Raises
        PictureTooLarge."""
        if not self._comes(packet):
            return None
        if not self._skips:
            self._gather(packet.payload)
        if not packet.marker:
            return None
        found = self._finish()
        self._begin()
        return found

    def _begin(self) -> None:
        super()._begin()
        self._skips = False

    def _gather(self, payload: bytes) -> None:
        self._add(payload)
        if intra(payload) is False:
            self._skips = True

    def _finish(self) -> AccessUnit | None:
        self.pictures += 1
        at = self._data.find(_VOP)
        if self._skips or not _is_intra(self._data, at):
            return None
        headers = bytes(self._data[:at])
        if has_vol(headers) and at <= MAX_PARAMETER_SET:  # those in band count more
            self._form = replace(self._form, parameter_sets=(headers,))
        if not self._form.parameter_sets:
            return None  # they are still to come
        data = b"".join(self._form.parameter_sets) + bytes(self._data[at:])
        return self._judged(described(self._form), data)
