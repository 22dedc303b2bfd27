"""The kinds of values that a configuration is made of, each with its check and what would be right.

A URL or a path may name variables of the environment, as `drivers.checking.variables` has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_core import to_json

from drivers.checking.problems import Problem, Wrong, did_you_mean, explain
from drivers.checking.values import show
from drivers.checking.variables import expanded
from drivers.checking.words import NOTHING, Text
from edge.rules.roster import RESTDAYS, WEEKDAYS, WORKDAYS
from edge.wire import Id

TableT = TypeVar("TableT", bound="Table")

_BROKER_SCHEMES = ("mqtt", "mqtts")


class Table(BaseModel):
    """A table of the file: an unknown key is an error, and "9600" is no number."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        defer_build=True,  # the whole `Document` is for those who print its schema, and not for the daemon
    )


def validate(model: type[TableT], raw: object, env: Mapping[str, str]) -> tuple[TableT | None, list[Problem]]:
    """(the table, []) or (None, everything that is wrong with it). Through JSON, as drivers' settings are."""
    try:
        return model.model_validate_json(to_json(raw, inf_nan_mode="constants"), context={"env": env}), []
    except ValidationError as error:
        return None, list(explain(error, _schema(model)))


@cache
def _schema(model: type[Table]) -> dict[str, Any]:
    return model.model_json_schema()


def repeated(key: str, values: Sequence[str]) -> Iterator[Problem]:
    """Each that stands in this list before."""
    for place, value in enumerate(values):
        if value in values[:place]:
            yield Problem(f"{key}[{place}]", show(value), Text("写了两次", "stands here twice"))


def _device_url(url: str) -> str:
    if "://" not in url:
        raise Wrong(Text("不是网址", "is not a URL"), Text.same("serial:///dev/ttyUSB0?baud=9600"))
    return url


def _broker(url: str) -> str:
    parts = _split(url)
    if parts.scheme not in _BROKER_SCHEMES or not parts.hostname:
        reason = Text("不是 MQTT 服务器的地址", "is no broker's address")
        raise Wrong(reason, Text.same("mqtt://192.168.1.10:1883, mqtts://broker.example.gov.cn:8883"))
    if parts.username is not None or parts.password is not None:
        hint = Text("用 username 和 password_file", "use username and password_file")
        raise Wrong(Text("地址里不放账号密码", "holds credentials"), hint)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        reason = Text("端口之后不能再有内容", "goes on after its port")
        raise Wrong(reason, Text.same(f"{parts.scheme}://{parts.netloc}"))
    return url


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:  # a port that is no number, a bracket of IPv6 left open
        raise _no_address(str(error)) from None
    if port == 0:
        raise _no_address("port 0")
    return parts


def _no_address(why: str) -> Wrong:
    return Wrong(Text(f"地址不对：{why}", f"is no address: {why}"), Text.same("mqtt://host:1883"))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # no such file, no such name, a directory of zones
        hint = did_you_mean(name, available_timezones())
        if hint == NOTHING:
            hint = Text("例如 Asia/Shanghai（需要 tzdata）", "for example Asia/Shanghai (needs tzdata)")
        raise Wrong(Text("没有这个时区", "is no time zone"), hint) from None
    return name


def _title(title: str) -> str:
    """It is printed, shown and spoken."""
    if not title.strip() or not title.isprintable():
        reason = Text("是空白，或有不能显示的字符", "is blank, or has characters that cannot be shown")
        raise Wrong(reason, Text.same("税务"))
    return title


def _time(time: str) -> str:
    if not re.fullmatch(_HOUR, time):
        raise Wrong(Text("不是时间", "is no time of day"), Text.same("08:00"))
    return time


def _span(span: str) -> str:
    begin, _, end = span.partition("-")
    if not re.fullmatch(f"{_HOUR}-({_HOUR}|24:00)", span) or begin == end:
        raise Wrong(Text("不是一段时间", "is no span of time"), Text.same("12:00-13:00"))
    return span


def _day(day: str) -> str:
    if day in (*WEEKDAYS, WORKDAYS, RESTDAYS):
        return day
    try:
        return _dated(day)
    except ValueError:
        reason = Text("不是工作日、休息日、星期或日期", "is no kind of day, weekday or date")
        raise Wrong(reason, Text.same("workdays, restdays, mon, 2027-02-10")) from None


def _dated(day: str) -> str:
    """ISO, as the rules write the hall's day. Raises ValueError."""
    if date.fromisoformat(day).isoformat() != day:
        raise ValueError(day)
    return day


def _hours(span: str) -> str:
    begin, _, end = _span(span).partition("-")
    if end <= begin:
        raise Wrong(Text("没有在当天结束", "does not end on its day"), Text.same("08:30-12:00"))
    return span


_HOUR = r"([01][0-9]|2[0-3]):[0-5][0-9]"
Time = Annotated[str, AfterValidator(_time)]
Span = Annotated[str, Field(examples=["12:00-13:00"]), AfterValidator(_span)]
Hours = Annotated[str, Field(examples=["08:30-12:00"]), AfterValidator(_hours)]
Day = Annotated[str, Field(examples=["workdays"]), AfterValidator(_day)]
Name = Annotated[Id, Field(examples=["tax-1"])]
Title = Annotated[str, Field(min_length=1, max_length=32), AfterValidator(_title)]
DeviceUrl = Annotated[str, BeforeValidator(expanded), AfterValidator(_device_url)]
BrokerUrl = Annotated[str, BeforeValidator(expanded), AfterValidator(_broker)]
Zone = Annotated[str, AfterValidator(_zone)]
Kind = Literal["caller", "pad", "strip", "buttons", "board", "voice", "camera"]
AtWindow = Literal["caller", "pad", "strip"]  # the kinds that stand at a window
