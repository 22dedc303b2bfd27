"""The rules, each a look at one thing; the first that fits names the cause.

A condition that says what is wrong with the device itself (paper, cover, card) is believed before the counts
of its line, unless most of what the line brings makes no sense: then the conditions are noise as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from drivers.checking.words import Text
from edge.diag.evidence import Evidence, Fault, Member, Traffic
from edge.diag.judging import causes
from edge.diag.judging.causes import Cause

# What a driver says where it knows no more than that there is no answer, or none that makes sense.
VAGUE = frozenset(
    {"silent", "link_lost", "protocol_breach", "not_heard", "garbled", "cut_short", "bad_checksums",
     "code_too_long", "control_characters", "undecodable", "unknown_address", "hears_itself", "unplugged",
     "peer_closed", "status_unreadable", "unreadable"}
)  # fmt: skip
UP = frozenset({"online", "degraded"})
FEW = 3  # of anything that also happens on a good line
TWO = 2  # damaged frames: one may be the half of an answer that was under way as the line was opened
FLAT_SHARE = 0.4  # of bytes as a wrong speed leaves them; random bytes have 0.04, frames of ours 0.3
BAD_SHARE = 0.1  # of frames: of a good line less than one in a thousand
MISSED_SHARE = 0.1  # of questions; a good line misses those at its opening
UNASKED_SHARE = 0.5  # of good frames: every other answer came a second time
LATE_S = 1.0  # the shortest time in which a family gives an answer up
RECENT_S = 600.0
LOSSES = 3  # within RECENT_S, the line having been open before each
HELD_S = 1.0  # for which a line was open: one that is lost sooner has not come back
SELDOM = 4  # questions without an answer: more than the tries of any family
_LOOSE = frozenset({"link_lost", "unplugged", "peer_closed", "port_missing"})
_NETWORK = frozenset({"tcp", "tls", "host", "lan"})
_TERMINALS = frozenset({"heartbeat", "xfs4iot", "camera"})
_UNASKED = re.compile("not asked for|no answer to")
_ADDRESS = re.compile(r"address (0x[0-9A-F]{2})")

Rule = Callable[[Evidence], Cause | None]


def cause_of(seen: Evidence) -> Cause:
    return next(filter(None, (rule(seen) for rule in RULES)), causes.WELL)


# --- before anything is heard ---
def misconfigured(seen: Evidence) -> Cause | None:
    return _as_told(seen.own.conditions) if seen.own.state == "misconfigured" else None


def held(seen: Evidence) -> Cause | None:
    """Who holds the port is known on this machine only."""
    codes = {each.code for each in (*seen.own.conditions, *seen.head.conditions)}
    if not seen.holders or not codes & {"port_busy", "input_busy"}:
        return None
    programs = ", ".join(f"{each.name} ({each.pid})" for each in seen.holders)
    return causes.HELD.filled(programs=programs, pid=seen.holders[0].pid)


def denied(seen: Evidence) -> Cause | None:
    """Whose a port is, is known on this machine only."""
    rights = seen.rights
    if rights is None:
        return None
    cause = causes.DENIED.filled(user=rights.user, rights=rights)
    return replace(cause, next=rights.remedy)


def loose(seen: Evidence) -> Cause | None:
    recent = [
        each
        for each in seen.line.traffic.losses
        if each.code in _LOOSE
        and (each.held_s is None or each.held_s >= HELD_S)
        and seen.now_s - each.at <= RECENT_S
    ]
    if len(recent) < LOSSES or seen.line.traffic.openings < LOSSES:
        return None
    minutes = max(1, round((seen.now_s - recent[0].at) / 60))
    return causes.LOOSE.filled(times=len(recent), minutes=minutes)


def not_there(seen: Evidence) -> Cause | None:
    """The line cannot be opened: its condition says why."""
    away = seen.head.state in ("backoff", "faulted", "connecting", "stopped")
    return _as_told(seen.head.conditions, but=VAGUE) if away else None


# --- what is heard makes no sense ---
def elsewhere(seen: Evidence) -> Cause | None:
    """It was asked just now, which says more than what was heard before."""
    found = seen.elsewhere
    if found is None or not found.family:
        return None
    if found.family != seen.line.family:
        return causes.OTHER_DEVICE.filled(other=found.family, family=seen.line.family)
    if str(found.baud) == _speed(seen):
        return None
    return causes.OTHER_SPEED.filled(found=found.baud, speed=_speed(seen))


def other_device(seen: Evidence) -> Cause | None:
    traffic = seen.line.traffic
    # A few bytes of others' pass for a printer's status, which has no check.
    by_chance = traffic.frames.good and _damaged(traffic) < max(TWO, traffic.frames.good * BAD_SHARE)
    if not seen.stranger or by_chance:
        return None
    return causes.OTHER_DEVICE.filled(other=seen.stranger, family=seen.line.family)


def echo(seen: Evidence) -> Cause | None:
    traffic = seen.line.traffic
    if traffic.echoes < FEW or traffic.frames.good >= traffic.echoes / 2:
        return None
    return causes.ECHO


def wrong_speed(seen: Evidence) -> Cause | None:
    traffic = seen.line.traffic
    if traffic.frames.good or traffic.heard.bytes < FEW or _late(traffic):
        return None
    flat = traffic.heard.flat / traffic.heard.bytes
    if flat < FLAT_SHARE or _is_networked(seen):
        return None
    return causes.WRONG_SPEED.filled(bytes=traffic.heard.bytes, speed=_speed(seen))


def no_sense(seen: Evidence) -> Cause | None:
    traffic = seen.line.traffic
    if traffic.frames.good or _damaged(traffic) < FEW:
        return None
    if seen.own.last_heard is not None:  # it has made sense before, so it is the right device
        return _bad_line(traffic)
    return causes.NO_SENSE.filled(bytes=traffic.heard.bytes, model=seen.line.model or seen.line.family)


def one_address_twice(seen: Evidence) -> Cause | None:
    """Before damage, which spoils the answers of all. Two that answer at once cover each other's bytes."""
    well = any(each.kind == "strip" and each.state in UP and not _is_mute(each) for each in seen.others)
    if seen.own.kind != "strip" or seen.own.address not in seen.garbled or not well:
        return None
    return causes.COLLIDES.filled(address=_address(seen.own))


