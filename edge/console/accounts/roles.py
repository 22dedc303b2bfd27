"""What each role may do. Pure: the pages and the API ask `may`, and nobody else decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    VIEWER = "viewer"  # looks on
    MANAGER = "manager"  # of one hall, or of all: these look after accounts too
    TECHNICIAN = "technician"  # of devices
    AUDITOR = "auditor"  # sees all, changes nothing


class Act(StrEnum):
    SEE = "see"  # halls, queues, devices, cameras' states, alerts
    SEE_RATINGS = "see_ratings"  # levels, reasons and follow-ups, by window and staff
    SEE_EVENTS = "see_events"
    SEE_FRAMES = "see_frames"  # what last passed over a device's line
    SEE_PICTURES = "see_pictures"  # of cameras, when they failed and before
    SEE_AUDIT = "see_audit"
    REPORTS = "reports"
    ACKNOWLEDGE = "acknowledge"  # an alert
    FOLLOW_UP = "follow_up"  # a step after a bad rating
    COMMAND = "command"  # a device
    ACCEPT_VIEW = "accept_view"  # what a camera shows is right
    ACCOUNTS = "accounts"


_OF_ALL = {Role.MANAGER: frozenset({Act.ACCOUNTS})}  # beside the others, where the account is of all halls
_ACTS: dict[Role, frozenset[Act]] = {
    Role.VIEWER: frozenset({Act.SEE}),
    Role.MANAGER: frozenset(
        {
            Act.SEE,
            Act.SEE_RATINGS,
            Act.SEE_EVENTS,
            Act.SEE_PICTURES,
            Act.REPORTS,
            Act.ACKNOWLEDGE,
            Act.FOLLOW_UP,
            Act.ACCEPT_VIEW,
        }
    ),
    Role.TECHNICIAN: frozenset(
        {
            Act.SEE,
            Act.SEE_EVENTS,
            Act.SEE_FRAMES,
            Act.SEE_PICTURES,
            Act.ACKNOWLEDGE,
            Act.COMMAND,
            Act.ACCEPT_VIEW,
        }
    ),
    Role.AUDITOR: frozenset({Act.SEE, Act.SEE_RATINGS, Act.SEE_EVENTS, Act.SEE_AUDIT, Act.REPORTS}),
}


@dataclass(frozen=True, slots=True)
class Account:
    """Who is there. `hall` "": of all halls."""

    name: str
    shown: str  # as people know them
    role: Role
    hall: str = ""


def may(account: Account, act: Act, hall: str = "") -> bool:
    """Whether it may do that in `hall`; "": at all, in the halls that are its own."""
    if hall and account.hall and account.hall != hall:
        return False
    of_all = _OF_ALL.get(account.role, frozenset()) if not account.hall else frozenset()
    return act in _ACTS[account.role] | of_all
