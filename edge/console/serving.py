"""The pages beside the recorder: the record and the fleet they look at, and the port they are served on."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.broker import Broker, Tls
from edge.console.accounts import links
from edge.console.desk import Desk
from edge.console.engine import RecordError
from edge.console.errors import counted
from edge.console.keeping import Keeping
from edge.console.leading import Leading
from edge.console.live.session import Live, LiveSession
from edge.console.settings import ConsoleSettings
from edge.ids import new_id
from edge.mqtt import Session

log = logging.getLogger(__name__)


class CannotListen(Exception):
    """The port or the certificate cannot be used. Its text says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Pages:
    store: str
    settings: ConsoleSettings
    port: int
    live: Live
    keeping: Keeping
    report_settings: Path | None = None
    leading: Leading | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Served until left. Raises CannotListen."""
        from edge.console.web.app import make_app, served  # noqa: PLC0415 a recorder alone needs no pages

        desk = Desk(self.store, self.keeping)
        try:
            with counted() as errors:
                app = make_app(
                    desk,
                    self.settings,
                    self.live,
                    report_settings=self.report_settings,
                    recorder=self.leading,
                    errors=errors,
                )
                gc.collect()
                gc.freeze()  # what the start has built stays: to look through it takes 60 ms, each time
                async with served(app, self.port) as address:
                    log.info("pages at %s", address)
                    await _welcome(desk, address)
                    yield
        except OSError as error:
            raise CannotListen(
                f"the pages cannot be served at {self.settings.web.listen}, port {self.port}: {error}. "
                f"Choose another with --port, or end the program that has it"
            ) from error
        finally:
            desk.close()


@asynccontextmanager
async def watched(live: Live, brokers: Sequence[Broker], tls: Tls) -> AsyncIterator[None]:
    """`live` is kept up with the halls until left."""
    session = Session(brokers, f"hall-console-pages-{new_id()[:12]}", tls)
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(LiveSession(live, session).run())
        yield
        watching.cancel()


async def _welcome(desk: Desk, address: str) -> None:
    """Who starts it on a record without accounts gets the way to the first one."""
    try:
        token = await desk.write(lambda db: links.first(db, time.time()))
    except RecordError as error:
        log.warning("whether there is an account cannot be seen: %s. Start again to get a link", error)
        return
    if token:
        sys.stderr.write(
            f"\n还没有账号。请用这个链接建立第一个账号（管理全部大厅），24 小时内有效，只能用一次：\n"
            f"There is no account yet. Make the first one, a manager of all halls, by this link. It works "
            f"once, within 24 hours:\n\n    {address}/link/{token}\n\n"
        )
        sys.stderr.flush()
