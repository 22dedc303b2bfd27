"""A picture that comes in by packets, of a codec where one timestamp is one picture and a marker ends it."""

from __future__ import annotations

from drivers.camera.errors import PictureTooLarge
from drivers.camera.model import AccessUnit, StreamFormat
from drivers.camera.rtp import Packet, Sequence
from drivers.camera.units import MAX_UNIT


class Gathering:
    """What the searches of such codecs share; each says what a packet brings, and what makes a picture."""

    def __init__(self, form: StreamFormat) -> None:
        self._form = form
        self._sequence = Sequence()
        self._stamp = -1
        self._data = bytearray()
        self._damaged = False
        self.best: AccessUnit | None = None  # an incomplete one, for who can wait no longer
        self.pictures = 0

    @property
    def buffered(self) -> int:
        return len(self._data)

    def _comes(self, packet: Packet) -> bool:
        """Whether it counts: one that is late does not. Another timestamp begins another picture."""
        missing = self._sequence.take(packet.sequence)
        if missing < 0:
            return False
        if packet.timestamp != self._stamp:
            self._stamp = packet.timestamp
            self._begin()
        self._damaged |= missing > 0
        return True

    def _begin(self) -> None:
        self._data.clear()
        self._damaged = False

    def _add(self, data: bytes) -> None:
        """Raises PictureTooLarge."""
        self._data += data
        if len(self._data) > MAX_UNIT:
            raise PictureTooLarge(f"a coded picture of more than {MAX_UNIT} bytes")

    def _judged(self, form: StreamFormat, data: bytes) -> AccessUnit | None:
        """A damaged one only when a second has come no better."""
        picture = AccessUnit(form, data, complete=not self._damaged)
        if picture.complete or self.best is not None:
            return picture
        self.best = picture
        return None
