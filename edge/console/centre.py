"""What the settings of a centre share: how their TOML is read, its time zone, halls that are named once."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

MAX_HALLS = 400  # one centre, 18 township halls and 278 village points


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=BaseModel)
N = TypeVar("N", bound=Named)


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; write Asia/Shanghai") from None
    return name


ZoneName = Annotated[str, AfterValidator(_is_zone)]


def once_each(halls: tuple[N, ...]) -> tuple[N, ...]:
    """Raises ValueError where two have the same id."""
    if len({hall.id for hall in halls}) < len(halls):
        raise ValueError("two halls have the same id")
    return halls


def read(
    model: type[T],
    path: Path | None,
    error: type[Exception],
    rooted: Callable[[dict[str, Any], Path], dict[str, Any]] = lambda table, _folder: table,
) -> T:
    """The defaults without a file. `rooted`: its paths from the file's folder. Raises `error` with each key
    that is wrong."""
    if path is None:
        return model()
    try:
        return model.model_validate(rooted(tomllib.loads(path.read_text(encoding="utf-8")), path.parent))
    except ValidationError as wrong:
        each = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in wrong.errors())
        raise error(f"{path}: {'; '.join(each)}") from None
    except (OSError, ValueError) as wrong:
        raise error(f"{path}: {wrong}") from wrong
