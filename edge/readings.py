"""The verbs that read what is a person's own: an identity card, a code.

The answer goes to the connection that asked and nowhere else: no store, no log, no MQTT. If that connection
ends, the order is withdrawn at once, and what was read meanwhile is dropped where it stands.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Annotated, Protocol

from pydantic import Field

from drivers.erase import erase
from drivers.messages import IdCard, Order, Outcome, ReadCard, ReadCode, Reading, Result
from edge.commands import Args, Name, Verb
from edge.private import Own
from edge.wire import PERSONAL, Reply, Request

log = logging.getLogger(__name__)

# Of a card, what is overwritten once it is told; the names of nations, say, are everybody's.
OWN = frozenset({"name", "name_zh", "number", "pass_number", "address", "birth"})
WITHIN_S = 30.0  # that a citizen gets to find the card
MAX_WITHIN_S = 120.0  # longer than any kiosk waits for a citizen who does nothing
ONE_CARD_S = 8.0  # for a card that is laid on in the last moment: find, select, read and their slack

_AGAIN = (
    "没有读清楚，请把证件拿开，再放一次",
    "It was not read clearly. Please take the card away and lay it on again.",
)
_OTHER = (
    "这张证件读不了，请换一张，或请工作人员帮助",
    "This card cannot be read. Please use another one, or ask the staff.",
)
_OUT_OF_ORDER = (
    "设备暂时不能用，请到窗口办理，或请工作人员帮助",
    "The device does not work now. Please go to a window, or ask the staff.",
)
# What a citizen can do, by the code of the outcome; with any other code the device is out of order.
WORDS: dict[str, tuple[str, str]] = {
    "no_card": (
        "没有读到证件，请把证件平放在读卡区",
        "No card was read. Please lay your card flat on the reader.",
    ),
    "card_moved": (
        "证件拿开得太早，请再放一次，读完再取走",
        "The card was taken away too early. Please lay it on again and leave it there until it is read.",
    ),
    "same_card": ("请把证件拿开，再放一次", "Please take the card away and lay it on again."),
    "check_digit": _AGAIN,
    "unreadable": _AGAIN,
    "no_answer": _AGAIN,
    "garbled": _AGAIN,
    "card_refused": _OTHER,
    "wrong_card": _OTHER,
    "unknown_card": _OTHER,
    "no_code": (
        "没有扫到码，请把码对准扫描口",
        "No code was scanned. Please hold it in front of the scanner.",
    ),
    "busy": ("设备正在为另一位读取，请稍候", "The device is reading for somebody else. Please wait."),
}


class ReadArgs(Args):
    device: Name
    session: Name  # of who stands there: it comes back with the answer
    within_s: Annotated[float, Field(gt=0, le=MAX_WITHIN_S)] = WITHIN_S


class Devices(Protocol):
    """What reading needs of the supervisor."""

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome: ...


class Readings:
    """One reading at a time on each device: two sessions must not wait for one person's card."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._busy: set[str] = set()

    def verbs(self) -> list[Verb]:
        return [
            Verb("card.read", ReadArgs, self.card, "read the identity card that is laid on", private=True),
            Verb("code.read", ReadArgs, self.code, "read the next code that is scanned", private=True),
        ]

    async def card(self, args: ReadArgs, request: Request, _client: str) -> Reply:
        return _reply(request, args.session, await self.read(ReadCard(args.within_s), args, request.verb))

    async def code(self, args: ReadArgs, request: Request, _client: str) -> Reply:
        return _reply(request, args.session, await self.read(ReadCode(args.within_s), args, request.verb))

    async def read(self, order: ReadCard | ReadCode, args: ReadArgs, verb: str) -> Outcome:
        """For this session alone. A device that reads for another one is not asked: "busy"."""
        if args.device in self._busy:
            return Outcome(Result.REJECTED, "busy")
        self._busy.add(args.device)
        ended = "withdrawn"
        try:
            outcome = await self._devices.order(args.device, order, args.within_s + ONE_CARD_S)
            ended = f"{outcome.result} {outcome.code}".strip()
        finally:
            self._busy.discard(args.device)
            log.info("%s: %s", verb, ended, extra={"device": args.device, "session": args.session})
        return outcome


def not_read(request: Request, session: str, outcome: Outcome) -> Reply:
    """Why there is no reading, and what the citizen can do."""
    result = Result.UNKNOWN if outcome.result is Result.DONE else outcome.result
    zh, en = WORDS.get(outcome.code, _OUT_OF_ORDER)
    data = {"session": session}
    return Reply(id=request.id, result=result.value, code=outcome.code, zh=zh, en=en, data=data)


def own(reading: Reading) -> Own:
    """What it says, to be overwritten once it is told."""
    if isinstance(reading, IdCard):
        said = [value for name, value in reading.fields if name in OWN]
        return Own(dict(reading.fields), partial(erase, *said))
    return Own({"text": reading.text}, partial(erase, reading.text))


def _reply(request: Request, session: str, outcome: Outcome) -> Reply:
    if outcome.result is not Result.DONE or outcome.reading is None:
        return not_read(request, session, outcome)
    kind = outcome.reading.kind if isinstance(outcome.reading, IdCard) else "code"
    data = {"session": session, "kind": kind, PERSONAL: own(outcome.reading)}
    return Reply(id=request.id, result="done", data=data)
