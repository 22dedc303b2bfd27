"""What was measured, told when all tests are over; what is promised of it, the tests assert."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

LINES: list[str] = []


def tell(what: str, seconds: Sequence[float]) -> None:
    p50_ms, most_ms = statistics.median(seconds) * 1000, max(seconds) * 1000
    LINES.append(f"{what:48} n={len(seconds):3}  p50 {p50_ms:6.0f} ms  max {most_ms:6.0f} ms")
