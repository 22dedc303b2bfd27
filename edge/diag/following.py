"""What is new at a node, asked for again and again: the `seq` of each answer says from where to go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.control import ControlError
from edge.diag.reach import Node, pause, reached
from edge.wire import Reply

ASK_S = 5.0  # for an answer, which is made from memory
AGAIN_S = 1.0  # before a node that is away is tried again


class Refused(Exception):
    """The node has answered, and will not tell."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.en or reply.code)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Fresh:
    """What has come since the last answer; `missed` more came, and were no longer kept. `data`: all of it."""

    items: Sequence[Mapping[str, Any]]
    missed: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)


class Follower:
    """Of one verb, whose answers have `seq` and a list under `name`."""

    def __init__(self, verb: str, name: str, args: Mapping[str, Any] | None = None) -> None:
        self._verb = verb
        self._name = name
        self._args = dict(args or {})
        self.since: int | None = None

    async def ask(self, node: Node) -> Fresh:
        """Raises Refused, and ControlError where the node is away."""
        args = self._args if self.since is None else {**self._args, "since": self.since}
        reply = await node.request(self._verb, args, ASK_S)
        if reply.result == "unknown":
            raise ControlError(
                reply.en or reply.code, "is it running? hallctl status", "服务在运行吗？hallctl status"
            )
        if reply.result != "done":
            raise Refused(reply)
        found, seq = reply.data.get(self._name), reply.data.get("seq")
        items = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
        before, self.since = self.since, seq if isinstance(seq, int) else self.since
        return Fresh(items, _missed(before, items), reply.data)


def line_follower(device: str) -> Follower:
    """Of a device's line, from what passed last: piece by piece, and none that may go on."""
    return Follower("device.frames", "frames", {"device": device, "since": 0})


def _missed(before: int | None, items: Sequence[Mapping[str, Any]]) -> int:
    """Numbers that were left out. A daemon that has begun anew counts from 1 on."""
    first = items[0].get("seq") if items else None
    return max(0, first - before - 1) if before is not None and isinstance(first, int) else 0


@dataclass(frozen=True, slots=True)
class Telling:
    """What is done with what comes: `fresh` of each follower in turn, and what is said between."""

    fresh: Callable[[Sequence[Fresh]], None]
    lost: Callable[[ControlError], None]
    back: Callable[[], None]


async def follow(
    socket: Path, followers: Sequence[Follower], every_s: float, telling: Telling, ended: asyncio.Event
) -> None:
    """Until `ended`. A node that was reached and goes away is told once and tried again. Raises Refused, and
    ControlError where it is not reached at first."""
    reached_once = is_lost = False
    while not ended.is_set():
        try:
            async with reached(socket) as node:
                while True:  # once at least, also where it took long to reach
                    fresh = [await each.ask(node) for each in followers]
                    if is_lost:
                        telling.back()
                    reached_once, is_lost = True, False
                    telling.fresh(fresh)
                    await pause(every_s, ended)
                    if ended.is_set():
                        return
        except ControlError as error:
            if not reached_once:
                raise
            if not is_lost:
                telling.lost(error)
            is_lost = True
            await pause(AGAIN_S, ended)
