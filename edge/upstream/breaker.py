"""A circuit breaker, pure: after some failures in a row nobody is kept waiting any more for one who is away.

closed: all is asked. open: nothing is, until a while has passed. half_open: one is on its way to find out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

FAILURES = 3  # in a row: a lost connection is not yet somebody who is away
REST_S = 15.0  # before one is let through again; who comes back is seen within it
TRIAL_S = (
    60.0  # longer than any request: a trial that never told how it ended does not shut the door for ever
)


@dataclass(frozen=True, slots=True)
class Breaker:
    """`changed_s`: when it came to be in this state, by a clock that never steps."""

    state: Literal["closed", "open", "half_open"] = "closed"
    failures: int = 0
    changed_s: float = 0.0


def admit(breaker: Breaker, now_s: float) -> tuple[Breaker, bool]:
    """Whether to ask now. Who is let through says by `succeeded` or `failed` how it ended."""
    stood_s = now_s - breaker.changed_s
    if breaker.state == "closed":
        return breaker, True
    if stood_s >= (REST_S if breaker.state == "open" else TRIAL_S):
        return replace(breaker, state="half_open", changed_s=now_s), True
    return breaker, False


def succeeded(breaker: Breaker, now_s: float) -> Breaker:
    """Somebody answered, be it with a refusal."""
    if breaker.state == "closed":
        return replace(breaker, failures=0)
    return Breaker(changed_s=now_s)


def failed(breaker: Breaker, now_s: float) -> Breaker:
    failures = min(breaker.failures + 1, FAILURES)
    if breaker.state == "half_open" or (breaker.state == "closed" and failures >= FAILURES):
        return Breaker("open", failures, now_s)
    return replace(breaker, failures=failures)


def withdrawn(breaker: Breaker, now_s: float) -> Breaker:
    """Who was let through gave up before anything was known: the next may find out at once."""
    if breaker.state != "half_open":
        return breaker
    return Breaker("open", breaker.failures, now_s - REST_S)
