"""Imports of a library without what it loads only for uses that are rare in a node, or never happen.

A node has 45 MB for its daemon, and a module that has been imported stays for ever. Who leaves one out says
beside it what the library would need it for, and a test uses what we use of the library. Nothing is lost by
it: who does use what was left out gets it then.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, cast


@contextmanager
def without(rare: Collection[str] = (), *, absent: Collection[str] = ()) -> Iterator[None]:
    """Within it, an import of a `rare` module gives a stand-in that loads it at its first use, and one of an
    `absent` module fails as where it is not installed. Afterwards, and where one is loaded already, all are
    what they are.

    A use is a call, an attribute, or isinstance(). What neither is cannot wait: a class made of a stand-in's
    part has nothing of it, and `except` takes none (TypeError).
    """
    modules = cast(dict[str, Any], sys.modules)  # None in it: not to be found (import system, 5.3.1)
    put = {name: _StandIn(name) for name in rare} | dict.fromkeys(absent)
    put = {name: module for name, module in put.items() if name not in modules}
    modules.update(put)
    try:
        yield
    finally:
        for name, module in put.items():
            if modules.get(name, put) is module:  # `put` is no module: the name may be gone by now
                del modules[name]


@contextmanager
def one_typed_dict() -> Iterator[None]:
    """Within it, every class that is made of TypedDict is one and the same, whose call gives a dict as each
    of them would. For the import of a module that has many of them and shows them to type checkers alone."""
    import typing_extensions  # noqa: PLC0415 a third party's, and only its importers need it

    names = vars(typing_extensions)
    true, names["TypedDict"] = names["TypedDict"], _AnyTypedDict
    try:
        yield
    finally:
        names["TypedDict"] = true


class _StandIn(ModuleType):
    """Has a part of every name, so that it can be imported from."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            return _Part(self.__name__, name)
        return getattr(importlib.import_module(self.__name__), name)  # under its lock: any thread may


class _Part:
    """Something of a module that is not loaded yet."""

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return self._real()(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._real(), name)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._real())

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:  # PEP 560: a base that is none
        return ()

    def _real(self) -> Any:
        if isinstance(sys.modules.get(self._module), _StandIn):  # the very import that left it out uses it
            del sys.modules[self._module]
        return getattr(importlib.import_module(self._module), self._name)


class _OneForAll(type):
    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any], **_: object) -> Any:
        return bases[0] if bases else super().__new__(cls, name, bases, body)

    def __init__(cls, *_: object, **__: object) -> None:
        """Made already; `total=` is for type checkers."""

    def __call__(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return dict(*args, **kwargs)


class _AnyTypedDict(metaclass=_OneForAll):
    pass
