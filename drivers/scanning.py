"""What readers of codes have in common, whatever their protocol: who waits for a code, and what a code is.

A code may be a person's. It is kept only while somebody asks for one, and stands in no log.
"""

from __future__ import annotations

import asyncio
import unicodedata

from drivers.api import Command
from drivers.messages import Code, Outcome, Result

MAX_CODE = 4096  # characters, or bytes on a line: the largest QR code holds 4296 capitals or 2953 bytes
NO_CODE, WITHDRAWN = "no_code", "withdrawn"


class Asking:
    """Who waits for a code now: one session, or nobody."""

    def __init__(self) -> None:
        self._coming: asyncio.Future[Outcome] | None = None

    @property
    def is_open(self) -> bool:
        return self._coming is not None and not self._coming.done()

    def settle(self, outcome: Outcome) -> None:
        """The answer to who waits; where nobody does, it is gone."""
        if self._coming is not None and not self._coming.done():
            self._coming.set_result(outcome)

    async def outcome(
        self, command: Command, within_s: float, meanwhile: asyncio.Task[Outcome] | None = None
    ) -> Outcome:
        """Until `settle`, until `within_s` are over, until nobody wants it any more, or until `meanwhile`
        ends: then its outcome, or what it raised."""
        coming: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._coming = coming
        gone = asyncio.ensure_future(command.withdrawn())
        tasks: set[asyncio.Future[Outcome] | asyncio.Future[None]] = {coming, gone}
        try:
            await asyncio.wait(
                tasks | ({meanwhile} if meanwhile else set()),
                timeout=within_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if coming.done():
                return coming.result()
            if meanwhile is not None and meanwhile.done():
                return meanwhile.result()
            return Outcome(Result.FAILED, WITHDRAWN if gone.done() else NO_CODE)
        finally:
            self._coming = None
            gone.cancel()


def read(text: str, left_out: int) -> Outcome:
    """DONE with the code; `left_out` control characters are not in it."""
    return Outcome(Result.DONE, detail=_left_out(left_out), reading=Code(text))


def without_controls(text: str) -> tuple[str, int]:
    """The text without its control characters (Unicode's category Cc), and how many there were."""
    kept = "".join(char for char in text if unicodedata.category(char) != "Cc")
    return kept, len(text) - len(kept)


def _left_out(count: int) -> str:
    return f"{count} control characters left out" if count else ""
