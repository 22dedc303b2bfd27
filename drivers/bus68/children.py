"""Who is on the line, and what their frames mean."""

from __future__ import annotations

from drivers.bus68.codec import FUNC_KEY, FUNC_RATING, KeyFrame
from drivers.bus68.keymap import KeyMap, Meaning, UnknownKey
from drivers.bus68.settings import PAD_BIT, BusSettings, Child, place
from drivers.messages import LevelPressed


class Roster:
    """Raises ValueError where a map of the settings cannot be read."""

    def __init__(self, settings: BusSettings) -> None:
        self._settings = settings
        self._maps = {name: KeyMap(name, entries) for name, entries in settings.key_maps.items()}
        self._by_id = {child.id: child for child in settings.children}
        self._by_place = {place(child): child for child in settings.children}
        self._heard_at: dict[str, int] = {}  # the address a pad itself gave last

    def get(self, child_id: str) -> Child | None:
        return self._by_id.get(child_id)

    def strip(self, address: int) -> Child | None:
        return self._by_place.get(("strip", address))

    def sender(self, frame: KeyFrame) -> Child | None:
        """Ratings come from pads, at either of their addresses; everything else from callers and panels."""
        if frame.func != FUNC_RATING:
            return self._by_place.get(("caller", frame.address))
        pad = self._by_place.get(("pad", frame.address & ~PAD_BIT))
        if pad is not None:
            self._heard_at[pad.id] = frame.address
        return pad

    def address(self, child: Child) -> int:
        """Where to reach a child: a pad at the address it was last heard with."""
        return self._heard_at.get(child.id, child.address)

    def meaning(self, child: Child, frame: KeyFrame) -> Meaning | LevelPressed:
        """Raises UnknownKey."""
        if child.kind == "pad":
            return self._level(child, frame.data)
        if frame.func != FUNC_KEY:
            raise UnknownKey(f"function {frame.func:02X}")
        return self._maps[self._settings.key_map_of(child)].meaning(frame.data)

    def acknowledgement(self, child: Child, frame: KeyFrame) -> KeyFrame:
        """A caller's frame byte for byte; a pad's after its model."""
        if child.kind != "pad":
            return frame
        if self._settings.pad_model_of(child) == "A":
            return KeyFrame(frame.address, FUNC_KEY, lead=False)
        return KeyFrame(frame.address, FUNC_KEY, frame.data)

    def _level(self, child: Child, data: bytes) -> LevelPressed:
        levels = self._settings.level_maps[self._settings.level_map_of(child)]
        if len(data) != 1 or str(data[0]) not in levels:
            raise UnknownKey(f"rating {data.hex(' ').upper() or 'without a value'}")
        return LevelPressed(levels[str(data[0])], data[0])
