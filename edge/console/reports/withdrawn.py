"""Bad ratings whose follow-up granted an appeal: they stand in the record, and are told beside the rates."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, select

from edge.console import tables
from edge.rules.followup import Stage


def withdrawn(db: Connection, hall: str = "") -> frozenset[str]:
    """Ids of the ratings' events, of all times. A record of before follow-ups has no such table."""
    if not inspect(db).has_table(tables.followup_step.name):
        return frozenset()
    case, step = tables.followup.c, tables.followup_step.c
    query = (
        select(case.id).join(tables.followup_step, case.id == step.id).where(step.stage == Stage.WITHDRAWN)
    )
    return frozenset(db.execute(query.where(case.hall == hall) if hall else query).scalars())
