"""Imports of the kiosk without what its libraries load for others: 11 MB of the 80 that it may take.

What was left out is imported by whoever does use it, as the voice does its mixer.
"""

from __future__ import annotations

import importlib

from edge.leanly import one_typed_dict, without

# What each would be needed for, and what it takes.
RARE = (
    "importlib.metadata._adapters",  # packages' descriptions, which are mails, and
    "importlib.resources.abc",  # files that packages bring along: 0.7 MB
    "ast",  # the syntax tree of a source, of which a program at work has none: 0.8 MB
    "pydantic._internal._docs_extraction",
    "asyncio.sslproto",
    "difflib",  # which name was meant, where a configuration has a wrong one: 0.1 MB
    "urllib.request",  # a QR code that is written as a picture for others, and
    "xml.sax.saxutils",  # not as squares on the glass: 2 MB
)
ABSENT = (
    "ssl",  # a kiosk talks to its own machine only: 1 MB
    # OpenSSL's hashes: 4 MB. Python has SHA-256 of its own; scrypt is `kiosk_ui.pins`' in its own process.
    "_hashlib",
    "bz2",
    "lzma",
)
# Of pygame: sound, which only a kiosk that speaks has: 2.8 MB.
SOUND = ("pygame.mixer", "pygame.mixer_music", "pygame.sndarray")


def load_settings() -> None:
    """What reads a configuration."""
    with without(RARE, absent=ABSENT):
        importlib.import_module("asyncio")
        with one_typed_dict():  # 90 of them say what a schema of pydantic's core is made of
            importlib.import_module("pydantic_core")
        importlib.import_module("kiosk_ui.settings")


def load_app() -> None:
    """All that shows a kiosk."""
    load_settings()
    with without(RARE, absent=(*ABSENT, *SOUND)):
        for name in ("app", "face", "window"):
            importlib.import_module(f"kiosk_ui.{name}")
