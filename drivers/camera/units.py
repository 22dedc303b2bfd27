"""From RTP packets to the first picture that a decoder can begin with.

That is, in this order of what a stream brings first:
- an IDR picture (H.264), an IDR, CRA or BLA picture (H.265);
- a picture of intra slices alone without being an IDR (H.264), or at a recovery point that needs no others;
- with periodic intra refresh, where none of these ever comes: the pictures from a recovery point to where all
  is well, one behind the other in one unit. The last that a decoder makes of them is the good one.

A picture ends with the marker, with a new timestamp, or where another's first slice begins; a marker that was
set in its middle is not believed any more.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from operator import itemgetter

from drivers.camera.errors import BadSyntax, PictureTooLarge
from drivers.camera.model import AccessUnit, StreamFormat
from drivers.camera.nal import Codec, Slice
from drivers.camera.rtp import Packet, Sequence
from drivers.camera.sdp import MAX_SETS, described
from drivers.camera.sps import MAX_PARAMETER_SET

MAX_UNIT = 4 * 1024 * 1024  # bytes; a 4K key frame of the best quality has some 2 MiB
MAX_NALS = 4096  # of one unit: level 6.2 allows 600 slices; a refresh over 4 s has some hundreds
REFRESH_MARGIN = 1  # pictures more than a recovery point counts: with B pictures decoders show that one first
_START = b"\x00\x00\x00\x01"


@dataclass(slots=True)
class _Unit:
    """An access unit that is coming in, or the refresh that it belongs to."""

    nals: list[bytes] = field(default_factory=list)
    size: int = 0
    damaged: bool = False
    slices: int = 0
    intra: bool = True  # all slices so far
    random_access: bool = True  # likewise
    counted: bool = False  # see `Slice`
    recovery: int | None = None  # pictures from here to where all is well
    after_marker: bool = False  # the one before ended by it, with the same timestamp


class IntraSearch:
    def __init__(self, codec: Codec, form: StreamFormat) -> None:
        self._codec = codec
        self._form = form
        self._sets: dict[tuple[int, int], bytes] = {}
        self._in_band: set[int] = set()  # types of parameter sets that came there, and put away the SDP's
        self._sequence = Sequence()
        self._stamp = -1
        self._unit = _Unit()
        self._open = bytearray()  # the NAL unit that is coming in
        self._skips = False  # the rest of this picture, which is of no use
        self._trusts_marker = True
        self._refresh: _Unit | None = None  # pictures from a recovery point on
        self._best: AccessUnit | None = None
        self.pictures = 0  # of any kind
        self.odd = 0  # payloads and NAL units that could not be read
        for nal in form.parameter_sets:
            self._keep(nal)

    @property
    def best(self) -> AccessUnit | None:
        """An incomplete one, for who can wait no longer."""
        return self._best

    @property
    def buffered(self) -> int:
        return self._unit.size + (self._refresh.size if self._refresh else 0)

    def take(self, packet: Packet) -> AccessUnit | None:
        """The picture, once it is there; a damaged one only when a second has come no better. Raises
        PictureTooLarge."""
        missing = self._sequence.take(packet.sequence)
        if missing < 0:
            return None
        if missing:
            self._cut()
            self._refresh = None  # a loss on the way makes it worthless
            self._unit.damaged |= self._unit.slices > 0 or bool(self._unit.nals)
        if packet.timestamp != self._stamp:
            if found := self._finish(after_marker=False):
                return found
            self._stamp = packet.timestamp
        if not self._skips and (found := self._payload(packet.payload)):
            return found
        if packet.marker and self._trusts_marker and self._unit.slices:
            return self._finish(after_marker=True)
        return None

    # --- payloads to NAL units ---
    def _payload(self, payload: bytes) -> AccessUnit | None:
        try:
            for piece in self._codec.pieces(payload):
                if piece.first:
                    self._cut()
                    if found := self._begin(piece.data):
                        return found
                elif not self._open:
                    self._unit.damaged = True  # its first part was lost
                    continue
                if self._skips:
                    return None
                self._gather(piece.data)
                if piece.last:
                    nal = bytes(self._open)
                    self._open.clear()
                    self._nal(nal)
        except BadSyntax:
            self.odd += 1
            self._unit.damaged = True
        return None

    def _gather(self, data: bytes) -> None:
        self._open += data
        self._unit.size += len(data) + len(_START)
        nals = len(self._unit.nals) + (len(self._refresh.nals) if self._refresh else 0)
        if self.buffered > MAX_UNIT or nals >= MAX_NALS:
            raise PictureTooLarge(f"a coded picture of more than {MAX_UNIT} bytes or {MAX_NALS} NAL units")

    def _cut(self) -> None:
        """What was there of a NAL unit stays: a decoder makes the upper part of the picture of it."""
        if self._open:
            self._unit.nals.append(bytes(self._open))
            self._unit.damaged = True
            self._open.clear()

    def _begin(self, head: bytes) -> AccessUnit | None:
        """A NAL unit. Where it is another picture's first slice, the one before ends."""
        if not self._codec.is_slice(head):
            return None
        said = self._codec.slice(head)
        found = self._finish(after_marker=False) if said.first and self._unit.slices else None
        if self._unit.after_marker and not said.first:
            self._trusts_marker = False
            self._skips = True  # its first slices are gone
        self._slice(said)
        return found

    def _slice(self, said: Slice) -> None:
        unit = self._unit
        if not unit.slices and not said.first:
            unit.damaged = True
        unit.slices += 1
        unit.intra &= said.intra
        unit.random_access &= said.random_access
        unit.counted |= said.counted
        unit.after_marker = False
        if not unit.intra and unit.recovery is None and self._refresh is None:
            self._skips = True
            unit.nals, unit.size = [], 0

    def _nal(self, nal: bytes) -> None:
        if self._keep(nal):
            return
        recovery = self._codec.recovery(nal)
        if recovery is not None:
            self._unit.recovery = recovery
        self._unit.nals.append(nal)

    def _keep(self, nal: bytes) -> bool:
        """A parameter set: the latest of its type and id counts, and those in band more than the SDP's."""
        try:
            key = self._codec.set_key(nal)
        except BadSyntax:
            self.odd += 1
            return True
        if key is None:
            return False
        if self._stamp >= 0 and key[0] not in self._in_band:
            self._in_band.add(key[0])
            self._sets = {each: known for each, known in self._sets.items() if each[0] != key[0]}
        self._sets.pop(key, None)
        if len(nal) <= MAX_PARAMETER_SET:
            self._sets[key] = nal
        if len(self._sets) > MAX_SETS:
            del self._sets[next(iter(self._sets))]  # the oldest
        return True

    # --- NAL units to pictures ---
    def _finish(self, *, after_marker: bool) -> AccessUnit | None:
        self._cut()
        unit, self._unit, self._skips = self._unit, _Unit(after_marker=after_marker), False
        if not unit.slices:
            return None
        self.pictures += 1
        if unit.intra or unit.recovery == 0:
            self._refresh = None
            if unit.recovery is None and not unit.random_access:  # decoders show nothing without it
                unit.nals.insert(0, self._codec.recovery_point)
            return self._judge(unit)
        return self._refreshed(unit)

    def _refreshed(self, unit: _Unit) -> AccessUnit | None:
        """Pictures from a recovery point on."""
        if unit.damaged:
            self._refresh = None
        elif self._refresh is None:
            self._refresh = unit if unit.recovery else None
        else:
            whole = self._refresh
            whole.nals += unit.nals
            whole.size += unit.size
            if whole.recovery is not None:
                whole.recovery -= unit.counted
                if whole.recovery <= -REFRESH_MARGIN:
                    self._refresh = None
                    return self._judge(whole)
        return None

    def _judge(self, unit: _Unit) -> AccessUnit | None:
        if not self._codec.needed <= {kind for kind, _ in self._sets}:
            return None  # its parameter sets are still to come
        latest = list(reversed(self._sets))
        latest.sort(key=itemgetter(0))  # by type, and of each the latest first
        sets = tuple(self._sets[key] for key in latest)
        form = described(replace(self._form, parameter_sets=sets))
        data = _START + _START.join([*sets, *unit.nals])
        picture = AccessUnit(form, data, complete=not unit.damaged)
        if picture.complete or self._best is not None:
            return picture
        self._best = picture
        return None
