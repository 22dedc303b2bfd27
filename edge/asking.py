"""A node asked over MQTT, and its answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic import ValidationError

from edge.ids import new_id
from edge.mqtt import BrokerLost, PublishUnknown
from edge.wire import MAX_REQUEST, Reply, Request, Topics, rejected, reply_topic

MAX_ASKED = 64  # at a time: as many as pages of technicians that wait
LATEST_S = 130.0  # longer than a node works at any command

Publish = Callable[[str, bytes], Awaitable[None]]

NO_BROKER = (
    "no_broker",
    "现在连不上大厅，请求没有发出。请稍后再试",
    "the halls cannot be reached now, nothing was sent; try again later",
)
BUSY = (
    "busy",
    "等待答复的命令太多，请稍后再试",
    "too many commands wait for an answer; try again shortly",
)
TOO_LARGE = ("too_large", "命令太长", f"a command has at most {MAX_REQUEST} bytes")
NO_ANSWER = (
    "timeout",
    "大厅没有及时答复，结果不明",
    "the hall has not answered in time: the outcome is unknown",
)

log = logging.getLogger(__name__)


class Asker:
    """`client`: the name under which answers come. Connected for as long as `connected` says."""

    def __init__(self, client: str, wall: Callable[[], float]) -> None:
        self.client = client
        self._wall = wall
        self._publish: Publish | None = None
        self._open: dict[str, asyncio.Future[Reply]] = {}

    def connected(self, publish: Publish | None) -> None:
        """How something is sent from now on; None: there is no connection. Answers may come over the next."""
        self._publish = publish

    async def ask(
        self,
        hall: str,
        node: str,
        verb: str,
        args: Mapping[str, Any],
        *,
        by: str,
        timeout_s: float,
        id: str = "",  # noqa: A002 the wire's own word
    ) -> Reply:
        """Never raises for what a node does. Without an answer within `timeout_s` the result is unknown, and
        a node that gets the command later refuses it. `by`: the account for whom it is. `id` repeats an
        earlier request, which is not under way: its first answer is given again."""
        limit_s = min(timeout_s, LATEST_S)
        request_id = id or new_id()
        reply_to = reply_topic(self.client, request_id)
        expires = self._wall() + limit_s
        request = Request(id=request_id, verb=verb, args=dict(args), reply_to=reply_to, expires=expires)
        payload = request.model_dump_json().encode()
        if len(payload) > MAX_REQUEST:
            return rejected(request_id, *TOO_LARGE)
        if len(self._open) >= MAX_ASKED:
            return rejected(request_id, *BUSY)
        log.info("%s/%s: %s asked by %s", hall, node, verb, by)
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._open[request_id] = answer
        try:
            async with asyncio.timeout(limit_s):
                if await self._send(Topics(hall, node).command(verb), payload):
                    return await answer
                return rejected(request_id, *NO_BROKER)
        except TimeoutError:
            code, zh, en = NO_ANSWER
            return Reply(id=request_id, result="unknown", code=code, zh=zh, en=en)
        finally:
            del self._open[request_id]

    async def _send(self, topic: str, payload: bytes) -> bool:
        """Whether it may have gone out."""
        if self._publish is None:
            return False
        try:
            await self._publish(topic, payload)
        except PublishUnknown:
            return True  # it may arrive all the same, and be answered over the next connection
        except BrokerLost:
            return False
        return True

    def answered(self, request_id: str, payload: bytes) -> None:
        """What came on the topic of an answer. Others' and late ones are nobody's."""
        answer = self._open.get(request_id)
        if answer is None or answer.done():
            return
        try:
            reply = Reply.model_validate_json(payload)
        except ValidationError as error:
            log.warning("an answer that cannot be read: %s", error.errors()[0]["msg"])
            return
        if reply.id == request_id:
            answer.set_result(reply)
