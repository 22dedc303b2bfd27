"""Names and passwords of cameras, apart from everything that is shown; and when not to use them.

A vendor locks an account after some refused logins, for half an hour: sixteen cameras behind one recorder
that each try a wrong password would lock it for everybody. So refusals count for the machine and the login.
"""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from drivers.api import BadSettings

MAX_BYTES = 256 * 1024  # of the file: 146 logins have some 10 KB
TRIES = 2  # refused logins, then none for a while


@dataclass(frozen=True, slots=True)
class Login:
    user: str
    password: str = field(repr=False)


def read(path: Path) -> dict[str, Login]:
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


_REMEDY = 'Write each login as a table: [door], user = "…", password = "…".'


def _login(path: Path, name: str, table: object) -> Login:
    if not isinstance(table, dict) or set(table) != {"user", "password"}:
        raise BadSettings(f"{path}: {name} is not a user and a password", remedy=_REMEDY)
    if not all(isinstance(value, str) for value in table.values()):
        raise BadSettings(f"{path}: {name}: user and password are texts", remedy=_REMEDY)
    return Login(table["user"], table["password"])


def _from_systemd(path: Path) -> bool:
    """LoadCredential= gives the service's own user a file of mode 0440 in a folder of mode 0500."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return bool(folder) and path.is_relative_to(folder)


@dataclass(slots=True)
class _Account:
    refused: int = 0
    until_s: float = 0.0


class Patience:
    """Which logins may be used now. Pure: it is told the time."""

    def __init__(self, refused_s: float) -> None:
        self._refused_s = refused_s
        self._accounts: dict[tuple[str, str], _Account] = {}  # by host and login: at most one each

    def may_log_in(self, host: str, login: str, now_s: float) -> bool:
        account = self._accounts.get((host, login))
        return account is None or account.refused < TRIES or now_s >= account.until_s

    def refused(self, host: str, login: str, now_s: float, tries: int = 1) -> None:
        account = self._accounts.setdefault((host, login), _Account())
        if account.refused >= TRIES and now_s >= account.until_s:
            account.refused = 0
        account.refused += tries
        account.until_s = now_s + self._refused_s

    def accepted(self, host: str, login: str) -> None:
        self._accounts.pop((host, login), None)
