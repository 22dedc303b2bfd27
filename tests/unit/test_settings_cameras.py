"""The table [cameras]: the rules' own words, with the rules' own defaults."""

from __future__ import annotations

from dataclasses import fields

import pytest

from edge.rules.cameras_limits import FAULTS, CameraRules, Votes
from edge.settings.cameras import CamerasTable
from edge.settings.fields import validate

WITHIN = {"group_share": 0.5, "learn_least": 30}  # of which twice the default would be too much


def wrong(**table: object) -> str:
    found, problems = validate(CamerasTable, table, {})
    assert found is None
    (problem,) = problems
    return str(problem)


def right(**table: object) -> CameraRules:
    found, problems = validate(CamerasTable, table, {})
    assert found is not None, problems
    return found.rules()


def test_left_out_it_is_the_rules_own() -> None:
    assert right() == CameraRules()


def test_every_key_is_a_rule_of_its_name() -> None:
    names = set(CamerasTable.model_fields) - {"votes", "pictures_afar"}
    assert names <= {field.name for field in fields(CameraRules)} - set(FAULTS)
    for name in names:
        other = WITHIN.get(name, getattr(CameraRules(), name) * 2)
        assert getattr(right(**{name: other}), name) == other


def test_how_often_bad_is_a_fault_is_set_by_its_name() -> None:
    rules = right(votes={"over": {"k": 2, "n": 3, "span_s": 10.0}})
    assert rules.over == Votes(2, 3, span_s=10.0)
    assert rules.moved == CameraRules().moved


def test_what_a_covers_looks_have_to_sum_up_to_stays_the_rules_own() -> None:
    rules = right(votes={"covered": {"k": 2, "n": 3, "span_s": 10.0}})
    assert rules.covered == Votes(2, 3, span_s=10.0, surplus=CameraRules().covered.surplus)
    assert rules.covered.surplus > 0


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"learn_least": 70}, "learn_least is more than learn_most"),
        ({"votes": {"covred": {"k": 1, "n": 1}}}, "did you mean covered?"),
        ({"votes": {"covered": {"k": 4, "n": 3}}}, "k is more than n"),
        ({"votes": {"covered": {"k": 4, "n": 17}}}, "17"),
        ({"learn_s": -1.0}, "-1"),
        ({"learn_secs": 60}, "learn_secs"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(table: dict[str, object], reason: str) -> None:
    assert reason in wrong(**table)
