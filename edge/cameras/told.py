"""The names under which the present of the cameras is told."""

from __future__ import annotations

from collections.abc import Iterable

from edge.wire import Topics

ALL = "cameras"  # the alert of all together


def alert_key(camera: str) -> str:
    return f"camera-{camera}"


def alert_keys(cameras: Iterable[str]) -> list[str]:
    """Of these, and of what befell many of them."""
    each = [alert_key(camera) for camera in cameras]
    return [ALL, *each] if each else []


def topics_of(topics: Topics, cameras: Iterable[str]) -> list[str]:
    """All that is retained of these, beside alerts."""
    each = [topics.camera(camera) for camera in cameras]
    return [topics.cameras, *each] if each else []
