"""What is said to a scanner. Source: Newland, serial programming command manual."""

from __future__ import annotations

import re

from drivers.api import Identity
from drivers.newland.codec import Command, Reply

ABOUT = Command("@", "QRYSYS")  # who it is: no light and no motion
LIGHT_ON = Command("#", "SCNTRG", "1")
LIGHT_OFF = Command("#", "SCNTRG", "0")

MAX_TOLD = 64  # characters of each thing that it says of itself
_FIELDS = {"model": "product name", "serial": "serial number", "firmware": "firmware version"}


def identity(reply: Reply) -> Identity:
    """Of a reply to ABOUT: lines `Product Name: …`. Their layout is from documentation, not captured: what is
    not found stays empty."""
    text = reply.data.decode("ascii", "replace")

    def told(label: str) -> str:
        line = re.search(rf"(?im)\b{label}\s*[:=]\s*([^\r\n;]+)", text)
        return line[1].strip()[:MAX_TOLD] if line else ""

    found = {key: told(label) for key, label in _FIELDS.items()}
    return Identity(found["model"] or "Newland", found["serial"], found["firmware"])
