"""One look at a picture, as the worker does it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from drivers.camera import look as module
from drivers.camera.job import MAX_JPEG, Order
from drivers.camera.look import look, small_jpeg
from tests.camera_units import scene, unit


def order(data: bytes, width: int = 640, height: int = 360, *, want_jpeg: bool = False) -> Order:
    return Order(1, "h264", width, height, data, {}, want_jpeg, want_measures=True)


def test_what_is_found() -> None:
    found = look(order(unit().data))
    assert (found.code, found.width, found.height, found.corrupt, found.jpeg) == ("ok", 640, 360, False, b"")
    assert found.measures
    assert look(order(b"rubbish")).code == "undecodable"
    assert look(order(b"", 20_000, 1_000)).code == "too_large"


def test_what_need_only_be_decoded_is_not_measured() -> None:
    found = look(Order(1, "h264", 640, 360, unit().data, {}, want_jpeg=False, want_measures=False))
    assert (found.code, found.width, found.corrupt, found.measures, found.blobs) == ("ok", 640, False, {}, {})


def test_a_jpeg_is_as_good_as_fits() -> None:
    room = small_jpeg(scene(640, 360))
    noise = small_jpeg(np.random.default_rng(1).integers(0, 256, (360, 640, 3), np.uint8))
    assert 5_000 < len(room) <= MAX_JPEG
    assert len(noise) <= MAX_JPEG, "none, or one that fits"
    again = cv2.imdecode(np.frombuffer(room, np.uint8), cv2.IMREAD_COLOR)
    assert again is not None
    assert float(np.abs(again.astype(int) - scene(640, 360)).mean()) < 10


def test_a_fault_of_the_measuring_is_raised_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        module, "measure", lambda *_: cv2.cvtColor(np.zeros((1, 1), np.uint8), cv2.COLOR_BGR2GRAY)
    )
    with pytest.raises(cv2.error, match="channels"):
        look(order(unit().data))


def test_where_memory_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(*_: object) -> object:
        return cv2.resize(np.zeros((1, 1), np.uint8), (10**6, 10**8))

    monkeypatch.setattr(module, "measure", measure)
    with pytest.raises(MemoryError):
        look(order(unit().data))
