"""An MQTT 3.1.1 session: connected, lost, connected again. The only importer of aiomqtt.

What the library does and this module must know (aiomqtt 2.5 over paho-mqtt 2): it does not reconnect; its
queues are unlimited unless told; it sends PUBACK before the application has handled a message, and where its
inbound queue is full it drops the newest all the same; a publish that waits learns of a lost connection only
by its time-out, and one that timed out may still go out. What must not be lost is therefore acknowledged
above MQTT, and everything here may be told twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import math
import random
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal, NoReturn, cast

from edge.broker import Broker, Tls
from edge.inbox import Inbound, Inbox
from edge.leanly import without
from edge.wire import MAX_PAYLOAD

# paho asks urllib.request for a proxy, and only where PySocks is installed; 0.6 MB.
with without([] if find_spec("socks") else ["urllib.request"]):
    import aiomqtt

KEEPALIVE_S = 15  # a broker that is silent for twice this is lost
ANSWER_TIMEOUT_S = 10.0  # CONNACK, SUBACK or PUBACK later than this: the broker is lost, though its TCP lives
HANG_UP_S = 1.0  # for the DISCONNECT to leave
ASKS = 3  # of a broker that hangs up on our certificate and does not say why
WINDOW = 32  # PUBLISH in flight: above the 20 of an outbox, so that state and answers find room beside it
STABLE_S = 10.0  # a session that lived so long starts the back-off afresh
BACKOFF_LIMIT_S = 60.0
BACKOFF_SPREAD = 0.2  # ±: a fleet must not come back in step
_GROWTH = 1.8
_ENOUGH = 20  # 1.8^20 is far above the limit; keeps the power small
_SUBACK_FAILURE = 0x80  # MQTT 3.1.1, 3.9.3
_MUTE = ("EOF occurred", "reset by peer")

log = logging.getLogger(__name__)

LOST = "broker_lost"  # the code of a loss and of its return, in the log


class BrokerLost(Exception):
    """There is no connection, or no longer. Next: wait for the next one and say everything again."""


class _HungUp(BrokerLost):
    """On our certificate, it may be, and the reason was lost on the way. Next: ask again."""


class PublishUnknown(BrokerLost):
    """Handed over and never acknowledged: it may still arrive. Next: say it again, under the same id."""


@dataclass(frozen=True, slots=True)
class Will:
    """Published by the broker, retained, when the connection ends without a farewell."""

    topic: str
    payload: bytes


class Connection:
    """One connection, used once. After its loss every call raises BrokerLost."""

    def __init__(self, client: _Client, broker: Broker, inbox: Inbox) -> None:
        self.broker = broker
        self.inbox = inbox
        self._client = client
        self._window = asyncio.Semaphore(WINDOW)  # first come, first served: the order of the calls is kept
        self._limits: set[asyncio.Timeout] = set()  # of the calls that wait for an acknowledgement
        self._lost = asyncio.Event()
        self._why = ""

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """QoS 1; returns at the PUBACK, which is not yet a delivery. Messages go out in order of the calls.

        Raises BrokerLost when nothing was sent, PublishUnknown when it may have been, ValueError when larger
        than MAX_PAYLOAD.
        """
        if len(payload) > MAX_PAYLOAD:
            raise ValueError(f"{topic}: {len(payload)} bytes are more than the {MAX_PAYLOAD} of one message")
        async with self._window:
            self._check()
            async with self._answer(PublishUnknown, f"a message on {topic}"):
                await self._client.publish(topic, payload, qos=1, retain=retain, timeout=math.inf)

    async def subscribe(self, *filters: str, qos: Literal[0, 1] = 1) -> None:
        """Raises BrokerLost, also where the broker refuses: nothing works without it. At QoS 0 what finds no
        room is lost, and takes none from other messages."""
        self._check()
        async with self._answer(BrokerLost, "a subscription"):
            codes = await self._client.subscribe([(name, int(qos)) for name in filters], timeout=math.inf)
        numbers = [code if isinstance(code, int) else code.value for code in codes]
        refused = [name for name, number in zip(filters, numbers, strict=True) if number >= _SUBACK_FAILURE]
        if refused:
            self._lose(f"the broker's access list refuses a subscription to {', '.join(refused)}")
            self._check()

    async def receive(self, at_most: int = 1) -> list[Inbound]:
        """Wait for a message; take up to `at_most` of those there. Raises BrokerLost after the last."""
        taken = await self.inbox.take(at_most)
        if not taken:
            self._check()
        return taken

    async def messages(self) -> AsyncIterator[Inbound]:
        """All messages as they come; ends by raising BrokerLost."""
        while True:
            for message in await self.receive():
                yield message

    async def wait_lost(self) -> NoReturn:
        """Raises BrokerLost as soon as the connection is lost."""
        await self._lost.wait()
        raise BrokerLost(self._why)

    async def watch(self) -> None:
        """Notice the loss of the connection at once, not at the next publish. Run by `connect`."""
        try:
            async for _ in self._client.messages:
                raise AssertionError  # _Tap keeps nothing
        except aiomqtt.MqttError as cause:
            self._lose(self._client.words.beside(cause.__cause__ or cause))

    @contextlib.asynccontextmanager
    async def _answer(self, error: type[BrokerLost], what: str) -> AsyncIterator[None]:
        """Bound the wait for an acknowledgement, and end it at once when the connection is lost."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S) as limit:
                self._limits.add(limit)
                try:
                    yield
                finally:
                    self._limits.discard(limit)
        except TimeoutError:
            self._lose(f"no acknowledgement of {what} within {ANSWER_TIMEOUT_S:.0f} s")
            raise error(self._why) from None
        except aiomqtt.MqttError as cause:
            self._lose(f"{what}: {cause}")
            raise error(self._why) from cause

    def _lose(self, why: str) -> None:
        if self._lost.is_set():
            return
        self._why = f"{self.broker}: {why}"
        self._lost.set()
        self.inbox.close()
        for limit in self._limits:
            if not limit.expired():
                limit.reschedule(0.0)  # the loop's time 0 is past: the wait ends now

    def _check(self) -> None:
        if self._lost.is_set():
            raise BrokerLost(self._why)


