"""Settings of the cameras of a hall: which there are, how often each is looked at, how many at a time.

The periods and limits are those that 146 cameras on two cores were measured with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annotated_types import Interval

Seconds = Annotated[float, Interval(ge=1.0, le=86_400.0)]
RTSP_PORT = 554  # RFC 2326 §3.2


@dataclass(frozen=True, slots=True)
class Address:
    """Where a stream is: a machine, and what is asked of it."""

    host: str
    port: int
    url: str  # as it is said to the camera; no credentials


@dataclass(frozen=True, slots=True)
class Camera:
    """`url` is the small stream, looked at often; `main` the full one, "" where there is none. Credentials
    stand in a file of their own, under the name `login`: a URL ends up in logs."""

    id: str
    url: str
    main: str = ""
    login: str = ""
    kind: Literal["camera"] = "camera"

    def __post_init__(self) -> None:
        for name in ("url", "main"):
            if problem := _problem(getattr(self, name), needed=name == "url"):
                raise ValueError(f"{name} {problem}")

    @property
    def sub_address(self) -> Address:
        return _address(self.url)

    @property
    def main_address(self) -> Address | None:
        return _address(self.main) if self.main else None


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """Raises ValueError, with everything that is wrong, in a technician's words."""

    children: tuple[Camera, ...] = ()
    credentials: str = ""  # path of the file with the logins, readable by nobody else
    probe_s: Seconds = 10.0  # R0: is it there? Twice and another proof make an absence certain within 25 s
    picture_s: Seconds = 60.0  # R1: a key frame of the small stream
    suspect_s: Seconds = 8.0  # R1 while something seems wrong: who sways is elsewhere by then
    # Pictures that can wait are measured one after the other at the same beat: a processor that is woken for
    # each takes half as long again for it. 0: at once.
    together_s: Annotated[float, Interval(ge=0.0, le=10.0)] = 1.5
    stream_s: Seconds = 810.0  # R2: how the main stream flows; with the jitter within 10 to 15 minutes
    stream_window_s: Annotated[float, Interval(ge=1.0, le=30.0)] = 5.0  # of its packets, undecoded
    jitter: Annotated[float, Interval(ge=0.0, le=0.5)] = (
        0.1  # share of a period: cameras are not asked in step
    )
    connect_timeout_s: Annotated[float, Interval(ge=0.2, le=30.0)] = 3.0  # a LAN takes milliseconds
    sessions: Annotated[int, Interval(ge=1, le=256)] = 16  # streams at a time, of all cameras
    sessions_per_host: Annotated[int, Interval(ge=1, le=64)] = 4  # recorders refuse more
    probes: Annotated[int, Interval(ge=1, le=512)] = 128  # at a time: 146 silent at once are known in 25 s
    dead_sessions: Annotated[int, Interval(ge=1, le=64)] = (
        4  # of cameras that failed: they keep no other waiting
    )
    refused_s: Seconds = 2100.0  # after two refused logins; vendors lock an account for 30 minutes
    poison_s: Seconds = 3600.0  # between pictures of a camera that killed two workers
    keep_picture_s: Seconds = 3600.0  # between pictures kept of a camera that is well, to compare with
    workers: Annotated[int, Interval(ge=1, le=8)] = 2  # processes that decode, at most
    timezone: str = "Asia/Shanghai"  # of cameras that write their local time and call it GMT

    def __post_init__(self) -> None:
        if problems := [*_twins(self.children), *_unknown_logins(self), *_unknown_zone(self)]:
            raise ValueError("; ".join(problems))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def _twins(cameras: tuple[Camera, ...]) -> Iterator[str]:
    for url, count in Counter(camera.url for camera in cameras).items():
        if count > 1:
            names = ", ".join(camera.id for camera in cameras if camera.url == url)
            yield f"{names} have the same url"


def _unknown_logins(settings: CameraSettings) -> Iterator[str]:
    named = [camera.id for camera in settings.children if camera.login]
    if named and not settings.credentials:
        yield f"{named[0]} has a login, but credentials names no file that holds it"


def _unknown_zone(settings: CameraSettings) -> Iterator[str]:
    try:
        _ = settings.zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"timezone {settings.timezone!r} is not known"


def _problem(url: str, *, needed: bool) -> str:
    """What is wrong with it; credentials are not repeated."""
    if not url:
        return "is missing" if needed else ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no URL"
    if parts.username or parts.password:
        return "holds a user or password; they belong into the file of credentials, under the login's name"
    if parts.scheme != "rtsp" or not parts.hostname or port == 0:
        return "must be like rtsp://192.168.1.60/stream2"
    return "" if url.isascii() and url.isprintable() and " " not in url else "must be plain ASCII"


@lru_cache(maxsize=1024)  # of a hall's cameras, two each: one is asked for at each look
def _address(url: str) -> Address:
    parts: SplitResult = urlsplit(url)
    assert parts.hostname is not None  # checked when the settings were made
    return Address(parts.hostname, parts.port or RTSP_PORT, url)
