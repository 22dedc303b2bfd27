"""The one owner of the line: what may be sent next, and when. Pure: it is told the time and says what to do.

Half duplex. Nothing is sent while a frame is coming in, while our own bytes are still on the line, in the
silence after an acknowledgement, or while a strip owes an answer. Acknowledgements go first and at once;
before an order, whoever waits for the line to be free has time to speak, so that the two do not garble each
other. Orders are FIFO for each child, and children take turns, so that a silent strip does not keep the
others waiting. A newer text for the same display takes the place of one that has not been sent, which ends
REJECTED "replaced".

A strip that stayed silent is shown its last text again from time to time, until it answers: it may have been
without power, and nobody else would notice that it is back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from drivers.bus68.settings import BusSettings
from drivers.messages import Outcome, Result

QUEUE = 64  # orders waiting on one line: text, digits and a beep for 20 children
HOLD_LIMIT_S = 0.5  # a line that never falls silent is noise; then we talk over it
WRITE_DELAY_S = 0.004  # from a write to its first bit: USB adapters hand bytes on in frames of 1 ms
BITS_PER_BYTE = 10  # 8N1
# Between texts shown again to strips that were silent, one at a time, and the wait for the answer. A strip
# draws and answers at once; a later answer counts too. So all dead strips of a line take 1 % of it.
SHOW_AGAIN_S = 10.0
AGAIN_TIMEOUT_S = 0.05

UNCONFIRMED = "unconfirmed"  # sent in full; the protocol has no answer to this order
SILENT = "silent"


@dataclass(slots=True, eq=False)
class Job:
    """One order as bytes. `strip` is the address whose answer ends it, None where none is defined."""

    child: str
    data: bytes
    finish: Callable[[Outcome], None]
    strip: int | None = None
    display: bool = False  # shown until replaced: only the newest matters
    attempts: int = 0
    again: bool = False  # it is shown once more to a strip that was silent


@dataclass(frozen=True, slots=True, eq=False)
class Acknowledgement:
    child: str
    data: bytes
    sent: Callable[[float], None]  # told when its last bit has left, mono seconds


@dataclass(frozen=True, slots=True)
class Send:
    data: bytes
    what: Job | Acknowledgement


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask again at `until_s`, or when something has changed; None: only then."""

    until_s: float | None