@contextlib.asynccontextmanager
async def connect(
    broker: Broker, client_id: str, tls: Tls | None = None, will: Will | None = None
) -> AsyncIterator[Connection]:
    """One connection with a clean session, ended by a DISCONNECT, so without the will. Raises BrokerLost."""
    inbox = Inbox(str(broker))
    client = await _opened(broker, client_id, tls or Tls(), will, inbox)
    connection = Connection(client, broker, inbox)
    watching = asyncio.create_task(connection.watch(), name=f"mqtt {broker}")
    try:
        yield connection
    finally:
        watching.cancel()
        await asyncio.wait({watching})
        await _hang_up(client)


class _Tap(asyncio.Queue[aiomqtt.Message]):
    """Stands where aiomqtt has its queue, and hands each message on as it is read.

    aiomqtt's own iterator takes three turns of the loop for a message while reading takes one: a burst would
    overflow any queue between them. This one stays empty; the iterator only tells of the connection's loss.
    """

    def __init__(self, inbox: Inbox) -> None:
        super().__init__()
        self._inbox = inbox

    def put_nowait(self, item: aiomqtt.Message) -> None:
        payload = item.payload if isinstance(item.payload, bytes) else b""  # paho hands out bytes only
        self._inbox.put(Inbound(item.topic.value, payload, item.retain))


