"""Figures in Prometheus' text format, read as Prometheus does, and judged by the rules of its own linter."""

from __future__ import annotations

import re
from collections.abc import Iterable

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

Values = dict[str, dict[frozenset[tuple[str, str]], float]]

# As `promtool check metrics` has them (client_golang, prometheus/testutil/promlint).
ABBREVIATED = {"s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"}
NOT_BASE = {"milliseconds", "microseconds", "nanoseconds", "minutes", "hours", "days", "kilobytes", "bits"}
TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}
SUFFIXES = ("_bucket", "_count", "_sum")


class Leader:
    """What a console does that leads."""

    leads, applied, duplicates = True, 301, 7


def read(text: str) -> list[Metric]:
    return list(text_string_to_metric_families(text))


def values(text: str) -> Values:
    """By sample and its labels; each is there once."""
    found: Values = {}
    for family in read(text):
        for sample in family.samples:
            labels = frozenset(sample.labels.items())
            assert labels not in found.setdefault(sample.name, {}), (sample.name, labels)
            found[sample.name][labels] = sample.value
    return found


def of(text: str, name: str, **labels: str) -> float:
    return values(text)[name][frozenset(labels.items())]


def faults(families: Iterable[Metric]) -> list[str]:
    """What the linter would say."""
    found = []
    for each in families:
        words = each.name.split("_")
        found += [f"{each.name}: {why}" for why in _faults(each, words)]
    return found


def _faults(each: Metric, words: list[str]) -> Iterable[str]:
    if not each.documentation:
        yield "no help text"
    if each.type not in TYPES - {"untyped"}:
        yield f"type {each.type}"
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", each.name):
        yield "no snake_case"
    if each.type == "counter" and not all(sample.name.endswith("_total") for sample in each.samples):
        yield "a counter without _total"
    if each.type != "counter" and words[-1] == "total":
        yield "_total, and no counter"
    if each.type != "histogram" and each.name.endswith(SUFFIXES):
        yield "a suffix of histograms"
    if TYPES & set(words):
        yield "its type in its name"
    if ABBREVIATED & set(words):
        yield "a unit abbreviated"
    if NOT_BASE & set(words):
        yield "not in base units"
    for sample in each.samples:
        for label in sample.labels:
            if not re.fullmatch(r"[a-z][a-z_]*", label) or (label == "le" and each.type != "histogram"):
                yield f"label {label}"
