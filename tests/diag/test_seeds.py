"""Forty and more kinds of fault, brought about through the simulators, and what each is called."""

from __future__ import annotations

import pytest

from drivers.conformance import run_warped
from tests.diag.seeds import Seed, judged
from tests.diag.seeds_further import EVERY

pytestmark = pytest.mark.usefixtures("recordings")
FAMILIES = ("printer", "bus68", "bx5k", "sdt", "newland", "hid", "voice", "heartbeat", "xfs4iot")
LOOKED_AT = frozenset({"camera"})  # what is well of them are pictures, which other tests make


@pytest.mark.parametrize("seed", EVERY, ids=lambda seed: str(seed.id))
def test_a_fault_is_named(seed: Seed) -> None:
    seen, cause = run_warped(judged(seed))
    assert cause.code == seed.cause, f"{cause.what.en}; {seen.line.traffic}"
    for text in (cause.what, cause.next):
        assert text.zh and text.en
        assert "{" not in text.zh + text.en, "every place is filled in"


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_well_is_called_so(family: str) -> None:
    seen, cause = run_warped(judged(Seed(family, "well", "ok", hurt_s=600.0)))
    assert cause.code == "ok", f"{cause.what.en}; {seen.line.traffic}"


def test_the_seeds_are_of_forty_kinds_and_of_all_these_families() -> None:
    assert len({(seed.family, seed.name) for seed in EVERY}) == len(EVERY) >= 40
    assert {seed.family for seed in EVERY} == set(FAMILIES) | LOOKED_AT
