"""The verbs of charging: a fee is charged at a window, or given back."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from edge.bus import Bus
from edge.commands import Args, Name, Verb
from edge.hall import HallAtWork, reply_to
from edge.rules.charging import known_of
from edge.rules.fees import ChargeFee, RefundFee
from edge.settings.items import MAX_FEE_FEN
from edge.store import Store
from edge.wire import Reply, Request

Fen = Annotated[int, Field(ge=1, le=MAX_FEE_FEN)]
Code = Annotated[str, Field(max_length=128)]  # what is one, the rule says in plain words


class _FeeArgs(Args):
    model_config = ConfigDict(defer_build=True)  # a hall that charges nothing does without


class ChargeArgs(_FeeArgs):
    window: Name
    amount_fen: Fen
    item: Code = ""
    receipt: Code = ""  # default: the request's own id
    act: Code = ""


class RefundArgs(_FeeArgs):
    window: Name
    receipt: Code
    amount_fen: Fen | None = None


class Fees:
    def __init__(self, hall: HallAtWork, bus: Bus, store: Store) -> None:
        self._hall = hall
        self._bus = bus
        self._store = store

    def verbs(self) -> list[Verb]:
        return [
            Verb("window.charge", ChargeArgs, self.charge, "a fee has been charged at a window, in fen"),
            Verb("window.refund", RefundArgs, self.refund, "a fee, or part of it, is given back"),
        ]

    async def charge(self, args: ChargeArgs, request: Request, client: str) -> Reply:
        receipt = args.receipt or request.id
        known = await self._earlier(receipt)
        wish = ChargeFee(args.window, args.amount_fen, receipt, args.item, args.act, **known)
        return reply_to(request.id, await self._bus.ask(wish, client, request.id))

    async def refund(self, args: RefundArgs, request: Request, client: str) -> Reply:
        wish = RefundFee(args.window, args.receipt, args.amount_fen, **await self._earlier(args.receipt))
        return reply_to(request.id, await self._bus.ask(wish, client, request.id))

    async def _earlier(self, receipt: str) -> dict[str, Any]:
        """What is kept of it from days before the one that is open."""
        day = self._hall.today()
        kept = await self._store.fees_before_today(receipt)
        return {"earlier": known_of(each.fact for each in kept), "day": day}
