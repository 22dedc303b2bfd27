"""The hall behind the socket: its queues move, its printer runs out of paper, its daemon is started anew."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from drivers.sdt.sim_cards import made_up_number
from edge.catalogue import SAMPLE
from edge.control import ControlServer
from edge.wire import PERSONAL, Reply, Request
from kiosk_ui.samples import MORNING
from tests.kiosk.update_kit import REASONS

MIDNIGHT = datetime(2026, 11, 30)  # of the first day, in the hall's time
OPENS_H, CLOSES_H = 8, 18
NO_PAPER_H = 14  # in this hour of the day its printer has none
RESTARTS_H = 11  # at the beginning of this one its daemon is away
AWAY_S = 90.0


class Hall:
    """`now_s` since the midnight before the first day."""

    def __init__(self, socket: Path, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._server = ControlServer(socket, self._answer)
        self._issued = 0
        self.asked = 0

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    @property
    def hour(self) -> int:
        """Of the day."""
        return int(self._now_s() // 3600) % 24

    @property
    def is_open(self) -> bool:
        return OPENS_H <= self.hour < CLOSES_H

    async def _answer(self, request: Request, _client: str) -> Reply:
        self.asked += 1
        return Reply(id=request.id, result="done", data=self._data(request.verb))

    def _data(self, verb: str) -> dict[str, Any]:
        match verb:
            case "kiosk.view":
                return self._view()
            case "rating.reasons":
                return REASONS.model_dump(mode="json")
            case "ticket.take" | "appointment.check_in":
                self._issued += 1
                ticket = _ticket(self._issued)
                return {"ticket": ticket, "service": "tax", "phase": "waiting", "ahead": 3, "printed": True}
            case "card.read":
                return {PERSONAL: {"name": "王小明", "number": made_up_number()}}
            case "code.read":
                return {PERSONAL: {"text": f"R-{self._issued:08x}"}}
            case _:
                return {}

    def _view(self) -> dict[str, Any]:
        """Queues change every ten seconds while the hall is open."""
        moving = random.Random(int(self._now_s() // 10) if self.is_open else 0)
        services = tuple(
            service.model_copy(update={"ahead": moving.randrange(30), "open": self.is_open})
            for service in MORNING.services
        )
        windows = tuple(
            window.model_copy(
                update={"waiting": moving.randrange(30), "ticket": _ticket(moving.randrange(999))}
            )
            for window in MORNING.windows
        )
        changes = {
            "time": (MIDNIGHT + timedelta(seconds=self._now_s())).isoformat(timespec="seconds"),
            "services": services,
            "windows": windows,
            "printer": "paper_out" if self.hour == NO_PAPER_H else "",
            "catalogue": str(SAMPLE),
            "card_readers": ("reader",),
        }
        return MORNING.model_copy(update=changes).model_dump(mode="json")


def _ticket(number: int) -> str:
    return f"A{number % 1000:03}"
