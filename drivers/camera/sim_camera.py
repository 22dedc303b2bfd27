"""One simulated camera: what it sees, what is wrong with it, who is watching."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from drivers.camera.sim_auth import NONCE_S, Guard, Scheme
from drivers.camera.sim_clock import Date
from drivers.camera.sim_ills import MODES, STRENGTHS, Ills, Mode, Strength, ills, in_picture
from drivers.camera.sim_recipe import Codec, Recipe, Source, best_source, default_folder

Profile = Literal["sub", "main"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
Control = Literal["relative", "absolute", "no_base"]  # the track's URL in the description; no Content-Base

PLACES = 4  # scenes that differ, each 8 s of a core to make
GOLDEN = 0.618034  # whose multiples lie evenly between 0 and 1: no two cameras' key pictures come together
MAIN_GOPS = 11  # of 2 s and 1 MB each


@dataclass(frozen=True, slots=True)
class Features:
    """What kind of camera it is; nothing of it is a fault."""

    codec: Codec = "h264"  # of the sub stream
    main_codec: Codec = "h264"
    fps: int = 25
    gop_s: int = 2  # 1 to 10
    gops: int = 31
    b_frames: int = 0
    slices: int = 1
    source: Source = field(default_factory=best_source)
    scenes: int = PLACES  # clips for all cameras together
    aggregates: bool = False  # small NAL units share a packet
    tells_sets: bool = True  # parameter sets in the description
    sends_sets: bool = True  # … and before each key picture
    control: Control = "relative"
    tcp: bool = True  # RTP in the RTSP connection
    udp: str = ""  # the address that RTP goes to over UDP; "": not offered
    session_limit: int = 6
    session_timeout_s: float = 60.0
    date: Date = "gmt"  # in its answers
    lingers: bool = False  # a session that was not torn down counts until its time-out
    users: tuple[tuple[str, str], ...] = ()  # (name, password); nobody is asked where there are none
    schemes: tuple[Scheme, ...] = ("md5",)
    has_qop: bool = False
    nonce_s: float = NONCE_S
    folder: Path = field(default_factory=default_folder)  # of clips

    def recipe(self, profile: Profile, number: int) -> Recipe:
        sub = Recipe(
            source=self.source,
            scene=number % self.scenes,
            codec=self.codec,
            fps=self.fps,
            gop_s=self.gop_s,
            gops=self.gops,
            b_frames=self.b_frames,
            slices=self.slices,
        )
        if profile == "sub":
            return sub
        gops = min(self.gops, MAIN_GOPS)
        return dataclasses.replace(
            sub, codec=self.main_codec, width=1920, height=1080, kbit_s=4000, gops=gops
        )


@dataclass(slots=True)
class Session:
    """One viewer, from SETUP to TEARDOWN."""

    until_s: float  # on the loop's clock: it ends where nothing was heard of the viewer before
    id: str = field(default_factory=lambda: secrets.token_hex(4))


class Camera:
    """Its pictures go on whether anybody looks or not."""

    def __init__(self, number: int, features: Features, tell: Callable[[], None] = lambda: None) -> None:
        """`tell` is called when it falls ill or recovers."""
        self.number = number
        self._tell = tell
        self.features = features
        self.mode: Mode = "day"
        self.ills: Ills = {}
        self.sessions: dict[str, Session] = {}
        self.refused = 0  # sessions, for want of a place
        self.guard = Guard(
            dict(features.users),
            lambda: asyncio.get_running_loop().time(),
            features.schemes,
            has_qop=features.has_qop,
            nonce_s=features.nonce_s,
        )

    # --- what happens at it ---
    def fall_ill(self, *names: str, strength: Strength = "gross") -> None:
        """Beside what is wrong already. Raises ValueError for a fault that is none."""
        self.ills = self.ills | ills(names, STRENGTHS[strength])
        self._tell()

    def recover(self, *names: str) -> None:
        """From these; none named: from all."""
        gone = set(names or self.ills)
        self.ills = {name: strength for name, strength in self.ills.items() if name not in gone}
        self._tell()

    def set_mode(self, mode: Mode) -> None:
        """The light has changed. It shows with the next key picture."""
        if mode not in MODES:
            raise ValueError(f"no such mode: {mode}; there are {', '.join(MODES)}")
        self.mode = mode

    # --- time ---
    def time_s(self) -> float:
        """Where it is in its endless loop; each camera has begun at another moment."""
        length_s = self.features.gop_s * self.features.gops
        return asyncio.get_running_loop().time() + self.number * GOLDEN % 1.0 * length_s

    def recipe(self, profile: Profile, found: Ills) -> Recipe:
        """What it shows now, with what is wrong with it."""
        clean = self.features.recipe(profile, self.number)
        return dataclasses.replace(clean, mode=self.mode, ills=in_picture(found))

    # --- viewers ---
    def admit(self, limit: int) -> Session | None:
        """A new session; None where there is no place for one more."""
        now_s = asyncio.get_running_loop().time()
        for old in list(self._over(now_s)):
            del self.sessions[old]
        if len(self.sessions) >= limit:
            self.refused += 1
            return None
        session = Session(now_s + self.features.session_timeout_s)
        self.sessions[session.id] = session
        return session

    def heard(self, session: Session) -> None:
        session.until_s = asyncio.get_running_loop().time() + self.features.session_timeout_s

    def is_over(self, session: Session) -> bool:
        return session.id not in self.sessions or asyncio.get_running_loop().time() >= session.until_s

    def leave(self, session: Session, *, torn_down: bool) -> None:
        if torn_down or not self.features.lingers:
            self.sessions.pop(session.id, None)

    def _over(self, now_s: float) -> Iterator[str]:
        return (key for key, session in self.sessions.items() if session.until_s <= now_s)
