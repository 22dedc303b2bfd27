"""Imports of a library without what it loads only for uses that are not ours.

A node has 45 MB for its daemon, and a module that has been imported stays for ever. Who leaves one out says
beside it what the library would need it for, and a test uses what we use of the library.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Never, cast


@contextmanager
def without(unused: Collection[str] = (), *, absent: Collection[str] = ()) -> Iterator[None]:
    """Within it, an import of an `unused` module gives a stand-in, and one of an `absent` module fails as
    where it is not installed. Afterwards, and where one is loaded already, all are what they are."""
    modules = cast(dict[str, Any], sys.modules)  # None in it: not to be found (import system, 5.3.1)
    put = {name: _StandIn(name) for name in unused} | dict.fromkeys(absent)
    put = {name: module for name, module in put.items() if name not in modules}
    modules.update(put)
    try:
        yield
    finally:
        for name, module in put.items():
            if modules.get(name) is module:
                del modules[name]


class _StandIn(ModuleType):
    """Has a part of every name, so that it can be imported from; who uses one is told."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Part(f"{self.__name__}.{name}")


class _Part:
    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *_: object, **__: object) -> Never:
        raise self._error()

    def __getattr__(self, name: str) -> Never:
        if name.startswith("__"):
            raise AttributeError(name)
        raise self._error()

    def _error(self) -> ImportError:
        return ImportError(f"{self._name} is not loaded in a node: see the importer's edge.leanly.without()")
