"""The hub: applies each event once, acknowledges it when it is kept, and asks for what is missing."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from pydantic import ValidationError

from edge.console.engine import RecordError
from edge.console.fleet import CLIENT, Fleet, NodeKey
from edge.console.links import alert_of
from edge.console.record import Record
from edge.inbox import Inbound
from edge.mqtt import Connection, Session
from edge.wire import VERSION, NodeStatus, Reply, reply_topic, split_topic

EVENTS = f"hall/{VERSION}/+/+/event"
STATUS = f"hall/{VERSION}/+/+/status"
REPLIES = reply_topic(CLIENT, "+")
CLIENT_ID = (
    "hall-console-recorder"  # one recorder at a broker: a second one would acknowledge for another record
)
GROUP = 64  # messages in one transaction: one sync for 6,400 events, some 0.2 s of work
TELL_INTERVAL_S = 0.05  # acknowledgements are cumulative: 20 a second and node are enough
TICK_S = 5.0  # of the look at what is overdue
REMIND_S = 60.0  # of the look at follow-ups, whose deadlines are days
RETRY_S = 2.0  # after a failure of the record: a full disk may have room again

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
T = TypeVar("T")

log = logging.getLogger(__name__)


class Hub:
    """Runs until cancelled. Losing the broker, a node or the disk for a time costs nothing but time."""

    def __init__(self, session: Session, record: Record) -> None:
        self._session = session
        self._record = record
        self._thread = ThreadPoolExecutor(
            1, thread_name_prefix="record"
        )  # SQLite and its syncs, off the loop
        self._fleet = Fleet()
        self._owing = asyncio.Event()
        self._untold = False  # there may be news of an act that did not fit into its chain
        self.applied = 0
        self.duplicates = 0

    async def run(self) -> None:
        try:
            await self._session.run(self._serve)
        finally:
            self._thread.shutdown()  # a transaction under way is finished
            self._record.keeping.went("recorder")

    async def _serve(self, connection: Connection) -> None:
        self._fleet.connected()
        self._untold = True
        self._owing.set()
        await connection.subscribe(EVENTS, REPLIES)
        await connection.subscribe(STATUS)  # greets the nodes, whose events are then already heard
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._receive(connection))
            tasks.create_task(self._tell(connection))
            tasks.create_task(self._tick(connection))
            tasks.create_task(self._remind(connection))

    async def _receive(self, connection: Connection) -> None:
        while True:
            events: list[tuple[str, str, bytes]] = []
            statuses: list[tuple[NodeKey, NodeStatus, bool]] = []
            for message in await connection.receive(GROUP):
                if message.topic.startswith(REPLIES[:-1]):
                    self._reply(message)
                elif (key := self._sender(message)) is None:
                    continue
                elif message.topic.endswith("/status"):
                    if status := _status(message):
                        statuses.append((key, status, message.retain))
                elif not message.retain:  # an event is never a kept message
                    events.append((*key, message.payload))
            if events:
                await self._apply(events)
            if statuses:
                await self._heed(statuses)
            self._owing.set()

    def _sender(self, message: Inbound) -> NodeKey | None:
        split = split_topic(message.topic)
        if split is None or not all(_NAME.fullmatch(name) for name in split[:2]):
            log.warning("%s: ignored, not a topic of a node", message.topic)
            return None
        return split[:2] if self._fleet.node(split[:2]) else None

    async def _apply(self, events: Sequence[tuple[str, str, bytes]]) -> None:
        resumes = self._fleet.resumes()
        done = await self._in_thread(partial(self._record.apply, events, resumes))
        self._untold = self._untold or any(progress.unfit for progress in done.values())
        now = time.monotonic()
        for (hall, name, epoch), progress in done.items():
            self.applied += progress.applied
            self.duplicates += progress.duplicates
            moved = progress.applied > 0
            if progress.last >= resumes.get((hall, name, epoch), progress.last + 1):
                self._fleet.resumed((hall, name))
            self._fleet.progress((hall, name), epoch, progress.last, progress.seen, applied=moved, now=now)

    async def _heed(self, statuses: Sequence[tuple[NodeKey, NodeStatus, bool]]) -> None:
        keys = [(*key, status.epoch) for key, status, _ in statuses]
        lasts = await self._in_thread(lambda: self._record.lasts(keys))
        for key, status, kept in statuses:
            last = lasts[(*key, status.epoch)]
            self._fleet.status(key, status, last, kept=kept, now=time.monotonic())

    def _reply(self, message: Inbound) -> None:
        try:
            reply = Reply.model_validate_json(message.payload)
        except ValidationError:
            log.warning("%s: not a reply", message.topic)
            return
        oldest, now = reply.data.get("from"), time.monotonic()
        self._fleet.answered(
            reply.id, oldest if reply.result == "done" and isinstance(oldest, int) else None, now
        )

    async def _tell(self, connection: Connection) -> None:
        """Acknowledgements and questions, coalesced: what a node is owed is told once in TELL_INTERVAL_S."""
        while True:
            await self._owing.wait()
            self._owing.clear()
            if self._untold:
                await self._alert(connection)
            await asyncio.gather(*(connection.publish(*message) for message in self._fleet.owed()))
            await asyncio.sleep(TELL_INTERVAL_S)

    async def _alert(self, connection: Connection) -> None:
        """Once for each epoch, and taken back once it is settled; once more where the hub ended just between
        telling and keeping that."""
        self._untold = False
        back = await self._in_thread(self._record.taken_back)
        for each in back:
            await connection.publish(each.topic, each.payload, retain=True)
        await self._in_thread(lambda: self._record.mark_taken_back(back))
        untold = await self._in_thread(self._record.untold)
        for unfit in untold:
            await connection.publish(*alert_of(unfit), retain=True)
        await self._in_thread(lambda: self._record.mark_told(untold))

    async def _tick(self, connection: Connection) -> None:
        dropped = 0
        while True:
            await asyncio.sleep(TICK_S)
            self._fleet.overdue(time.monotonic(), dropped=connection.inbox.dropped > dropped)
            dropped = connection.inbox.dropped
            self._untold = True  # somebody may have settled one, in another process
            self._owing.set()

    async def _remind(self, connection: Connection) -> None:
        """Each reminder once in the log, and the alerts as they stand: anew at each connection."""
        shown: dict[str, bytes] = {}  # two for each node that ever had a bad rating
        while True:
            found = await self._in_thread(self._record.due_followups)
            for topic, payload in found.alerts.items():
                if shown.get(topic) != payload:
                    await connection.publish(topic, payload, retain=True)
                    shown[topic] = payload
            for reminder in found.untold:
                hall, node = reminder.followup.node
                log.warning("%s/%s: follow-up %s: %s", hall, node, reminder.standing, reminder)
            await self._in_thread(partial(self._record.mark_reminded, found))
            await asyncio.sleep(REMIND_S)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Until the record can do it: meanwhile nothing is acknowledged, so the nodes keep it all."""
        failed = False
        while True:
            try:
                result = await asyncio.get_running_loop().run_in_executor(self._thread, work)
            except RecordError as error:
                log.log(
                    logging.DEBUG if failed else logging.ERROR,
                    "the record cannot be used, trying on: %s",
                    error,
                )
                failed = True
                await asyncio.sleep(RETRY_S)
            else:
                if failed:
                    log.info("the record can be used again")
                return result


def _status(message: Inbound) -> NodeStatus | None:
    try:
        return NodeStatus.model_validate_json(message.payload)
    except ValidationError as error:
        if message.payload:  # an empty one: the node was taken out of the configuration
            log.warning("%s: not a status: %s", message.topic, error.errors()[0]["msg"])
        return None
