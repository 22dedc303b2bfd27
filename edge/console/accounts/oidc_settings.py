"""`[oidc]` of the console's settings: a centre's login service, and what it says of people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from edge.console.accounts.roles import Role

_Claim = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:/-]{1,128}$")]
_Short = Annotated[str, Field(min_length=1, max_length=128)]
HERE = ("127.0.0.1", "::1", "localhost")


class OidcTable(BaseModel):
    """Who comes has a role by `roles`, and without one is refused. A hall of "" is all halls; without
    `hall_claim` everybody is of all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$", max_length=256)]
    client_id: _Short
    client_secret_file: Path
    ca: Path | None = None  # of its certificate, where the machine does not know it
    label: Annotated[str, Field(max_length=32)] = "统一登录"
    label_en: Annotated[str, Field(max_length=32)] = "Single sign-on"
    scopes: Annotated[tuple[_Claim, ...], Field(max_length=16)] = ("openid", "profile")
    name_claim: _Claim = "preferred_username"
    shown_claim: _Claim = "name"
    role_claim: _Claim  # a word or a list of words; a dot leads into a table: realm_access.roles
    roles: Annotated[dict[_Short, Role], Field(min_length=1, max_length=64)]  # the first that somebody has
    hall_claim: _Claim | None = None
    halls: Annotated[dict[_Short, Annotated[str, Field(max_length=64)]], Field(max_length=400)] = {}
    ask_code: bool = False  # also a code of ours; else the service asks for what it asks for

    @field_validator("issuer")
    @classmethod
    def _private(cls, issuer: str) -> str:
        if not is_private(issuer):
            raise ValueError("what a login service says has to come by https://")
        return issuer

    @field_validator("client_secret_file", "ca")
    @classmethod
    def _there(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_file():
            raise ValueError(f"there is no file {path}")
        return path

    @field_validator("scopes")
    @classmethod
    def _openid(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in scopes:
            raise ValueError('"openid" has to be among them')
        return scopes


def is_private(url: str) -> bool:
    """By TLS, or not beyond this machine."""
    try:
        parsed = urlsplit(url)
    except ValueError:
        return False
    return parsed.scheme == "https" or (parsed.scheme == "http" and parsed.hostname in HERE)
