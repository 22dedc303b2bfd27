"""What a driver knows in its next run, also after a restart of the hall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from drivers.api import NotKept
from edge.store import StoreError

MAX_BYTES = 64 * 1024  # of one driver's, as `drivers.api` has it
_NAME = "memory"


class Kept(Protocol):
    """What it needs of the store. Raises StoreError."""

    async def remember(self, owner: str, data: Mapping[str, bytes]) -> None: ...
    async def memories(self, prefix: str) -> dict[str, dict[str, bytes]]: ...


class Forgetful:
    """Of devices without a hall: kept until the process ends."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, bytes]] = {}

    async def remember(self, owner: str, data: Mapping[str, bytes]) -> None:
        known = {**self._kept.get(owner, {}), **data}
        self._kept[owner] = {name: value for name, value in known.items() if value}

    async def memories(self, prefix: str) -> dict[str, dict[str, bytes]]:
        return {owner: dict(data) for owner, data in self._kept.items() if owner.startswith(prefix)}


class DriverMemory:
    """One driver's, as `drivers.api.Context` offers it."""

    def __init__(self, kept: Kept, device: str) -> None:
        self._kept = kept
        self._owner = f"driver/{device}"

    async def remember(self, data: bytes) -> None:
        if len(data) > MAX_BYTES:
            raise NotKept(f"{len(data)} bytes to remember: at most {MAX_BYTES}")
        try:
            await self._kept.remember(self._owner, {_NAME: data})
        except StoreError as error:
            raise NotKept(str(error)) from error

    async def recall(self) -> bytes:
        return (await self._kept.memories(self._owner)).get(self._owner, {}).get(_NAME, b"")
