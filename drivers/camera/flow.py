"""How a stream flows, from the headers of its packets: nothing is put together, nothing decoded."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable

from drivers.camera.errors import BadSyntax
from drivers.camera.model import Flow
from drivers.camera.nal import Codec
from drivers.camera.rtp import TICKS, Packet, Sequence
from drivers.camera.sps import MAX_FPS

Intra = Callable[[bytes], bool | None]

STIR_PICTURES = 8  # of a second's 25, one shows that the clock goes on
STIR_LEAST = 3  # of which a median says something


def intra_of(codec: Codec) -> Intra:
    """Of a payload, whether a slice in it belongs to an intra picture; None where no slice begins in it."""

    def intra(payload: bytes) -> bool | None:
        try:
            for piece in codec.pieces(payload):
                if piece.first and codec.is_slice(piece.data):
                    return codec.slice(piece.data).intra
        except BadSyntax:
            pass  # who puts pictures together counts it
        return None

    return intra


class FlowMeter:
    """Takes packets with the time of their arrival, the first of which begins the measurement."""

    def __init__(self, clock_rate: int, intra: Intra) -> None:
        self._rate = clock_rate
        self._intra = intra
        self._sequence = Sequence()
        self._size = 0
        self._start_s: float | None = None
        self._packet_s = 0.0  # arrival of the latest packet
        self._jitter = 0.0  # in units of the clock
        # of pictures
        self._count = 0
        self._stamp = 0
        self._ticks = 0  # of the latest since the first, through the counter's overflow
        self._span = (0, 0)  # the earliest and the latest; with B pictures they come in another order
        self._first_s = 0.0
        self._latest_s = 0.0
        self._gap_s = 0.0
        self._undecided = False  # no slice of the latest has come yet
        self._key_ticks: int | None = None  # of the latest intra picture
        self._gops = (0, 0)  # sum and number of what lay between two of them

    def take(self, packet: Packet, size: int, at_s: float) -> None:
        """`size` in bytes, of the whole packet."""
        self._size += size
        if self._sequence.take(packet.sequence) < 0:
            return
        step = (packet.timestamp - self._stamp + TICKS // 2) % TICKS - TICKS // 2
        if self._start_s is None:
            self._start_s = self._first_s = self._latest_s = self._packet_s = at_s
            self._count, self._stamp, self._undecided = 1, packet.timestamp, True
            step = 0
        # RFC 3550 §6.4.1
        transit = (at_s - self._packet_s) * self._rate - step
        self._jitter += (abs(transit) - self._jitter) / 16
        self._packet_s = at_s
        if step:
            self._picture(packet.timestamp, step, at_s)
        if self._undecided and (intra := self._intra(packet.payload)) is not None:
            self._undecided = False
            if intra:
                self._key()

    def _picture(self, stamp: int, step: int, at_s: float) -> None:
        self._count += 1
        self._stamp = stamp
        self._ticks += step
        self._span = min(self._span[0], self._ticks), max(self._span[1], self._ticks)
        self._gap_s = max(self._gap_s, at_s - self._latest_s)
        self._latest_s = at_s
        self._undecided = True

    def _key(self) -> None:
        if self._key_ticks is not None:
            total, number = self._gops
            self._gops = total + self._ticks - self._key_ticks, number + 1
        self._key_ticks = self._ticks

    def flow(self, now_s: float) -> Flow:
        """Up to now. Silence since the latest picture is a gap too."""
        start_s = now_s if self._start_s is None else self._start_s
        seconds = now_s - start_s
        total, number = self._gops
        return Flow(
            seconds=seconds,
            fps=self._fps(),
            jitter_ms=1000 * self._jitter / self._rate,
            bits_per_s=8 * self._size / seconds if seconds > 0 else 0.0,
            received=self._sequence.received,
            lost=self._sequence.lost,
            longest_gap_s=max(self._gap_s, now_s - self._latest_s) if self._count else 0.0,
            gop_s=max(total / number / self._rate, 0.0) if number else 0.0,
        )

    def _fps(self) -> float:
        """By timestamps; where they stand still or race, by arrivals."""
        by_stamps = _rate(self._count, (self._span[1] - self._span[0]) / self._rate)
        return by_stamps or _rate(self._count, self._latest_s - self._first_s)


class StirMeter:
    """How much is new from picture to picture: the sizes of those that an encoder foretells from others. The
    sensor's noise alone makes them large; of a picture that stands nothing is left but their headers.

    Where none is foretold, as with JPEG, one of the very same size as that before it brings nothing new.
    """

    def __init__(self, intra: Intra) -> None:
        self._intra = intra
        self._stamp = -1
        self._size = 0
        self._intra_now: bool | None = (
            None  # of the picture that comes in; None where it began before we came
        )
        self._before = 0  # size of the picture before it, where that was intra
        self._sizes: list[int] = []  # new bytes, of whole pictures

    @property
    def is_enough(self) -> bool:
        return len(self._sizes) >= STIR_PICTURES

    def take(self, packet: Packet) -> None:
        """In the order of their arrival; once it is enough, nothing more is counted."""
        if self.is_enough:
            return
        if packet.timestamp != self._stamp:
            self._ended()
            self._stamp, self._size, self._intra_now = packet.timestamp, 0, None
        self._size += len(packet.payload)
        if self._intra_now is None:
            self._intra_now = self._intra(packet.payload)

    def _ended(self) -> None:
        if self._intra_now is False:
            self._sizes.append(self._size)
        elif self._intra_now and self._before:
            self._sizes.append(self._size if self._size != self._before else 0)
        self._before = self._size if self._intra_now else 0

    def stir(self) -> float | None:
        """The logarithm of the median picture's bytes; None of too few pictures."""
        return math.log1p(statistics.median(self._sizes)) if len(self._sizes) >= STIR_LEAST else None


def _rate(count: int, span_s: float) -> float:
    fps = (count - 1) / span_s if span_s > 0 and count > 1 else 0.0
    return fps if fps <= MAX_FPS else 0.0
