"""`hall-kiosk`: the citizens' screen, a client of the node on this machine."""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import sys
from pathlib import Path

from edge.log import setup_beside
from kiosk_ui.actions import Contrast
from kiosk_ui.lean import load_settings
from kiosk_ui.pins import hash_pin

BAD_CONFIG = 2
NOT_STARTED = 1
PICTURED = ("lang", "text", "contrast", "low", "elder")  # say what pictures are to show, and nothing else
MIN_PIN = 6  # digits


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="hall-kiosk", description=__doc__)
    found.add_argument("--config", type=Path, help="kiosk.toml; without it, all settings are their defaults")
    found.add_argument(
        "--panel", choices=("21.5", "27", "32"), help="a full HD panel of this size, in portrait"
    )
    found.add_argument("--landscape", action="store_true", help="with --panel: wider than high")
    found.add_argument("--windowed", action="store_true", help="in a window of the desktop, with a mouse")
    found.add_argument(
        "--screenshots", type=Path, metavar="DIR", help="make a picture of every page there is, and end"
    )
    pictures = found.add_argument_group("with --screenshots", "as which citizen sees the pages")
    pictures.add_argument("--lang", choices=("zh", "en"), help="in this language; without it, in each")
    pictures.add_argument("--text", type=int, choices=range(4), help="size of the text")
    pictures.add_argument("--contrast", choices=tuple(map(str, Contrast)))
    pictures.add_argument("--low", action="store_true", default=None, help="within reach of a wheelchair")
    pictures.add_argument("--elder", action="store_true", default=None, help="in elderly mode")
    found.add_argument(
        "--clips", type=Path, metavar="DIR", help="list the recordings that this folder lacks, and end"
    )
    found.add_argument("--frames", type=Path, metavar="FILE", help="write when what was drawn, at the end")
    found.add_argument(
        "--hash-pin", action="store_true", help="ask for a PIN, and print what kiosk.toml needs"
    )
    found.add_argument("--verbose", action="store_true", help="log more")
    return found


def main() -> None:
    sys.exit(run(parser().parse_args()))


def run(arguments: argparse.Namespace) -> int:
    level = logging.DEBUG if arguments.verbose else logging.INFO
    if not setup_beside(level, "hall-kiosk"):
        logging.basicConfig(level=level, format="%(levelname)-7s %(name)s  %(message)s", stream=sys.stderr)
    vain = [name for name in PICTURED if getattr(arguments, name) is not None]
    if vain and not arguments.screenshots:
        told = ", ".join(f"--{name}" for name in vain)
        sys.stderr.write(f"✗ {told} 要和 --screenshots 一起用\n  only with --screenshots: {told}\n")
        return BAD_CONFIG
    if arguments.hash_pin:
        return _hash_pin()
    load_settings()
    from kiosk_ui import program  # noqa: PLC0415 only now: what it imports is to be lean

    return program.run(arguments)


def _hash_pin() -> int:
    pin = getpass.getpass("PIN: ")
    if len(pin) < MIN_PIN or not pin.isdigit():
        sys.stderr.write(f"✗ 至少 {MIN_PIN} 位数字\n  at least {MIN_PIN} digits\n")
        return BAD_CONFIG
    sys.stdout.write(f'pin = "{hash_pin(pin, os.urandom(16))}"\n')
    return 0
