"""The kiosk's own configuration: TOML → checked settings, or everything that is wrong with it at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_core import to_json

from drivers.checking.problems import Problem, Wrong, explain
from drivers.checking.tomlfile import BadFile, read_toml
from drivers.checking.variables import EnvPath
from drivers.checking.words import Text
from edge.control import DEFAULT_SOCKET
from kiosk_ui.actions import Language, TextSize, Volume
from kiosk_ui.keys import NoKey, read_key
from kiosk_ui.model import Look
from kiosk_ui.panel import Panel
from kiosk_ui.pins import HASH

MOST_VOLUME = 100


class BadSettings(Exception):
    """The kiosk cannot start with this configuration. `problems` is never empty."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))


def _pin(value: str) -> str:
    if value and not HASH.fullmatch(value):
        raise Wrong(
            Text("不是 PIN 的散列", "is no hash of a PIN"),
            Text("用 hall-kiosk --hash-pin 生成", "make one with hall-kiosk --hash-pin"),
        )
    return value


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


class Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class KioskTable(Table):
    """This kiosk, as its node knows it by `[[kiosk]]`."""

    id: Name = "kiosk-1"
    socket: EnvPath = DEFAULT_SOCKET  # of the node on this machine
    telephone: Annotated[str, Field(max_length=32)] = ""  # of the help desk; empty is none
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=2)] = ("zh", "en")
    text: TextSize = 1
    pin: Annotated[str, AfterValidator(_pin)] = ""  # of the technician's page; empty: there is none
    # File with the key of appointments' `person`; empty: nobody checks in by card.
    person_key: Literal[""] | EnvPath = ""


class PanelTable(Table):
    """The screen as it hangs: everything is as large as its millimetres say."""

    width_px: Annotated[int, Field(ge=480, le=7680)] = 1080
    height_px: Annotated[int, Field(ge=480, le=7680)] = 1920
    diagonal_in: Annotated[float, Field(ge=10, le=100)] = 21.5
    bottom_mm: Annotated[float, Field(ge=0, le=2000)] = 850.0  # of the picture's lower edge, above the floor

    def panel(self) -> Panel:
        return Panel(self.width_px, self.height_px, self.diagonal_in, self.bottom_mm)


class InputTable(Table):
    """How it is touched."""

    device: Annotated[str, Field(max_length=128)] = ""  # a part of the touch device's name; empty is any
    silent_h: Annotated[float, Field(ge=0, le=168)] = (
        4.0  # without a touch, and it is opened afresh; 0 is never
    )
    keypad: Literal["none", "five", "numeric"] = "five"
    # Whether the scanner reads at any time, or only where somebody asks for it on the screen.
    scan: Literal["always", "asked"] = "always"


class SoundTable(Table):
    """What speech comes out of; without, nothing is said."""

    on: bool = False
    volume: Annotated[int, Field(ge=5, le=MOST_VOLUME)] = 50  # in per cent, of a session's beginning
    device: Annotated[str, Field(max_length=128)] = ""  # a part of the sound card's name; empty: the system's
    clips: Literal[""] | EnvPath = ""  # folder of a speaker's recordings, which go before the voice

    def volumes(self) -> tuple[Volume, ...]:
        """What citizens may choose: louder only where that is left."""
        if not self.on:
            return ()
        return (0, 1, 2) if self.volume < MOST_VOLUME else (0, 1)


class KioskSettings(Table):
    """`kiosk.toml`. Every table may be left out."""

    kiosk: KioskTable = KioskTable()
    panel: PanelTable = PanelTable()
    input: InputTable = InputTable()
    sound: SoundTable = SoundTable()

    def look(self) -> Look:
        return Look(
            panel=self.panel.panel(),
            kiosk=self.kiosk.id,
            telephone=self.kiosk.telephone,
            languages=self.kiosk.languages,
            text=self.kiosk.text,
            volumes=self.sound.volumes(),
            has_guide=False,  # until its items are read
            has_card_check_in=bool(self.kiosk.person_key),
            scans=self.input.scan == "always",
            has_technician=bool(self.kiosk.pin),
        )


def load(path: Path | None, env: Mapping[str, str] | None = None) -> KioskSettings:
    """The settings of this file, or those of none. Raises BadSettings."""
    try:
        raw: dict[str, Any] = read_toml(path) if path else {}
    except BadFile as error:
        raise BadSettings((error.problem,)) from None
    context = {"env": os.environ if env is None else env}
    try:
        # Through JSON, by which a list is a tuple and "9600" is no number.
        found = KioskSettings.model_validate_json(to_json(raw, inf_nan_mode="constants"), context=context)
    except ValidationError as error:
        raise BadSettings(explain(error, KioskSettings.model_json_schema())) from None
    if problem := _no_key(found.kiosk.person_key):
        raise BadSettings((problem,))
    return found


def _no_key(path: Path | Literal[""]) -> Problem | None:
    """What is wrong with the key's file."""
    try:
        if path:
            read_key(path)
    except NoKey as error:
        reason = Text(f"没有可用的密钥：{error}", f"has no key: {error}")
        hint = Text("用 openssl rand -hex 32 生成", "make one with openssl rand -hex 32")
        return Problem("kiosk.person_key", str(path), reason, hint)
    return None
