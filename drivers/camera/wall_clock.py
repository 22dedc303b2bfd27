"""What a camera's clock says, and whether it is the camera's or this machine's that is wrong.

Cameras tell the time in the header `Date` of their answers (RFC 2326 §12.18) and, while they play, in sender
reports (RFC 3550 §6.4.1). Neither is owed, so of a camera that tells neither nothing is known.
"""

from __future__ import annotations

import math
import statistics
import struct
from calendar import timegm
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_tz
from zoneinfo import ZoneInfo

from drivers.messages import Instant

NTP_S = 2_208_988_800  # from 1900, where NTP begins, to 1970
SENDER_REPORT = 200
# A report's time of before is none: §6.4.1 lets a sender without a clock count from its start, or send zero.
EARLIEST_S = 946_684_800.0  # 2000
LEAST = 3  # clocks that agree against one
SHARE = 0.75  # of all clocks, that must agree with each other
AGREE_S = 30.0  # with each other
CHANGED_S = 2.0  # more than whole seconds and the way make: only then all are compared anew
_REPORT = struct.Struct("!BBHIII")


def of_date(text: str) -> float | None:
    """Unix time of an RFC 1123 date, also in the order of live555's ("Tue, Aug 18 2015 10:20:30 GMT"). None
    for what is no date."""
    try:
        found = parsedate_tz(text)
        return None if found is None else float(timegm(found[:6]) - (found[9] or 0))
    except (ValueError, IndexError, OverflowError):
        return None


def of_report(data: bytes) -> float | None:
    """Unix time in the sender report that a packet of RTCP begins with; None where there is none."""
    if len(data) < _REPORT.size:
        return None
    flags, kind, _, _, seconds, fraction = _REPORT.unpack_from(data)
    wall_s = float(seconds - NTP_S + fraction / 2**32)
    is_report = flags >> 6 == 2 and kind == SENDER_REPORT  # noqa: PLR2004 the version
    return wall_s if is_report and wall_s >= EARLIEST_S else None


@dataclass(slots=True)
class Clocks:
    """All cameras' clocks against this machine's. Where they agree with each other and not with it, the odd
    one is it: then that is said once, and of no camera that it is wrong.

    A clock is kept as what it is ahead of the monotonic one, so that a step of this machine's wall clock is
    seen of all of them at once, and not of one after the other as they are looked at.
    """

    zone: ZoneInfo  # some cameras write their local time and call it GMT
    _ahead_s: dict[str, float] = field(default_factory=dict)  # by camera
    _common: tuple[float, float] | None = None  # for which own clock, and what it is; None: something changed

    def offset_s(self, camera: str, wall_s: float, now: Instant) -> float:
        """What the camera's clock, heard just now, is ahead of what is right, as far as anybody knows."""
        local_s = _utc_offset_s(self.zone, now.wall_s)
        wall_s = min(wall_s, wall_s - local_s, key=lambda each: abs(each - now.wall_s))
        ahead_s = wall_s - now.mono_s
        if abs(self._ahead_s.get(camera, math.inf) - ahead_s) >= CHANGED_S:
            self._common = None
        self._ahead_s[camera] = ahead_s
        return wall_s - now.wall_s - self.common_s(now)

    def common_s(self, now: Instant) -> float:
        """What they agree to be ahead of this machine's; 0.0 where they do not agree, or do with it."""
        own_s = now.wall_s - now.mono_s
        if self._common is None or abs(own_s - self._common[0]) >= CHANGED_S:
            self._common = own_s, self._agreed_s(own_s)
        return self._common[1]

    def _agreed_s(self, own_s: float) -> float:
        if len(self._ahead_s) < LEAST:
            return 0.0
        middle_s = statistics.median(self._ahead_s.values())
        agreeing = sum(abs(each - middle_s) <= AGREE_S for each in self._ahead_s.values())
        if agreeing < SHARE * len(self._ahead_s) or abs(middle_s - own_s) <= AGREE_S:
            return 0.0
        return middle_s - own_s

    def __len__(self) -> int:
        return len(self._ahead_s)


def _utc_offset_s(zone: ZoneInfo, wall_s: float) -> float:
    offset = datetime.fromtimestamp(wall_s, UTC).astimezone(zone).utcoffset()
    return offset.total_seconds() if offset else 0.0
