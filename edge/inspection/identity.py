"""Who a device is, by the names of UnifiedPOS ("Unified POS Retail Peripheral Architecture", 1.14: the
information that every category tells with its statistics). What nobody has told is left out."""

from __future__ import annotations

from collections.abc import Mapping, Set

from drivers.api import DriverSpec
from drivers.checking.words import Text
from drivers.messages import (
    Announce,
    AskRating,
    Beep,
    ButtonPressed,
    KeyPressed,
    LevelPressed,
    PrintSlip,
    ReadCard,
    ReadCode,
    ShowDigits,
    ShowText,
)

VERSION = "1.14"
# By what it is to the hall, else by what its driver can; where UnifiedPOS has no such category, ours.
_BY_KIND = {
    "caller": "POSKeyboard",
    "buttons": "POSKeyboard",
    "pad": "HallRatingPad",
    "strip": "LineDisplay",
    "board": "LineDisplay",
    "voice": "HallAnnouncer",
    "camera": "HallCamera",
}
_BY_ORDER: Mapping[type, str] = {
    PrintSlip: "POSPrinter",
    ReadCard: "SmartCardRW",
    ReadCode: "Scanner",
    Announce: "HallAnnouncer",
    ButtonPressed: "POSKeyboard",
}
_BY_FAMILY = {
    "bus68": "HallLine",
    "camera": "HallLine",
    "xfs4iot": "HallTerminal",
    "heartbeat": "HallTerminal",
}
# Of what a line's driver can, what one device on it does.
_OF_CHILD: Mapping[str, Set[type]] = {
    "caller": {KeyPressed, ShowDigits, Beep},
    "buttons": {ButtonPressed},
    "pad": {LevelPressed, AskRating},
    "strip": {ShowText},
}
_INTERFACES = {
    "serial": "RS232",
    "usblp": "USB",
    "evdev": "USB",
    "tcp": "Ethernet",
    "tls": "Ethernet",
    "host": "Ethernet",
    "lan": "Ethernet",
    "alsa": "Sound",
}


def does(spec: DriverSpec | None, kind: str, *, is_line: bool) -> Set[type]:
    """The orders and events of such a device; a line with children does nothing of its own."""
    if spec is None or is_line:
        return frozenset()
    return (spec.orders | spec.events) & _OF_CHILD.get(kind, spec.orders | spec.events)


def identity(
    *, kind: str, family: str, done: Set[type], url: str, title: Text, attributes: Mapping[str, str]
) -> dict[str, str]:
    """`done`: as `does` has it; `attributes`: what it says of itself."""
    scheme = url.partition(":")[0]
    found = {
        "UnifiedPOSVersion": VERSION,
        "DeviceCategory": category(kind, family, done),
        "ManufacturerName": attributes.get("manufacturer", ""),
        "ModelName": attributes.get("model", "") or title.en or title.zh,
        "SerialNumber": attributes.get("serial", ""),
        "FirmwareRevision": attributes.get("firmware", ""),
        "Interface": _INTERFACES.get(scheme, scheme),
    }
    return {name: value for name, value in found.items() if value}


def category(kind: str, family: str, done: Set[type]) -> str:
    if kind:
        return _BY_KIND.get(kind, "")
    by_family = _BY_FAMILY.get(family)
    return by_family or next((name for each, name in _BY_ORDER.items() if each in done), "")
