"""What nobody but the technician knows: asked one by one, or read from a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Interval
from pydantic import Field

from drivers.checking.problems import Problem
from drivers.checking.tomlfile import BadFile, read_toml
from drivers.checking.words import Text
from edge.settings.fields import BrokerUrl, Name, Table, Title, validate
from edge.settings.tables import MAX_WINDOWS

MAX_SERVICES = 26  # each has a letter of its own; more is written into the file by hand
MAX_HOSTS = 64
TRIES = 3  # of an answer; then all that is wrong is told, and nothing is written

Ask = Callable[[str, str], str]  # the question, the answer that is taken where none is given


class Answers(Table):
    """A file of answers has these keys; those with a default may be left out."""

    hall: Annotated[Name, Field(description="the hall's name in topics: lower-case letters, digits, - and _")]
    name: Annotated[Title, Field(description="what tickets and pages call it")]
    node: Annotated[Name, Field(description="this machine's name within the hall")] = "node-1"
    broker: Annotated[BrokerUrl, Field(description="where events go")]
    services: Annotated[
        tuple[Title, ...],
        Field(min_length=1, max_length=MAX_SERVICES, description="what the hall does, as its buttons say"),
    ]
    windows: Annotated[int, Interval(ge=1, le=MAX_WINDOWS), Field(description="how many there are")] = 1
    hosts: Annotated[
        tuple[str, ...],
        Field(max_length=MAX_HOSTS, description="machines of the network to look at, as printers and boards"),
    ] = ()


class BadAnswers(Exception):
    """Every problem of the answers."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))


_QUESTIONS = (
    ("hall", Text("大厅在主题里的名字（小写字母、数字、-）", "The hall's name in topics (a-z, 0-9, -)"), ""),
    ("name", Text("大厅的名称，票据和页面上用", "The hall's name on tickets and pages"), ""),
    ("node", Text("本机在大厅里的名字", "This machine's name within the hall"), "node-1"),
    ("broker", Text("MQTT 服务器的地址", "The broker's address"), "mqtt://127.0.0.1"),
    ("services", Text("办理的业务，用逗号分开", "What the hall does, separated by commas"), ""),
    ("windows", Text("有几个窗口", "How many windows there are"), "1"),
    (
        "hosts",
        Text("要查看的网络设备地址，用逗号分开，可以空着", "Addresses of devices on the network, or none"),
        "-",
    ),
)
_LISTS = ("services", "hosts")
_COMMAS = str.maketrans("，、；", ",,,")


def asked(ask: Ask, wrong: Callable[[Sequence[Problem]], None]) -> Answers:
    """By questions, in both languages; a wrong answer is told and asked for again. Raises BadAnswers."""
    raw: dict[str, Any] = {}
    for key, question, default in _QUESTIONS:
        for _ in range(TRIES):
            raw[key] = _typed(key, ask(f"{question.zh} / {question.en}", default).strip())
            problems = [each for each in _problems(raw) if re.split(r"[.\[]", each.key)[0] == key]
            if not problems:
                break
            wrong(problems)
    return _checked(raw)


def _typed(key: str, answer: str) -> object:
    if key in _LISTS:
        return _listed(answer)
    return int(answer) if key == "windows" and answer.isdecimal() else answer


def _problems(raw: Mapping[str, Any]) -> Sequence[Problem]:
    return validate(Answers, raw, {})[1]


def read(path: Path) -> Answers:
    """From a TOML file. Raises BadAnswers."""
    try:
        return _checked(read_toml(path))
    except BadFile as error:
        raise BadAnswers([error.problem]) from None


def _listed(answer: str) -> list[str]:
    names = [each.strip() for each in answer.translate(_COMMAS).split(",")]
    return [each for each in names if each not in {"", "-"}]


def _checked(raw: Mapping[str, Any]) -> Answers:
    answers, problems = validate(Answers, raw, {})
    if answers is None:
        raise BadAnswers(problems)
    return answers
