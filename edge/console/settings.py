"""What a centre says about its console: a TOML file, all of it with defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from annotated_types import Interval
from pydantic import AfterValidator, Field, model_validator

from edge.console.accounts.oidc_settings import OidcTable
from edge.console.centre import MAX_HALLS, Table, ZoneName, once_each, read
from edge.console.home_assistant.settings import HomeAssistantTable


class BadConsoleSettings(Exception):
    """The file cannot be used. Its text says why, with each key."""


class WebTable(Table):
    """Where the pages are served. Beyond this machine only over TLS: its own, or a proxy's before it."""

    listen: Annotated[str, Field(max_length=64)] = "127.0.0.1"
    cert: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False  # it ends TLS, and says who asked by X-Forwarded-For and -Proto
    name: Annotated[str, Field(max_length=64)] = "政务服务大厅"  # in the head of every page
    name_en: Annotated[str, Field(max_length=64)] = "Service halls"

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key go together")
        if self.listen not in ("127.0.0.1", "::1", "localhost") and not (self.cert or self.behind_proxy):
            raise ValueError("beyond this machine passwords need TLS: write cert and key, or behind_proxy")
        return self


class SessionTable(Table):
    """How long a browser stays logged in."""

    idle_min: Annotated[int, Interval(ge=5, le=24 * 60)] = 60  # a hall's desk is left for lunch
    longest_h: Annotated[int, Interval(ge=1, le=24 * 7)] = 12  # a working day


class MetricsTable(Table):
    """Figures for Prometheus: open to this machine, and to others by a token."""

    on: bool = True
    token_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""  # "": to this machine only


class HallTable(Table):
    """A hall that is to be there; one that has never been heard is then shown as missing."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    name: Annotated[str, Field(max_length=64)] = ""  # without it the one that the hall itself tells
    name_en: Annotated[str, Field(max_length=64)] = ""
    plan: Path | None = None  # floor plan, beside this file; without it a grid


class ConsoleSettings(Table):
    timezone: ZoneName = "Asia/Shanghai"
    web: WebTable = WebTable()
    session: SessionTable = SessionTable()
    metrics: MetricsTable = MetricsTable()
    oidc: OidcTable | None = None
    home_assistant: HomeAssistantTable | None = None
    hall: Annotated[tuple[HallTable, ...], Field(max_length=MAX_HALLS), AfterValidator(once_each)] = ()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @classmethod
    def load(cls, path: Path | None) -> ConsoleSettings:
        """The defaults without a file; paths in it are from its own folder. Raises BadConsoleSettings."""
        return read(cls, path, BadConsoleSettings, _rooted)


def _rooted(table: dict[str, object], folder: Path) -> dict[str, object]:
    """With the paths of its tables absolute."""
    halls = table.get("hall")
    tables = [table.get("web"), table.get("oidc"), *(halls if isinstance(halls, list) else [])]
    for each in tables:
        for key in ("cert", "key", "client_secret_file", "ca", "plan"):
            if isinstance(each, dict) and isinstance(each.get(key), str):
                each[key] = str(folder / each[key])
    return table