class Arbiter:
    def __init__(self, settings: BusSettings) -> None:
        self._settings = settings
        self._byte_s = BITS_PER_BYTE / settings.baud
        self._acknowledgements: dict[str, Acknowledgement] = {}  # by child: at most one each
        self._queues: dict[str, deque[Job]] = {}  # by child, in the order of their turns
        self._waiting = 0
        self._writing: Job | None = None  # the order that `sent` is owed for
        self._asked: Job | None = None  # the strip's order whose answer is awaited
        self._answer_by_s = 0.0
        self._spoke_s = 0.0  # the last byte of our own
        self._silent_until_s = 0.0  # after an acknowledgement
        self._heard_s = 0.0  # the last byte of anyone else
        self._partial_since_s: float | None = None
        # The orders that strips did not answer, by child, the longest unasked first. Each such strip is asked
        # once, not three times.
        self._silent: dict[str, Job] = {}
        self._show_again_at_s = 0.0

    def received(self, now_s: float, *, partial: bool) -> None:
        """Bytes came in; `partial` when a frame has begun and not ended."""
        self._heard_s = now_s
        if not partial:
            self._partial_since_s = None
        elif self._partial_since_s is None:
            self._partial_since_s = now_s

    def gap_over(self, now_s: float) -> bool:
        """Whether the frame begun will not go on: its sender has fallen silent within it."""
        return self._partial_since_s is not None and now_s >= self._heard_s + self._settings.gap_s

    def partial_given_up(self) -> None:
        """The frame begun was dropped."""
        self._partial_since_s = None

    def acknowledge(self, acknowledgement: Acknowledgement) -> None:
        """Queue it before all orders; a newer one for the same child replaces it."""
        self._acknowledgements[acknowledgement.child] = acknowledgement

    def submit(self, job: Job) -> None:
        queue = self._queues.get(job.child, deque())
        older = next((old for old in queue if job.display and old.display), None)
        if older is not None:
            queue[queue.index(older)] = job
            result = Result.UNKNOWN if older.attempts else Result.REJECTED
            older.finish(Outcome(result, "replaced", "a newer text is to be shown"))
        elif self._waiting >= QUEUE:
            job.finish(Outcome(Result.REJECTED, "queue_full", f"{QUEUE} orders wait for the bus"))
        else:
            self._queues.setdefault(job.child, queue).append(job)
            self._waiting += 1

    def answered(self, address: int) -> None:
        """A strip has answered well; outside of its turn that says nothing about an order."""
        self._silent = {child: job for child, job in self._silent.items() if job.strip != address}
        job = self._asked
        if job is not None and job.strip == address:
            self._asked = None
            job.finish(Outcome(Result.DONE))

    def next(self, now_s: float) -> Send | Wait:
        """What to do now. After sending, `sent` is owed before the next question."""
        if self._asked is not None and now_s >= self._answer_by_s:
            self._unanswered(self._asked, now_s)
        if self._silent and now_s >= self._show_again_at_s:
            self._show_again(now_s)
        hold_until_s = self._hold_until_s(now_s)
        if self._asked is not None:
            return Wait(min(self._answer_by_s, hold_until_s or self._answer_by_s))
        if not self._acknowledgements and not self._queues:
            return Wait(hold_until_s or (self._show_again_at_s if self._silent else None))
        pause_s = self._settings.turnaround_s if self._acknowledgements else self._settings.listen_s
        quiet_s = max(self._spoke_s, self._heard_s)
        free_at_s = max(self._silent_until_s, quiet_s + pause_s, hold_until_s or 0.0)
        if now_s < free_at_s:
            return Wait(free_at_s)
        if self._acknowledgements:
            acknowledgement = self._acknowledgements.pop(next(iter(self._acknowledgements)))
            return Send(acknowledgement.data, acknowledgement)
        job = self._take_turn()
        return Send(job.data, job)

    def sent(self, send: Send, now_s: float) -> None:
        """`send` was written, now: its bytes are on the line for as long as they take."""
        self._writing = None
        end_s = now_s + len(send.data) * self._byte_s
        self._spoke_s = end_s
        if isinstance(send.what, Acknowledgement):
            self._silent_until_s = end_s + self._settings.ack_silence_s + WRITE_DELAY_S
            send.what.sent(end_s)
        elif send.what.strip is None:
            send.what.finish(Outcome(Result.DONE, UNCONFIRMED))
        else:
            self._asked = send.what
            timeout_s = AGAIN_TIMEOUT_S if send.what.again else self._settings.answer_timeout_s
            self._answer_by_s = end_s + timeout_s

    def abandon(self) -> None:
        """The line is gone: every order owed an outcome gets an honest one."""
        for queue in self._queues.values():
            for job in queue:
                result = Result.UNKNOWN if job.attempts else Result.REJECTED
                job.finish(Outcome(result, "link_lost", "the bus was closed"))
        for sent in (self._writing, self._asked):
            if sent is not None:
                sent.finish(Outcome(Result.UNKNOWN, "link_lost", "the bus was closed"))
        self._queues.clear()
        self._silent.clear()
        self._writing = self._asked = None
        self._waiting = 0

    def _hold_until_s(self, now_s: float) -> float | None:
        """When a frame coming in stops us no longer; None where none is."""
        if self._partial_since_s is None:
            return None
        until_s = min(self._heard_s + self._settings.gap_s, self._partial_since_s + HOLD_LIMIT_S)
        return until_s if now_s < until_s else None

    def _take_turn(self) -> Job:
        """The first job of the child whose turn it is; that child then goes to the end."""
        child, queue = next(iter(self._queues.items()))
        del self._queues[child]
        job = queue.popleft()
        if queue:
            self._queues[child] = queue
        job.attempts += 1
        self._waiting -= 1
        self._writing = job
        return job

    def _show_again(self, now_s: float) -> None:
        """To the silent strip whose turn it is, unless a text for it is under way. No outcome follows: the
        order ended UNKNOWN when it was new."""
        child, job = next(iter(self._silent.items()))
        self._silent[child] = self._silent.pop(child)
        self._show_again_at_s = now_s + SHOW_AGAIN_S
        if child not in self._queues and (self._asked is None or self._asked.child != child):
            self._queues[child] = deque([replace(job, finish=_nothing, attempts=0, again=True)])
            self._waiting += 1

    def _unanswered(self, job: Job, now_s: float) -> None:
        """Try again after the others have had their turn, or say that nobody knows."""
        self._asked = None
        queue = self._queues.get(job.child, deque())
        if any(newer.display for newer in queue):
            job.finish(Outcome(Result.UNKNOWN, "replaced", "no answer, and a newer text is to be shown"))
        elif job.child in self._silent or job.attempts > self._settings.retries:
            self._show_again_at_s = self._show_again_at_s if self._silent else now_s + SHOW_AGAIN_S
            self._silent[job.child] = job
            job.finish(Outcome(Result.UNKNOWN, SILENT, f"no answer from strip 0x{job.strip:02X}"))
        else:
            queue.appendleft(job)
            self._queues[job.child] = queue
            self._waiting += 1


def _nothing(_outcome: Outcome) -> None:
    pass
