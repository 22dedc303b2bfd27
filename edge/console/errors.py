"""Whether anything went wrong in this process, and when last: counted from its own log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

OURS = ("edge", "asyncio")  # of HTTP's own any stranger can make as many as he likes


class Errors(logging.Handler):
    """Counts what is logged as an error or worse. Of what it says nothing is kept: the log has that."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0
        self.last_s: float | None = None  # wall time

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1
        self.last_s = record.created


@contextmanager
def counted() -> Iterator[Errors]:
    """Until left."""
    errors, loggers = Errors(), [logging.getLogger(name) for name in OURS]
    for logger in loggers:
        logger.addHandler(errors)
    try:
        yield errors
    finally:
        for logger in loggers:
            logger.removeHandler(errors)
