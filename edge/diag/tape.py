"""A line's recording: what `hallctl sniff` has heard, in a file that `hallctl replay` feeds to a codec.

JSON, one a line. The first says what it is of; each other is a piece as it was read or written:

    {"format": "hall-edge tape", "version": 1, "device": "printer", "line": "printer", "family": "printer",
     "lengths_only": false, "at": 1764492000.0}
    {"seq": 7, "at": 1764492000.1, "dir": "out", "hex": "10 04 01", "size": 3, "missed": 0}

`hex` is shorter than `size` where not all was kept, and empty where nothing may be: no file has anything of a
person's own in it. `missed` pieces before this one were not heard. A reader takes no other version.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError

from edge.wire import Lenient

MAX_BYTES = 64 * 2**20  # of a file: some days of a bus that is never idle
MAX_LINE = 8 * 1024  # of a piece: 1,024 bytes as hexadecimal, and what stands beside them
MAX_HEX = 2 * 1024 * 3
FORMAT: Literal["hall-edge tape"] = "hall-edge tape"
VERSION: Literal[1] = 1


class Head(Lenient):
    format: Literal["hall-edge tape"]
    version: Literal[1]
    device: Annotated[str, Field(max_length=64)]
    line: Annotated[str, Field(max_length=64)]
    family: Annotated[str, Field(max_length=64)]
    lengths_only: bool = False
    at: float


class Piece(Lenient):
    """As `device.frames` tells it; `said` is not kept, a codec says it anew."""

    seq: int = 0
    at: float
    dir: Literal["in", "out"]
    hex: Annotated[str, Field(max_length=MAX_HEX, pattern=r"^([0-9a-f]{2}( |$))*$")] = ""
    size: Annotated[int, Field(ge=0)]
    missed: Annotated[int, Field(ge=0)] = 0
    said: Annotated[str, Field(exclude=True)] = ""

    @property
    def data(self) -> bytes:
        return bytes.fromhex(self.hex)

    @property
    def is_out(self) -> bool:
        return self.dir == "out"


class BadTape(Exception):
    """It is no recording, or one of another version."""


class TapeFull(Exception):
    """A piece that found no room was not written."""


class Writing:
    """A new file, of the one who listens alone."""

    def __init__(self, path: Path, head: Head) -> None:
        """Raises OSError, FileExistsError where it is there."""
        self.path = path
        self.pieces = self.size = 0
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)
        self._put(head)

    def write(self, piece: Piece) -> None:
        """Raises TapeFull, OSError."""
        self._put(piece)
        self.pieces += 1

    def _put(self, entry: Lenient) -> None:
        line = entry.model_dump_json().encode() + b"\n"
        if self.size + len(line) > MAX_BYTES:
            raise TapeFull
        self._file.write(line)
        self.size += len(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()


def read(path: Path) -> tuple[Head, Iterator[Piece]]:
    """Read as one goes on. Raises BadTape, also on the way, and OSError."""
    lines = _lines(path)
    try:
        head = Head.model_validate_json(next(lines, b""))
    except ValidationError as error:
        raise BadTape(f"1: {_first(error)}") from None
    return head, _pieces(lines)


def _pieces(lines: Iterator[bytes]) -> Iterator[Piece]:
    for number, line in enumerate(lines, start=2):
        try:
            yield Piece.model_validate_json(line)
        except ValidationError as error:
            raise BadTape(f"{number}: {_first(error)}") from None


def _lines(path: Path) -> Iterator[bytes]:
    """A line without its end at the end of the file is one that was being written: the last."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise BadTape(f"{number}: longer than {MAX_LINE} bytes")
            if line.endswith(b"\n"):
                yield line


def _first(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, found["loc"]))
    return f"{where}: {found['msg']}" if where else found["msg"]
