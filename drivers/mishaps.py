"""What drivers share where something goes wrong: what ended a run, and how many bad frames are too many."""

from __future__ import annotations

from typing import Any

from drivers.api import Context, DriverError, ProtocolBreach


class Tolerance:
    """Bad frames that a line may bring: `most` in a burst, and one more with each second that passes."""

    def __init__(self, ctx: Context[Any], most: int, remedy: str) -> None:
        """`remedy` is what a technician does about a line that brings more."""
        self._ctx = ctx
        self._most = float(most)
        self._remedy = remedy
        self._left = self._most
        self._at_s = ctx.clock.now().mono_s

    def spend(self, reason: str, data: bytes = b"") -> None:
        """One more, into the log at its lowest level; `data` only where it cannot be a person's. Raises
        ProtocolBreach when there were too many."""
        now_s = self._ctx.clock.now().mono_s
        self._left = min(self._left + now_s - self._at_s, self._most) - 1
        self._at_s = now_s
        self._ctx.bad_frame(reason)
        self._ctx.log.debug("bad frame: %s %s", reason, data.hex(" "))
        if self._left < 0:
            raise ProtocolBreach(f"too many bad frames; the last: {reason}", remedy=self._remedy)


def cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The driver's own error, where nothing but such errors ended its tasks; else the group."""
    known, unknown = group.split(DriverError)
    if known is None or unknown is not None:
        return group
    first: BaseException = known
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first