class _Words(logging.Handler):
    """Keeps the last error that the library logged: a TLS alert or a reset is told nowhere else."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.logger = logging.Logger("mqtt", logging.ERROR)
        self.logger.addHandler(self)
        self._last = ""

    def emit(self, record: logging.LogRecord) -> None:
        self._last = record.getMessage()

    def beside(self, reason: object) -> str:
        return f"{reason} ({self._last})" if self._last else str(reason)


class _Client(aiomqtt.Client):
    """Hears also of a connection that ends before its CONNACK; aiomqtt would wait out its time-out."""

    words: _Words

    def _on_disconnect(self, *event: Any) -> None:
        if self._connected.done():
            super()._on_disconnect(*event)
        else:
            self._connected.set_exception(aiomqtt.MqttError("closed before it was accepted"))
            self._connected.exception()  # there may be nobody left to retrieve it


async def _new_client(broker: Broker, client_id: str, tls: Tls, will: Will | None, inbox: Inbox) -> _Client:
    try:
        context = await asyncio.to_thread(tls.context) if broker.tls else None
    except OSError as error:  # ssl.SSLError is one
        raise BrokerLost(f"{broker}: the certificates cannot be used: {error}") from error
    words = _Words()
    client = _Client(
        broker.host,
        broker.port,
        username=broker.user or None,
        password=broker.password or None,
        logger=words.logger,
        identifier=client_id,
        queue_type=cast("type[asyncio.Queue[aiomqtt.Message]]", lambda maxsize: _Tap(inbox)),  # noqa: ARG005 theirs
        protocol=aiomqtt.ProtocolVersion.V311,
        clean_session=True,
        will=aiomqtt.Will(will.topic, will.payload, qos=1, retain=True) if will else None,
        timeout=ANSWER_TIMEOUT_S,
        keepalive=KEEPALIVE_S,
        max_queued_outgoing_messages=WINDOW,
        max_inflight_messages=WINDOW,
        tls_context=context,
        # Nagle's delay and the peer's delayed ACK cost who publishes and acknowledges 20 ms a message.
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
    )
    client.words = words
    client.pending_calls_threshold = WINDOW  # its warning is for callers without a window
    return client


async def _opened(broker: Broker, client_id: str, tls: Tls, will: Will | None, inbox: Inbox) -> _Client:
    """What a broker has against a certificate it says in an alert (RFC 8446, 6.2) and closes. What of ours it
    has not read by then makes that a reset (RFC 1122, 4.2.2.13), which may overtake the alert: who asks again
    hears it, and else would never know why."""
    for _ in range(ASKS - 1):
        with contextlib.suppress(_HungUp):
            return await _open(broker, client_id, tls, will, inbox)
    return await _open(broker, client_id, tls, will, inbox)


async def _open(broker: Broker, client_id: str, tls: Tls, will: Will | None, inbox: Inbox) -> _Client:
    client = await _new_client(broker, client_id, tls, will, inbox)
    opening = asyncio.create_task(client.__aenter__())
    try:
        await asyncio.shield(opening)
    except aiomqtt.MqttError as error:
        await _hang_up(client)
        said = client.words.beside(error)
        is_mute = broker.tls and any(words in said for words in _MUTE)
        raise (_HungUp if is_mute else BrokerLost)(f"{broker}: {said}") from error
    except asyncio.CancelledError:
        # paho connects in a thread that nothing can interrupt: wait for it (5 s for TCP, then
        # ANSWER_TIMEOUT_S), else a connection that nobody serves would live on under our name.
        await asyncio.wait({opening})
        opening.exception()
        await _hang_up(client)
        raise
    return client


async def _hang_up(client: aiomqtt.Client) -> None:
    """DISCONNECT, which closes. Where the broker does not read it, the keep-alive closes the socket later."""
    client.timeout = HANG_UP_S
    with contextlib.suppress(aiomqtt.MqttError):
        await client.__aexit__(None, None, None)


def backoff(failures: int) -> float:
    """Seconds before the next attempt: min(1.8ⁿ, 60 s) ± 20 %."""
    delay_s = min(_GROWTH ** min(failures, _ENOUGH), BACKOFF_LIMIT_S)
    return delay_s * random.uniform(1 - BACKOFF_SPREAD, 1 + BACKOFF_SPREAD)


class Session:
    """Connected for as long as there is a broker in the list that answers."""

    def __init__(
        self,
        brokers: Sequence[Broker],
        client_id: str,
        tls: Tls | None = None,
        delay: Callable[[int], float] = backoff,
    ) -> None:
        """`client_id` is fixed for a node or hub: a broker ends an old connection of that name, and publishes
        its will, before it welcomes the new one."""
        if not brokers:
            raise ValueError("no broker is configured")
        self.brokers = tuple(brokers)
        self._client_id = client_id
        self._tls = tls
        self._delay = delay
        self.why = ""  # there is no connection; "" before the first failure, and while there is one

    async def run(
        self, serve: Callable[[Connection], Awaitable[None]], will: Callable[[], Will] | None = None
    ) -> None:
        """Call `serve` on every new connection and cancel it when that is lost; ends when `serve` returns.

        `will` is asked for before each attempt. What `serve` raises besides BrokerLost is raised on.
        """
        failures, is_lost = 0, False
        for broker in itertools.cycle(self.brokers):
            began = time.monotonic()
            try:
                last_will = will() if will else None
                async with connect(broker, self._client_id, self._tls, last_will) as connection:
                    back = {"code": LOST} if is_lost else {}
                    log.info("%s: connected as %s", broker, self._client_id, extra=back)
                    is_lost = False
                    self.why = ""
                    await _serve(connection, serve)
                    return
            except* BrokerLost as group:
                # A loss is told once; further failures only to whoever looks for them.
                self.why = _reason(group)
                level = logging.DEBUG if is_lost else logging.WARNING
                log.log(level, "broker lost: %s", self.why, extra={"code": LOST})
                is_lost = True
            failures = 0 if time.monotonic() - began > STABLE_S else failures + 1
            await asyncio.sleep(self._delay(failures))


async def _serve(connection: Connection, serve: Callable[[Connection], Awaitable[None]]) -> None:
    serving = asyncio.ensure_future(serve(connection))
    watching = asyncio.ensure_future(connection.wait_lost())
    try:
        await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        watching.cancel()
        if not serving.done():
            serving.cancel()
        await asyncio.wait({serving, watching})
    for task in (serving, watching):
        if not task.cancelled():
            task.result()


def _reason(group: BaseExceptionGroup[BrokerLost]) -> str:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)
