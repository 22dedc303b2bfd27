"""Every protocol family and what its codec is fuzzed with; a test says so where a family is missing.

`python -m tests.property.fuzz_targets N [SEED]` throws N inputs at each, as `make fuzz` does.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from drivers.bus68 import codec as bus68
from drivers.bx5k import codec as bx5k
from drivers.camera import rtsp
from drivers.conformance import BoundedCodec
from drivers.heartbeat import codec as heartbeat
from drivers.hid import codec as hid
from drivers.newland import codec as newland
from drivers.printer import codec as printer
from drivers.sdt import codec as sdt
from drivers.voice import codec as voice
from tests.golden.bus68_frames import HEARD
from tests.property.fuzz import Tally, fuzz
from tests.property.fuzz_cameras import throw_at_pictures, throw_at_texts
from tests.property.fuzz_connections import throw_at_http, throw_at_websocket
from tests.property.fuzz_onvif import throw_at_discovery, throw_at_soap
from tests.property.fuzz_worker_pipe import throw_at_worker_pipe


@dataclass(frozen=True, slots=True)
class Target:
    """As for `tests.property.fuzz`."""

    family: str
    codec: Callable[[], BoundedCodec[Any]]
    frames: Sequence[Any]
    max_frame: int
    may_lose: int = 1
    after: Sequence[Any] = ()

    def fuzz(self, n: int, seed: int = 0) -> Tally:
        return fuzz(
            self.codec, self.frames, n, self.max_frame, after=self.after, may_lose=self.may_lose, seed=seed
        )


@dataclass(frozen=True, slots=True)
class Connections:
    """What cannot be read on after an error: see `tests.property.fuzz_connections`."""

    family: str
    throw: Callable[[int, int], None]

    def fuzz(self, n: int, seed: int = 0) -> Tally:
        self.throw(n, seed)
        return Tally(n, 0)


PRINTER_SAYS = [
    printer.RealTime(0x12),
    printer.RealTime(0x32),
    printer.Asb((0x18, 0x04, 0, 0)),
    printer.Asb((0x10, 0, 3, 0)),
    printer.PaperReply(0),
]
BUS_SAYS = [frame for _, frame in HEARD.values()]
BOARD_SAYS = [bx5k.Frame(b"\xa0\x00", 0x8000, 1, 0xFE), bx5k.Frame(bytes(range(40)), 0x8000, 1, 0x51)]
CARD_READER_SAYS = [sdt.Reply(0x90), sdt.Reply(0x9F, bytes(4)), sdt.Reply(0x80)]
CARDS = [sdt.CardReply(bytearray(range(256))), sdt.CardReply(bytearray(256))]
KEYBOARD_SAYS = [
    hid.InputEvent(hid.EV_KEY, 30, 1, 1_790_000_000, 5),
    hid.InputEvent(hid.EV_SYN, 0, 0, 1_790_000_000, 5),
]
SCANNER_SAYS = [
    newland.Scan(b"A012"),
    newland.Reply("@", "SCNTRG", b"1", ok=True),
    newland.Reply("#", "QRYSYS", b"", ok=False),
]
LOUDSPEAKER_SAYS = [
    voice.Frame("S", 7),
    voice.Frame("P", 7, b"playing"),
    voice.Frame("F", 65535, b"\x01no card"),
]
CAMERA_SAYS = [
    rtsp.Response(401, "Unauthorized", (("CSeq", "2"), ("WWW-Authenticate", 'Digest realm="a", nonce="b"'))),
    rtsp.Response(200, "OK", (("CSeq", "3"), ("Content-Type", "application/sdp")), b"v=0\r\n" * 500),
    rtsp.Interleaved(0, b"\x80\x60\x00\x07" + bytes(8) + b"\x65" * 1400),
    rtsp.Request("OPTIONS", "*", (("CSeq", "1"),)),
]
LINE = 1000  # bytes of a heartbeat's line, as its settings may have it
HEARTBEATS = [{"state": "ok", "paper": 80}, {"takings": "12.50"}, []]

TARGETS: tuple[Target | Connections, ...] = (
    # The printer loses two: a broken status of four bytes goes whole, as its tail would pass for answers.
    Target("printer", printer.PrinterCodec, PRINTER_SAYS, printer.MAX_FRAME, may_lose=2),
    Target("bus68", bus68.BusCodec, BUS_SAYS, bus68.MAX_FRAME),
    Target("bx5k", bx5k.BoardCodec, BOARD_SAYS, bx5k.MAX_FRAME),
    Target("hid", hid.HidCodec, KEYBOARD_SAYS, hid.MAX_FRAME),
    Target("newland", newland.NewlandCodec, SCANNER_SAYS, newland.MAX_FRAME),
    Target(
        "sdt",
        sdt.SdtCodec,
        [*CARD_READER_SAYS, CARDS[0]],
        sdt.MAX_FRAME,
        after=[*CARD_READER_SAYS, CARDS[1]],
    ),
    Target("voice", voice.VoiceCodec, LOUDSPEAKER_SAYS, voice.MAX_FRAME),
    Target("heartbeat", lambda: heartbeat.LineCodec(LINE), HEARTBEATS, LINE),
    Connections("heartbeat", throw_at_http),
    Connections("xfs4iot", throw_at_websocket),
    Target("camera", rtsp.RtspCodec, CAMERA_SAYS, rtsp.MAX_HELD),
    Connections("camera", throw_at_texts),
    Connections("camera", throw_at_pictures),
    Connections("camera", throw_at_worker_pipe),
)

# What a technician's search reads, which is no driver's line.
SEARCHES: tuple[Connections, ...] = (
    Connections("camera-discovery", throw_at_discovery),
    Connections("camera-onvif", throw_at_soap),
)

WITHOUT_CODEC: dict[str, str] = {}  # families that decode no bytes, and why there is nothing to fuzz


def main(n: int, seed: int) -> None:
    for target in (*TARGETS, *SEARCHES):
        started_s = time.monotonic()
        tally = target.fuzz(n, seed)
        took_s = time.monotonic() - started_s
        sys.stdout.write(
            f"{target.family}: survived {tally.inputs} inputs with seed {seed} in {took_s:.1f} s; "
            f"{tally.said_nothing} of them made valid frames with what followed, and say nothing\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(given[0], given[1] if len(given) > 1 else random.SystemRandom().randrange(1 << 32))
