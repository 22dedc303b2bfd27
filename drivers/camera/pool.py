"""Pictures measured by worker processes: the daemon decodes nothing itself, and waits for no decoder.

    pool = Pool()
    outcome = await pool.look("hall-3", Job(unit, given))
    await pool.close()

There is no worker before the first job. A second one is started only when a job has waited for the first, so
that a decoder that hangs delays the others by no more than a start. It ends when it has been idle for some
seconds, and the last one when no camera is looked at any more: a worker takes 80 MB, and is there again in
0.3 s. Whatever happens comes back as an `Outcome`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from drivers.camera.job import Answer, Job
from drivers.camera.process import COMMAND, Loss, Lost, NotStarted, Worker

log = logging.getLogger(__name__)

WORKERS = 2  # the machines have two cores; more would be memory, not speed
MAX_WAITING = (
    256  # jobs of up to 250 kB: every camera of the largest hall once, and some more closely watched
)
RELIEF_S = 0.3  # a job's wait before another worker is started: a dozen, at the same beat, take half of it
SPARE_S = 10.0  # of a worker that is idle while there is another: what it was started for is over
IDLE_S = 150.0  # of the last one: a single camera, looked at once a minute, keeps it
JOBS = 5_000  # of one worker, then another takes its place: whatever leaks in a decoder ends there
MAX_RSS_KIB = 160 << 10  # of a worker after a job, likewise: twice what it takes after thousands of 1080p
POISON = 2  # workers that one camera may end in a row
STREAK = 3  # different cameras that end a worker one after the other: it is not the cameras
MAX_SUSPECTS = 256  # cameras that are remembered for having ended a worker
RETRY_S = 60.0  # after a start in vain: what is missing is installed by hand, or the machine is full

_OVERLOADED = (
    "see whether the machine has processor and memory left; else install opencv-python-headless and av anew"
)


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """This job's worker died of it, or had to be killed: the camera's `deaths` since its last answer."""

    how: Loss
    detail: str
    deaths: int

    @property
    def poison(self) -> bool:
        """Whether the stream should be left alone for an hour."""
        return self.deaths >= POISON


@dataclass(frozen=True, slots=True)
class Refused:
    """Not done. Next: leave this look out, the next one may come through."""

    reason: Literal["busy", "closed"]


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No worker can be started, so no picture can be looked at. Next: the technician's `remedy`."""

    detail: str
    remedy: str


Outcome = Answer | WorkerLost | Refused | Unavailable


@dataclass(slots=True, eq=False)
class _Ticket:
    camera: str
    job: Job
    outcome: asyncio.Future[Outcome]
    since_s: float


@dataclass(slots=True, eq=False)
class _Hand:
    """A place for one worker after another."""

    command: Sequence[str]
    worker: Worker | None = None
    leaves: bool = False  # it was idle for long, and its worker is being ended

    async def ready(self) -> Worker:
        """The same as long as it may be used. Raises NotStarted."""
        if self.worker is not None and (self.worker.ended or self.worker.asked >= JOBS):
            await self.drop()
        if self.worker is None:
            self.worker = await Worker.start(self.command)
            log.info("camera worker %d: decodes with %s", self.worker.pid, self.worker.hello.decoder)
        return self.worker

    async def drop(self) -> None:
        if self.worker is not None:
            await self.worker.kill()
            self.worker = None


