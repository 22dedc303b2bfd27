"""A reply as the line that is sent, and what is a person's own in it: put in last, and overwritten once it is
out, so that no copy of it is left in what the interpreter or a serialiser frees."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from edge.wire import MAX_PAYLOAD, PERSONAL, Reply

log = logging.getLogger(__name__)

_EMPTY = f'"{PERSONAL}":{{'.encode()  # and } where nothing is in it
_ESCAPED = 6  # bytes that a character takes at the most, as \\u0000


class Own(dict[str, str]):
    """What was read for one session alone. `forget` overwrites it: nobody may use it afterwards."""

    def __init__(self, fields: Mapping[str, str], forget: Callable[[], None]) -> None:
        super().__init__(fields)
        self.forget = forget


@contextmanager
def as_line(reply: Reply) -> Iterator[bytearray]:
    """With its end, to be sent within; overwritten at the end of it where there is an `Own` in it."""
    own, line = _own(reply), _line(reply)
    if len(line) > MAX_PAYLOAD:
        log.error("reply of %d bytes cut", len(line))
        line = _line(reply.model_copy(update={"code": "reply_too_long", "data": {}}))
    try:
        yield line
    finally:
        if own is not None:
            line[:] = bytes(len(line))
            own.forget()


def _line(reply: Reply) -> bytearray:
    own = _own(reply)
    if own is None:
        return bytearray(reply.model_dump_json().encode() + b"\n")
    bare = reply.model_copy(update={"data": reply.data | {PERSONAL: {}}}).model_dump_json().encode()
    place = bare.index(_EMPTY) + len(_EMPTY)
    return _spliced(bare[:place], own, bare[place:] + b"\n")


def _own(reply: Reply) -> Own | None:
    own = reply.data.get(PERSONAL)
    return own if isinstance(own, Own) else None


def _spliced(head: bytes, own: Own, tail: bytes) -> bytearray:
    """Character by character into a place that is large enough from the start: what grows is moved, and
    leaves behind what it was."""
    size = len(head) + len(tail) + sum(len(key) + _ESCAPED * (len(own[key]) + 1) for key in own)
    line = bytearray(size)
    view, at = memoryview(line), 0

    def put(part: bytes) -> None:
        nonlocal at
        view[at : at + len(part)] = part
        at += len(part)

    put(head)
    for number, (key, value) in enumerate(own.items()):
        put(f'{"," if number else ""}"{key}":"'.encode())
        for character in value:
            put(json.dumps(character, ensure_ascii=False)[1:-1].encode())
        put(b'"')
    view[at : size - len(tail)] = b" " * (size - len(tail) - at)  # which means nothing between two fields
    at = size - len(tail)
    put(tail)
    view.release()
    return line
