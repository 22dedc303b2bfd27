"""The journal's end of its native protocol, read as its documentation says, not by the sender's code."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from edge.log import setup

MAX_DATAGRAM = 256 * 1024


class JournalSocket:
    """A bound socket; what was sent is there at once, since a datagram is delivered or refused."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))

    def entries(self) -> list[dict[str, str]]:
        """All that have come since this was last asked."""
        found = []
        while True:
            try:
                found.append(parsed(self._socket.recv(MAX_DATAGRAM)))
            except BlockingIOError:
                return found

    def close(self) -> None:
        self._socket.close()
        self.path.unlink(missing_ok=True)


def parsed(data: bytes) -> dict[str, str]:
    """The fields of an entry. Raises where it breaks the protocol."""
    fields = dict[str, str]()
    while data:
        line, _, data = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (size,) = struct.unpack_from("<Q", data)
            value, end = data[8 : 8 + size], data[8 + size : 9 + size]
            assert (len(value), end) == (size, b"\n")
            data = data[9 + size :]
        assert name.decode() not in fields
        fields[name.decode()] = value.decode()
    return fields


@contextmanager
def journaled(stream: TextIO, path: Path) -> Iterator[JournalSocket]:
    """All loggers lead to a journal here, as if `stream` were a unit's standard error."""
    stat, journal = os.fstat(stream.fileno()), JournalSocket(path)
    handler = setup(
        stream=stream, environ={"JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"}, journal=str(path)
    )
    try:
        yield journal
    finally:
        handler.close()
        journal.close()
