"""Tells Home Assistant of the halls, for as long as this console leads, and takes back what is no more.

A topic is kept in the record before it is published and forgotten after it is cleared, so none is ever left
over. All is said again after each connection and whenever Home Assistant says that it has started.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from typing import NoReturn, TypeVar

from edge.console.engine import RecordError
from edge.console.home_assistant.entities import announced
from edge.console.home_assistant.settings import HomeAssistantTable
from edge.console.home_assistant.told import Told, Topic
from edge.console.live.model import Fleet
from edge.console.live.node import NodeKey
from edge.mqtt import Connection, Session
from edge.wire.about import NodeAbout

CLIENT_ID = "hall-console-home-assistant"  # one at a broker: only who leads has it
MAX_DEVICES = 5_000  # a county of 300 nodes and their devices; more would be no help to whoever looks at them
LOOK_S = 2.0  # between looks at what halls tell of themselves: it changes with their configuration
PACE_S = 0.01  # between two: Home Assistant makes entities of each, on the machine that it has
RETRY_S = 5.0  # after a failure of the record
ONLINE = b"online"

T = TypeVar("T")
log = logging.getLogger(__name__)


class Announcer:
    """Runs until cancelled. Without settings it takes back what there is, and is at rest."""

    def __init__(
        self, fleet: Fleet, session: Session, told: Told, settings: HomeAssistantTable | None
    ) -> None:
        self._fleet = fleet
        self._session = session
        self._told = told
        self._settings = settings
        self._full = False

    async def run(self) -> NoReturn:
        if self._settings is not None or await self._kept(self._told.any):
            await self._session.run(self._serve)
        await asyncio.Event().wait()
        raise AssertionError  # nobody sets it

    async def _serve(self, connection: Connection) -> None:
        """Returns where there is nothing to be told, and never again."""
        broker = str(connection.broker)
        talk = _Talk(connection, await self._kept(lambda: self._told.at(broker)))
        if self._settings is None:
            await self._clear(talk, list(talk.there))
            return
        await connection.subscribe(self._settings.birth)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(talk.hear())
            tasks.create_task(self._tell(talk, self._settings))

    async def _tell(self, talk: _Talk, settings: HomeAssistantTable) -> NoReturn:
        while True:
            if talk.again.is_set():  # also where that came in the very turn in which the wait was over
                talk.again.clear()
                talk.said.clear()
                talk.digests.clear()
            for owner, about in self._fleet.abouts().items():
                if about and talk.said.get(owner) is not about and _is_wanted(owner[0], settings):
                    await self._announce(talk, owner, announced(*owner, about, settings))
                    talk.said[owner] = about
            await self._clear(talk, list(self._gone(talk, settings)))
            talk.forget(set(self._fleet.nodes()))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await talk.again.wait()

    async def _announce(self, talk: _Talk, owner: NodeKey, configs: dict[str, bytes]) -> None:
        """All of a node, and takes back what it had before and has no more."""
        news = [Topic(topic, *owner) for topic in configs if topic not in talk.there]
        room = MAX_DEVICES - len(talk.there)
        if len(news) > room and not self._full:
            self._full = True
            log.warning("more than %d devices: Home Assistant is not told of the others", MAX_DEVICES)
        if news := news[:room]:
            await self._kept(lambda: self._told.add(str(talk.connection.broker), news))
            talk.there |= {each.topic: each for each in news}
        for topic, payload in configs.items():
            if topic in talk.there:
                await talk.publish(topic, payload)
        had = {topic for topic, each in talk.there.items() if (each.hall, each.node) == owner}
        await self._clear(talk, had - configs.keys())

    def _gone(self, talk: _Talk, settings: HomeAssistantTable) -> Iterator[str]:
        """Of halls that are not to be told of, of another prefix, of nodes that are surely no more."""
        nodes = set(self._fleet.nodes())
        for topic, each in talk.there.items():
            told = _is_wanted(each.hall, settings) and topic.startswith(f"{settings.prefix}/device/")
            if not told or (self._fleet.complete and (each.hall, each.node) not in nodes):
                yield topic

    async def _clear(self, talk: _Talk, topics: Collection[str]) -> None:
        for topic in topics:
            await talk.publish(topic, b"")
        if topics:
            await self._kept(lambda: self._told.remove(str(talk.connection.broker), topics))
            log.info("Home Assistant: took back %d devices", len(topics))
        for topic in topics:
            del talk.there[topic]
            talk.digests.pop(topic, None)

    async def _kept(self, work: Callable[[], Awaitable[T]]) -> T:
        """Until the record can do it: meanwhile nothing is told that could not be taken back."""
        failed = False
        while True:
            try:
                return await work()
            except RecordError as error:
                log.log(logging.DEBUG if failed else logging.ERROR,
                        "Home Assistant: the record cannot be used, trying on: %s", error)  # fmt: skip
                failed = True
                await asyncio.sleep(RETRY_S)


class _Talk:
    """Over one connection. `there`: as the record has it. `said`: the last words of each node that were told,
    by which it is known that there are others. `digests`: of what stands at each topic."""

    def __init__(self, connection: Connection, there: Mapping[str, Topic]) -> None:
        self.connection = connection
        self.there = dict(there)
        self.said: dict[NodeKey, NodeAbout] = {}
        self.digests: dict[str, int] = {}
        self.again = asyncio.Event()

    def forget(self, nodes: set[NodeKey]) -> None:
        """Who is not among these has to be told again when it comes back."""
        self.said = {owner: about for owner, about in self.said.items() if owner in nodes}

    async def hear(self) -> NoReturn:
        """Home Assistant has started. What a broker kept of that is from before."""
        while True:
            for message in await self.connection.receive():
                if message.payload == ONLINE and not message.retain:
                    self.again.set()

    async def publish(self, topic: str, payload: bytes) -> None:
        digest = hash(payload)
        if self.digests.get(topic) == digest:
            return
        await self.connection.publish(topic, payload, retain=True)
        self.digests[topic] = digest
        await asyncio.sleep(PACE_S)


def _is_wanted(hall: str, settings: HomeAssistantTable) -> bool:
    return not settings.halls or hall in settings.halls
