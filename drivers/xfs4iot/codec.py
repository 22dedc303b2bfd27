"""A WebSocket (RFC 6455) that carries XFS4IoT messages, sans-IO: the framing is wsproto's, the limits ours.

After an error in the framing there is no way to find the next frame: RFC 6455, 7.1.7, has the connection
failed. `feed` then says so once, and is deaf. A message that is no XFS4IoT is a BadFrame, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from drivers.api import BadFrame
from drivers.terminal import clean
from drivers.xfs4iot.envelope import Message, NotAMessage, parse

# Bytes of one message. What a service says of all its commands and events in Common.Capabilities, the longest
# message there is, takes some tens of KiB.
MAX_FRAME = 256 * 1024

_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
_PATH = re.compile(r"/[!-~]{0,255}")


@dataclass(frozen=True, slots=True)
class Opened:
    """The opening handshake is done."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The end of this WebSocket. `code` is one of the driver's conditions."""

    code: str
    reason: str


Frame = Opened | Message | Failed


class SocketCodec:
    """The client's end. What the protocol itself owes the peer, pongs and the like, gathers in `owed`."""

    def __init__(self) -> None:
        self._ws = WSConnection(ConnectionType.CLIENT)
        self._held = bytearray()  # of the message that is coming in
        self._dead = False
        self.owed = b""

    @property
    def buffered(self) -> int:
        """Bytes held of a message that is not complete."""
        return len(self._held)

    def open(self, host: str, path: str) -> bytes:
        """The opening request. Raises ValueError where host or path cannot stand in one."""
        if not _HOST.fullmatch(host) or not _PATH.fullmatch(path):
            raise ValueError("cannot stand in a request")
        return self._ws.send(Request(host=host, target=path))

    def encode(self, text: str) -> bytes:
        """A text message, masked. Only between `Opened` and `Failed`."""
        return self._ws.send(TextMessage(data=text))

    def close(self) -> bytes:
        """The closing frame, b"" where there is nothing to close."""
        if self._dead or self._ws.state is not ConnectionState.OPEN:
            return b""
        self._dead = True
        return self._ws.send(CloseConnection(code=1000))

    def feed(self, data: bytes) -> Sequence[Frame | BadFrame]:
        found: list[Frame | BadFrame] = []
        try:
            if not self._dead:
                self._ws.receive_data(data)
            events = self._ws.events()
            while not self._dead and (event := next(events, None)) is not None:
                self._take(event, found)
        except (
            RemoteProtocolError,
            LocalProtocolError,
            ValueError,
        ) as error:  # the last: headers in no ASCII
            self._fail("not_websocket", clean(str(error)), found)
        return found

    def _take(self, event: Event, found: list[Frame | BadFrame]) -> None:
        match event:
            case AcceptConnection():
                found.append(Opened())
            case RejectConnection(status_code=status):
                self._fail("upgrade_refused", f"HTTP status {status}", found)
            case TextMessage(data=text, message_finished=finished):
                self._gather(text.encode(), finished, found)
            case BytesMessage(data=data, message_finished=finished):
                self._gather(bytes(data), finished, found)
            case Ping():
                self.owed += self._ws.send(event.response())
            case CloseConnection(code=code, reason=reason):
                if self._ws.state is ConnectionState.REMOTE_CLOSING:
                    self.owed += self._ws.send(event.response())
                    self._fail("peer_closed", f"{int(code)} {clean(reason)}".strip(), found)
                else:
                    # wsproto's own words; where in a piece of the line the fault was means nothing
                    self._fail("not_websocket", clean(str(reason).partition(" in position ")[0]), found)
            case _:
                pass  # pongs, and the body of a refusal

    def _gather(self, data: bytes, finished: bool, found: list[Frame | BadFrame]) -> None:
        self._held += data
        if len(self._held) > MAX_FRAME:
            self._fail("message_too_long", f"more than {MAX_FRAME} bytes", found)
        elif finished:
            whole = bytes(self._held)
            self._held.clear()
            try:
                found.append(parse(whole))
            except NotAMessage as reason:
                found.append(BadFrame(str(reason), whole[:16]))

    def _fail(self, code: str, reason: str, found: list[Frame | BadFrame]) -> None:
        self._dead = True
        self._held.clear()
        found.append(Failed(code, reason))
