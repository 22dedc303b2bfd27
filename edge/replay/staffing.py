"""Other staffing, as one writes it: "+1", "tax=-1", "3=off", "3=08:30-12:00,13:30-17:00"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from drivers.checking.words import Text
from drivers.messages import KeyAction
from edge.replay.model import Act, Day
from edge.rules.model import Hall, Window

MOST = 20  # windows more or less: a hall of 52 that needs more needs another hall
DAY_S = 86_400.0
_COUNT = re.compile(r"(?:(?P<service>[^=]+)=)?(?P<n>[+-][0-9]{1,2})")
_HOURS = re.compile(r"(?P<window>[^=]+)=(?P<spans>off|[0-9:,-]+)")
_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")


class BadChange(Exception):
    """What was asked for cannot be. `words`: why, with a way on."""

    def __init__(self, words: Text) -> None:
        super().__init__(words.en)
        self.words = words


@dataclass(frozen=True, slots=True)
class Staffed:
    """A day with other staffing, and what was changed, in words."""

    day: Day
    hall: Hall
    said: tuple[Text, ...] = ()


def changed(day: Day, hall: Hall, wishes: Sequence[str]) -> Staffed:
    """All of `wishes`, in their order. Raises BadChange."""
    staffed = Staffed(day, hall)
    for wish in wishes:
        if count := _COUNT.fullmatch(wish):
            staffed = _count(staffed, count["service"] or "", int(count["n"]))
        elif hours := _HOURS.fullmatch(wish):
            staffed = _hours(staffed, hours["window"], hours["spans"])
        else:
            way = "+1、税务=-1、3=off、3=08:30-12:00"
            raise BadChange(
                Text(
                    f"看不懂“{wish}”，要写成 {way}", f"{wish!r} is not like +1, tax=-1, 3=off, 3=08:30-12:00"
                )
            )
    return staffed


def _count(staffed: Staffed, service: str, n: int) -> Staffed:
    if service and service not in staffed.hall.services:
        known = ", ".join(staffed.hall.services)
        raise BadChange(
            Text(f"没有业务 {service}，有的是：{known}", f"there is no service {service}: {known}")
        )
    if not 1 <= abs(n) <= MOST:
        raise BadChange(Text(f"一次加减 1 到 {MOST} 个窗口", f"1 to {MOST} windows more or less"))
    for _ in range(abs(n)):
        staffed = _more(staffed, service) if n > 0 else _less(staffed, service)
    return staffed


def _more(staffed: Staffed, service: str) -> Staffed:
    """One like the window that was manned longest, for that service alone or for all."""
    like = max(_manned(staffed, service), key=lambda id_: _manned_s(staffed.day.posts[id_]))
    id_ = next(f"+{n}" for n in range(1, 1000) if f"+{n}" not in staffed.hall.windows)
    window = Window(id_, id_, (service,) if service else tuple(staffed.hall.services))
    hall = replace(staffed.hall, windows=staffed.hall.windows | {id_: window})
    own = tuple(act for act in staffed.day.posts[like] if act.action)
    day = replace(staffed.day, posts=staffed.day.posts | {id_: own})
    said = Text(
        f"加一个窗口 {id_}，办{service or '所有业务'}，时间同窗口 {like}",
        f"one window more, {id_}, for {service or 'all services'}, at the times of window {like}",
    )
    return Staffed(day, hall, (*staffed.said, said))


def _less(staffed: Staffed, service: str) -> Staffed:
    """Without the one that called the fewest."""
    calls = dict.fromkeys(_manned(staffed, service), 0)
    for person in staffed.day.people:
        for leg in person.legs:
            if leg.at in calls:
                calls[leg.at] += 1
    least = min(calls, key=lambda id_: calls[id_])
    said = Text(f"去掉窗口 {least}", f"without window {least}")
    return _with_posts(staffed, least, (), said)


def _hours(staffed: Staffed, window: str, spans: str) -> Staffed:
    if window not in staffed.hall.windows:
        known = ", ".join(staffed.hall.windows)
        raise BadChange(Text(f"没有窗口 {window}，有的是：{known}", f"there is no window {window}: {known}"))
    if spans == "off":
        return _with_posts(staffed, window, (), Text(f"去掉窗口 {window}", f"without window {window}"))
    acts: list[Act] = []
    for span in spans.split(","):
        found = _SPAN.fullmatch(span)
        begin_s, end_s = _span_s(found) if found else (0.0, 0.0)
        if not begin_s < end_s or (acts and begin_s < acts[-1].at_s):
            raise BadChange(
                Text(
                    f"看不懂时间“{span}”，要写成 08:30-12:00，先后分明",
                    f"{span!r} is not like 08:30-12:00, in order",
                )
            )
        acts += [Act(begin_s, KeyAction.LOGIN), Act(end_s, KeyAction.LOGOUT)]
    said = Text(f"窗口 {window} 开 {spans}", f"window {window} is open {spans}")
    return _with_posts(staffed, window, tuple(acts), said)


def _span_s(found: re.Match[str]) -> tuple[float, float]:
    hour, minute, end_hour, end_minute = (int(each) for each in found.groups())
    return 60.0 * (60 * hour + minute), 60.0 * (60 * end_hour + end_minute)


def _with_posts(staffed: Staffed, window: str, acts: tuple[Act, ...], said: Text) -> Staffed:
    """Steps of projects that its staff did are done where somebody can."""
    posts, lost = staffed.day.posts | {window: acts}, 0
    for step in staffed.day.posts.get(window, ()):
        if step.action:
            continue
        if able := [id_ for id_ in posts if _can_do(staffed.hall, id_, posts[id_], step)]:
            heir = window if window in able else min(able, key=lambda id_: _steps(posts[id_]))
            posts[heir] = tuple(sorted((*posts[heir], step), key=lambda act: act.at_s))
        else:
            lost += 1
    words = [said]
    if lost:
        en = f"{lost} steps of projects find no window"
        words.append(Text(f"快速通道有 {lost} 个环节没有窗口可办", en))
    return Staffed(replace(staffed.day, posts=posts), staffed.hall, (*staffed.said, *words))


def _can_do(hall: Hall, window: str, acts: Sequence[Act], step: Act) -> bool:
    before = [act.action for act in acts if act.action and act.at_s <= step.at_s]
    return step.service in hall.windows[window].services and before[-1:] in (
        [KeyAction.LOGIN],
        [KeyAction.RESUME],
    )


def _steps(acts: Sequence[Act]) -> int:
    return sum(act.action is None for act in acts)


def _manned(staffed: Staffed, service: str) -> list[str]:
    """The windows of that service, or all, that anybody was at on that day."""
    windows = staffed.hall.windows.values()
    found = [w.id for w in windows if (not service or service in w.services) and staffed.day.posts.get(w.id)]
    if not found:
        raise BadChange(Text("那天没有这样的窗口开着", "no such window was manned on that day"))
    return found


def _manned_s(acts: Sequence[Act]) -> float:
    """How long somebody was there and had not paused."""
    total_s, since_s = 0.0, None
    for act in (each for each in acts if each.action):
        if since_s is not None:
            total_s, since_s = total_s + act.at_s - since_s, None
        if act.action in (KeyAction.LOGIN, KeyAction.RESUME):
            since_s = act.at_s
    return total_s + (DAY_S - since_s if since_s is not None else 0.0)
