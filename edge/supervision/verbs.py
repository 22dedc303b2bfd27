"""What is asked about alerts: to note that somebody sees to one, a warning of supervision or any other."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from drivers.api import Clock, NotKept
from edge.alerts import Alerts
from edge.commands import Args, Verb
from edge.ids import new_id
from edge.store import Draft, Store, StoreFull
from edge.supervision.part import AtWork, taken
from edge.wire import Alert, AlertAcknowledged, Reply, Request

_PLAIN = r"^[^\x00-\x1f\x7f]*$"  # it is shown on terminals and pages


class AcknowledgeArgs(Args):
    model_config = ConfigDict(defer_build=True)  # people see to warnings a few times a day

    key: Annotated[str, Field(min_length=1, max_length=128)]
    by: Annotated[str, Field(min_length=1, max_length=64, pattern=_PLAIN)]  # who sees to it
    note: Annotated[str, Field(max_length=200, pattern=_PLAIN)] = ""


class AlertVerbs:
    def __init__(self, supervision: AtWork, alerts: Alerts, store: Store, clock: Clock) -> None:
        self._supervision = supervision
        self._alerts = alerts
        self._store = store
        self._clock = clock

    def all(self) -> list[Verb]:
        summary = "somebody sees to an alert: a warning is not escalated any more; it stays until it is over"
        return [Verb("alert.acknowledge", AcknowledgeArgs, self.acknowledge, summary)]

    async def acknowledge(self, args: AcknowledgeArgs, request: Request, client: str) -> Reply:
        if alert := self._alerts.simple(args.key):
            return await self._take_on(alert, args, request, client)
        return await self._supervision.acknowledge(args.key, args.by, args.note, request, client)

    async def _take_on(self, alert: Alert, args: AcknowledgeArgs, request: Request, client: str) -> Reply:
        """The answer is kept with the act. Raises NotKept."""
        if alert.acknowledged_by:
            return taken(request.id, alert.acknowledged_by)
        reply = Reply(id=request.id, result="done", data={"key": args.key})
        now = self._clock.now()
        fact = AlertAcknowledged(key=args.key, name=args.by, note=args.note)
        draft = Draft(fact, new_id(), now.wall_s, now.mono_s, now.clock_ok, client)
        try:
            await self._store.append([draft], reply)
        except StoreFull as error:
            raise NotKept(str(error), code="store_full") from error
        self._alerts.take_on(args.key, args.by, args.note, now.wall_s)
        return reply
