"""The services of the government network that a hall offers at any hour, and what is told of longer hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from annotated_types import Interval
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from drivers.checking.problems import Problem, Wrong
from drivers.checking.values import show
from drivers.checking.variables import EnvPath, expanded
from drivers.checking.words import Text
from edge.rules.roster import minute_of
from edge.settings.fields import Span, Table

MAX_ANNOUNCEMENTS = 8
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_EXAMPLE = Text.same("https://services.example.gov.cn/hall")

OnlineService = Literal["cases", "bookings", "tax"]


def _url(url: str) -> str:
    """Without a slash at its end."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise Wrong(Text(f"地址不对：{error}", f"is no address: {error}"), _EXAMPLE) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Wrong(Text("不是网址", "is no address of a web service"), _EXAMPLE)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        reason = Text(
            "没有加密，身份证号会明文传送", "is not encrypted: identity numbers would go over it in the open"
        )
        raise Wrong(reason, Text("用 https://", "use https://"))
    if parts.username is not None or parts.password is not None:
        hint = Text("用 token_file 或 cert 和 key", "use token_file, or cert and key")
        raise Wrong(Text("地址里不放账号密码", "holds credentials"), hint)
    if parts.query or parts.fragment:
        raise Wrong(Text("不能有 ? 或 #", "has a query or a fragment"), _EXAMPLE)
    return url.rstrip("/")


class UpstreamTable(Table):
    """The way to the services. Files are read at each use, so that a renewed one needs no restart."""

    url: Annotated[
        str,
        Field(description="where the services are, https://…; empty is none", examples=["https://…"]),
        BeforeValidator(expanded),
        AfterValidator(_url),
    ] = ""
    token_file: Annotated[
        EnvPath | None, Field(description="file whose first line is the bearer token; a credential's")
    ] = None
    ca: Annotated[
        EnvPath | None, Field(description="PEM of the authority to trust; the system's without it")
    ] = None
    cert: Annotated[EnvPath | None, Field(description="PEM of this node's certificate")] = None
    key: Annotated[EnvPath | None, Field(description="PEM of its private key")] = None
    timeout_s: Annotated[
        float, Interval(ge=1, le=60), Field(description="seconds for an answer, tries again included")
    ] = 9.0  # a citizen is offered a way out after ten
    services: Annotated[
        tuple[OnlineService, ...], Field(min_length=1, max_length=3, description="which a kiosk offers")
    ] = ("cases", "bookings", "tax")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.cert is None) != (self.key is None):
            reason = Text("cert 和 key 缺一个", "has one of cert and key without the other")
            raise Wrong(reason, Text("两个都写或都不写", "give both or neither"))
        if (self.ca or self.cert) and not self.url.startswith("https://"):
            reason = Text("有证书，地址却不是 https://", "has certificates and no https:// to use them for")
            raise Wrong(reason, Text("地址改成 https://", "write the address with https://"))
        return self


class ExtendedTable(Table):
    """What kiosks tell of hours that are longer than the hall's, while they last."""

    hours: Annotated[Span, Field(description="from when until when, of each day")]
    zh: Annotated[str, Field(min_length=1, max_length=256, description="in Chinese")]
    en: Annotated[str, Field(max_length=256, description="in English")] = ""

    def lasts_at(self, minute: int) -> bool:
        """Of the hall's day. One that begins later than it ends lasts over midnight."""
        begin, end = map(minute_of, self.hours.split("-"))
        return begin <= minute < end if begin < end else minute >= begin or minute < end


Announcements = Annotated[
    tuple[ExtendedTable, ...],
    Field(max_length=MAX_ANNOUNCEMENTS, description="what kiosks tell of longer hours"),
]


def extended_problems(
    extended: Mapping[int, ExtendedTable], upstream: UpstreamTable | None
) -> Iterator[Problem]:
    if extended and upstream is not None and not upstream.url:
        reason = Text("没有 [upstream] url，不会显示", "is shown by nobody without [upstream] url")
        yield Problem(
            "extended", show(list(extended)), reason, Text("写上 [upstream] url", "give [upstream] url")
        )
