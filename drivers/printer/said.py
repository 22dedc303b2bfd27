"""What bytes on a printer's line mean, in a few words for a technician."""

from __future__ import annotations

from drivers.printer import commands
from drivers.printer.codec import Answer, Asb, Cleared, PaperReply, PrinterCodec, RealTime, Text
from drivers.said import CodecEar, Ear, PieceEar, joined

_QUESTIONS = {
    commands.status(1): "DLE EOT 1: printer status?",
    commands.status(2): "DLE EOT 2: offline cause?",
    commands.status(3): "DLE EOT 3: error cause?",
    commands.status(4): "DLE EOT 4: paper?",
    commands.recover(0): "DLE ENQ 0: go online",
    commands.recover(1): "DLE ENQ 1: recover, print on",
    commands.recover(2): "DLE ENQ 2: recover, forget the job",
    commands.identify(commands.MODEL): "GS I: model?",
    commands.identify(commands.SERIAL): "GS I: serial number?",
    commands.identify(commands.FIRMWARE): "GS I: firmware?",
    commands.PRINT_DONE: "GS r 1: tell when it is printed",
    commands.INITIALISE: "ESC @: initialise",
    commands.INITIALISE + commands.ASB_ON: "ESC @, GS a: initialise, tell changes",
}


def said(data: bytes, out: bool) -> str:
    return joined(ear(out), data)


def ear(out: bool) -> Ear:
    """A question is whole in its piece; of what else is sent, which goes on paper, nothing is told."""
    if out:
        return PieceEar(lambda data: _QUESTIONS.get(data, ""))
    codec = PrinterCodec()
    codec.expect_text = True
    return CodecEar(codec, _answer)


def _answer(frame: Answer) -> str:
    match frame:
        case RealTime(status):
            return f"status {status:02x}"
        case PaperReply():
            return "printed"
        case Text(text):
            return text
        case Asb(status):
            return f"all status {bytes(status).hex(' ')}"
        case Cleared():
            return "buffers cleared"
