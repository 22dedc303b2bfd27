"""What is known of how long acts take before a day has shown anything: on the first, what is configured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from edge.rules.items import Kind, own_usual_s
from edge.rules.model import Hall

K = 10.0  # acts: the hall's usual times are believed until about so many have been seen
V0, W0 = 0.5, 20.0  # a counter's service times vary by some 70 % of their mean; some tens of acts tell better
A0 = 0.06  # usual times are off by some 25 %, from service to service and from item to item
B0 = 1.2  # items of which nobody knows how long they take differ by as much as that
ABSENT = 0.05  # one in twenty does not come
MISSED_S, TURN_S = 90.0, 20.0  # three calls half a minute apart; one leaves, the next is called
REACT_S = 20.0  # until a slip is out and the staff of an idle window have seen its holder

NO_ITEM, KNOWN, UNKNOWN, LEARNT = range(4)  # nobody told any; one with a usual time of its own; one without;
# one of earlier days


class Usual(NamedTuple):
    """Of an act of some kind: seconds, what is known of it, and where it has been learnt, how uncertain."""

    usual_s: float
    level: int
    doubt: float = 0.0


class Before(NamedTuple):
    """Variances are relative to the square of a mean."""

    hall: Hall
    usual_s: Mapping[str, float]  # by service, of one who told nothing
    factor: Mapping[str, float]  # by service, of the configured time of an item that did not come
    learnt: Mapping[Kind, Usual]
    day: float  # how unlike others a day of the whole hall is
    services: Mapping[str, float]  # by service, how unlike that a day of it is, or its usual time
    apart: tuple[float, float, float]  # of the means of items, NO_ITEM, KNOWN, UNKNOWN
    spread: float  # of one act
    acts: float  # that this is known by
    absent: float = ABSENT
    missed_s: float = MISSED_S
    turn_s: float = TURN_S
    react_s: float = REACT_S

    def of(self, kind: Kind) -> Usual:
        service, item = kind
        if not item:
            return Usual(self.usual_s[service], NO_ITEM)
        if usual := self.learnt.get(kind):
            return usual
        if own_s := own_usual_s(self.hall, kind):
            return Usual(own_s * self.factor[service], KNOWN)
        return Usual(self.usual_s[service], UNKNOWN)


def configured(hall: Hall) -> Before:
    return Before(
        hall=hall,
        usual_s={service.id: service.usual_s for service in hall.services.values()},
        factor=dict.fromkeys(hall.services, 1.0),
        learnt={},
        day=V0 / K,
        services=dict.fromkeys(hall.services, A0),
        apart=(0.0, A0, B0),
        spread=V0,
        acts=W0,
    )
