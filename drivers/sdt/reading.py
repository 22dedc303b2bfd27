"""One order to read a card: look for one, select it, read it, and let nothing of it stay here.

What was read lives in the chunks that the system handed us, in the codec's buffer, in a `bytearray` and in
the `IdCard` that goes to whoever asked. The first three are overwritten here, the last by who tells it
(`edge/readings.py`). What the system itself keeps of a line, or writes to a swap, is beyond us.
"""

from __future__ import annotations

from hashlib import blake2b
from secrets import token_bytes

from drivers.api import Context
from drivers.messages import Outcome, ReadCard, Result
from drivers.sdt import commands, layout
from drivers.sdt.codec import Answer, CardReply
from drivers.sdt.health import Tally
from drivers.sdt.session import Session
from drivers.sdt.settings import SdtSettings

NO_CARD, SAME_CARD, CARD_MOVED = "no_card", "same_card", "card_moved"
_NO_ANSWER = "no_answer"


class LastCard:
    """Tells whether the card that was read last has left, by a hash under a key of this process: it cannot be
    turned back into a card, and is forgotten once the field was seen empty."""

    def __init__(self) -> None:
        self._key = token_bytes(32)
        self._mark = b""

    def is_same(self, text: bytearray) -> bool:
        return self._mark == self._hash(text)

    def lies_here(self, text: bytearray) -> None:
        self._mark = self._hash(text)

    def left(self) -> None:
        self._mark = b""

    def _hash(self, text: bytearray) -> bytes:
        return blake2b(text, key=self._key, digest_size=16).digest()


class Reading:
    """Reads cards on one link. `tally` and `last` outlive it."""

    def __init__(self, session: Session, ctx: Context[SdtSettings], tally: Tally, last: LastCard) -> None:
        self._session = session
        self._ctx = ctx
        self._tally = tally
        self._last = last

    async def read(self, order: ReadCard) -> Outcome:
        """Ends within `within_s` and the time of one card. May be cancelled at any time. Raises LinkLost."""
        if code := self._session.problem:
            return Outcome(Result.REJECTED, code)
        end_s = self._now_s() + order.within_s
        while True:
            began_s = self._now_s()
            tried = await self._try()
            if isinstance(tried, Outcome):
                return tried
            left_s = end_s - self._now_s()
            if left_s <= 0:
                return Outcome(Result.UNKNOWN if tried == _NO_ANSWER else Result.FAILED, tried)
            next_s = began_s + self._ctx.settings.poll_s - self._now_s()
            await self._ctx.clock.sleep(max(0.0, min(next_s, left_s)))

    async def _try(self) -> Outcome | str:
        """How the order ends, or why to look again."""
        found = await self._session.ask(commands.FIND)
        if found is None:
            return self._unanswered()
        if found.sw == commands.NO_CARD:
            self._last.left()
            return NO_CARD
        if found.sw != commands.FOUND:
            return Outcome(Result.FAILED, self._trouble(found))
        selected = await self._session.ask(commands.SELECT)
        if selected is None:
            return self._unanswered()
        if selected.sw != commands.SELECT.good:
            code = self._trouble(
                selected
            )  # a card that is just being laid on is found before it is near enough
            return CARD_MOVED if code == CARD_MOVED else self._failed(code)
        card = await self._session.ask(commands.READ)
        if card is None:
            self._unanswered()
            return Outcome(Result.UNKNOWN, _NO_ANSWER)  # the reader may take it for read: it has to leave
        if isinstance(card, CardReply):
            return self._understand(card)
        return self._failed(self._trouble(card))

    def _understand(self, card: CardReply) -> Outcome | str:
        try:
            if self._last.is_same(card.text):
                return SAME_CARD
            read = layout.read(card.text)
            self._last.lies_here(card.text)
        except layout.BadCard as bad:
            return self._failed(bad.code)
        finally:
            card.wipe()
        self._tally.good(self._ctx)
        return Outcome(Result.DONE, reading=read)

    def _failed(self, code: str) -> Outcome:
        self._tally.failed(self._ctx, code)
        return Outcome(Result.FAILED, code)

    def _unanswered(self) -> Outcome | str:
        return Outcome(Result.UNKNOWN, self._session.problem) if self._session.problem else _NO_ANSWER

    def _trouble(self, answer: Answer) -> str:
        """The code of an answer that is none of the good ones."""
        return self._session.problem or commands.CARD_TROUBLE.get(answer.sw, "garbled")

    def _now_s(self) -> float:
        return self._ctx.clock.now().mono_s
