"""Dataclasses that share what each would otherwise have of its own.

`@dataclass(frozen=True, slots=True)` gives each class two functions that refuse a change, and by them it
keeps the class that it was made of; and each dataclass has functions for its text. That is 6 KB of 13 (Python
3.11), of some two hundred classes in a node's 45 MB.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from reprlib import recursive_repr
from typing import Any, Never


def lean(module: dict[str, object]) -> None:
    """For a module's `globals()`: its dataclasses stay what they are, and frozen, but for what they share.

    A module with many of them calls it at its end, before others need the room; the daemon, for all others.
    """
    for each in module.values():
        if isinstance(each, type) and each.__module__ == module["__name__"] and is_dataclass(each):
            params: Any = each.__dataclass_params__  # type: ignore[attr-defined] # which each of them has
            if params.frozen:
                each.__setattr__ = each.__delattr__ = _refuse  # type: ignore[method-assign]
            if params.repr and hasattr(each.__repr__, "__wrapped__"):  # made for it, and none of its own
                each.__repr__ = _text  # type: ignore[method-assign]


def _refuse(self: object, name: str, *_: object) -> Never:
    raise FrozenInstanceError(f"cannot assign to field {name!r} of {type(self).__name__}")


@recursive_repr()
def _text(self: Any) -> str:
    """As dataclasses write it."""
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"
