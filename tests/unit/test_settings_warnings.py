"""`[[warning]]`: each kind's own limits, and what is refused in clear words."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.rules.supervision_limits import DEFAULTS
from edge.settings import ConfigError, Settings, load
from edge.supervision.part import keys, stopping
from tests.unit.registry_kit import entry_points, replaced, write

LANE = """[[express]]
id = "fast"
name = "快速通道"
limit_days = 8
amber_days = 6
[[express.step]]
id = "one"
name = "第一步"
service = "tax"
"""
ITEM = '[[item]]\nid = "0101"\nservice = "tax"\nfee_fen = 500\n'
ROSTER = '[[roster]]\ndays = ["workdays"]\nhours = ["08:30-12:00"]\n'


def settings(folder: Path, *rows: str) -> Settings:
    text = replaced('prefix = "A"', 'prefix = "A"\npromise_min = 20') + "".join(
        f"[[warning]]\n{row}\n" for row in rows
    )
    return load(write(folder / "hall.toml", text), env={}, entry_points=entry_points())


def refused(folder: Path, *rows: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        settings(folder, *rows)
    return [str(problem) for problem in caught.value.problems]


def test_without_a_table_nothing_is_watched(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found.warnings == ()
    assert list(keys(found)) == []


@pytest.mark.parametrize("kind", DEFAULTS)
def test_a_kind_alone_has_its_own_limits(tmp_path: Path, kind: str) -> None:
    (row,) = settings(tmp_path, f'kind = "{kind}"\n{ROSTER}{LANE}{ITEM}').warnings
    assert row.in_rules() == next(rule for rule in DEFAULTS.values() if rule.kind == kind)


def test_the_defaults_are_possible() -> None:
    assert all(0 < rule.clear <= rule.amber < rule.red for rule in DEFAULTS.values())
    assert all(rule.kind == kind for kind, rule in DEFAULTS.items())


def test_what_is_written_counts_and_the_rest_is_the_kinds(tmp_path: Path) -> None:
    given = 'kind = "wait"\nservices = ["tax"]\namber = 10\nescalate_after_min = 5\nto = "李主任"'
    (row,) = settings(tmp_path, given).warnings
    rule, own = row.in_rules(), DEFAULTS["wait"]
    assert (rule.services, rule.amber, rule.escalate_after_s, rule.to) == (("tax",), 10.0, 300.0, "李主任")
    assert (rule.hold_s, rule.escalate_to) == (own.hold_s, own.escalate_to)


@pytest.mark.parametrize(
    ("given", "limits"),
    [
        ("red = 80", (40.0, 64.0, 80.0)),
        ("amber = 64", (40.0, 64.0, 80.0)),
        ("red = 80\nclear = 5", (5.0, 64.0, 80.0)),
        ("red = 80\namber = 72", (45.0, 72.0, 80.0)),
        ("", (50.0, 80.0, 100.0)),
    ],
)
def test_limits_that_are_not_written_keep_their_proportions(
    tmp_path: Path, given: str, limits: tuple[float, ...]
) -> None:
    rule = settings(tmp_path, f'kind = "service"\n{given}').warnings[0].in_rules()
    assert (rule.clear, rule.amber, rule.red) == limits


def test_written_out_or_not_is_one_configuration(tmp_path: Path) -> None:
    bare = settings(tmp_path, 'kind = "unserved"').config_hash
    assert settings(tmp_path, 'kind = "unserved"\namber = 5\nquick_s = 20').config_hash == bare
    assert settings(tmp_path, 'kind = "unserved"\namber = 6').config_hash != bare


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            'kind = "wait"\namber = 70\nred = 60',
            ("needs clear ≤ amber < red", "clear = 46.667, amber = 70, red = 60"),
        ),
        ('kind = "wait"\nclear = 31', ("needs clear ≤ amber < red",)),
        ('kind = "wait"\namber = 30\nred = 30', ("needs clear ≤ amber < red",)),
        ('kind = "wait"\namber = -1', ("warning[0].amber", "too small")),
        ('kind = "waiting"', ("warning[0].kind", "did you mean wait?")),
        ("amber = 3", ("warning[0].kind", "is missing")),
        ('kind = "wait"\nambr = 3', ("warning[0].ambr", "amber")),
        ('kind = "wait"\nhold_s = 99999', ("warning[0].hold_s", "too large")),
        ('kind = "wait"\nescalate_after_min = 0', ("warning[0].escalate_after_min", "too small")),
        ('kind = "wait"\nto = ""', ("warning[0].to", "too short")),
        ('kind = "wait"\nservices = ["taxx"]', ("warning[0].services[0]", "tax")),
        ('kind = "idle"\nwindows = ["9"]', ("warning[0].windows[0]", "is not there")),
        ('kind = "idle"\nwindows = ["1", "1"]', ("warning[0].windows[1]", "stands here twice")),
        ('kind = "idle"\nservices = ["tax"]', ("idle has no use for services", "wait, appointment, service")),
        ('kind = "wait"\nwindows = ["1"]', ("wait has no use for windows",)),
        ('kind = "idle"\nlast = 50', ("idle has no use for last", "uniform")),
        ('kind = "idle"\nquick_s = 50', ("idle has no use for quick_s", "unserved")),
        ('kind = "service"\nservices = ["social"]', ("warning[0].kind", "has a promise", "promise_min")),
        ('kind = "unstaffed"', ("warning[0].kind", "needs a roster")),
        ('kind = "project"', ("warning[0].kind", "needs an express lane", "[[express]]")),
        ('kind = "project"\namber = 3', ("project has no use for amber", "limit_days of [[express]]")),
        ('kind = "project"\nclear = 0.5', ("project has no use for clear",)),
        ('kind = "project"\nwindows = ["1"]', ("project has no use for windows",)),
    ],
)
def test_nonsense_is_refused_with_what_would_be_right(
    tmp_path: Path, row: str, said: tuple[str, ...]
) -> None:
    (problem,) = refused(tmp_path, row)
    assert [each for each in said if each not in problem] == [], problem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f'kind = "project"\n{LANE}', 'kind = "project"\nto = "李主任"'),
        ('kind = "wait"', 'kind = "wait"\nservices = ["tax"]'),
        ('kind = "service"\nservices = ["tax"]', 'kind = "service"\nwindows = ["1"]'),
        ('kind = "idle"\nwindows = ["1"]', 'kind = "idle"\nwindows = ["2", "1"]'),
    ],
)
def test_two_rows_that_watch_the_same_are_refused(tmp_path: Path, one: str, other: str) -> None:
    (problem,) = refused(tmp_path, one, other)
    assert "warning[1].kind" in problem
    assert "the same as warning[0]" in problem


def test_rows_of_their_own_services_or_windows_stand_side_by_side(tmp_path: Path) -> None:
    rows = [f'kind = "wait"\nservices = ["{each}"]' for each in ("tax", "social")]
    assert len(settings(tmp_path, *rows, 'kind = "idle"\nwindows = ["1"]').warnings) == 3


def test_every_warning_that_there_can_be_has_its_key(tmp_path: Path) -> None:
    found = settings(tmp_path, 'kind = "wait"', 'kind = "idle"\nwindows = ["1"]', 'kind = "stopped"')
    assert list(keys(found)) == [
        *("wait-tax", "wait-social", "idle-1", "idle-2"),
        *("stopped-slips", "stopped-caller-1", "stopped-pad-1", "stopped-panel"),
    ]


def test_a_lane_has_a_key_of_its_own(tmp_path: Path) -> None:
    assert list(keys(settings(tmp_path, f'kind = "project"\n{LANE}'))) == ["project-fast"]


def test_what_stops_without_a_device(tmp_path: Path) -> None:
    assert stopping(settings(tmp_path)) == {
        "slips": ("tickets", ""),
        "caller-1": ("calls", "1"),
        "pad-1": ("ratings", "1"),
        "panel": ("tickets", ""),
    }


def test_a_promise_that_is_wrong_itself_is_told_once(tmp_path: Path) -> None:
    text = replaced('prefix = "A"', 'prefix = "A"\npromise_min = -5') + '[[warning]]\nkind = "service"\n'
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path / "hall.toml", text), env={}, entry_points=entry_points())
    (problem,) = caught.value.problems
    assert problem.key == "service[0].promise_min"


@pytest.mark.parametrize("kind", ["fee_amiss", "fee_missing"])
def test_what_is_due_has_to_be_known(tmp_path: Path, kind: str) -> None:
    (said,) = refused(tmp_path, f'kind = "{kind}"\n{ITEM.replace("fee_fen = 500", "")}')
    assert "needs an item with a fee" in said
    assert settings(tmp_path, f'kind = "{kind}"\n{ITEM.replace("500", "0")}').warnings, "free is known too"
    assert settings(tmp_path, 'kind = "fee_without_act"').warnings
