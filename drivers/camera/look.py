"""One look at a picture, in the worker: decode it, measure it, make a small JPEG where one is wanted."""

from __future__ import annotations

import cv2

from drivers.camera.decode import Bgr, TooLarge, Undecodable, decode
from drivers.camera.job import MAX_JPEG, Answer, Order
from drivers.camera.metrics import measure

QUALITIES = (80, 60, 40, 25, 10)  # of a JPEG, tried until it is small enough

cv2.setNumThreads(1)  # the daemon has two workers for two cores


def look(order: Order) -> Answer:
    """Raises MemoryError, and whatever else a fault of the measuring raises."""
    try:
        want = order.want_measures or order.want_jpeg
        picture = decode(order.codec, order.data, order.width, order.height, want=want)
        measures, blobs = measure(picture.bgr, order.given) if order.want_measures else ({}, {})
        jpeg = small_jpeg(picture.bgr) if order.want_jpeg else b""
    except TooLarge as error:
        return Answer("too_large", str(error), order.width, order.height)
    except Undecodable as error:
        return Answer("undecodable", str(error))
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise MemoryError from error
        raise
    complaint = picture.complaint
    return Answer("ok", complaint, picture.width, picture.height, bool(complaint), measures, blobs, jpeg)


def small_jpeg(bgr: Bgr) -> bytes:
    """As good as fits, else b"": of no use is a picture that nobody can make out."""
    for quality in QUALITIES:
        is_made, found = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if is_made and found.size <= MAX_JPEG:
            return found.tobytes()
    return b""
