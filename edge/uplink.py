"""The node's side of MQTT: birth and will, retained state, the outbox's way out, acknowledgements, commands.

Nothing is assumed of a broker's memory: with every connection all of it is said again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from drivers.api import Clock
from edge.broker import Broker, Tls
from edge.door import Door, Handler
from edge.ids import new_id
from edge.inbox import Inbound
from edge.mqtt import BrokerLost, Connection, Session, Will
from edge.retained import RetainedState, TopicMemory
from edge.settings import Settings
from edge.wire import MAX_REQUEST, Ack, NodeStatus, OutboxStatus, Topics

FAREWELL_S = 2.0  # for the last status; a stop must not hang on a broker

Publish = Callable[[bytes], Coroutine[Any, Any, None]]
State = Literal["init", "ready", "draining", "disconnected", "lost"]

_Model = TypeVar("_Model", Ack, NodeStatus)

log = logging.getLogger(__name__)


class Store(TopicMemory, Protocol):
    def status(self) -> OutboxStatus: ...


class Outbox(Protocol):
    async def run(self, publish: Publish, live: Publish) -> NoReturn:
        """Publish in order until cancelled; `publish` raises BrokerLost, which is raised on. `live` takes
        copies of what is new and has to wait its turn."""
        ...

    def on_ack(self, ack: Ack) -> bool:
        """Cumulative. False for another epoch or a seq never given."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Who speaks: `epoch` of the database, `boot` of the machine, `version` of the program."""

    epoch: str
    boot: str
    version: str
    config_hash: str


def session_of(settings: Settings) -> Session:
    """The brokers of the settings, with what they ask of us. Raises OSError for a password file."""
    mqtt = settings.mqtt
    password = mqtt.read_password()
    brokers = [replace(Broker.parse(url), user=mqtt.username, password=password) for url in mqtt.brokers]
    return Session(brokers, f"hall-{settings.hall.id}-{settings.node.id}", Tls(mqtt.ca, mqtt.cert, mqtt.key))


