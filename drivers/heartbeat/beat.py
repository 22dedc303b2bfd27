"""What is made of each heartbeat, and of its absence: the terminal's health, told."""

from __future__ import annotations

from drivers.api import Context, Identity
from drivers.heartbeat.reading import Reading, read
from drivers.heartbeat.settings import HeartbeatSettings
from drivers.strictjson import Json
from drivers.terminal import Conditions, Presence

_ATTRIBUTES = ("paper", "takings_today", "door", "last_citizen")


class Beat:
    """One run. `presence` outlives it."""

    def __init__(self, ctx: Context[HeartbeatSettings], presence: Presence) -> None:
        self._ctx = ctx
        self._presence = presence
        self._told = Conditions()
        self._reading = Reading()  # the latest: while nothing newer can be read, it stands
        self._identity: Identity | None = None  # None: not ready yet

    def document(self, document: Json, wrong: list[tuple[str, str]]) -> None:
        """A heartbeat, and what is wrong beside what it says."""
        self._reading = read(document, self._ctx.settings)
        self._hear()
        self._tell(wrong)

    def nonsense(self, code: str, detail: str, *, heard: bool = True) -> None:
        """Something came that is no heartbeat. `heard`: it can only have come from a terminal that works."""
        if heard:
            self._hear()
        self._tell([(code, detail)])

    def _hear(self) -> None:
        self._presence.heard(self._ctx.clock.now())
        self._ctx.alive()
        identity = Identity(firmware=self._reading.values.get("version", ""))
        if identity != self._identity:
            self._identity = identity
            self._ctx.ready(identity)
            self._presence.back(self._ctx)

    def _tell(self, wrong: list[tuple[str, str]]) -> None:
        self._told.tell(self._ctx, [*wrong, *self._reading.wrong])
        for name in _ATTRIBUTES:
            self._ctx.attribute(name, self._reading.values.get(name, ""))
