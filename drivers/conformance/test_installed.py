"""The checks for every installed package that asks for them: `pytest --pyargs drivers.conformance`.

A package asks by an entry point in the group "hall_edge.conformance": the family's name, and a subclass of
`DriverConformance`, which may have further tests of its own, as one of its codec.
"""

from __future__ import annotations

from importlib import metadata

from drivers.conformance import DriverConformance, NotConformant

GROUP = "hall_edge.conformance"
_POINTS = {point.name: point for point in metadata.entry_points(group=GROUP)}

for _family, _point in _POINTS.items():
    _tests = _point.load()
    if not (isinstance(_tests, type) and issubclass(_tests, DriverConformance)):
        raise NotConformant(f"{_point.value} is not a subclass of drivers.conformance.DriverConformance")
    globals()[f"Test_{_family}"] = _tests  # the name by which pytest collects it


def test_a_package_asks_to_be_tried() -> None:
    """Nothing to try must not look like a pass."""
    if not _POINTS:
        raise NotConformant(f'no installed package has an entry point in the group "{GROUP}"')