class Uplink:
    """One node at its broker, over all its connections."""

    def __init__(
        self,
        *,
        topics: Topics,
        session: Session,
        store: Store,
        outbox: Outbox,
        handle: Handler,
        identity: Identity,
        clock: Clock,
        configured: Collection[str],
        alerts: Collection[str] = (),
    ) -> None:
        """`configured`: the retained topics that the configuration has; others once told are cleared.
        `alerts`: the topics of those that this program knows."""
        self._topics = topics
        self._session = session
        self._store = store
        self._outbox = outbox
        self._handle = handle
        self._identity = identity
        self._clock = clock
        self._configured = {*configured, topics.status}
        self._retained = RetainedState(store, session.brokers, alerts)
        self._session_id = ""  # of the connection, also in its will
        self._connection: Connection | None = None
        self._stop = asyncio.Event()
        self._drain_s = 0.0
        self._renewed = asyncio.Event()  # the identity has changed since it was last said
        self._acked = asyncio.Event()

    @property
    def connected(self) -> bool:
        return self._connection is not None

    @property
    def why(self) -> str:
        """There is no connection, "" while there is one."""
        return "" if self.connected else self._session.why

    def retain(self, topic: str, state: BaseModel | bytes) -> None:
        """It is now this on `topic`: told if it is new. Never waits."""
        said = state if isinstance(state, bytes) else state.model_dump_json().encode()
        self._retained.set(topic, said)

    def clear(self, topic: str) -> None:
        """There is nothing more to say on `topic`: an alert that has ended. Never waits."""
        self._retained.clear(topic)

    def adopt(self, config_hash: str) -> None:
        """The node runs another configuration: said again where there is a connection. Never waits.

        The will, which the broker has had since the connection began, still names the one before.
        """
        self._identity = replace(self._identity, config_hash=config_hash)
        self._renewed.set()

    def stop(self, drain_s: float) -> None:
        """Say `draining`, give the outbox `drain_s` to empty, say `disconnected`; then `run` returns."""
        self._drain_s = drain_s
        self._stop.set()

    async def run(self) -> None:
        """Until `stop` or cancelled, which also says `disconnected`. Raises what the outbox raises."""
        self._retained.load(self._configured)
        door = Door(self._handle, self._answer)  # commands outlive the connection that brought them
        session = asyncio.ensure_future(self._session.run(lambda c: self._serve(c, door), self._will))
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({session, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if self.connected:
                await asyncio.wait({session}, timeout=self._drain_s + FAREWELL_S)
        finally:
            door.close()
            stopping.cancel()
            if not session.done():
                session.cancel()
            await asyncio.wait({session})
        if not session.cancelled():
            session.result()

    async def _serve(self, connection: Connection, door: Door) -> None:
        self._connection = connection  # a stop from here on ends in order
        try:
            await connection.subscribe(self._topics.ack, self._topics.commands, self._topics.status)
            await self._retained.remember([self._topics.status])
            self._renewed.clear()
            await self._announce(connection, "ready")
            async with asyncio.TaskGroup() as tasks:
                parts = [
                    tasks.create_task(self._receive(connection, door)),
                    tasks.create_task(self._follow_identity(connection)),
                    tasks.create_task(self._retained.run(connection)),
                    tasks.create_task(
                        self._outbox.run(
                            lambda batch: connection.publish(self._topics.event, batch),
                            lambda copies: connection.publish(self._topics.live, copies),
                        )
                    ),
                ]
                await self._stop.wait()
                await self._drain(connection)
                for part in parts:
                    part.cancel()
        finally:
            self._connection = None
            with contextlib.suppress(BrokerLost, TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await self._announce(connection, "disconnected")

    async def _drain(self, connection: Connection) -> None:
        await self._announce(connection, "draining")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._drain_s):
                while self._store.status().rows:
                    self._acked.clear()
                    await self._acked.wait()

    def _status(self, state: State) -> bytes:
        status = NodeStatus(
            state=state,
            epoch=self._identity.epoch,
            boot=self._identity.boot,
            session=self._session_id,
            version=self._identity.version,
            config_hash=self._identity.config_hash,
            last_seq=self._store.status().last_seq,
            since=self._clock.now().wall_s,
        )
        return status.model_dump_json().encode()

    def _will(self) -> Will:
        self._session_id = new_id()
        return Will(self._topics.status, self._status("lost"))

    async def _announce(self, connection: Connection, state: State) -> None:
        await connection.publish(self._topics.status, self._status(state), retain=True)

    async def _announce_again(self, connection: Connection) -> None:
        await self._announce(connection, "draining" if self._stop.is_set() else "ready")

    async def _follow_identity(self, connection: Connection) -> NoReturn:
        while True:
            await self._renewed.wait()
            self._renewed.clear()
            await self._announce_again(connection)

    async def _receive(self, connection: Connection, door: Door) -> None:
        async for message in connection.messages():
            if message.topic == self._topics.ack:
                self._acknowledge(message)
            elif message.topic == self._topics.status:
                await self._heed_status(connection, message)
            else:
                door.knock(message)

    def _acknowledge(self, message: Inbound) -> None:
        ack = _parsed(Ack, message)
        if isinstance(ack, str):
            log.warning("%s: not an acknowledgement: %s", message.topic, ack)
            return
        if message.retain:
            log.warning("%s: ignored, an acknowledgement is never a kept message", message.topic)
            return
        self._outbox.on_ack(ack)
        self._acked.set()

    async def _heed_status(self, connection: Connection, message: Inbound) -> None:
        """The will of an older connection may come after this one's birth: then the birth is said again."""
        status = _parsed(NodeStatus, message)
        if message.retain or (isinstance(status, NodeStatus) and status.session == self._session_id):
            return
        if isinstance(status, NodeStatus) and status.state != "lost":
            log.error("%s: somebody else says %s: two nodes of one name?", message.topic, status.state)
        await self._announce_again(connection)

    async def _answer(self, topic: str, payload: bytes) -> None:
        if self._connection is None:
            log.warning("%s: not connected, the answer is not sent", topic)
            return
        try:
            await self._connection.publish(topic, payload)
        except BrokerLost as error:
            log.warning("%s: the answer may be lost: %s", topic, error)


def _parsed(model: type[_Model], message: Inbound) -> _Model | str:
    """The message as `model`, or why it is none. What is larger than any of ours is not even read."""
    if len(message.payload) > MAX_REQUEST:
        return f"{len(message.payload)} bytes"
    try:
        return model.model_validate_json(message.payload)
    except ValidationError as error:
        return str(error.errors()[0]["msg"])
