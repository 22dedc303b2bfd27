"""The rules of a hall: pure functions from a state and an input to facts and effects."""

from edge.rules.day import local_day
from edge.rules.decide import decide
from edge.rules.evolve import evolve
from edge.rules.slips import slip
from edge.rules.strips import strip_of
from edge.rules.views import queue_status, waiting_ahead, window_status

__all__ = [
    "decide",
    "evolve",
    "local_day",
    "queue_status",
    "slip",
    "strip_of",
    "waiting_ahead",
    "window_status",
]
