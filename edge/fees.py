"""The verbs of charging: a fee is charged at a window, or given back."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from edge.bus import Bus
from edge.commands import Args, Name, Verb
from edge.hall import reply_to
from edge.rules.fees import ChargeFee, RefundFee
from edge.settings.items import MAX_FEE_FEN
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
    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def verbs(self) -> list[Verb]:
        return [
            Verb("window.charge", ChargeArgs, self.charge, "a fee has been charged at a window, in fen"),
            Verb("window.refund", RefundArgs, self.refund, "a fee of today, or part of it, is given back"),
        ]

    async def charge(self, args: ChargeArgs, request: Request, client: str) -> Reply:
        wish = ChargeFee(args.window, args.amount_fen, args.receipt or request.id, args.item, args.act)
        return reply_to(request.id, await self._bus.ask(wish, client, request.id))

    async def refund(self, args: RefundArgs, request: Request, client: str) -> Reply:
        wish = RefundFee(args.window, args.receipt, args.amount_fen)
        return reply_to(request.id, await self._bus.ask(wish, client, request.id))
