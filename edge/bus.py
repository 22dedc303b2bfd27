"""The bounded fan-in: all that may change the hall passes here, one at a time, in order of arrival."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from edge.rules.model import Decision, Input

# Inputs that may wait. 52 windows, their pads and the buttons make fewer than ten acts a second; a synced
# commit takes some milliseconds, so a full bus means that the disk has stood still for seconds.
BUS_LIMIT = 256


@dataclass(slots=True)
class Post:
    """An input on its way. `request` is the id of the command that brought it, "" for a device."""

    input: Input
    by: str
    request: str = ""
    decided: asyncio.Future[Decision] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Bus:
    """Many askers, one reader. `ask` returns once the facts that follow are safely kept."""

    def __init__(self, limit: int = BUS_LIMIT) -> None:
        self._posts: asyncio.Queue[Post] = asyncio.Queue(limit)

    async def ask(self, wish: Input, by: str, request: str = "") -> Decision:
        """Wait for a place (back-pressure), then for the decision. Raises drivers.api.NotKept."""
        post = Post(wish, by, request)
        await self._posts.put(post)
        return await post.decided

    async def next(self) -> Post:
        """The next input whose asker is still there; one who gave up before it was read has asked nothing."""
        while True:
            post = await self._posts.get()
            if not post.decided.done():
                return post

    @property
    def waiting(self) -> int:
        return self._posts.qsize()
