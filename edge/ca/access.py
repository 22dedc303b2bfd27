"""The broker's files, from those that we ship and from who has a certificate."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from edge.ca.authority import subject_of
from edge.ca.names import Client, Role

SHIPPED = Path(__file__).resolve().parent.parent.parent / "config" / "broker"
FOLDER = "/etc/mosquitto/hall"  # where the shipped mosquitto.conf looks for its files
_HEAD = """\
# Who may say and hear what, by the common name of his certificate. Written by `hallctl broker`; whoever does
# not stand here may nothing.
#
# Mosquitto answers a refused PUBLISH with a PUBACK and drops it, and accepts every SUBSCRIBE and sends
# nothing: a name that is missing here looks like a silent node. `mosquitto -v` on a test port says
# "Denied PUBLISH".
"""


_NATS_HEAD = """\
# The same for nats-server: who may publish and subscribe what, by the subject of his certificate. Written by
# `hallctl broker`; whoever does not stand here is not let in. A dot stands for the slash of a topic.
"""
_OWN = "$MQTT.sub.>"  # on which nats-server brings a client what it has subscribed at QoS 1


def access_list(clients: Iterable[Client]) -> str:
    """For each client his name, and what his role may."""
    return "\n".join([_HEAD, *(f"user {each.name}\n{_rights(each)}" for each in _known(clients))])


def nats_users(clients: Iterable[Client]) -> str:
    """The same list in nats-server's words."""
    users = "\n".join(map(_nats_user, _known(clients)))
    return f"{_NATS_HEAD}authorization {{\n  users = [\n{users}\n  ]\n}}\n"


def _nats_user(client: Client) -> str:
    told, heard = [], [_OWN]
    for line in _rights(client).splitlines():
        kind, _, rest = line.partition(" ")
        how, _, topic = rest.partition(" ")
        if kind == "topic":
            told += [topic] * (how != "read")
            heard += [topic] * (how != "write")
    rights = f"publish: {{ allow: {_subjects(told)} }}, subscribe: {{ allow: {_subjects(heard)} }}"
    return f'    {{ user: "{subject_of(client)}", permissions: {{ {rights} }} }}'


def _subjects(topics: Iterable[str]) -> str:
    """Of topics, none of which has a dot: NATS has `.`, `*` and `>` for MQTT's `/`, `+` and `#`."""
    return json.dumps([topic.replace("/", ".").replace("+", "*").replace("#", ">") for topic in topics])


def _known(clients: Iterable[Client]) -> list[Client]:
    return sorted((each for each in clients if each.role is not Role.BROKER), key=_order)


def _order(client: Client) -> tuple[str, str]:
    return client.role, client.name


def _rights(client: Client) -> str:
    rights = (SHIPPED / "acl" / f"{client.role}.conf").read_text(encoding="utf-8")
    return rights.replace("{name}", client.name)


def shipped(name: str) -> bytes:
    """A broker's own configuration: mosquitto.conf or nats.conf."""
    return (SHIPPED / name).read_bytes()