def much_damage(seen: Evidence) -> Cause | None:
    """So much that conditions may be made of noise."""
    traffic = seen.line.traffic
    return _bad_line(traffic) if _damaged(traffic) >= max(TWO, traffic.frames.good * BAD_SHARE) else None


def patchy(seen: Evidence) -> Cause | None:
    """It answers now and then. On a shared line much is said that nobody answers."""
    traffic = seen.line.traffic
    often = traffic.sent.missed >= max(FEW, traffic.sent.questions * MISSED_SHARE)
    alone = len(seen.line.devices) == 1 and seen.line.heartbeat_s is not None
    now_and_then = traffic.frames.good > 0 and traffic.sent.unanswered < SELDOM and not _late(traffic)
    return _bad_line(traffic) if often and alone and now_and_then else None


# --- what it says of itself ---
def silent_since(seen: Evidence) -> Cause | None:
    """What it said of itself before it fell silent is what it was like then."""
    conditions = {each.code: each for each in seen.own.conditions}
    mute, others = conditions.pop("silent", None), conditions.values()
    if mute is None or not others or seen.line.traffic.sent.unanswered < SELDOM:
        return None
    return silent(seen) if all(each.since < mute.since for each in others) else None


def told(seen: Evidence) -> Cause | None:
    """A condition of its own that says what is wrong with it."""
    return _as_told(seen.own.conditions, but=VAGUE, severities=("error", "warning"))


# --- many on one line ---
def wrong_address(seen: Evidence) -> Cause | None:
    strange = next((each for each in seen.head.conditions if each.code == "unknown_address"), None)
    found = _ADDRESS.search(strange.detail) if strange else None
    if found is None or not _is_mute(seen.own):
        return None
    return causes.WRONG_ADDRESS.filled(address=_address(seen.own), found=found[1])


def dead_bus(seen: Evidence) -> Cause | None:
    traffic = seen.line.traffic
    shared = len(seen.line.devices) > 2  # noqa: PLR2004 the line itself, and one device on it
    if not shared or traffic.sent.unanswered < FEW:
        return None
    if not traffic.heard.bytes:
        return causes.DEAD_BUS.filled(questions=traffic.sent.unanswered)
    asked = [each for each in seen.line.devices[1:] if each.kind == "strip"]
    if len(asked) < TWO or not all(_is_mute(each) for each in asked) or not _is_mute(seen.own):
        return None
    ago = round(seen.now_s - (traffic.heard.at or seen.now_s))
    return causes.BUS_DIED.filled(ago=ago, questions=traffic.sent.unanswered)


def one_is_silent(seen: Evidence) -> Cause | None:
    heard = next((each.device for each in seen.others if each.state in UP and not _is_mute(each)), "")
    if not heard or not any(each.code == "silent" for each in seen.own.conditions):
        return None
    return causes.LONELY.filled(heard=heard, address=_address(seen.own))


# --- one at its line ---
def late(seen: Evidence) -> Cause | None:
    traffic = seen.line.traffic
    if not _late(traffic) or not (_is_mute(seen.own) or _unasked(traffic)):
        return None
    setting = "status_timeout_s" if seen.line.family == "sdt" else "answer_timeout_s"
    return causes.LATE.filled(waited=f"{traffic.waited_s:.1f}", setting=setting)


def twice(seen: Evidence) -> Cause | None:
    traffic = seen.line.traffic
    often = _unasked(traffic) >= max(FEW, traffic.frames.good * UNASKED_SHARE)
    return causes.TWICE if often and not _is_mute(seen.own) else None


