"""What `hall-kiosk` does once its arguments are read: pictures, a list of recordings, or the kiosk itself."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edge import heap
from kiosk_ui.actions import Contrast
from kiosk_ui.cli import BAD_CONFIG, NOT_STARTED
from kiosk_ui.lean import load_app
from kiosk_ui.model import Session
from kiosk_ui.panel import Panel, preset
from kiosk_ui.settings import BadSettings, KioskSettings, load

if TYPE_CHECKING:
    from kiosk_ui.app import Speaker


def run(arguments: argparse.Namespace) -> int:
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


def _panel(settings: KioskSettings, arguments: argparse.Namespace) -> Panel:
    if not arguments.panel:
        return settings.panel.panel()
    return preset(arguments.panel, portrait=not arguments.landscape)


def _show(settings: KioskSettings, arguments: argparse.Namespace) -> int:
    load_app()
    from kiosk_ui.app import App, Mute  # noqa: PLC0415 a wrong configuration is told without a display
    from kiosk_ui.face import PageFace  # noqa: PLC0415
    from kiosk_ui.window import NoDisplay, Window  # noqa: PLC0415

    heap.spare()
    try:
        window = Window(_panel(settings, arguments), windowed=arguments.windowed)
    except NoDisplay as error:
        sys.stderr.write(f"✗ {error}\n")
        return NOT_STARTED
    app = App(
        settings,
        window,
        PageFace(window.panel),
        secrets.token_hex(16),
        _speaker(settings) if settings.sound.on else Mute(),
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


def _speaker(settings: KioskSettings) -> Speaker:
    from kiosk_ui.speech_voice import Voice  # noqa: PLC0415 who does not speak needs no mixer

    sound = settings.sound
    return Voice(sound.volume, sound.device, sound.clips or None)


async def _until_told(run: Callable[[], Awaitable[int]], leave: Callable[[], None]) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, leave)
    return await run()
