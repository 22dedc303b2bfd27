"""Made-up appointments: free times by chance, less what has been booked here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from edge.upstream.sandbox.world import Problem, World

TIMES = tuple(f"{hour:02d}:{minute}" for hour in range(9, 17) for minute in ("00", "30"))
AHEAD_DAYS = 60
MAX_OF_PERSON = 16
MAX_BOOKED = 100_000  # of all: a sandbox is started afresh before


@dataclass(frozen=True, slots=True)
class Booked:
    citizen: str
    ref: str
    service: str
    day: str
    time: str

    def told(self) -> dict[str, str]:
        return {"ref": self.ref, "service": self.service, "day": self.day, "time": self.time}


class Desk:
    def __init__(self, world: World) -> None:
        self._world = world
        self._booked: dict[str, Booked] = {}  # by ref

    def slots(self, service: str, day: date, today: date) -> list[dict[str, str | int]]:
        if not today <= day <= today + timedelta(AHEAD_DAYS):
            return []
        taken = [
            each.time for each in self._booked.values() if (each.service, each.day) == (service, str(day))
        ]
        return [
            {"time": time, "free": max(0, self._room(service, day, time) - taken.count(time))}
            for time in TIMES
        ]

    def of(self, citizen: str, today: date) -> list[dict[str, str]]:
        mine = [e for e in self._booked.values() if e.citizen == citizen and e.day >= str(today)]
        return [each.told() for each in sorted(mine, key=lambda each: (each.day, each.time))]

    def book(self, wish: Booked, today: date) -> dict[str, str]:
        before = self._booked.get(wish.ref)
        if before == wish:
            return wish.told()
        if before and before.citizen != wish.citizen:
            raise Problem(404, "unknown_appointment", "there is no appointment of this reference")
        free = {s["time"]: s["free"] for s in self.slots(wish.service, date.fromisoformat(wish.day), today)}
        if wish.time not in free:
            raise Problem(409, "no_such_time", "nobody can come at that time")
        if not free[wish.time]:
            raise Problem(409, "slot_taken", "that time has been taken")
        if not before and len(self.of(wish.citizen, today)) >= MAX_OF_PERSON:
            raise Problem(409, "too_many", f"{MAX_OF_PERSON} appointments are enough")
        if not before and len(self._booked) >= MAX_BOOKED:
            raise Problem(409, "slot_taken", "the sandbox is full: start it afresh")
        self._booked[wish.ref] = wish
        return wish.told()

    def cancel(self, citizen: str, ref: str) -> None:
        """Another's is not touched, and nobody is told that it is there."""
        booked = self._booked.get(ref)
        if booked and booked.citizen == citizen:
            del self._booked[ref]

    def _room(self, service: str, day: date, time: str) -> int:
        return self._world.draw("room", service, str(day), time).choice((0, 1, 1, 2, 3))
