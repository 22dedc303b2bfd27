"""The options of `sim://camera?…`: what kind of camera, how many, and what is wrong with them.

What is wrong is `ill` here, since `fault` in a link's URL is the line's; see `drivers.transport.faults`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, get_args
from urllib.parse import urlencode

from drivers.camera.sim_auth import SCHEMES
from drivers.camera.sim_camera import PLACES, Control, Features
from drivers.camera.sim_clock import Date
from drivers.camera.sim_ills import ALL, MODES, Mode, Strength
from drivers.camera.sim_recipe import Codec, Source, best_source, default_folder
from drivers.transport.query import Query

ChoiceT = TypeVar("ChoiceT", bound=str)

KNOWN = (
    "cameras, ill, strength, mode, codec, main_codec, fps, gop_s, seconds, b_frames, slices, source, "
    "scenes, aggregate, sdp_sets, band_sets, control, date, tcp, udp, session_limit, session_timeout_s, "
    "lingers, user, password, auth, qop, nonce_s, folder"
)
SECONDS = 62  # of a loop: 31 groups of 2 s


@dataclass(frozen=True, slots=True)
class Start:
    """How things stand when it begins."""

    cameras: int
    mode: Mode
    faults: tuple[str, ...]
    strength: Strength


def read(params: Mapping[str, str]) -> tuple[Features, Start]:
    """Raises BadSettings, naming the option and what would be right."""
    query = Query(f"sim://camera?{urlencode(params)}" if params else "sim://camera")
    start = Start(
        cameras=query.integer("cameras", 200, 1, 9_999),
        mode=_one(query, "mode", MODES),
        faults=tuple(query.names("ill", sorted(ALL))),
        strength=_one(query, "strength", get_args(Strength)),
    )
    gop_s = query.integer("gop_s", 2, 1, 10)
    user, password = query.any_text("user"), query.any_text("password")
    auth = query.names("auth", SCHEMES)
    features = Features(
        codec=_one(query, "codec", get_args(Codec)),
        main_codec=_one(query, "main_codec", get_args(Codec)),
        fps=query.integer("fps", 25, 2, 60),
        gop_s=gop_s,
        gops=max(query.integer("seconds", SECONDS, 4, 600) // gop_s, 1),
        b_frames=query.integer("b_frames", 0, 0, 4),
        slices=query.integer("slices", 1, 1, 8),
        source=_one(query, "source", (best_source(), *get_args(Source))),
        scenes=query.integer("scenes", PLACES, 1, 64),
        aggregates=query.flag("aggregate"),
        tells_sets=query.text("sdp_sets", "1", ("0", "1")) == "1",
        sends_sets=query.text("band_sets", "1", ("0", "1")) == "1",
        control=_one(query, "control", get_args(Control)),
        date=_one(query, "date", get_args(Date)),
        tcp=query.text("tcp", "1", ("0", "1")) == "1",
        udp="127.0.0.1" if query.flag("udp") else "",
        session_limit=query.integer("session_limit", 6, 0, 100),
        session_timeout_s=query.number("session_timeout_s", 60.0, 1.0, 600.0),
        lingers=query.flag("lingers"),
        users=((user, password),) if user else (),
        schemes=tuple(each for each in SCHEMES if each in auth) or ("md5",),
        has_qop=query.flag("qop"),
        nonce_s=query.number("nonce_s", 60.0, 0.1, 3_600.0),
        folder=Path(folder) if (folder := query.any_text("folder")) else default_folder(),
    )
    query.done(KNOWN)
    return features, start


def _one(query: Query, key: str, choices: Sequence[ChoiceT]) -> ChoiceT:
    """The first where nothing is said."""
    chosen = query.text(key, choices[0], choices)
    return next(each for each in choices if each == chosen)
