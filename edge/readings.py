"""The verbs that read what is a person's own: an identity card, a code.

The answer goes to the connection that asked and nowhere else: no store, no log, no MQTT. If that connection
ends, the order is withdrawn at once, and what was read meanwhile is dropped where it stands.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Annotated, Any, Protocol

from pydantic import Field

from drivers.erase import erase
from drivers.messages import IdCard, Order, Outcome, ReadCard, ReadCode, Reading, Result
from edge.commands import Args, Name, Verb
from edge.private import Own
from edge.wire import PERSONAL, Reply, Request, rejected

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
        return await self._read(ReadCard(args.within_s), args, request)

    async def code(self, args: ReadArgs, request: Request, _client: str) -> Reply:
        return await self._read(ReadCode(args.within_s), args, request)

    async def _read(self, order: ReadCard | ReadCode, args: ReadArgs, request: Request) -> Reply:
        if args.device in self._busy:
            return rejected(
                request.id,
                "busy",
                "设备正在为另一位读取，请稍候",
                f"{args.device} is reading for another session",
            )
        self._busy.add(args.device)
        ended = "withdrawn"
        try:
            outcome = await self._devices.order(args.device, order, args.within_s + ONE_CARD_S)
            ended = f"{outcome.result} {outcome.code}".strip()
        finally:
            self._busy.discard(args.device)
            log.info("%s: %s", request.verb, ended, extra={"device": args.device, "session": args.session})
        return _reply(request, args.session, outcome)


def _reply(request: Request, session: str, outcome: Outcome) -> Reply:
    if outcome.result is Result.DONE and outcome.reading is not None:
        data = {"session": session, **_told(outcome.reading)}
        return Reply(id=request.id, result="done", data=data)
    result = Result.UNKNOWN if outcome.result is Result.DONE else outcome.result
    zh, en = WORDS.get(outcome.code, _OUT_OF_ORDER)
    data = {"session": session}
    return Reply(id=request.id, result=result.value, code=outcome.code, zh=zh, en=en, data=data)


def _told(reading: Reading) -> dict[str, Any]:
    if isinstance(reading, IdCard):
        own = [value for name, value in reading.fields if name in OWN]
        return {"kind": reading.kind, PERSONAL: Own(dict(reading.fields), partial(erase, *own))}
    return {"kind": "code", PERSONAL: Own({"text": reading.text}, partial(erase, reading.text))}
