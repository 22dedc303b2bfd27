"""How a command of `hall-console` ends that cannot do what it was asked for."""

from __future__ import annotations

import logging
from typing import NoReturn

import typer

BAD_USE = 2  # exit status: an argument is wrong, as the shell's own tools have it
NOT_STARTED = 1

log = logging.getLogger("hall-console")


def refuse(reason: str, status: int = BAD_USE) -> NoReturn:
    log.error("%s", reason)
    raise typer.Exit(status)
