"""The guide on its way into the kiosk: read beside the loop; a process tells its initials, and ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge.catalogue import read_catalogue
from kiosk_ui.catalogue import Guide
from kiosk_ui.ending import Ending
from kiosk_ui.messages import ToldGuide
from kiosk_ui.pinyin import NoPinyin, Pinyin

log = logging.getLogger(__name__)

MAX_SHOWN = 200  # characters of what is wrong: the rest says hall-edge check


class GuideLoader:
    """`want` begins to load, and does nothing where that folder is loaded or on its way."""

    def __init__(self, tell: Callable[[ToldGuide], None]) -> None:
        self._tell = tell
        self._folder = ""
        self._loading: asyncio.Task[None] | None = None
        self._ending = Ending()
        self.wrong = ""  # of what is loaded, for the technician; "" where nothing is

    def want(self, folder: str) -> None:
        if folder == self._folder:
            return
        self._folder = folder
        self._stop()
        self._loading = asyncio.create_task(self._load(folder))

    async def close(self) -> None:
        self._stop()
        await self._ending.gone()

    def _stop(self) -> None:
        loading, self._loading = self._loading, None
        if loading is not None:
            loading.cancel()
            self._ending.see_off(loading)

    async def _load(self, folder: str) -> None:
        guide = await asyncio.to_thread(load, folder) if folder else Guide()
        self.wrong = guide.wrong
        if guide.wrong:
            log.warning("the guide's catalogue has errors, see hall-edge check: %s", guide.wrong)
        self._tell(ToldGuide(guide))
        if guide.is_empty:
            return
        pinyin = Pinyin()
        names = [item.name.zh for item in guide.catalogue.items.values()]
        try:
            letters = await pinyin.ask("initials", names)
        except NoPinyin as error:
            log.warning("items are found by number only, since nobody tells initials: %s", error)
        else:
            known = dict(zip(guide.catalogue.items, map(tuple, letters), strict=True))
            self._tell(ToldGuide(replace(guide, initials=known)))
        finally:
            await pinyin.close()


def load(folder: str) -> Guide:
    """Without initials. Blocks on files; never raises for what they hold."""
    read = read_catalogue(Path(folder))
    count = len(read.problems)
    wrong = f"{count}: {read.problems[0]}"[:MAX_SHOWN] if count else ""
    return Guide(folder, read.catalogue, {}, wrong)
