"""What a node tells of itself: the names of what it has, and the words of what may be wrong with it.

It changes with the configuration only, so that whoever shows a hall need not be told its names again with
every state. What a device can do is said here too, so that nobody offers what it would refuse.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from edge.wire.base import Check, Lenient, Level, Pattern

MAX_SERVICES = 100  # as many as a configuration may have, of these and of windows
MAX_WINDOWS = 200
MAX_DEVICES = 1024  # a hall of 52 windows has 180, its cameras aside
MAX_CAMERAS = 512
MAX_REASONS = 128
MAX_FAMILIES = 64
MAX_WORDS = 64  # conditions of one family

Name = Annotated[str, Field(max_length=64)]
Text = Annotated[str, Field(max_length=256)]


class Told(Lenient):
    """A node says it as plain data, and only those who read it need the models."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class AboutService(Told):
    """A queue. `prefix`: the letters before its numbers."""

    id: Name
    name: Text
    name_en: Text = ""
    prefix: Name = ""


class AboutWindow(Told):
    """A counter, with the services that it calls and the authority (`unit`) whose window it is."""

    id: Name
    name: Text
    unit: Text = ""
    services: Annotated[tuple[Name, ...], Field(max_length=MAX_SERVICES)] = ()


class AboutDevice(Told):
    """A device, one on a shared line, or a kiosk. `name` is what people call its model, "" where none is
    configured; `line` the device whose line it is on. What it leaves out it does not have, or cannot do."""

    id: Name
    driver: Name  # the protocol family; "kiosk" for one of those
    model: Name = ""
    name: Text = ""
    name_en: Text = ""
    kind: Name = ""
    window: Name = ""
    line: Name = ""
    checks: Annotated[tuple[Check, ...], Field(max_length=2)] = ()  # levels of `device.check`
    shows: Annotated[tuple[Pattern, ...], Field(max_length=3)] = ()  # patterns of `device.show`
    prints: bool = False  # it knows `device.test_print`


class AboutCamera(Told):
    """A camera, and the device that watches it."""

    id: Name
    name: Text = ""
    line: Name = ""


class AboutReason(Told):
    """A reason that may be given with a rating of this level, by its code in the table's edition."""

    code: int
    level: Level
    zh: Text
    en: Text


class AboutCondition(Told):
    """What a condition means, in a technician's words, and what to do."""

    severity: Literal["info", "warning", "error"]
    zh: str
    en: str
    remedy_zh: str = ""
    remedy_en: str = ""


class LeftOut(Told):
    """What did not fit, so that nobody takes a part for the whole: how many devices, cameras and words."""

    devices: int = 0
    cameras: int = 0
    words: int = 0


Words = dict[str, AboutCondition]


class NodeAbout(Told):
    """`about`: retained, said at birth and after a reload. What is empty, zero or false is left out."""

    v: Literal[1] = 1
    hall_name: Text
    hall_name_en: Text = ""
    timezone: Name
    printer: Name = ""  # that of the tickets
    services: Annotated[tuple[AboutService, ...], Field(max_length=MAX_SERVICES)] = ()
    windows: Annotated[tuple[AboutWindow, ...], Field(max_length=MAX_WINDOWS)] = ()
    devices: Annotated[tuple[AboutDevice, ...], Field(max_length=MAX_DEVICES)] = ()
    cameras: Annotated[tuple[AboutCamera, ...], Field(max_length=MAX_CAMERAS)] = ()
    indicator_version: Name = ""  # the edition of the reasons
    reasons: Annotated[tuple[AboutReason, ...], Field(max_length=MAX_REASONS)] = ()
    # By family ("" is any device), then by code.
    device_words: Annotated[
        dict[Name, Annotated[Words, Field(max_length=MAX_WORDS)]], Field(max_length=MAX_FAMILIES)
    ] = Field(default_factory=dict)
    left_out: LeftOut = LeftOut()
