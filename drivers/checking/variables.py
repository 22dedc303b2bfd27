"""Variables of the environment in a configuration: "${STATE_DIRECTORY}/hall.db".

They differ from one run to the next (systemd's directories, the demonstration's serial lines). Nothing else
is substituted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from drivers.checking.problems import Wrong
from drivers.checking.words import Text

_VARIABLE = re.compile(r"\$\{([^${}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


def expand(text: str, env: Mapping[str, str]) -> str:
    """Put in the variables. Raises Wrong for one that is not set, and for a `$` that names none."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if not _NAME.fullmatch(name) or name not in env:
            reason = Text(f"没有环境变量 {name}", f"the environment has no variable {name}")
            raise Wrong(reason, Text("设置这个变量，或直接写出来", "set it, or write the value out"))
        return env[name]

    if "$" in _VARIABLE.sub("", text):
        reason = Text("单独的 $ 没有意义", "has a $ that names no variable")
        raise Wrong(reason, Text.same("${NAME}"))
    return _VARIABLE.sub(value, text)


def expanded(value: object, info: ValidationInfo) -> object:
    """A validator; who loads the file hands the environment over as `env` of the validation's context."""
    return expand(value, (info.context or {}).get("env", {})) if isinstance(value, str) else value


def _path(path: Path) -> Path:
    if path == Path() or "\0" in str(path):
        raise Wrong(Text("不是文件路径", "is no path"), Text.same("/var/lib/hall-edge/hall.db"))
    return path


EnvPath = Annotated[Path, BeforeValidator(expanded), AfterValidator(_path)]
