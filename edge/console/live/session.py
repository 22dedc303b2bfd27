"""The console's own MQTT session: what the halls tell goes into the fleet, answers to who asked.

The retained topics are asked for one node at a time, so that no burst is larger than a broker keeps for a
client (mosquitto drops beyond 1,000 without a word); after each a message to ourselves, which a broker
delivers behind them, says that all have come. Since a message may be lost where many come at once, each node
is asked for once more every LOOK_AGAIN_S.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable

from edge.asking import Asker
from edge.console.live.model import MAX_NODES, Fleet
from edge.console.live.node import MAX_TOPICS, SILENT_S, NodeKey
from edge.console.live.reading import key_of
from edge.console.live.tail import Tail
from edge.console.live.things import Key, Moment
from edge.ids import new_id
from edge.inbox import Inbound
from edge.mqtt import Connection, Session
from edge.wire import VERSION, Topics, reply_topic, split_topic

STATUSES = f"hall/{VERSION}/+/+/status"
EVENTS = (f"hall/{VERSION}/+/+/event", f"hall/{VERSION}/+/+/event/live")
GROUP = 500  # messages taken at once: a dictionary entry each
TICK_S = 0.05  # of what has come: only the newest of each topic is read
SLICE = 100  # messages read at once, some 3 ms; then others have their turn
MAX_PENDING = 4 * MAX_TOPICS  # topics of which something waits to be read
MAX_EVENTS = 64  # messages of events that wait: the newest, since they are for the eye
MARK_S = 5.0  # a message to ourselves that takes longer does not come
UNMARKED_S = 0.5  # for a node's topics, where none ever comes
AGAIN_S = 5.0  # a node just met tells its topics within 3 s, and NATS keeps them some time later than it says
LOOK_AGAIN_S = 600.0
CALM_S = 10.0  # after messages were lost, before all is asked for again
AGE_S = 1.0
GONE_AFTER_S = SILENT_S  # a node that does not come back to a broker found again: its back-off is 60 s

log = logging.getLogger(__name__)


def now() -> Moment:
    return Moment(time.monotonic(), time.time())


class Live:
    """What the pages find: the present, and what has changed in it since they last looked."""

    def __init__(self, client: str = "hub", wall: Callable[[], float] = time.time) -> None:
        self.fleet = Fleet()
        self.tail = Tail()
        self.asker = Asker(client, wall)
        self.stirred = asyncio.Event()
        self._changed: set[Key] = set()  # bounded by what the fleet holds

    def note(self, keys: Iterable[Key]) -> None:
        self._changed.update(keys)
        if self._changed:
            self.stirred.set()

    def take_changed(self) -> set[Key]:
        taken, self._changed = self._changed, set()
        self.stirred.clear()
        return taken


class LiveSession:
    """Runs until cancelled. Without a broker what was known stays, as what was."""

    def __init__(self, live: Live, session: Session) -> None:
        """The session's client id must be nobody else's: each console has its own."""
        self._live = live
        self._session = session

    async def run(self) -> None:
        self._live.note(self._live.fleet.lost(now()))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._session.run(self._serve))
            tasks.create_task(self._age())

    async def _serve(self, connection: Connection) -> None:
        live = self._live
        try:
            await _Talk(live, connection).run()
        finally:
            live.asker.connected(None)
            live.note(live.fleet.lost(now()))

    async def _age(self) -> None:
        while True:
            await asyncio.sleep(AGE_S)
            self._live.note(self._live.fleet.tick(now()))


class _Talk:
    """Over one connection."""

    def __init__(self, live: Live, connection: Connection) -> None:
        self._live = live
        self._connection = connection
        self._pending: dict[str, Inbound] = {}
        self._events: deque[tuple[NodeKey, bytes]] = deque(maxlen=MAX_EVENTS)
        self._some = asyncio.Event()
        self._marks: dict[str, asyncio.Event] = {}
        self._marked = True  # messages to ourselves come
        self._overflowed = 0
        self._due: list[tuple[float, NodeKey]] = []  # a heap: when each node is looked at next, monotonic
        self._met: dict[NodeKey, int] = {}  # how often each has been looked at; bounded as the fleet is
        self._stir = asyncio.Event()  # there is a new node, or a loss

    async def run(self) -> None:
        live = self._live
        await self._connection.subscribe(reply_topic(live.asker.client, "+"))
        await self._connection.subscribe(*EVENTS, qos=0)
        live.asker.connected(self._connection.publish)
        live.fleet.look_at_all()
        live.note(live.fleet.found(now()))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._receive())
            tasks.create_task(self._read())
            tasks.create_task(self._look())
            tasks.create_task(self._forget())

    # ── what comes ──

    async def _receive(self) -> None:
        lost = self._losses
        while True:
            for message in await self._connection.receive(GROUP):
                self._sort(message)
            self._some.set()
            if self._losses > lost:
                lost = self._losses
                self._stir.set()

    def _sort(self, message: Inbound) -> None:
        topic = message.topic
        split = split_topic(topic)
        if split is None:
            self._answer(topic.rpartition("/")[2], message.payload)
        elif split[2] in ("event", "event/live"):
            if not message.retain and key_of(f"{topic.removesuffix(split[2])}status"):
                self._events.append((split[:2], message.payload))
        elif (before := self._pending.pop(topic, None)) or len(self._pending) < MAX_PENDING:
            kept = message.retain and (before is None or before.retain)
            self._pending[topic] = Inbound(topic, message.payload, kept)
        else:
            self._overflowed += 1

    def _answer(self, request_id: str, payload: bytes) -> None:
        if mark := self._marks.get(request_id):
            mark.set()
        else:
            self._live.asker.answered(request_id, payload)

    async def _read(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            await self._read_pending()
            while self._events:
                owner, payload = self._events.popleft()
                self._live.note(self._live.tail.take(owner, payload, now()))
                await asyncio.sleep(0)
            await asyncio.sleep(TICK_S)

    async def _read_pending(self) -> None:
        while self._pending:
            for topic in list(itertools.islice(self._pending, SLICE)):
                message = self._pending.pop(topic)
                self._live.note(self._live.fleet.take(topic, message.payload, now(), kept=message.retain))
                if topic.endswith("/status") and message.payload:
                    self._meet(topic)
            await asyncio.sleep(0)

    def _meet(self, topic: str) -> None:
        key = key_of(topic)
        owner = (key.hall, key.node) if key else None
        if owner and owner not in self._met and len(self._met) < MAX_NODES:
            self._met[owner] = 0
            heapq.heappush(self._due, (0.0, owner))
            self._stir.set()

    # ── what the broker has ──

    async def _look(self) -> None:
        """At each node when it is due. Where messages were lost here, any node may have said more, also which
        there are."""
        while True:
            lost = self._losses
            await self._connection.subscribe(STATUSES)
            while self._losses == lost:
                owner = await self._next()
                if owner is None:
                    continue
                await self._look_at(owner)
                self._met[owner] += 1
                pause_s = AGAIN_S if self._met[owner] == 1 else LOOK_AGAIN_S
                heapq.heappush(self._due, (time.monotonic() + pause_s, owner))
            await asyncio.sleep(CALM_S)
            self._due = [(0.0, owner) for owner in self._met]

    async def _next(self) -> NodeKey | None:
        """Who is due next; None where something else has come up meanwhile."""
        self._stir.clear()
        pause_s = self._due[0][0] - time.monotonic() if self._due else LOOK_AGAIN_S
        if pause_s > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._stir.wait()
            return None
        return heapq.heappop(self._due)[1]

    @property
    def _losses(self) -> int:
        return self._connection.inbox.dropped + self._overflowed

    async def _look_at(self, owner: NodeKey) -> None:
        fleet, topics, lost = self._live.fleet, Topics(*owner), self._losses
        fleet.look_at(owner)
        await self._connection.subscribe(
            topics.queue,
            topics.health,
            topics.cameras,
            topics.about,
            *(each("+") for each in (topics.device, topics.window, topics.camera, topics.alert)),
        )
        came = await self._all_came()
        await self._read_pending()
        self._live.note(fleet.looked_at(owner, now(), complete=came and self._losses == lost))

    async def _all_came(self) -> bool:
        """Whether a message to ourselves has come behind what the broker had to tell."""
        mark_id = new_id()
        mark = self._marks[mark_id] = asyncio.Event()
        try:
            await self._connection.publish(reply_topic(self._live.asker.client, mark_id), b"{}")
            async with asyncio.timeout(MARK_S if self._marked else UNMARKED_S):
                await mark.wait()
        except TimeoutError:
            if self._marked:
                log.warning(
                    "%s: no message to ourselves comes: what halls have taken back while we were away may "
                    "still be shown; the broker's access list should let this client answer itself",
                    self._connection.broker,
                )
            self._marked = False
            return False
        finally:
            del self._marks[mark_id]
        self._marked = True
        return True

    async def _forget(self) -> None:
        """Nodes that the broker has not told of are gone; they had time to come back."""
        await asyncio.sleep(GONE_AFTER_S)
        self._live.note(self._live.fleet.looked_at_all())
        await asyncio.Event().wait()
