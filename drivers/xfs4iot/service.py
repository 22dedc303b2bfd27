"""One service of a terminal: its WebSocket, who it is, and its state, asked again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Literal, Never

from drivers.api import BadFrame, Context, DriverError, Identity, LinkLost, ProtocolBreach
from drivers.dialer import Dialer
from drivers.strictjson import Json
from drivers.terminal import clean
from drivers.xfs4iot.discovery import Place
from drivers.xfs4iot.envelope import Message
from drivers.xfs4iot.settings import CAPABILITIES, STATUS, Command, TerminalSettings
from drivers.xfs4iot.socket import Client, Socket
from drivers.xfs4iot.status import ServiceBook

MAX_INTERFACES = 32  # that a service may name; the specification has about twenty
# Events by which a citizen shows: CWA 17852, the interfaces CardReader and Printer.
_CITIZEN = {
    *(f"CardReader.{name}" for name in ("MediaInsertedEvent", "MediaRemovedEvent", "MediaDetectedEvent")),
    *(f"CardReader.{name}" for name in ("InvalidMediaEvent", "CardActionEvent")),
    *(f"Printer.{name}" for name in ("MediaTakenEvent", "MediaPresentedEvent", "MediaInsertedEvent")),
}


class Service:
    """`changed` is called after anything that may matter to the terminal as a whole."""

    def __init__(
        self,
        place: Place,
        dialer: Dialer,
        ctx: Context[TerminalSettings],
        *,
        changed: Callable[[], None],
        citizen: Callable[[], None],
        heard: Callable[[], None],
    ) -> None:
        self.place = place
        self.book = ServiceBook(place.name, frozenset({place.name}))  # until it says more
        self.state: Literal["trying", "up", "down"] = "trying"  # "down" until it answers again
        self.failure = DriverError("not tried yet")
        self.identity = Identity()
        self.nonsense = ""  # the latest that made no sense, since it last answered
        self.unasked_count = 0
        self._bad_count = 0
        self._due = asyncio.Event()  # it is to be asked at once
        self._answered = asyncio.Condition()  # notified when it has said how it is
        self._dialer = dialer
        self._ctx = ctx
        self._settings = ctx.settings
        self._changed = changed
        self._citizen = citizen
        self._heard = heard

    async def answers(self) -> bool:
        """Ask at once how it is; whether it says so in time."""
        limit_s = 2 * self._settings.answer_timeout_s  # a question may be on its way already
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s), self._answered:
                self._due.set()
                await self._answered.wait()
                return True
        return False

    # --- life ---
    async def live(self) -> Never:
        """For ever: what ends a connection is kept in `failure`, and the service is tried again."""
        while True:
            try:
                await self._connected()
            except DriverError as failure:
                self._ctx.log.debug("%s: %s", self.place.name, failure)
                self.failure, self.state = failure, "down"
            self._changed()
            await self._ctx.clock.sleep(self._settings.heartbeat_s)

    async def _connected(self) -> Never:
        """Raises DriverError."""
        self.nonsense, self._bad_count = "", 0
        socket = await self._open()
        client = Client(socket, self, self._settings.answer_timeout_s)
        listening = asyncio.create_task(client.listen(), name=f"{self._ctx.device}: {self.place.name}")
        polling = asyncio.create_task(self._poll(client), name=f"{self._ctx.device}: {self.place.name} poll")
        try:
            done, _ = await asyncio.wait({listening, polling}, return_when=asyncio.FIRST_COMPLETED)
            raise next(filter(None, (task.exception() for task in done)))
        finally:
            listening.cancel()
            polling.cancel()
            await asyncio.gather(listening, polling, return_exceptions=True)
            await socket.close()

    async def _open(self) -> Socket:
        socket = None
        try:
            async with asyncio.timeout(self._settings.answer_timeout_s):
                link = await self._dialer.dial(self.place.port)
                socket = Socket(link, self._now)
                for message in await socket.open(self.place.path):
                    self.event(message)
        except BaseException as error:  # whatever it is, being cancelled too: the line must not stay open
            if socket is not None:
                await socket.close()
            if isinstance(error, TimeoutError):
                raise LinkLost(f"{self.place.name}: no WebSocket", code="service_silent") from None
            raise
        return socket

    async def _poll(self, client: Client) -> Never:
        self._identify(await self._ask(client, CAPABILITIES))
        while True:
            self._due.clear()
            status = await self._ask(client, STATUS)
            self._bad_count = 0
            if status.code:
                self.book.failure = status.code
            elif self.book.whole(status.payload, self._now()):
                self._citizen()
            self.state = "up"
            self._changed()
            self.nonsense = ""
            async with self._answered:
                self._answered.notify_all()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.heartbeat_s):
                    await self._due.wait()

    async def _ask(self, client: Client, name: Command) -> Message:
        answer = await client.ask(name, self._settings.version(name))
        self._heard()
        return answer

    def _now(self) -> float:
        return self._ctx.clock.now().mono_s

    # --- who it is ---
    def _identify(self, capabilities: Message) -> None:
        """Its interfaces and its first device, as far as it says."""
        self.book.interfaces = _interfaces(capabilities.payload) or self.book.interfaces
        self.identity = _identity(capabilities.payload)

    # --- what nobody asked for (see `Listener`) ---
    def event(self, message: Message) -> None:
        self._heard()
        if message.name == "Common.StatusChangedEvent":
            if self.book.part(message.payload, self._now()):
                self._citizen()
        elif message.name == "Printer.PaperThresholdEvent":
            self.book.threshold(message.payload, self._now())
        elif message.name in _CITIZEN:
            self._citizen()
        self._changed()

    def bad(self, frame: BadFrame) -> None:
        self._bad_count += 1
        self.nonsense = clean(frame.reason, 80)
        self._ctx.log.debug("%s: %s: %s", self.place.name, frame.reason, frame.data.hex(" "))
        if self._bad_count > self._settings.bad_messages:
            raise ProtocolBreach(f"{self.place.name}: {frame.reason}")
        self._changed()

    def unasked(self, message: Message) -> None:
        self.unasked_count += 1
        self._ctx.log.debug("%s: nobody asked for %s %s", self.place.name, message.kind, message.name)
        self._changed()


def _interfaces(payload: Mapping[str, Json]) -> frozenset[str]:
    found = payload.get("interfaces")
    entries = found[:MAX_INTERFACES] if isinstance(found, list) else []
    return frozenset(
        name for entry in entries if isinstance(entry, dict) and (name := clean(entry.get("name"), 32))
    )


def _identity(payload: Mapping[str, Json]) -> Identity:
    device = _first(payload.get("common"), "deviceInformation")
    firmware = _first(device, "firmware")
    return Identity(
        clean(device.get("modelName")),
        clean(device.get("serialNumber")),
        clean(firmware.get("firmwareVersion")),
    )


def _first(table: Json, key: str) -> Mapping[str, Json]:
    """The first object of the list at `key`, {} where there is none."""
    found = table.get(key) if isinstance(table, dict) else None
    return found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
