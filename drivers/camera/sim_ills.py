"""What may be wrong with a simulated camera, by name; and what a camera sees when nothing is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Literal

Mode = Literal["day", "night", "off"]  # colour; infra-red, grey; the hall's lights are off, no infra-red
MODES: tuple[Mode, ...] = ("day", "night", "off")

Strength = Literal["gross", "mild"]
STRENGTHS: MappingProxyType[str, float] = MappingProxyType({"gross": 1.0, "mild": 0.35})

# How it answers. Each begins with the first request that names the camera.
LINE = MappingProxyType(
    {
        "offline": "refuses connections; one camera of many behind a port resets them when it is named",
        "reset": "resets the connection at every request",
        "hang": "takes requests and never answers",
        "half_header": "sends half of an answer's header, then nothing",
        "trickle": "sends its answers a byte a second",
        "huge_length": "announces 1 TB of description, and goes on sending",
        "auth": "refuses every login",
        "missing": "knows no such stream: 404",
        "redirect": "sends from the sub stream to the main stream and back",
        "session_limit": "has no session left: 453",
    }
)
# What it sends. Each begins with the next picture, except where it says otherwise.
STREAM = MappingProxyType(
    {
        "no_frames": "plays, and sends nothing",
        "stall": "stops for ever in the middle of the next key picture",
        "endless": "the next key picture is a fragment that never ends",
        "loss": "loses packets: one in 5, mild one in 50",
        "corrupt": "damages slices: in each packet, mild in one of 20",
        "no_parameter_sets": "tells them neither in the description nor in the stream",
        "huge_size": "its parameter sets say 16384×16384",
        "clock_drift": "its wall clock is an hour wrong, mild 2 minutes",
    }
)
# What is in the picture. Other encodings of the same scene, taken up with a key picture.
PICTURE = MappingProxyType(
    {
        "cover": "something before the lens; mild: over a part of it",
        "blur": "out of focus",
        "move": "turned away",
        "freeze": "the same picture for ever; mild: its clock runs on",
        "dark": "too little light",
        "over": "too much light",
        "cast": "one colour over all",
        "grey": "no colours by day; mild: hardly any",
        "noise": "a bad sensor",
        "stripes": "bars that drift over the picture",
        "mosaic": "blocks; mild: here and there",
        "low_fps": "5 pictures a second, mild half of what it should be",
        "wrong_size": "another size: 352×288, mild 480×270 (main: 704×576, 1280×720)",
    }
)
ALL = frozenset({*LINE, *STREAM, *PICTURE})

Ills = dict[str, float]  # name → strength, 0 to 1


def ills(names: Iterable[str], strength: float = STRENGTHS["gross"]) -> Ills:
    """Raises ValueError for a name that is none, naming those there are."""
    found = dict.fromkeys(names, strength)
    if unknown := found.keys() - ALL:
        raise ValueError(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(sorted(ALL))}")
    return found


def is_gross(strength: float) -> bool:
    """Where there are two degrees and nothing between."""
    return strength > (STRENGTHS["gross"] + STRENGTHS["mild"]) / 2


def in_picture(found: Ills) -> tuple[tuple[str, float], ...]:
    """Those that need another encoding, in an order of their own."""
    return tuple(sorted((name, strength) for name, strength in found.items() if name in PICTURE))
