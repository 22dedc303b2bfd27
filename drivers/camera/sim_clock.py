"""A simulated camera's clock, and how it tells the time: `Date` in answers (RFC 2326 §12.18)."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Literal

from drivers.camera.sim_ills import Ills, is_gross

Date = Literal["gmt", "local", "none"]
LOCAL = timezone(timedelta(hours=8))  # of cameras that write their local time and call it GMT
DRIFT_S = {True: 3600.0, False: 120.0}  # gross, mild


def wall_s(ills: Ills) -> float:
    """Unix time as the camera has it. It goes with the event loop's, which a test may warp."""
    drift = ills.get("clock_drift")
    right_s = time.time() + asyncio.get_running_loop().time() - time.monotonic()
    return right_s + (DRIFT_S[is_gross(drift)] if drift is not None else 0.0)


def headers(date: Date, ills: Ills) -> list[tuple[str, str]]:
    if date == "none":
        return []
    there = datetime.fromtimestamp(wall_s(ills), LOCAL if date == "local" else UTC)
    return [("Date", format_datetime(there.replace(tzinfo=UTC), usegmt=True))]