def silent(seen: Evidence) -> Cause | None:
    traffic, own = seen.line.traffic, seen.own
    if _is_networked(seen):  # its driver's own words know of its program, and of the network
        return None
    if not _is_mute(own) and not (seen.checked and seen.checked.verdict == "fault"):
        return None
    if traffic.heard.bytes and traffic.frames.good and traffic.sent.unanswered < SELDOM:
        return _bad_line(traffic)
    if traffic.sent.unanswered < 1 or (traffic.heard.bytes and not traffic.frames.good):
        return None
    if own.last_heard is None and not traffic.heard.bytes:
        return causes.NEVER_HEARD.filled(
            questions=traffic.sent.unanswered, settings=_settings(seen), device=own.device
        )
    ago = round(seen.now_s - (own.last_heard or traffic.heard.at or seen.now_s))
    return causes.WENT_SILENT.filled(ago=ago, questions=traffic.sent.unanswered)


def hears_itself(seen: Evidence) -> Cause | None:
    if any(each.code == "hears_itself" for each in seen.head.conditions):
        return _as_told(seen.head.conditions, only=frozenset({"hears_itself"}))
    return causes.HEARS_ITSELF if seen.line.traffic.echoes >= FEW else None


def vague(seen: Evidence) -> Cause | None:
    """What is left of what its driver said, of itself, then of its line; a note last."""
    conditions = (*seen.own.conditions, *seen.head.conditions)
    return _as_told(conditions, severities=("error", "warning", "info"))


def unheard(seen: Evidence) -> Cause | None:
    return (
        causes.UNHEARD if seen.used is False and not (seen.checked and seen.checked.verdict == "ok") else None
    )


def untried(seen: Evidence) -> Cause | None:
    if seen.own.state != "handshake" or seen.head.state not in ("handshake", *UP):
        return None
    if seen.own is seen.head and seen.others:
        return causes.NONE_HEARD.filled(count=len(seen.others), first=seen.others[0].device)
    return causes.UNTRIED


def not_open(seen: Evidence) -> Cause | None:
    if seen.own.state in UP:
        return None
    return causes.NOT_OPEN.filled(state=seen.own.state, device=seen.line.line)


RULES: tuple[Rule, ...] = (
    misconfigured, held, denied, loose, not_there,
    elsewhere, other_device, echo, wrong_speed, no_sense, one_address_twice, much_damage,
    silent_since, told,
    wrong_address, dead_bus, one_is_silent,
    late, twice, patchy, silent, hears_itself, unheard, vague, untried, not_open,
)  # fmt: skip


# --- what the rules look by ---
def _is_mute(member: Member) -> bool:
    return member.state == "handshake" or any(
        each.code in ("silent", "service_silent", "not_heard") for each in member.conditions
    )


def _is_networked(seen: Evidence) -> bool:
    return seen.scheme in _NETWORK or seen.line.family in _TERMINALS


def _unasked(traffic: Traffic) -> int:
    return sum(count for reason, count in traffic.frames.reasons.items() if _UNASKED.search(reason))


def _damaged(traffic: Traffic) -> int:
    return traffic.frames.bad - _unasked(traffic) - traffic.echoes


def _late(traffic: Traffic) -> bool:
    """Its answer came when nobody waited for it any more. Where others did come in time, some were lost."""
    is_late = traffic.waited_s >= LATE_S and not _damaged(traffic)
    return is_late and (not traffic.frames.good or _unasked(traffic) > 0)


def _bad_line(traffic: Traffic) -> Cause:
    frames = traffic.frames
    reason = max(frames.reasons, key=lambda each: frames.reasons[each], default="—")
    return causes.BAD_LINE.filled(
        good=frames.good,
        bad=frames.bad,
        reason=reason,
        missed=max(traffic.sent.missed, traffic.sent.unanswered),
    )


def _as_told(
    conditions: tuple[Fault, ...],
    *,
    but: frozenset[str] = frozenset(),
    only: frozenset[str] | None = None,
    severities: tuple[str, ...] = ("error", "warning", "info"),
) -> Cause | None:
    """The worst condition, in its driver's words."""
    for severity in severities:
        for each in conditions:
            if each.severity == severity and each.code not in but and (only is None or each.code in only):
                return Cause(each.code, _what(each), Text(each.remedy_zh, each.remedy_en))
    return None


def _what(fault: Fault) -> Text:
    if not fault.detail:
        return Text(fault.zh, fault.en)
    return Text(f"{fault.zh}（{fault.detail}）", f"{fault.en} ({fault.detail})")


def _address(member: Member) -> str:
    return "—" if member.address is None else f"0x{member.address:02X}"


def _speed(seen: Evidence) -> str:
    return parse_qs(urlsplit(seen.line.url).query).get("baud", ["9600"])[0]


def _settings(seen: Evidence) -> str:
    return "、".join(_compared(seen))


def _compared(seen: Evidence) -> Iterator[str]:
    if seen.scheme in ("serial", "sim"):
        yield f"baud {_speed(seen)}"
    if seen.own.address is not None:
        yield f"address {_address(seen.own)}"
    yield f"url {seen.line.url}"
