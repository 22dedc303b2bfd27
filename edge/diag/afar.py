"""A node reached over MQTT. What is asked is answered on a topic that bears our name, and the node's own
status, which the broker keeps, tells one that is away from one that is slow."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from pydantic import ValidationError

from edge.asking import Asker
from edge.diag.refusals import TurnedAway
from edge.diag.way import Far
from edge.ids import new_id
from edge.mqtt import BrokerLost, Connection, connect
from edge.wire import NodeStatus, Reply, Topics, rejected, reply_topic

STATUS_WAIT_S = 2.0  # for what the broker keeps to come behind its SUBACK; without it we ask all the same
_AWAY = frozenset({"disconnected", "lost"})
_NODE_AWAY = (
    "node_away",
    "节点现在没有连上消息服务器，命令没有发出。检查节点的电源、网络和 hall-edge 服务",
    "the node is not connected to the broker now, nothing was sent: check its power, network and service",
)
_NOT_SEEN = (
    "node_unseen",
    "没有答复，消息服务器上也看不到这个节点：核对 --hall 和 --node，以及访问表里本用户（--as）的权限",
    "no answer, and the broker shows no such node: check --hall and --node, and what its access list lets "
    "this user (--as) hear and send",
)


@contextlib.asynccontextmanager
async def reached_afar(way: Far) -> AsyncIterator[AfarNode]:
    """Raises TurnedAway where the broker is not reached or refuses."""
    try:
        async with connect(way.broker, f"hallctl-{new_id()[:12]}", way.tls) as connection:
            node = AfarNode(way, connection)
            await connection.subscribe(reply_topic(way.client, "+"), Topics(way.hall, way.node).status)
            receiving = asyncio.create_task(node.receive())
            try:
                yield node
            finally:
                receiving.cancel()
                await asyncio.wait({receiving})
    except BrokerLost as error:
        raise TurnedAway(str(error)) from error


class AfarNode:
    """Over one connection."""

    def __init__(self, way: Far, connection: Connection) -> None:
        self._way = way
        self._connection = connection
        self._asker = Asker(way.client, time.time)
        self._asker.connected(connection.publish)
        self._state = ""  # as its retained status says
        self._seen = asyncio.Event()
        self._lost = ""

    async def receive(self) -> None:
        status = Topics(self._way.hall, self._way.node).status
        try:
            async for message in self._connection.messages():
                if message.topic == status:
                    self._note(message.payload)
                else:
                    self._asker.answered(message.topic.rpartition("/")[2], message.payload)
        except BrokerLost as error:
            self._lost = str(error)
            self._asker.connected(None)

    def _note(self, payload: bytes) -> None:
        with contextlib.suppress(
            ValidationError
        ):  # another version's, or taken back: it is asked all the same
            self._state = NodeStatus.model_validate_json(payload).state
            self._seen.set()

    async def request(
        self,
        verb: str,
        args: Mapping[str, Any] | None = None,
        timeout_s: float = 10.0,
        *,
        id: str = "",  # noqa: A002 the wire's own word
    ) -> Reply:
        if self._lost:
            raise TurnedAway(self._lost)
        request_id = id or new_id()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(STATUS_WAIT_S, timeout_s / 2)):
                await self._seen.wait()
        if self._state in _AWAY:
            return rejected(request_id, *_NODE_AWAY)
        way = self._way
        reply = await self._asker.ask(
            way.hall, way.node, verb, args or {}, by=way.client, timeout_s=timeout_s, id=request_id
        )
        if reply.code == "timeout" and not self._seen.is_set():
            code, zh, en = _NOT_SEEN
            return reply.model_copy(update={"code": code, "zh": zh, "en": en})
        if self._lost and reply.code in {"no_broker", "timeout"}:
            raise TurnedAway(self._lost)
        return reply
