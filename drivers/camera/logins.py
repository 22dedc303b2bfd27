"""Names and passwords of cameras, apart from everything that is shown."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

from drivers.api import BadSettings
from drivers.camera.auth import Credentials

MAX_BYTES = 256 * 1024  # of the file: 146 logins have some 10 KB


def read(path: Path) -> dict[str, Credentials]:
    """The file's logins by name, each a table: `[door]`, `user = "…"`, `password = "…"`.

    Raises BadSettings for a file that others can read, or that is not like this. What stands in it is said
    nowhere.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_IMODE(mode) & 0o077 and not _from_systemd(path):
            raise BadSettings(
                f"{path}: others can read the logins", remedy=f"Run chmod 600 {path} as its owner."
            )
        if path.stat().st_size > MAX_BYTES:
            raise BadSettings(f"{path}: more than {MAX_BYTES} bytes", remedy="It holds logins only.")
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path}: {type(error).__name__}", remedy="Give the path of the logins.") from None
    except tomllib.TOMLDecodeError:  # its words may hold a password
        raise BadSettings(f"{path}: is not TOML", remedy=_REMEDY) from None
    return {name: _login(path, name, table) for name, table in tables.items()}


def stamp(path: Path) -> int:
    """Another one where somebody has changed the file; always 0 for one of systemd's, which makes it anew at
    each start, and for one that is not there."""
    try:
        return 0 if _from_systemd(path) else path.stat().st_mtime_ns
    except OSError:  # `read` says so
        return 0


_REMEDY = 'Write each login as a table: [door], user = "…", password = "…".'


def _login(path: Path, name: str, table: object) -> Credentials:
    if not isinstance(table, dict) or set(table) != {"user", "password"}:
        raise BadSettings(f"{path}: {name} is not a user and a password", remedy=_REMEDY)
    if not all(isinstance(value, str) for value in table.values()):
        raise BadSettings(f"{path}: {name}: user and password are texts", remedy=_REMEDY)
    return Credentials(table["user"], table["password"])


def _from_systemd(path: Path) -> bool:
    """LoadCredential= gives the service's own user a file of mode 0440 in a folder of mode 0500."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return bool(folder) and path.is_relative_to(folder)
