"""The broker's files, from those that we ship and from who has a certificate."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

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


def access_list(clients: Iterable[Client]) -> str:
    """For each client his name, and what his role may."""
    known = sorted((each for each in clients if each.role is not Role.BROKER), key=_order)
    return "\n".join([_HEAD, *(f"user {each.name}\n{_rights(each)}" for each in known)])


def _order(client: Client) -> tuple[str, str]:
    return client.role, client.name


def _rights(client: Client) -> str:
    shipped = (SHIPPED / "acl" / f"{client.role}.conf").read_text(encoding="utf-8")
    return shipped.replace("{name}", client.name)


def mosquitto_conf() -> str:
    return (SHIPPED / "mosquitto.conf").read_text(encoding="utf-8")
