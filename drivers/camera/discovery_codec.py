"""Probes and what cameras answer, sans-IO.

Sources: Web Services Dynamic Discovery (WS-Discovery), April 2005, §2.4 and §5 (Probe, Probe Match); ONVIF
Core §7.3 (types, scopes, addresses, endpoint references). The OASIS edition 1.1 of 2009 has other namespaces
and the same names, so its answers are read as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from drivers.camera.onvif_xml import Element, NotXml, child, children, escape, local, parse, text
from drivers.terminal import clean

MAX_DATAGRAM = 65_536  # bytes; UDP over IPv4 carries no more (RFC 768)
MAX_MATCHES = 16  # in one answer: a camera has one, a discovery proxy several
MAX_LIST = 64  # types, scopes or addresses of one camera; usual are ten
SCOPE = "onvif://www.onvif.org/"  # Core §7.3.2.2.1
Kind = Literal["NetworkVideoTransmitter", "Device"]
# Old cameras know the first, new ones must know the second (Core §7.3.2.1), and a probe that names both
# asks for those that are both.
KINDS: tuple[Kind, ...] = ("NetworkVideoTransmitter", "Device")
_NAMESPACES: dict[Kind, str] = {
    "NetworkVideoTransmitter": "http://www.onvif.org/ver10/network/wsdl",
    "Device": "http://www.onvif.org/ver10/device/wsdl",
}
_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
RefusalCode = Literal["too_long", "not_xml", "not_discovery", "not_ours", "no_camera", "too_many"]


class Refused(ValueError):
    """A datagram that tells of no camera: `code` for counting, the text for the log."""

    def __init__(self, code: RefusalCode, detail: str) -> None:
        super().__init__(detail)
        self.code: RefusalCode = code


@dataclass(frozen=True, slots=True)
class Match:
    """One ProbeMatch. Texts are printable and bounded; what they say is not believed yet."""

    endpoint: str  # "urn:uuid:…", the same whichever interface it answers on; "" where it has none
    types: tuple[str, ...]  # local names: "NetworkVideoTransmitter"
    scopes: tuple[str, ...]  # decoded, without what all of them begin with: "name/ARV-453"
    addresses: tuple[str, ...]  # XAddrs: URLs of its device service

    def scope(self, category: str) -> str:
        """All values of this category: "country/china, city/bejing"."""
        prefix = category.lower() + "/"
        found = [each[len(prefix) :] for each in self.scopes if each.lower().startswith(prefix)]
        return ", ".join(dict.fromkeys(found))


def probe(message_id: str, kind: Kind) -> bytes:
    """A question for all cameras of the kind; `message_id` is an absolute URI that no other probe has."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="{_ADDRESSING}"'
        f' xmlns:d="{_DISCOVERY}" xmlns:t="{_NAMESPACES[kind]}">'
        f"<s:Header><a:Action>{_DISCOVERY}/Probe</a:Action>"
        f"<a:MessageID>{escape(message_id)}</a:MessageID>"
        "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>"
        f"<s:Body><d:Probe><d:Types>t:{kind}</d:Types></d:Probe></s:Body></s:Envelope>"
    ).encode()


def read(data: bytes, ours: frozenset[str]) -> tuple[Match, ...]:
    """The cameras of one answer to one of `ours`, the identifiers of our probes. Raises Refused."""
    if len(data) > MAX_DATAGRAM:
        raise Refused("too_long", f"{len(data)} bytes in one datagram")
    try:
        envelope = parse(data, MAX_DATAGRAM)
    except NotXml as error:
        raise Refused("not_xml", str(error)) from None
    found = child(envelope, "Body", "ProbeMatches")
    if local(envelope.tag) != "Envelope" or found is None:
        raise Refused("not_discovery", f"no ProbeMatches but {clean(local(envelope.tag), 40)}")
    relates_to = text(envelope, "Header", "RelatesTo")
    if _same(relates_to) not in {_same(each) for each in ours}:
        raise Refused("not_ours", f"an answer to another's probe, {relates_to or 'which it does not name'}")
    matches = [_match(each) for each in children(found, "ProbeMatch")]
    if len(matches) > MAX_MATCHES:
        raise Refused("too_many", f"{len(matches)} cameras in one answer")
    cameras = tuple(each for each in matches if _is_camera(each))
    if not cameras:
        kinds = ", ".join(name for each in matches for name in each.types) or "nothing"
        raise Refused("no_camera", f"no camera but {clean(kinds, 60)}")
    return cameras


def _match(element: Element) -> Match:
    scopes = [_scope(each) for each in _list(element, "Scopes")]
    return Match(
        endpoint=_same(text(element, "EndpointReference", "Address")),
        types=tuple(each.rpartition(":")[2] for each in _list(element, "Types")),
        scopes=tuple(each for each in scopes if each),
        addresses=tuple(_list(element, "XAddrs")),
    )


def _list(element: Element, name: str) -> list[str]:
    """A list of XML Schema: divided by white space."""
    found = child(element, name)
    words = ((found.text or "") if found is not None else "").split(maxsplit=MAX_LIST)
    return [clean(each, 256) for each in words[:MAX_LIST]]


def _scope(uri: str) -> str:
    """Decoded by RFC 3986 §2.1; "" for a scope that is not of ONVIF."""
    if not uri.lower().startswith(SCOPE):
        return ""
    return clean(unquote(uri[len(SCOPE) :], errors="replace"), 128)


def _same(identifier: str) -> str:
    """UUIDs are the same in any case (RFC 4122 §3), and old cameras leave "urn:" away."""
    identifier = identifier.lower()
    return f"urn:{identifier}" if identifier.startswith("uuid:") else identifier


def _is_camera(match: Match) -> bool:
    """Printers and computers answer to "Device" as well, since some look at the local name only. A device of
    ONVIF has a name and a hardware scope (Core §7.3.2.2.1)."""
    return "NetworkVideoTransmitter" in match.types or bool(match.scopes)