class Pool:
    """See the module. `close` ends it; it belongs to one event loop."""

    def __init__(self, workers: int = WORKERS, command: Sequence[str] = COMMAND) -> None:
        self._most = workers
        self._command = command
        self._waiting: deque[_Ticket] = deque()
        self._idle: list[asyncio.Future[_Ticket]] = []  # of hands; the one that was busy last is the last
        self._hands: dict[asyncio.Task[None], _Hand] = {}
        self._deaths: OrderedDict[str, int] = OrderedDict()  # by camera, since its last answer
        self._streak: set[str] = set()  # cameras that ended a worker since anyone's last answer
        self._unavailable: tuple[float, Unavailable] | None = None  # until when, and why
        self._relief: asyncio.TimerHandle | None = None
        self._failed = ""  # the fault that was logged last: most come with every picture
        self._closed = False

    @property
    def pids(self) -> list[int]:
        """Of the workers that there are."""
        workers = [hand.worker for hand in self._hands.values()]
        return [worker.pid for worker in workers if worker is not None and not worker.ended]

    async def look(self, camera: str, job: Job) -> Outcome:
        """May be cancelled: a job that waits is not done, the answer to one under way is thrown away."""
        loop = asyncio.get_running_loop()
        if self._closed:
            return Refused("closed")
        if self._unavailable is not None and loop.time() < self._unavailable[0]:
            return self._unavailable[1]
        if len(self._waiting) >= MAX_WAITING:
            return Refused("busy")
        ticket = _Ticket(camera, job, loop.create_future(), loop.time())
        if self._idle:
            self._idle.pop().set_result(ticket)
        else:
            self._waiting.append(ticket)
            self._relieve()
        try:
            return await ticket.outcome
        finally:
            if ticket in self._waiting:  # cancelled
                self._waiting.remove(ticket)

    async def close(self) -> None:
        """Kill the workers, and answer those who wait. Ends within 2 s; idempotent."""
        self._closed = True
        if self._relief is not None:
            self._relief.cancel()
        hands = list(self._hands)
        for hand in hands:
            hand.cancel()
        await asyncio.gather(*hands, return_exceptions=True)
        self._answer_all(Refused("closed"))

    # --- how many workers ---
    def _relieve(self) -> None:
        """Add a hand where one is needed: the first at once, another when a job has waited for those."""
        if not self._waiting or len(self._hands) >= self._most or self._closed:
            return
        loop = asyncio.get_running_loop()
        due_s = self._waiting[0].since_s + RELIEF_S
        all_busy = all(hand.worker is not None for hand in self._hands.values())  # none is only starting
        if not self._hands or (all_busy and due_s <= loop.time()):
            hand = _Hand(self._command)
            task = loop.create_task(self._work(hand), name="camera worker")
            self._hands[task] = hand
            task.add_done_callback(self._gone)
        elif self._relief is None:
            self._relief = loop.call_at(max(due_s, loop.time() + RELIEF_S / 2), self._look_again)

    def _look_again(self) -> None:
        self._relief = None
        self._relieve()

    def _gone(self, task: asyncio.Task[None]) -> None:
        del self._hands[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("camera worker: %r", error, exc_info=error)
        self._relieve()

    # --- at work ---
    async def _work(self, hand: _Hand) -> None:
        try:
            while (ticket := await self._next(hand)) is not None:
                await self._serve(hand, ticket)
        finally:
            await hand.drop()

    async def _next(self, hand: _Hand) -> _Ticket | None:
        """None where there was none for long."""
        if self._waiting:
            return self._waiting.popleft()
        coming: asyncio.Future[_Ticket] = asyncio.get_running_loop().create_future()
        self._idle.append(coming)
        await asyncio.wait({coming}, timeout=SPARE_S)  # which, unlike a time-out, loses no ticket
        if not coming.done() and all(each is hand or each.leaves for each in self._hands.values()):
            await asyncio.wait({coming}, timeout=IDLE_S - SPARE_S)
        if coming.done():
            return coming.result()
        self._idle.remove(coming)
        hand.leaves = True
        return None

    async def _serve(self, hand: _Hand, ticket: _Ticket) -> None:
        if ticket.outcome.done():  # cancelled
            return
        outcome: Outcome = Refused("closed")
        try:
            outcome = await (await hand.ready()).ask(ticket.job)
            self._deaths.pop(ticket.camera, None)
            self._streak.clear()
        except NotStarted as error:
            outcome = self._cannot(str(error), error.remedy)
        except Lost as error:
            hand.worker = None
            outcome = self._blame(ticket.camera, error)
        finally:
            if not ticket.outcome.done():
                ticket.outcome.set_result(outcome)
        if isinstance(outcome, Answer):
            await self._after(hand, outcome)

    async def _after(self, hand: _Hand, answer: Answer) -> None:
        if answer.code == "failed" and answer.detail != self._failed:
            log.error("camera worker: %s", answer.detail)
            self._failed = answer.detail
        if answer.rss_kib > MAX_RSS_KIB or answer.code == "no_memory":
            log.info("camera worker: replaced, it had grown to %d MiB", answer.rss_kib >> 10)
            await hand.drop()

    def _blame(self, camera: str, lost: Lost) -> Outcome:
        """Its picture is to blame, unless workers die of whatever they are given."""
        log.warning("camera worker: %s of a picture of %s: %s", lost.how, camera, lost)
        self._streak.add(camera)
        if len(self._streak) >= STREAK:
            for each in self._streak:
                self._deaths.pop(each, None)
            self._streak.clear()
            return self._cannot(f"of {STREAK} cameras in a row: {lost.how}, {lost}", _OVERLOADED)
        deaths = self._deaths[camera] = self._deaths.pop(camera, 0) + 1
        if len(self._deaths) > MAX_SUSPECTS:
            self._deaths.popitem(last=False)
        return WorkerLost(lost.how, str(lost), deaths)

    def _cannot(self, detail: str, remedy: str) -> Unavailable:
        """For a while nobody need try."""
        log.error("camera worker: %s; %s", detail, remedy)
        found = Unavailable(detail, remedy)
        self._unavailable = asyncio.get_running_loop().time() + RETRY_S, found
        self._answer_all(found)
        return found

    def _answer_all(self, outcome: Outcome) -> None:
        while self._waiting:
            ticket = self._waiting.popleft()
            if not ticket.outcome.done():
                ticket.outcome.set_result(outcome)
