"""The questions that a port is asked, and how their answers are read.

A question goes out while nobody knows who hears it. So each is one that moves, shows, opens and keeps nothing
at the device it is meant for, and no order to any other. The order of the table is part of that: to a printer
whatever is no command is text. It is asked first, at each of its speeds, and as soon as it has answered
nobody asks more. For one that is deaf or mute no question holds a line feed, and UNDO follows each.

The window bus has no question: what is on it is heard when somebody presses a key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from drivers.api import BadFrame
from drivers.bus68.codec import FUNC_KEY, FUNC_RATING, BusCodec, KeyFrame
from drivers.bx5k.codec import HOST, BoardCodec
from drivers.bx5k.codec import Frame as BoardFrame
from drivers.bx5k.codec import encode as board_frame
from drivers.bx5k.commands import PING
from drivers.checking.words import Text
from drivers.newland.codec import Command, NewlandCodec
from drivers.newland.codec import Reply as ScannerReply
from drivers.printer.codec import Asb, PrinterCodec, RealTime
from drivers.sdt.codec import OK, SdtCodec
from drivers.sdt.codec import Reply as ReaderReply
from drivers.sdt.codec import request as reader_request
from edge.diag.probing.found import Child

LEAST_STATES = 2  # answers of a printer: of a byte at a wrong speed one in sixteen looks like one
FIRST_BOARD, ANY_BOARD = 1, 0xFFFE  # as delivered; assumed: whichever it has
UNDO = b"\x1b\x40"  # ESC @: a printer forgets what stands in its line and has not been printed


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says: for a person, and of the device's settings."""

    evidence: Text
    settings: tuple[tuple[str, int], ...] = ()


Reading = Callable[[bytes], Told | None]  # of what came, without the question's echo; None: not this device


@dataclass(frozen=True, slots=True)
class Probe:
    """`harmless`: why, to the device itself and to each of the others."""

    driver: str
    model: str
    speeds: tuple[int, ...]  # bauds that its makers deliver, the commonest first
    ask: bytes
    read: Reading
    harmless: str
    tcp_port: int | None = None  # where its kind listens on the network


# --- answers ---
def _printer(data: bytes) -> Told | None:
    found = PrinterCodec().feed(data)
    states = [each for each in found if isinstance(each, RealTime)]
    if len(states) < LEAST_STATES or any(not isinstance(each, RealTime | Asb) for each in found):
        return None
    said = " ".join(f"{each.status:02X}" for each in states)
    return Told(Text(f"打印机状态 {said}", f"a printer's status: {said}"))


_READER = {
    OK: Text("读卡器正常", "the reader is ready"),
    0x000060: Text("读卡器自检不通过", "the reader's self-test fails"),
    0x000066: Text("读卡器未授权", "the reader is not authorised"),
}


def _reader(data: bytes) -> Told | None:
    for each in SdtCodec().feed(data):
        if isinstance(each, ReaderReply):
            said = f"{each.sw:06X}"
            return Told(_READER.get(each.sw, Text(f"读卡器应答 {said}", f"the reader answers {said}")))
    return None


def _board(data: bytes) -> Told | None:
    for each in BoardCodec().feed(data):
        if isinstance(each, BoardFrame) and each.sender != HOST and each.data[:2] == PING[:2]:
            device = f"{each.device:02X}"
            evidence = Text(
                f"控制卡应答，屏号 {each.sender}，类型 {device}",
                f"a controller answers: address {each.sender}, device type {device}",
            )
            return Told(evidence, (("address", each.sender),) if each.sender != FIRST_BOARD else ())
    return None


def _scanner(data: bytes) -> Told | None:
    for each in NewlandCodec().feed(data):
        if isinstance(each, ScannerReply) and each.tag == "QRYSYS":
            about = each.data.decode("ascii", "replace").splitlines()
            name = next((line for line in about if line.strip()), "")[:64]
            return Told(Text(f"扫描头：{name}", f"a scanner: {name}"))
    return None


def heard_on_bus(data: bytes) -> tuple[Child, ...]:
    """Callers and pads whose keys were pressed, by address."""
    found: dict[Child, None] = {}
    for each in BusCodec().feed(data):
        if isinstance(each, BadFrame) or not isinstance(each, KeyFrame):
            continue
        if each.func == FUNC_RATING:
            found[Child("pad", each.address)] = None
        elif each.func == FUNC_KEY and each.data:
            found[Child("caller", each.address)] = None
    return tuple(found)


_BOARD = Probe(
    "bx5k",
    "onbon-bx-5k1",
    (57600, 9600),
    board_frame(BoardFrame(PING, FIRST_BOARD)),
    _board,
    "A2 00 is a ping: nothing is shown, and no flash is written. The bus's frames want 68 L L 68 and a sum, "
    "the strips' A0 90, the reader's AA AA AA 96 69: none is in it. No line feed for a printer.",
    5005,
)

PROBES = (
    Probe(
        "printer",
        "escpos-80mm",
        (9600, 115200, 19200, 38400, 57600),
        bytes.fromhex("100401 100402 100404"),
        _printer,
        "DLE EOT 1, 2, 4 asks for a status and changes nothing. No frame of another family begins with 10, "
        "and none of its bytes begins one: not FF, 68, A0, A5, AA, 7E.",
        9100,
    ),
    Probe(
        "newland",
        "newland-serial",
        (9600, 115200),
        Command("@", "QRYSYS").encode(),
        _scanner,
        "@QRYSYS asks for names; the light stays out. It holds no FF, 68, A0, A5, AA, and for a printer it "
        "is 12 characters of a line that is never fed.",
    ),
    _BOARD,
    replace(_BOARD, ask=board_frame(BoardFrame(PING, ANY_BOARD))),
    Probe(
        "sdt",
        "sdt-serial",
        (115200, 9600),
        reader_request(bytes.fromhex("11FF")),
        _reader,
        "11 FF asks for the state; no card is looked for. Nothing in it begins a frame of the others, and "
        "there is no line feed in it for a printer.",
    ),
)
