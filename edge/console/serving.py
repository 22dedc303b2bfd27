"""The pages beside the recorder: the record and the fleet they look at, and the port they are served on."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from edge.console.desk import Desk
from edge.console.settings import ConsoleSettings

log = logging.getLogger(__name__)


class CannotListen(Exception):
    """The port or the certificate cannot be used. Its text says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Pages:
    store: str
    settings: ConsoleSettings
    port: int

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Served until left. Raises CannotListen."""
        from edge.console.web.app import make_app, served  # noqa: PLC0415 a recorder alone needs no pages

        desk = Desk(self.store)
        try:
            async with served(make_app(desk, self.settings), self.port) as address:
                log.info("pages at %s", address)
                yield
        except OSError as error:
            raise CannotListen(
                f"the pages cannot be served at {self.settings.web.listen}, port {self.port}: {error}. "
                f"Choose another with --port, or end the program that has it"
            ) from error
        finally:
            desk.close()
