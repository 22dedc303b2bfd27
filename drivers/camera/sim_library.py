"""Clips at hand, on disk, or made by a process of their own: no simulator imports OpenCV or PyAV."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from drivers.camera import sim_rtp
from drivers.camera.sim_recipe import NoVideo, Recipe, read_clip

MAKERS = 2  # at a time: each takes a core
MAX_BYTES = 256 * 1024 * 1024  # of clips in memory: 40 sub streams of a minute and 10 main streams of 20 s
LOOK_S = 0.05  # how often a maker is asked whether it has done
MAKE_S = 60.0  # that a maker may take to begin, and …
PICTURE_S = 0.2  # … for each picture: 20 times of what one of 1080p costs

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Maker:
    process: subprocess.Popen[bytes]
    words: IO[bytes]  # what it says of its failure
    until_s: float


class Library:
    """The clips of one simulator."""

    def __init__(self, folder: Path, *, aggregates: bool = False) -> None:
        self._folder = folder
        self._aggregates = aggregates
        self._clips: OrderedDict[Recipe, sim_rtp.Clip] = OrderedDict()
        self._makers: dict[Recipe, _Maker] = {}
        self._failed: dict[Recipe, str] = {}
        self._reading = asyncio.Lock()

    async def load(self, recipe: Recipe) -> sim_rtp.Clip:
        """Made where it is not yet there, which takes seconds. Raises NoVideo."""
        self._failed.pop(recipe, None)
        while (clip := await self.at_hand(recipe)) is None:
            if reason := self._failed.get(recipe):
                raise NoVideo(reason)
            await asyncio.sleep(LOOK_S)
        return clip

    async def at_hand(self, recipe: Recipe) -> sim_rtp.Clip | None:
        """None while it is being made, or where it cannot be; a failure is logged once."""
        async with self._reading:
            if (clip := self._clips.get(recipe)) is not None:
                self._clips.move_to_end(recipe)
                return clip
            if recipe in self._makers:
                self._ask(recipe)
            if recipe in self._makers or recipe in self._failed:
                return None
            try:
                clip = await asyncio.to_thread(self._read, recipe)
            except (OSError, ValueError):  # not there, or spoilt: it is made anew
                if len(self._makers) < MAKERS:
                    self._start(recipe)
                else:
                    self._reap()
                return None
            self._keep(recipe, clip)
            return clip

    async def make(self, recipes: Iterable[Recipe]) -> None:
        """All of them, as fast as the machine can. Raises NoVideo."""
        missing = [recipe for recipe in dict.fromkeys(recipes) if not (self._folder / recipe.file()).exists()]
        await asyncio.gather(*(self.load(recipe) for recipe in missing))

    def close(self) -> None:
        """Ends what is still being made."""
        for maker in self._makers.values():
            maker.process.kill()
            maker.process.wait()
            maker.words.close()
        self._makers.clear()

    def _read(self, recipe: Recipe) -> sim_rtp.Clip:
        gops = read_clip(self._folder / recipe.file())
        return sim_rtp.clip(recipe.codec, gops, aggregates=self._aggregates)

    def _keep(self, recipe: Recipe, clip: sim_rtp.Clip) -> None:
        self._clips[recipe] = clip
        while len(self._clips) > 1 and sum(each.size for each in self._clips.values()) > MAX_BYTES:
            self._clips.popitem(last=False)

    # --- makers ---
    def _start(self, recipe: Recipe) -> None:
        words = tempfile.TemporaryFile()  # noqa: SIM115 closed when it has ended
        command = [sys.executable, "-m", "drivers.camera.sim_video", str(self._folder)]
        _log.info("makes %s", recipe.file())
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=words, cwd=_root()
        )
        assert process.stdin is not None  # asked for
        with process.stdin as order:
            order.write(json.dumps([asdict(recipe)]).encode())  # less than a pipe holds
        until_s = asyncio.get_running_loop().time() + MAKE_S + PICTURE_S * recipe.pictures
        self._makers[recipe] = _Maker(process, words, until_s)

    def _ask(self, recipe: Recipe) -> None:
        """Whether it has done; if so, it is no longer among the makers."""
        maker = self._makers[recipe]
        if maker.process.poll() is None:
            if asyncio.get_running_loop().time() < maker.until_s:
                return
            maker.process.kill()
            maker.process.wait()
        del self._makers[recipe]
        with maker.words as words:
            words.seek(0)
            said = words.read(4096).decode("utf-8", "replace").strip()
        if maker.process.returncode or not (self._folder / recipe.file()).exists():
            reason = said.splitlines()[-1] if said else f"it ended with {maker.process.returncode}"
            self._failed[recipe] = reason
            _log.error("no video for simulated cameras: %s", reason)

    def _reap(self) -> None:
        for recipe in list(self._makers):
            self._ask(recipe)


def _root() -> Path:
    """Where `drivers` can be imported from."""
    return Path(__file__).resolve().parents[2]
