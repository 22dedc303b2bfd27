"""Device models as data: a known protocol in a new model is one TOML file.

driver = "printer"
title = { zh = "…", en = "…" }
[settings]      # defaults under a device's own settings
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from drivers.checking.problems import BadDevice, Problem, did_you_mean, explain
from drivers.checking.tomlfile import BadFile, read_toml
from drivers.checking.values import show
from drivers.checking.words import Text

BUILT_IN = Path(__file__).resolve().parent.parent / "config" / "models"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")  # a file's name without .toml, and never a path


class Title(BaseModel):
    """What people call the model."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    zh: Annotated[str, Field(min_length=1, description="name in Chinese")]
    en: Annotated[str, Field(min_length=1, description="name in English")]


class Profile(BaseModel):
    """One device model: a driver, a title, and settings that a device of this model begins with."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    driver: Annotated[str, Field(description="the protocol family that speaks to it", examples=["printer"])]
    title: Annotated[Title, Field(description="what people call it")]
    settings: Annotated[dict[str, Any], Field(description="defaults under a device's own settings")] = {}


@dataclass(frozen=True)
class Profiles:
    """The model files of some directories. A later directory wins over an earlier one of the same name, so
    that a site can correct a model that comes with the software."""

    directories: Sequence[Path] = (BUILT_IN,)
    _read: dict[str, Profile] = field(default_factory=dict, init=False, repr=False, compare=False)

    def get(self, name: str) -> Profile:
        """Raises BadDevice: no such model, or a file that is not right."""
        if name not in self._read:
            self._read[name] = self._load(name)
        return self._read[name]

    def names(self) -> list[str]:
        return sorted({path.stem for directory in self.directories for path in directory.glob("*.toml")})

    def _load(self, name: str) -> Profile:
        paths = [directory / f"{name}.toml" for directory in reversed(self.directories)]
        path = next((p for p in paths if _NAME.fullmatch(name) and p.is_file()), None)
        if path is None:
            raise BadDevice(self._unknown(name))
        try:
            raw = read_toml(path)
        except BadFile as error:
            raise BadDevice([_of_file(path, error.problem)]) from None
        try:
            return Profile.model_validate_json(to_json(raw, inf_nan_mode="constants"))
        except ValidationError as error:
            problems = explain(error, Profile.model_json_schema())
            raise BadDevice(_of_file(path, problem) for problem in problems) from None

    def _unknown(self, name: str) -> list[Problem]:
        reason = Text("没有这个型号", "there is no such model")
        problems = [Problem("model", show(name), reason, did_you_mean(name, self.names()))]
        for directory in self.directories:
            if not directory.is_dir():
                reason = Text(
                    f"型号目录 {directory} 不存在", f"the models' directory {directory} does not exist"
                )
                hint = Text("检查 [drivers] models", "check [drivers] models")
                problems.append(Problem("model", show(name), reason, hint))
        return problems


def _of_file(path: Path, problem: Problem) -> Problem:
    return problem if str(path) in problem.key else problem.under(f"model ({path.name})")


def merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `under`: tables key by key, everything else replaced as a whole."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        merged[key] = merge(below, value) if both and below is not None else value
    return merged
