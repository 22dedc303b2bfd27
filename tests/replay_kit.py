"""A day in a real database, with a configuration of its hall."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edge.ids import new_id
from edge.replay.record import Kept
from edge.rules.model import Hall
from edge.store import Draft, Store

BATCH = 200  # facts of an append


async def keep(path: Path, kept: Sequence[Kept]) -> None:
    """As the daemon keeps them, each at its own time."""
    store = await Store.open(path)
    try:
        for begin in range(0, len(kept), BATCH):
            await store.append(
                [
                    Draft(fact, new_id(), moment.wall_s, moment.mono_s, True, "node")
                    for fact, moment in kept[begin : begin + BATCH]
                ]
            )
    finally:
        await store.close()


def config_of(hall: Hall, store: Path) -> str:
    """The hall as a configuration file has it."""
    tables = [
        f'[hall]\nid = "{hall.id}"\nname = "{hall.name}"',
        f'[node]\nid = "n1"\nstore = "{store}"\nsocket = "{store}.sock"',
        '[mqtt]\nbrokers = ["mqtt://127.0.0.1:1883"]',
    ]
    for service in hall.services.values():
        usual_min = service.usual_s / 60
        tables.append(
            f'[[service]]\nid = "{service.id}"\nname = "{service.name}"\nprefix = "{service.prefix}"\n'
            f"usual_min = {usual_min}"
        )
    for priority in hall.priorities.values():
        kind = "strict = true" if priority.strict else f"credit_min = {priority.credit_s / 60}"
        tables.append(f'[[priority]]\nid = "{priority.id}"\nname = "{priority.name}"\n{kind}')
    for window in hall.windows.values():
        tables.append(
            f'[[window]]\nid = "{window.id}"\nname = "{window.name}"\nservices = {list(window.services)}'
        )
    return "\n\n".join(tables).replace("'", '"') + "\n"
