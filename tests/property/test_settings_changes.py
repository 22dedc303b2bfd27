"""Any two files that differ in any of some ways: exactly what differs is found."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from edge.settings import Settings, changes, load
from tests.unit.registry_kit import WHOLE, entry_points, replaced, write

RESTART = ""  # no device's own
EDITS = {  # from → (to, the device whose own it is)
    "columns = 32": ("columns = 40", "slips"),
    "ttyUSB0": ("ttyUSB5", "slips"),
    "address = 3\n": ("address = 999\n", "bus"),
    "192.0.2.7:4001": ("192.0.2.9:4001", "bus"),
    "address = 1\n": ("address = 11\n", "bus"),
    '"示范大厅"': ('"新大厅"', RESTART),
    '"node-1"': ('"node-2"', RESTART),
    'prefix = "B"': ('prefix = "C"', RESTART),
    '"2 号窗口"': ('"3 号窗口"', RESTART),
    'id = "panel"': ('id = "panel-2"', RESTART),
    '{ 1 = "tax", 2 = "social" }': ('{ 1 = "tax" }', RESTART),
}
SOME = st.frozensets(st.sampled_from(sorted(EDITS)))


@cache
def settings(edits: frozenset[str]) -> Settings:
    text = WHOLE
    for old in sorted(edits):
        text = replaced(old, EDITS[old][0], text)
    with TemporaryDirectory() as folder:
        return load(write(Path(folder) / "hall.toml", text), env={}, entry_points=entry_points())


@given(SOME, SOME)
def test_exactly_what_differs_is_found(before: frozenset[str], after: frozenset[str]) -> None:
    old, new = settings(before), settings(after)
    found = changes(old, new)
    owners = {EDITS[edit][1] for edit in before ^ after}
    assert bool(found.needs_restart) == (RESTART in owners)
    if not found.needs_restart:
        assert {device.id for device in found.devices} == owners
        assert bool(found.devices) == (old.config_hash != new.config_hash)


@given(SOME, SOME)
def test_what_is_taken_up_makes_the_old_settings_the_new_ones(
    before: frozenset[str], after: frozenset[str]
) -> None:
    old, new = settings(before), settings(after)
    found = changes(old, new)
    if not found.needs_restart:
        taken = {device.id: device for device in found.devices}
        devices = tuple(taken.get(device.id, device) for device in old.devices)
        assert replace(old, devices=devices, config_hash=new.config_hash) == new
        assert old.rules_hall() == new.rules_hall()
