"""Tests of drivers, in a loop whose time jumps over waiting."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from drivers.conformance import run_warped

P = ParamSpec("P")


def warped(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A coroutine as a test that pytest runs, in that loop."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        run_warped(test(*args, **kwargs))

    return run
