"""`hall-kiosk`: the citizens' screen, a client of the node on this machine."""

from __future__ import annotations

import argparse
import asyncio
import gc
import getpass
import logging
import os
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from kiosk_ui import heap
from kiosk_ui.actions import Contrast
from kiosk_ui.model import Session
from kiosk_ui.panel import Panel, preset
from kiosk_ui.settings import BadSettings, KioskSettings, hash_pin, load

BAD_CONFIG = 2
NOT_STARTED = 1
PICTURED = ("lang", "text", "contrast", "low", "elder")  # say what pictures are to show, and nothing else
MIN_PIN = 6  # digits

log = logging.getLogger(__name__)


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
    logging.basicConfig(level=level, format="%(levelname)-7s %(name)s  %(message)s", stream=sys.stderr)
    vain = [name for name in PICTURED if getattr(arguments, name) is not None]
    if vain and not arguments.screenshots:
        told = ", ".join(f"--{name}" for name in vain)
        sys.stderr.write(f"✗ {told} 要和 --screenshots 一起用\n  only with --screenshots: {told}\n")
        return BAD_CONFIG
    if arguments.hash_pin:
        return _hash_pin()
    try:
        settings = load(arguments.config)
    except BadSettings as error:
        for problem in error.problems:
            sys.stderr.write(f"✗ {problem.text().zh}\n  {problem.text().en}\n")
        return BAD_CONFIG
    if arguments.clips:
        return _clips(arguments.clips, settings)
    if arguments.screenshots:
        return _picture(_panel(settings, arguments), settings, arguments)
    return _show(settings, arguments)


def _picture(panel: Panel, settings: KioskSettings, arguments: argparse.Namespace) -> int:
    """Needs neither a display nor a node: what the pages show is a sample."""
    folder: Path = arguments.screenshots
    like = Session(
        text=settings.kiosk.text if arguments.text is None else arguments.text,
        contrast=Contrast(arguments.contrast or "normal"),
        low=bool(arguments.low),
        elder=bool(arguments.elder),
    )
    languages = (arguments.lang,) if arguments.lang else settings.kiosk.languages
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    from kiosk_ui.shots import screenshots  # noqa: PLC0415 a wrong configuration is told without pygame

    try:
        for language in languages:
            screenshots(folder, panel, replace(like, language=language))
    except (OSError, RuntimeError) as error:  # pygame's are of the second kind
        sys.stderr.write(f"✗ 图片写不到 {folder}：{error}\n  no pictures can be written there: {error}\n")
        return NOT_STARTED
    return 0


def _clips(folder: Path, settings: KioskSettings) -> int:
    """A line for each: the file, what it is to say, and why one that is there cannot be used."""
    from kiosk_ui.speech_clips import lacking, phrases  # noqa: PLC0415 nobody else needs them

    languages = settings.kiosk.languages
    found = list(lacking(folder, languages))
    for file, words, why in found:
        sys.stdout.write("\t".join(filter(None, (file, words, why))) + "\n")
    whole = sum(len(phrases(language)) for language in languages)
    sys.stderr.write(f"缺 {len(found)} 个，共 {whole} 个 · {len(found)} of {whole} are missing\n")
    return NOT_STARTED if found else 0


def _hash_pin() -> int:
    pin = getpass.getpass("PIN: ")
    if len(pin) < MIN_PIN or not pin.isdigit():
        sys.stderr.write(f"✗ 至少 {MIN_PIN} 位数字\n  at least {MIN_PIN} digits\n")
        return BAD_CONFIG
    sys.stdout.write(f'pin = "{hash_pin(pin, os.urandom(16))}"\n')
    return 0


def _panel(settings: KioskSettings, arguments: argparse.Namespace) -> Panel:
    if not arguments.panel:
        return settings.panel.panel()
    return preset(arguments.panel, portrait=not arguments.landscape)


def _show(settings: KioskSettings, arguments: argparse.Namespace) -> int:
    from kiosk_ui.app import App, Mute  # noqa: PLC0415 a wrong configuration is told without a display
    from kiosk_ui.face import PageFace  # noqa: PLC0415
    from kiosk_ui.speech_voice import Voice  # noqa: PLC0415
    from kiosk_ui.window import NoDisplay, Window  # noqa: PLC0415

    heap.spare()
    try:
        window = Window(_panel(settings, arguments), windowed=arguments.windowed)
    except NoDisplay as error:
        sys.stderr.write(f"✗ {error}\n")
        return NOT_STARTED
    sound = settings.sound
    app = App(
        settings,
        window,
        PageFace(window.panel),
        secrets.token_hex(16),
        Voice(sound.volume, sound.device, sound.clips or None) if sound.on else Mute(),
        watches_touch=not arguments.windowed,
    )
    gc.collect()
    gc.freeze()  # what the start has built stays; the collector need not look at it again
    try:
        return asyncio.run(_until_told(app.run, app.leave))
    finally:
        window.close()
        if arguments.frames:
            app.frames.write(arguments.frames)


async def _until_told(run: Callable[[], Awaitable[int]], leave: Callable[[], None]) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, leave)
    return await run()
