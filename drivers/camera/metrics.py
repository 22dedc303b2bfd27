"""The least that tells a picture from a black wall: lightness, contrast and a small grey picture."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt

THUMB = (160, 90)  # pixels


def measure(
    bgr: npt.NDArray[np.uint8], given: Mapping[str, bytes]
) -> tuple[dict[str, float], dict[str, bytes]]:
    """Of a picture (height, width, 3); `given` may hold "thumb", that of an earlier picture."""
    grey = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), np.uint8)
    thumb = np.asarray(cv2.resize(grey, THUMB, interpolation=cv2.INTER_AREA), np.uint8)
    mean, deviation = cv2.meanStdDev(grey)
    found = {"mean": float(mean[0, 0]), "std": float(deviation[0, 0])}
    before = np.frombuffer(given.get("thumb", b""), np.uint8)
    if before.size == thumb.size:
        found["change"] = float(cv2.absdiff(thumb, before.reshape(thumb.shape)).mean())
    return found, {"thumb": thumb.tobytes()}
