"""Alerts: raised once, told anew where they change, cleared once."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from edge.rules.alerts import Cause, Followed, Patience, Source, Watched, follow
from edge.wire import Alert

PATIENCE: Mapping[Source, Patience] = {
    "node": Patience(),
    "device": Patience(raise_s=60.0, clear_s=10.0),
    "camera": Patience(),
}


def alert(key: str, zh: str = "缺纸") -> Alert:
    return Alert(
        key=key, severity="error", since=1.0, zh=zh, en="no paper", remedy_zh="换纸", remedy_en="a roll"
    )


class Play:
    """One clock and what stands; told and cleared as they come."""

    def __init__(self) -> None:
        self.state: Mapping[str, Watched] = {}
        self.told: list[str] = []

    def at(self, now_s: float, *causes: Cause) -> Followed:
        followed = follow(self.state, {cause.alert.key: cause for cause in causes}, now_s, PATIENCE)
        self.state = followed.state
        self.told += [f"+{each.key}" for each in followed.told] + [f"-{key}" for key in followed.cleared]
        return followed


def test_a_cause_without_patience_is_told_and_cleared_at_once() -> None:
    play, full = Play(), Cause("node", alert("store_full"))
    assert play.at(0.0, full).again_s is None
    assert play.at(1.0, full).told == ()
    play.at(2.0)
    assert play.told == ["+store_full", "-store_full"]
    assert play.state == {}


def test_a_device_is_told_once_its_fault_has_stood() -> None:
    play, paper = Play(), Cause("device", alert("device-p"))
    assert play.at(0.0, paper).again_s == 60.0
    play.at(59.9, paper)
    assert play.told == []
    assert play.at(60.0, paper).again_s is None
    assert play.told == ["+device-p"]


def test_a_roll_that_is_changed_in_time_calls_nobody() -> None:
    play, paper = Play(), Cause("device", alert("device-p"))
    play.at(0.0, paper)
    play.at(59.0)
    assert play.at(61.0, paper).again_s == 121.0, "it begins anew"
    assert play.told == []


def test_what_comes_and_goes_is_one_alert() -> None:
    play, paper = Play(), Cause("device", alert("device-p"))
    for now_s in (0.0, 60.0):
        play.at(now_s, paper)
    for now_s in range(61, 121, 2):
        assert play.at(now_s).again_s == now_s + 10.0
        play.at(now_s + 1, paper)
    assert play.told == ["+device-p"]
    play.at(130.0)
    play.at(139.9)
    assert play.told == ["+device-p"]
    play.at(140.0)
    assert play.told == ["+device-p", "-device-p"]


def test_an_alert_that_changes_is_told_anew_and_not_cleared() -> None:
    play = Play()
    for now_s in (0.0, 60.0):
        play.at(now_s, Cause("device", alert("device-p")))
    followed = play.at(61.0, Cause("device", alert("device-p", "切刀卡住")))
    assert [each.zh for each in followed.told] == ["切刀卡住"]
    assert followed.cleared == ()


def test_a_cause_that_changes_keeps_the_time_that_it_has_stood() -> None:
    play = Play()
    play.at(0.0, Cause("device", alert("device-p")))
    play.at(60.0, Cause("device", alert("device-p", "切刀卡住")))
    assert play.told == ["+device-p"]


KEYS: list[tuple[Source, str]] = [("node", "store_full"), ("device", "device-p"), ("camera", "camera-7")]


@given(
    st.lists(
        st.tuples(
            st.floats(0.0, 80.0),
            st.lists(st.sampled_from(KEYS), unique=True),
            st.sampled_from(["缺纸", "切刀卡住"]),
        ),
        max_size=30,
    )
)
def test_each_is_raised_before_it_is_cleared_and_never_both(
    steps: list[tuple[float, list[tuple[Source, str]], str]],
) -> None:
    play, now_s, raised = Play(), 0.0, set[str]()
    for wait_s, keys, zh in steps:
        now_s += wait_s
        followed = play.at(now_s, *(Cause(source, alert(key, zh)) for source, key in keys))
        assert set(followed.cleared) <= raised
        raised = (raised | {each.key for each in followed.told}) - set(followed.cleared)
        standing = {key for _, key in keys}
        assert {key for key, each in play.state.items() if each.raised} == raised
        assert play.state.keys() >= standing
        assert followed.again_s is None or followed.again_s > now_s
        again = play.at(now_s, *(Cause(source, alert(key, zh)) for source, key in keys))
        assert (again.told, again.cleared) == ((), ()), "the same, at the same time, tells nothing"
