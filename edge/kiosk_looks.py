"""What a kiosk shows, for somebody who is not there: `kiosk.look` asks, the kiosk hears of it with its next
sign of life, and answers by `kiosk.shows`.

What it tells is nobody's own: it hides what a card said and what was typed before it sends anything. Who
looked is an act, kept before anything is handed out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from drivers.api import Clock
from edge.clock import deadline
from edge.commands import Args, Name, Verb
from edge.ids import new_id
from edge.store import Store
from edge.wire import KioskLooked, Reply, Request, Uid, rejected
from edge.witness import keep_look

log = logging.getLogger(__name__)

WITHIN_S = 5.0  # a kiosk speaks each second, and is missed by who looks long before it is missed by the node
MAX_LOOKING = 4  # at one kiosk at a time: they share its answer
_PLAIN = r"^[^\x00-\x1f\x7f]*$"  # a name is shown on terminals and pages


class LookArgs(Args):
    kiosk: Name
    by: Annotated[str, Field(min_length=1, max_length=64, pattern=_PLAIN)]  # who looks


class ShowsArgs(Args):
    """`page` is `kiosk_ui.afar`'s: bounded, like any request, by 16 KiB."""

    kiosk: Name
    look: Uid
    screen: Name
    page: dict[str, Any]


@dataclass(slots=True)
class _Look:
    id: str = field(default_factory=new_id)
    answer: asyncio.Future[ShowsArgs] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    eyes: int = 0


class Looks:
    """`kiosks`: the ids of those that belong to the node."""

    def __init__(self, kiosks: Container[str], store: Store, clock: Clock) -> None:
        self._kiosks = kiosks
        self._store = store
        self._clock = clock
        self._asked: dict[str, _Look] = {}  # by kiosk, while somebody waits

    def verbs(self) -> list[Verb]:
        # The answer is not kept with its request: what a page shows is gone with the page.
        return [
            Verb("kiosk.look", LookArgs, self.look, "what a kiosk shows now, as data", reads=True),
            Verb(
                "kiosk.shows",
                ShowsArgs,
                self.shows,
                "a kiosk answers who looks at it",
                reads=True,
                bound=True,
            ),
        ]

    def wanted(self, kiosk: str) -> str:
        """The look that this kiosk is to answer, "" for none."""
        look = self._asked.get(kiosk)
        return look.id if look else ""

    async def shows(self, args: ShowsArgs, request: Request, _client: str) -> Reply:
        look = self._asked.get(args.kiosk)
        if look is None or look.id != args.look:
            return rejected(request.id, "not_asked", "没有人在查看，或已经不等了", "nobody waits for this")
        if not look.answer.done():
            look.answer.set_result(args)
        return Reply(id=request.id, result="done")

    async def look(self, args: LookArgs, request: Request, _client: str) -> Reply:
        if args.kiosk not in self._kiosks:
            return unknown_kiosk(request, args.kiosk)
        look = self._asked.setdefault(args.kiosk, _Look())
        if look.eyes >= MAX_LOOKING:
            return rejected(request.id, "busy", "已有多人在查看，请稍候再试", "others are looking; try again")
        look.eyes += 1
        try:
            async with deadline(self._clock, WITHIN_S):
                shown = await asyncio.shield(look.answer)
        except TimeoutError:
            return Reply(
                id=request.id,
                result="failed",
                code="no_answer",
                zh=f"自助机 {WITHIN_S:g} 秒内没有答复，看它是否在线：hallctl status",
                en=f"the kiosk did not answer within {WITHIN_S:g} s; is it online? See hallctl status",
            )
        finally:
            look.eyes -= 1
            if not look.eyes or look.answer.done():
                self._forget(args.kiosk, look)
        return await self._handed_out(args, request, shown)

    def _forget(self, kiosk: str, look: _Look) -> None:
        if self._asked.get(kiosk) is look:
            del self._asked[kiosk]

    async def _handed_out(self, args: LookArgs, request: Request, shown: ShowsArgs) -> Reply:
        """Once it is kept who looked, and not before."""
        fact = KioskLooked(kiosk=args.kiosk, screen=shown.screen)
        if refusal := await keep_look(self._store, self._clock, fact, args.by, request.id):
            return refusal
        log.info("kiosk.look: at %s", shown.screen, extra={"kiosk": args.kiosk, "by": args.by})
        data = {"kiosk": args.kiosk, "screen": shown.screen, "page": shown.page}
        return Reply(id=request.id, result="done", data=data)


def unknown_kiosk(request: Request, kiosk: str) -> Reply:
    zh = f"配置里没有自助机“{kiosk}”，请加上 [[kiosk]]"
    return rejected(request.id, "unknown_kiosk", zh, f"no kiosk {kiosk!r} is configured: add a [[kiosk]]")
