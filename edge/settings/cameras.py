"""How cameras are judged: periods, windows and counts. What is left out is as the rules have it."""

from __future__ import annotations

from typing import Annotated, Any, Self

from annotated_types import Interval
from pydantic import Field, model_validator

from drivers.checking.problems import Wrong, did_you_mean
from drivers.checking.words import Text
from edge.rules.cameras_limits import FAULTS, CameraRules, Votes
from edge.rules.cameras_machine import MOST_LOOKS
from edge.settings.fields import Table

_RULES = CameraRules()

Seconds = Annotated[float, Interval(ge=0, le=7 * 86_400)]


class VotesTable(Table):
    """`k` bad looks of the last `n`, over at least so many seconds."""

    k: Annotated[int, Interval(ge=1, le=MOST_LOOKS), Field(description="bad looks")]
    n: Annotated[int, Interval(ge=1, le=MOST_LOOKS), Field(description="of the last looks")]
    span_s: Annotated[Seconds, Field(description="seconds from the first to the last of them, at least")] = (
        0.0
    )
    gross_span_s: Annotated[Seconds, Field(description="the same where they leave no doubt")] = 0.0

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.k > self.n:
            raise Wrong(Text("k 大于 n", "k is more than n"), Text("k ≤ n", "k at most n"))
        return self

    def votes(self, fault: str) -> Votes:
        """With what the rules ask of this fault's looks together."""
        own: Votes = getattr(_RULES, fault)
        return Votes(self.k, self.n, self.span_s, self.gross_span_s, own.surplus)


_NOT_RULES = ("pictures_afar", "votes")


class CamerasTable(Table):
    """How cameras are judged: what is learnt of them, and how often bad is a fault."""

    pictures_afar: Annotated[
        bool, Field(description="whether the two pictures of a fault may be shown to who is not at the node")
    ] = True
    learn_least: Annotated[
        int, Interval(ge=4, le=256), Field(description="pictures that a mode is learnt from, at least")
    ] = _RULES.learn_least
    learn_most: Annotated[int, Interval(ge=4, le=256), Field(description="at most")] = _RULES.learn_most
    learn_s: Annotated[Seconds, Field(description="seconds that they cover, at least")] = _RULES.learn_s
    learn_gap_s: Annotated[Seconds, Field(description="seconds between two of them")] = _RULES.learn_gap_s
    mode_looks: Annotated[
        int, Interval(ge=1, le=10), Field(description="pictures alike in a row that change the mode")
    ] = _RULES.mode_looks
    mode_hold_s: Annotated[
        Seconds, Field(description="seconds after a change of mode without faults of the picture")
    ] = _RULES.mode_hold_s
    clean_looks: Annotated[
        int, Interval(ge=1, le=16), Field(description="clean looks in a row that end a fault")
    ] = _RULES.clean_looks
    flap_raises: Annotated[
        int, Interval(ge=2, le=16), Field(description="so often raised, a fault is unstable …")
    ] = _RULES.flap_raises
    flap_s: Annotated[Seconds, Field(description="… within so many seconds")] = _RULES.flap_s
    flap_quiet_s: Annotated[
        Seconds, Field(description="seconds without a bad look that end an unstable fault")
    ] = _RULES.flap_quiet_s
    group_share: Annotated[
        float,
        Interval(gt=0, le=1),
        Field(description="share of the cameras whose change at once is one event"),
    ] = _RULES.group_share
    group_least: Annotated[
        int, Interval(ge=2, le=256), Field(description="cameras that this takes at least")
    ] = _RULES.group_least
    group_s: Annotated[Seconds, Field(description="seconds within which it is at once")] = _RULES.group_s
    group_after_s: Annotated[
        Seconds, Field(description="seconds after it that cameras have to come back")
    ] = _RULES.group_after_s
    clock_off_s: Annotated[Seconds, Field(description="seconds that a camera's clock may be off")] = (
        _RULES.clock_off_s
    )
    votes: Annotated[
        dict[str, VotesTable],
        Field(
            description="how often bad is a fault, by the fault's name",
            examples=["{ covered = { k = 3, n = 4, span_s = 60.0, gross_span_s = 15.0 } }"],
        ),
    ] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.learn_least > self.learn_most:
            reason = Text("learn_least 大于 learn_most", "learn_least is more than learn_most")
            raise Wrong(reason, Text("learn_least ≤ learn_most", "learn_least at most learn_most"))
        for fault in self.votes.keys() - set(FAULTS):
            raise Wrong(Text(f"没有故障 {fault}", f"there is no fault {fault}"), did_you_mean(fault, FAULTS))
        return self

    def rules(self) -> CameraRules:
        """With the rules' own thresholds."""
        given: dict[str, Any] = {name: value for name, value in self if name not in _NOT_RULES}
        given |= {fault: votes.votes(fault) for fault, votes in self.votes.items()}
        return CameraRules(**given)
