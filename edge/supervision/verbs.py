"""What is asked of supervision: to note that somebody sees to a warning."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from edge.commands import Args, Verb
from edge.supervision.part import AtWork
from edge.wire import Reply, Request

_PLAIN = r"^[^\x00-\x1f\x7f]*$"  # it is shown on terminals and pages


class AcknowledgeArgs(Args):
    model_config = ConfigDict(defer_build=True)  # people see to warnings a few times a day

    key: Annotated[str, Field(min_length=1, max_length=128)]
    by: Annotated[str, Field(min_length=1, max_length=64, pattern=_PLAIN)]  # who sees to it
    note: Annotated[str, Field(max_length=200, pattern=_PLAIN)] = ""


class AlertVerbs:
    def __init__(self, supervision: AtWork) -> None:
        self._supervision = supervision

    def all(self) -> list[Verb]:
        summary = "somebody sees to a warning: it is not escalated any more, and stays until it is over"
        return [Verb("alert.acknowledge", AcknowledgeArgs, self.acknowledge, summary)]

    async def acknowledge(self, args: AcknowledgeArgs, request: Request, client: str) -> Reply:
        return await self._supervision.acknowledge(args.key, args.by, args.note, request, client)
