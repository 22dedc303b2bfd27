"""What is asked of it never comes, and it takes a moment to end once it is cancelled."""

from __future__ import annotations

import asyncio
from typing import Any


class SlowToEnd:
    """`ended`: what it was asked, each time it has ended."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.ended: list[tuple[object, ...]] = []

    async def __call__(self, *asked: object) -> Any:
        self.begun.set()
        try:
            return await asyncio.Future[Any]()
        finally:
            await asyncio.sleep(0.05)
            self.ended.append(asked)
