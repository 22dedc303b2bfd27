"""What a board is to be like. It outlives the line: the board's own memory does not outlive its power."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from drivers.bx5k.text import Content
from drivers.bx5k.timetable import Period


@dataclass(slots=True)
class Shown:
    """What an area shows, and the part that is on the board now."""

    content: Content
    part: int = 0
    since_s: float = 0.0  # on the monotonic clock, when this part was sent

    @property
    def text(self) -> bytes:
        return self.content.parts[self.part]

    def due(self, now_s: float) -> bool:
        """Whether the next part's turn has come. After the last it is the first's, or nobody's."""
        area, count = self.content.area, len(self.content.parts)
        if count < 2 or (area.run == "last" and self.part == count - 1):  # noqa: PLR2004 two parts take turns
            return False
        return now_s >= self.since_s + area.part_s

    def next_part(self) -> int:
        return (self.part + 1) % len(self.content.parts)


class Memory:
    def __init__(self) -> None:
        self.shown: dict[str, Shown] = {}  # by area; an area that is to be dark is not there
        self.in_parts = asyncio.Event()  # an area shows a text part by part
        self._order: tuple[bool, Period[bool] | None] | None = None  # and the period in which it came
        self._before: tuple[bool, Period[bool] | None] | None = None  # the order before

    def put(self, content: Content, now_s: float) -> Shown | None:
        """What the area shows from now on, None where it is dark."""
        name = content.area.name
        if content.parts:
            self.shown[name] = Shown(content, since_s=now_s)
        else:
            self.shown.pop(name, None)
        if any(len(shown.content.parts) > 1 for shown in self.shown.values()):
            self.in_parts.set()
        else:
            self.in_parts.clear()
        return self.shown.get(name)

    def switch(self, on: bool, period: Period[bool] | None) -> None:
        """An order holds until the timetable's next step."""
        self._before, self._order = self._order, (on, period)

    def switch_back(self) -> None:
        """The last order was refused: it is as if it had not been given."""
        self._order = self._before

    def power(self, period: Period[bool] | None) -> bool:
        if self._order and self._order[1] == period:
            return self._order[0]
        return period.value if period else True
