"""What the reader can be asked, and what may answer it (SDT module's serial protocol).

Replies do not say what they answer. So each is held against what was asked, and one that cannot be its answer
is somebody else's: late, doubled, or never asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from drivers.sdt.codec import OK, Answer, CardReply

FOUND = 0x00009F
NO_CARD = 0x000080
SELF_TEST = 0x000060
UNAUTHORISED = 0x000066
MISUNDERSTOOD = frozenset({0x000010, 0x000011, 0x000021})  # checksum, length, command: say it again
_ANY = MISUNDERSTOOD | {SELF_TEST, UNAUTHORISED}

# What goes wrong between reader and card, and what the citizen is told of it.
CARD_TROUBLE: dict[int, Literal["card_moved", "card_refused", "wrong_card"]] = {
    0x000031: "card_refused",  # the card did not accept the reader
    0x000032: "card_refused",  # the reader did not accept the card
    0x000033: "card_refused",  # verification
    0x000040: "wrong_card",
    0x000041: "card_moved",  # read failed
    0x000047: "card_moved",  # no random number
    0x000081: "card_moved",  # select failed
    0x000091: "card_refused",  # no content
}


@dataclass(frozen=True, slots=True)
class Command:
    name: Literal["status", "find", "select", "read"]
    code: bytes  # cmd and para
    good: int  # the SW that says that it was done
    size: int | None  # bytes of data with it; None: a card
    bad: frozenset[int] = frozenset()  # the SWs that say that it was not, beside those of any command

    def is_answered_by(self, answer: Answer) -> bool:
        if isinstance(answer, CardReply):
            return self.size is None
        if answer.sw == self.good:
            return self.size == len(answer.data)
        return answer.sw in self.bad | _ANY and not answer.data


STATUS = Command("status", bytes.fromhex("11FF"), OK, 0)
FIND = Command("find", bytes.fromhex("2001"), FOUND, 4, frozenset({NO_CARD}))
SELECT = Command("select", bytes.fromhex("2002"), OK, 8, frozenset(CARD_TROUBLE))
READ = Command("read", bytes.fromhex("3001"), OK, None, frozenset(CARD_TROUBLE))
