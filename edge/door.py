"""The MQTT door of a node's commands: `cmd/<verb>` in, `hall/1/reply/<client>/<id>` out."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from edge.inbox import Inbound
from edge.wire import MAX_PAYLOAD, MAX_REQUEST, Reply, Request, rejected, reply_topic

MAX_RUNNING = 32  # commands at a time: a console's page of windows; one more is refused as "busy"
MAX_OPEN = 128  # commands and refusals whose answers are on their way; beyond it a flood is only counted
FLOOD_LOGGED = 100  # one line in the log for so many that were dropped
COMMAND_TIMEOUT_S = 120.0  # longer than any handler's own limit (a print and its retry take 30 s)

Handler = Callable[[Request, str], Awaitable[Reply]]
Answer = Callable[[str, bytes], Coroutine[Any, Any, None]]

_REPLY_TO = re.compile(r"hall/1/reply/([a-z0-9][a-z0-9_-]{0,63})/([0-9a-f]{32})")
_REPLY_TO_BYTES = re.compile(
    rb'"reply_to"[ \t\r\n]{0,8}:[ \t\r\n]{0,8}"(hall/1/reply/[a-z0-9][a-z0-9_-]{0,63}/([0-9a-f]{32}))"'
)
_Refusal = tuple[str, str, str]  # code, zh, en

RETAINED = ("retained", "保留消息不是命令", "a message that the broker kept is not a command")
TOO_LARGE = ("too_large", "请求太长", f"a request has at most {MAX_REQUEST} bytes")
BUSY = ("busy", "正在处理的命令太多，请稍后再试", "too many commands are being handled; try again")
WRONG_VERB = ("wrong_verb", "请求与其主题不符", "the request's verb is not its topic's")

log = logging.getLogger(__name__)


class Door:
    """Checks, runs with bounded concurrency, answers. `client` is who the request says it is, as its answer's
    topic names it: what that is worth is decided by the broker's access list."""

    def __init__(self, handle: Handler, answer: Answer) -> None:
        """`answer` publishes, or drops where nobody is connected: a repeat of the id gets the same answer."""
        self._handle = handle
        self._answer = answer
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: set[asyncio.Task[None]] = set()  # those of them that have a handler
        self.refused = 0

    def knock(self, message: Inbound) -> None:
        """Take up a message on `…/cmd/<verb>`. Never waits and never raises."""
        if len(self._tasks) >= MAX_OPEN:
            if self.refused % FLOOD_LOGGED == 0:
                log.warning(
                    "%s: dropped, with all others while %d commands are open", message.topic, MAX_OPEN
                )
            self.refused += 1
            return
        request, refusal, reply_to = _read(message)
        if request is not None and len(self._running) >= MAX_RUNNING:
            refusal = BUSY
        if refusal is not None:
            self.refused += 1
            log.warning("%s: refused: %s", message.topic, refusal[2])
        if request is not None and refusal is None:
            task = self._start(self._run(request, reply_to))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        elif reply_to and refusal is not None:
            code, zh, en = refusal
            answer = rejected(reply_to.rpartition("/")[2], code, zh, en)
            self._start(self._answer(reply_to, answer.model_dump_json().encode()))

    def close(self) -> None:
        """Cancel what still runs: its effect is unknown to who asked, until it asks again."""
        for task in self._tasks:
            task.cancel()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self, request: Request, reply_to: str) -> None:
        client = reply_to.split("/")[3] if reply_to else "mqtt"
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                reply = await self._handle(request, client)
        except TimeoutError:
            log.warning("%s %s: no end within %.0f s", request.verb, request.id, COMMAND_TIMEOUT_S)
            reply = Reply(id=request.id, result="unknown", code="no_answer")
        except Exception:  # one handler's fault must not end the others
            log.exception("%s %s failed", request.verb, request.id)
            reply = Reply(id=request.id, result="unknown", code="internal_error")
        payload = reply.model_dump_json().encode()
        if len(payload) > MAX_PAYLOAD:
            log.error("%s %s: the answer has %d bytes", request.verb, request.id, len(payload))
            payload = (
                reply.model_copy(update={"data": {}, "code": "answer_too_large"}).model_dump_json().encode()
            )
        if reply_to:
            await self._answer(reply_to, payload)


def _read(message: Inbound) -> tuple[Request | None, _Refusal | None, str]:
    """(request, why not, where an answer may go or "")."""
    if len(message.payload) > MAX_REQUEST:
        return None, RETAINED if message.retain else TOO_LARGE, _scan(message.payload)
    try:
        raw: Any = from_json(message.payload)
    except ValueError as error:
        return None, ("malformed", "请求不是有效的 JSON", f"not JSON: {error}"), ""
    reply_to = _address(raw)
    if message.retain:
        return None, RETAINED, reply_to
    try:
        request = Request.model_validate(raw)
    except ValidationError as error:
        reason = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())[:500]
        return None, ("malformed", f"请求格式不对：{reason}", f"malformed: {reason}"), reply_to
    if request.verb != message.topic.rpartition("/")[2]:
        return None, WRONG_VERB, reply_to
    if request.reply_to and not reply_to:
        where = reply_topic("<client>", "<id>")
        return (
            None,
            ("bad_reply_to", "reply_to 不对", f"an answer goes to {where}, with the request's id"),
            "",
        )
    return request, None, reply_to


def _scan(payload: bytes) -> str:
    """`_address` of what is too large to be parsed: as objects, JSON may take dozens of times its size."""
    where = _REPLY_TO_BYTES.search(payload)
    asked = where and re.search(rb'"id"[ \t\r\n]{0,8}:[ \t\r\n]{0,8}"' + where[2] + b'"', payload)
    return where[1].decode() if where and asked else ""


def _address(raw: Any) -> str:
    """Where an answer may go: `hall/1/reply/<client>/<id of the request>` and nowhere else, or ""."""
    if not isinstance(raw, dict):
        return ""
    reply_to, request_id = raw.get("reply_to"), raw.get("id")
    match = _REPLY_TO.fullmatch(reply_to) if isinstance(reply_to, str) else None
    return match[0] if match and match[2] == request_id else ""
