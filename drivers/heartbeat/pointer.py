"""JSON pointers, RFC 6901: where in a document something stands."""

from __future__ import annotations

import re

from drivers.strictjson import Json

LIMIT = 256  # characters of a pointer
_POINTER = re.compile(r"(/([^~/]|~[01])*)*")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


def check(pointer: str) -> None:
    """Raises ValueError where it is no pointer."""
    if len(pointer) > LIMIT or not _POINTER.fullmatch(pointer):
        raise ValueError(
            f'{pointer!r} is no JSON pointer: write it as "/printer/paper", with ~0 for ~ and ~1 for /'
        )


def resolve(document: Json, pointer: str) -> Json:
    """Raises KeyError where there is nothing."""
    found = document
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found[name]
        elif isinstance(found, list) and _INDEX.fullmatch(name) and int(name) < len(found):
            found = found[int(name)]
        else:
            raise KeyError(pointer)
    return found
