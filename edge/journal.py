"""systemd's journal, spoken to natively: a datagram an entry, so that a line keeps its fields.

https://systemd.io/JOURNAL_NATIVE_PROTOCOL/. Not libsystemd, which sd_journal_sendv(3) belongs to: it waits
for a journal that does not read, and the hall would wait with it.
"""

from __future__ import annotations

import logging
import re
import select
import socket
import struct
from collections.abc import Callable, Mapping
from typing import TextIO

SOCKET = "/run/systemd/journal/socket"
MAX_FIELDS = 24  # of an entry: the widest of ours has 8
MAX_VALUE = 1024  # bytes; an identifier or a detail
# Bytes: where journald cuts a line of standard error (journald.conf(5), LineMax=). With all its fields an
# entry thus stays below the 208 KiB that a datagram may have, and needs no file in memory.
MAX_MESSAGE = 48 * 1024
MESSAGE = "MESSAGE"
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")  # of a field that a program may set


def entry(fields: Mapping[str, str]) -> bytes:
    """The datagram. What is too long is cut, and what no field can be called is left out."""
    named = [(name, value) for name, value in fields.items() if _NAME.fullmatch(name)]
    return b"".join(_field(name, value) for name, value in named[:MAX_FIELDS])


def _field(name: str, value: str) -> bytes:
    data = _cut(value, MAX_MESSAGE if name == MESSAGE else MAX_VALUE)
    if b"\n" in data:
        return name.encode() + b"\n" + struct.pack("<Q", len(data)) + data + b"\n"
    return name.encode() + b"=" + data + b"\n"


def _cut(value: str, limit: int) -> bytes:
    data = value.encode("utf-8", "replace")
    return data if len(data) <= limit else data[:limit].decode("utf-8", "ignore").encode()  # whole characters


class JournalHandler(logging.Handler):
    """To the journal at `path`; where that takes nothing, as a line to `stream`; and where that would have to
    be waited for, counted: a hall does not stand still for its log."""

    def __init__(
        self,
        fields: Callable[[logging.LogRecord], dict[str, str]],
        stream: TextIO,
        identifier: str,
        path: str = SOCKET,
    ) -> None:
        super().__init__()
        self._fields = fields
        self._stream = stream
        self._identifier = {"SYSLOG_IDENTIFIER": identifier}
        self._path = path
        # Not connected: a journal that was restarted is at the same path.
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        try:
            fields = self._fields(record)
            if self._lost:
                told = f"{__name__}: {self._lost} lines are lost: nothing took them"
                self._lost *= not self._taken({MESSAGE: told, "PRIORITY": "4"})
            self._lost += not self._taken(fields)
        except Exception:  # noqa: BLE001 as all handlers: a record that cannot be shown ends nothing
            self.handleError(record)

    def close(self) -> None:
        self._socket.close()
        super().close()

    def _taken(self, fields: Mapping[str, str]) -> bool:
        try:
            self._socket.sendto(entry({**fields, **self._identifier}), self._path)
        except OSError:  # it is not there, or has not read what came before
            return self._written(fields)
        return True

    def _written(self, fields: Mapping[str, str]) -> bool:
        waiting = select.poll()
        waiting.register(self._stream, select.POLLOUT)
        if not any(event & select.POLLOUT for _, event in waiting.poll(0)):
            return False
        self._stream.write(f"<{fields['PRIORITY']}>{_cut(fields[MESSAGE], MAX_MESSAGE).decode()}\n")
        self._stream.flush()
        return True
