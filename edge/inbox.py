"""Messages received and not yet handled: bounded in number and in bytes, the newest dropped and counted."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass

from edge.log import Once
from edge.wire import MAX_PAYLOAD, MAX_TOPIC

INBOX_MESSAGES = 2_000  # a burst: the retained state of a large fleet
INBOX_BYTES = 16 * 1024 * 1024  # the same in bytes: 160 event batches of 100 KiB

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message received. `retain`: the broker kept it from before; it does not happen now."""

    topic: str
    payload: bytes
    retain: bool = False


class Inbox:
    """One side puts and never waits, the other takes in order of arrival."""

    def __init__(self, name: str) -> None:
        self.rejected = 0  # larger than any message of ours, or with a longer topic
        self.dropped = 0  # found the inbox full
        self._name = name
        self._told = Once()  # topics whose first refusal is in the log
        self._messages: deque[Inbound] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = asyncio.Event()

    def put(self, message: Inbound) -> None:
        size = len(message.payload)
        if size > MAX_PAYLOAD or len(message.topic) > MAX_TOPIC:
            self._reject(message.topic, size)
        elif len(self._messages) >= INBOX_MESSAGES or self._bytes + size > INBOX_BYTES:
            self.dropped += 1
            if self.dropped == 1:
                log.warning("%s: messages come faster than they are handled: dropping the newest", self._name)
        else:
            self._messages.append(message)
            self._bytes += size
            self._changed.set()

    def _reject(self, topic: str, size: int) -> None:
        """Unread, so nobody can be answered. A line for the first on each topic: many must not fill a log."""
        self.rejected += 1
        if len(topic) > MAX_TOPIC:
            topic = f"{topic[:MAX_TOPIC]}… ({len(topic)} characters)"
        if self._told.first(topic):
            log.warning(
                "%s: refused a message of %d bytes; at most %d, with a topic of %d characters; "
                "further ones there are only counted",
                topic,
                size,
                MAX_PAYLOAD,
                MAX_TOPIC,
            )

    def close(self) -> None:
        """Nothing more will come; what is there can still be taken."""
        self._closed = True
        self._changed.set()

    async def take(self, at_most: int) -> list[Inbound]:
        """Wait for a message, then take up to `at_most` of those there. [] once closed and empty."""
        while not self._messages and not self._closed:
            self._changed.clear()
            await self._changed.wait()
        taken = [self._messages.popleft() for _ in range(min(at_most, len(self._messages)))]
        self._bytes -= sum(len(message.payload) for message in taken)
        return taken
