"""Who can have a certificate, and under which name the broker then knows him."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from drivers.checking.words import Text

MAX_NAME = 64  # characters of a common name (RFC 5280, ub-common-name)
_LEVEL = r"[a-z0-9][a-z0-9_-]{0,63}"  # of a topic, as `edge.wire.Id` has it
_NODE = re.compile(rf"{_LEVEL}/{_LEVEL}")
_OTHER = re.compile(_LEVEL)


class Role(StrEnum):
    """What a certificate is for; it stands there as the organisational unit."""

    BROKER = "broker"
    NODE = "node"
    CONSOLE = "console"
    TECHNICIAN = "technician"
    HOME_ASSISTANT = "home-assistant"


BROKER = "broker"  # there is one certificate for a broker, with all names of it; no client is called so


class Refused(Exception):
    """It cannot be done, and nothing has changed: why, and what to do."""

    def __init__(self, said: Text, remedy: Text) -> None:
        super().__init__(f"{said}. {remedy}")
        self.said, self.remedy = said, remedy


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody at the broker. The name of a node is `<hall>/<node>`, as in its topics."""

    role: Role
    name: str


def client(role: Role, name: str) -> Client:
    """Raises Refused for a name that topics or certificates cannot have."""
    shape = _NODE if role is Role.NODE else _OTHER
    if not shape.fullmatch(name) or (role is not Role.BROKER and name == BROKER):
        raise Refused(
            Text(f"“{name}”不能作名字", f"{name!r} cannot be a name"),
            Text("节点写成 大厅/节点，例如 tax-1/node-1；其他用小写字母、数字、_ 和 -，不能叫 broker",
                 "A node is hall/node, as tax-1/node-1; all else lower-case letters, digits, _ and -, and "
                 "not broker"),
        )  # fmt: skip
    if len(name) > MAX_NAME:
        raise Refused(
            Text(f"“{name}”有 {len(name)} 个字符，证书最多 {MAX_NAME} 个",
                 f"{name!r} has {len(name)} characters, a certificate takes {MAX_NAME}"),
            Text("缩短大厅或节点的名字", "Shorten the hall's or the node's name"),
        )  # fmt: skip
    return Client(role, name)
