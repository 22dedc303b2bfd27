"""Makes the clips of simulated cameras: `python -m drivers.camera.sim_video FOLDER < recipes.json`.

A process of its own, which alone imports PyAV and OpenCV. Says on standard error what is missing.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

try:
    import av
    import cv2

    from drivers.camera.sim_picture import Camera
    from drivers.camera.sim_scene import views
except ImportError as error:
    sys.exit(f"{error}: pip install av opencv-python-headless, which make the video of simulated cameras")

from drivers.camera.sim_ills import is_gross
from drivers.camera.sim_recipe import TICKS_PER_S, Gop, NoVideo, Recipe, Unit, write_clip

SMALL = 640  # pixels of width: an encoder as good as a camera's takes no longer than half a minute there
LOW_FPS = 5
NICE = 10  # a hall that is at work goes first
LOW_KBIT_S = 96  # what few pictures still need


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    os.nice(NICE)
    cv2.setNumThreads(1)  # the encoder has threads enough
    for each in json.load(sys.stdin):
        recipe = Recipe(**each | {"ills": tuple((name, strength) for name, strength in each["ills"])})
        try:
            write_clip(folder / recipe.file(), encode(recipe))
        except NoVideo as error:
            sys.exit(str(error))


def encode(recipe: Recipe) -> Iterator[Gop]:
    """The clip. One group more goes before it, so that the rate control has settled."""
    recipe = as_sent(recipe)
    length = recipe.gop_s * recipe.fps
    camera = Camera(recipe)
    coder = encoder(recipe)
    packets: list[Any] = []
    scenes = itertools.islice(views(recipe), recipe.pictures + length)
    for number, scene in enumerate(scenes):
        picture = camera.sees(scene, max(number - length, 0))
        planes: Any = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
        frame = av.VideoFrame.from_ndarray(planes, "yuv420p")
        frame.pts = number
        packets += coder.encode(frame)
    packets += coder.encode(None)
    for number in range(1, recipe.gops + 1):
        yield tuple(group(packets[number * length : (number + 1) * length], recipe.fps, number * length))


def as_sent(recipe: Recipe) -> Recipe:
    """With what the encoder itself does wrong."""
    ills = dict(recipe.ills)
    if strength := ills.get("low_fps"):
        fps = LOW_FPS if is_gross(strength) else recipe.fps // 2
        recipe = dataclasses.replace(recipe, fps=max(fps, 1), kbit_s=max(recipe.kbit_s // 2, LOW_KBIT_S))
    if strength := ills.get("wrong_size"):
        width, height = (352, 288) if is_gross(strength) else (480, 270)
        if recipe.width > SMALL:
            width, height = (704, 576) if is_gross(strength) else (1280, 720)
        recipe = dataclasses.replace(recipe, width=width, height=height)
    return recipe


def encoder(recipe: Recipe) -> Any:
    """As cameras are set: groups of one length, parameter sets before each key picture, a bounded rate."""
    name = {"h264": "libx264", "h265": "libx265"}[recipe.codec]
    coder = av.CodecContext.create(name, "w")
    assert isinstance(coder, av.VideoCodecContext)  # of a video codec
    coder.width, coder.height, coder.pix_fmt = recipe.width, recipe.height, "yuv420p"
    coder.time_base, coder.framerate = Fraction(1, recipe.fps), Fraction(recipe.fps)
    coder.bit_rate = recipe.kbit_s * 1000
    length = recipe.gop_s * recipe.fps
    settings = {
        **{"keyint": length, "min-keyint": length, "scenecut": 0, "open-gop": 0, "repeat-headers": 1},
        **{"bframes": recipe.b_frames, "slices": recipe.slices, "log-level": "none", "b-adapt": 0},
        **{"vbv-maxrate": recipe.kbit_s * 3 // 2, "vbv-bufsize": recipe.kbit_s * 2, "b-pyramid": 0},
    }
    if recipe.codec == "h264":
        del settings["log-level"]
        settings |= {"force-cfr": 1, "sliced-threads": 0}
    text = ":".join(f"{key}={value}" for key, value in settings.items())
    preset = {"h264": "veryfast" if recipe.width <= SMALL else "superfast", "h265": "ultrafast"}
    coder.options = {"preset": preset[recipe.codec], f"{name[3:]}-params": text}
    return coder


def group(packets: list[Any], fps: int, begin: int) -> Iterator[Unit]:
    for place, packet in enumerate(packets):
        if packet.is_keyframe is not (place == 0):
            raise AssertionError("the encoder did not keep to the group of pictures")
        ticks = (packet.pts - begin) * TICKS_PER_S // fps
        yield Unit(place == 0, place / fps, ticks, bytes(packet))


if __name__ == "__main__":
    main()
