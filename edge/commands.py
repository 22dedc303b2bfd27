"""The commands of a node: one registry of typed handlers behind two thin doors, the control socket and MQTT.

A repeat of a request's id gets the first answer again: while it runs, from memory; afterwards, from the
store, where the answer was written with the facts that it speaks of, or else before it was given. An answer
"unknown" is not kept: who repeats it wants to know more.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drivers.api import NotKept
from drivers.checking.problems import explain
from edge.store import Store, StoreFull
from edge.wire import Reply, Request, rejected

log = logging.getLogger(__name__)


class Args(BaseModel):
    """Arguments of a verb. Unknown ones are refused, so that a misspelt one is not silently lost. What checks
    them is made when the verb is first used: an idle node has 45 MB, and most verbs are never asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, defer_build=True)


class NoArgs(Args):
    pass


Name = Annotated[str, Field(min_length=1, max_length=64)]
# The person for whom a client asks, "" where it asks for itself.
By = Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Handler = Callable[[Any, Request, str], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Verb:
    """`reads` marks a verb that changes nothing, whose answers are not kept. `bound` marks one that is a
    session's own: it is asked over the local socket only, and ends with who asked. `private` marks one that
    is bound, and whose answer is a person's own: it is kept nowhere."""

    name: str
    args: type[Args]
    handler: Handler
    summary: str
    reads: bool = False
    private: bool = False
    bound: bool = False


class Commands:
    """Looks up, checks, runs once, remembers."""

    def __init__(self, store: Store, wall_s: Callable[[], float] = time.time) -> None:
        self._store = store
        self._wall_s = wall_s
        self._verbs: dict[str, Verb] = {}
        self._running: dict[str, asyncio.Future[Reply]] = {}

    def add(self, *verbs: Verb) -> None:
        self._verbs |= {verb.name: verb for verb in verbs}

    @property
    def verbs(self) -> dict[str, Verb]:
        return dict(self._verbs)

    def is_bound(self, verb: str) -> bool:
        """Whether it ends with the connection that asked."""
        return verb in self._verbs and (self._verbs[verb].private or self._verbs[verb].bound)

    async def handle(self, request: Request, client: str) -> Reply:
        """Who asks from afar is refused what is bound to who stands here.

        Never raises for what a client can send: every refusal is a Reply with its reason.
        """
        if self.is_bound(request.verb):
            return rejected(
                request.id,
                "local_only",
                "这个命令只能在本机使用，不经过网络",
                "this is asked over the node's own socket only, never over the network",
            )
        return await self.handle_local(request, client)

    async def handle_local(self, request: Request, client: str) -> Reply:
        """As `handle`, for who asks on this machine."""
        verb = self._verbs.get(request.verb)
        if verb is None:
            return rejected(
                request.id, "unknown_verb", f"没有“{request.verb}”这个命令", f"no verb {request.verb!r}"
            )
        if request.expires is not None and request.expires < self._wall_s():
            return rejected(
                request.id, "expired", "命令已过期，未执行", "the command had expired; nothing was done"
            )
        try:
            args = verb.args.model_validate(request.args)
        except ValidationError as error:
            found = [problem.text() for problem in explain(error, verb.args.model_json_schema())]
            zh, en = "；".join(each.zh for each in found), "; ".join(each.en for each in found)
            return rejected(request.id, "bad_args", f"参数不对：{zh}", f"bad arguments: {en}")
        if verb.reads or verb.private:
            return await verb.handler(args, request, client)
        return await self._once(verb, args, request, client)

    async def _once(self, verb: Verb, args: Args, request: Request, client: str) -> Reply:
        if (running := self._running.get(request.id)) is not None:
            return await asyncio.shield(running)
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._running[request.id] = future
        reply = Reply(id=request.id, result="unknown", code="interrupted")
        try:
            reply = await self._store.answer_for(request.id) or await self._run(verb, args, request, client)
        finally:
            del self._running[request.id]
            future.set_result(reply)
        return reply

    async def _run(self, verb: Verb, args: Args, request: Request, client: str) -> Reply:
        try:
            reply: Reply = await verb.handler(args, request, client)
        except NotKept as error:  # this answer is not kept either: the same request is welcome again
            return rejected(
                request.id,
                error.code,
                "系统暂时无法保存，请稍候再试，或请工作人员帮助",
                f"nothing can be kept now: {error}",
            )
        await self._keep(reply)
        return reply

    async def _keep(self, reply: Reply) -> None:
        """Unless it stands there already, with its facts."""
        if reply.result == "unknown" or await self._store.answer_for(reply.id) is not None:
            return
        try:
            await self._store.keep_answer(reply)
        except StoreFull as error:
            log.info("the answer to %s is not kept: %s", reply.id, error)
