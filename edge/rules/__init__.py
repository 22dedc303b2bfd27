"""The rules of a hall: pure functions from a state and an input to facts and effects."""

from edge.rules.boards import call_lines, notice_lines
from edge.rules.day import local_day
from edge.rules.decide import decide
from edge.rules.evolve import evolve
from edge.rules.finding import position
from edge.rules.ratings import ratable
from edge.rules.slips import slip
from edge.rules.speech import sentence, volume
from edge.rules.strips import strip_of
from edge.rules.views import queue_status, waiting_ahead, window_status
from edge.rules.windows import shown_at

__all__ = [
    "call_lines",
    "decide",
    "evolve",
    "local_day",
    "notice_lines",
    "position",
    "queue_status",
    "ratable",
    "sentence",
    "shown_at",
    "slip",
    "strip_of",
    "volume",
    "waiting_ahead",
    "window_status",
]
