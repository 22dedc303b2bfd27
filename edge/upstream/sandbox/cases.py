"""Made-up cases: what each is and how far it has come follows from its number and the day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from edge.upstream.sandbox.world import Citizen, Problem, World

_MATTERS = (
    ("个体工商户设立登记", "Registering a sole trader", 3),
    ("社会保险关系转移接续", "Transfer of social insurance", 15),
    ("不动产转移登记", "Transfer of real estate", 5),
    ("食品经营许可新办", "Licence to sell food", 10),
    ("残疾人证办理", "Disability certificate", 20),
    ("道路运输经营许可", "Licence for road transport", 8),
)
_STEPS = (
    ("受理", "Accepted"),
    ("审查", "Examined"),
    ("决定", "Decided"),
    ("制证", "Papers made"),
    ("送达", "Handed over"),
)
_MISSING = (
    ("营业场所证明（原件）", "Proof of the premises (original)"),
    ("近期一寸免冠照片", "A recent photo of 25 by 35 mm, without a hat"),
    ("委托书（原件）", "Letter of authority (original)"),
)
_OF_CITIZEN = 4  # cases, at most
_OLDEST_DAYS = 40


def case_by_receipt(world: World, receipt: str, today: date) -> dict[str, Any]:
    """By all 14 digits. Raises Problem."""
    number, tail = receipt[:10], receipt[10:]
    if tail != tail_of(world, number):
        raise Problem(404, "unknown_case", "there is no case of this number")
    return case_of(world, number, today)


def cases_of(world: World, citizen: Citizen, today: date) -> list[dict[str, Any]]:
    """Those that go on first."""
    found = [case_of(world, number, today) for number in numbers_of(world, citizen.id, today)]
    return sorted(found, key=lambda case: case["state"] in ("done", "refused", "withdrawn"))


def numbers_of(world: World, citizen: str, today: date) -> list[str]:
    """The numbers of a citizen's cases. One that is 40 days old is told for the last time."""
    chance = world.draw("cases", citizen)
    count = chance.randint(1, _OF_CITIZEN)
    ages = sorted(chance.sample(range(_OLDEST_DAYS), count))
    return [f"{today - timedelta(age):%y%m%d}{chance.randint(0, 9999):04d}" for age in ages]


def tail_of(world: World, number: str) -> str:
    """The four that nobody can guess."""
    return world.digits(4, "tail", number)


def case_of(world: World, number: str, today: date) -> dict[str, Any]:
    try:
        accepted = date(2000 + int(number[:2]), int(number[2:4]), int(number[4:6]))
    except ValueError:
        raise Problem(404, "unknown_case", "there is no case of this number") from None
    chance = world.draw("case", number[6:])
    name, name_en, days = chance.choice(_MATTERS)
    age = max(0, (today - accepted).days)
    waits = age < days and chance.random() < 0.25
    done = len(_STEPS) if age >= days else 1 if waits else 1 + age * (len(_STEPS) - 1) // days
    refused = age >= days and chance.random() < 0.1
    state = "refused" if refused else "done" if age >= days else "in_progress" if age else "accepted"
    case: dict[str, Any] = {
        "number": number,
        "name": name,
        "name_en": name_en,
        "state": "to_supplement" if waits else state,
        "due": (accepted + timedelta(days)).isoformat(),
        "window": f"{chance.randint(1, 6)} 号窗口" if waits or state == "done" else "",
        "steps": [_step(place, done, accepted, days) for place in range(len(_STEPS))],
    }
    if waits:
        papers = chance.sample(_MISSING, chance.randint(1, 2))
        case |= {"missing": [zh for zh, _ in papers], "missing_en": [en for _, en in papers]}
    return case


def _step(place: int, done: int, accepted: date, days: int) -> dict[str, str]:
    name, name_en = _STEPS[place]
    step = {"name": name, "name_en": name_en}
    if place < done:
        day = accepted + timedelta(place * days // (len(_STEPS) - 1))
        return step | {"state": "done", "on": day.isoformat()}
    return step | {"state": "current" if place == done else "to_come"}
