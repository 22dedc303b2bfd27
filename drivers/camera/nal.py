"""What H.264 and H.265 have in common between an RTP packet and a NAL unit, and what each must know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Protocol

SLICE_HEAD = 24  # bytes in which the first fields of a slice's header are, emulation prevention included


class Piece(NamedTuple):
    """A NAL unit or a part of one, as a packet brings it. The first part has the NAL unit's header."""

    data: bytes
    first: bool
    last: bool


class Slice(NamedTuple):
    first: bool  # of its picture
    intra: bool  # needs no other picture
    random_access: bool  # and says so: IDR, IRAP
    counted: bool  # its picture is one of those that a recovery point counts


class Codec(Protocol):
    """Pure functions of one codec. All but `pieces` take NAL units with their header, and raise BadSyntax for
    what cannot be read."""

    recovery_point: ClassVar[bytes]  # an SEI message: from this picture on all is well
    needed: ClassVar[frozenset[int]]  # NAL unit types of the parameter sets without which nothing is decoded

    def pieces(self, payload: bytes) -> Sequence[Piece]:
        """Raises BadSyntax for what is no payload of this codec, and for modes that nobody asked for."""
        ...

    def is_slice(self, nal: bytes) -> bool: ...
    def slice(self, head: bytes) -> Slice:
        """From its first SLICE_HEAD bytes."""
        ...

    def set_key(self, nal: bytes) -> tuple[int, int] | None:
        """Of a parameter set: its NAL unit type and id, one of each counts. None for anything else."""
        ...

    def recovery(self, nal: bytes) -> int | None:
        """Of a recovery point SEI message, how many pictures later all is well; None for anything else."""
        ...


def sei_messages(rbsp: bytes) -> list[tuple[int, bytes]]:
    """Type and payload of each message: H.264 §7.3.2.3.1, the same in H.265. A torn one ends the list."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at + 2 < len(rbsp):
        numbers = []
        for _ in range(2):
            number = 0
            while at < len(rbsp) and rbsp[at] == 0xFF:  # noqa: PLR2004 goes on
                number += 0xFF
                at += 1
            if at >= len(rbsp):
                return found
            numbers.append(number + rbsp[at])
            at += 1
        kind, size = numbers
        if at + size > len(rbsp):
            return found
        found.append((kind, rbsp[at : at + size]))
        at += size
    return found
