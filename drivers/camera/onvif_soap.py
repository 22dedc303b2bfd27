"""SOAP 1.2 envelopes, the token that proves a login, and faults, sans-IO.

Sources: SOAP 1.2 Part 1 §5.1 and §5.4; OASIS Web Services Security, UsernameToken Profile 1.0 (2004), §3;
ONVIF Core §5.12 (authentication) and §5.11.2 (faults).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from drivers.api import DeviceFault, ProtocolBreach
from drivers.camera.auth import Credentials
from drivers.camera.onvif_xml import Element, NotXml, child, children, escape, local, parse, text

MAX_ANSWER = 512 * 1024  # bytes: 128 profiles of a recorder, of 3 KB each, and some more
CONTENT_TYPE = "application/soap+xml; charset=utf-8"
NONCE_BYTES = 16
_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_REFUSALS = {
    "notauthorized",
    "failedauthentication",
    "failedcheck",
    "invalidsecurity",
    "invalidsecuritytoken",
}
_LACKS = {"actionnotsupported", "optionalactionnotimplemented", "noentity", "noprofile", "invalidargval"}
# What it means for who asked: the login is refused or missing, it cannot do this, or another trouble.
Kind = Literal["login", "lacks", "other"]


class NotOnvif(ProtocolBreach):
    """Not an answer of ONVIF. Next: look at what is at this address."""

    code = "not_onvif"


class SoapFault(DeviceFault):
    """The camera says no. Next: as its `kind` says."""

    code = "soap_fault"

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.kind = fault.kind


@dataclass(frozen=True, slots=True)
class Fault:
    codes: tuple[str, ...]  # local names, from the code to the last subcode: "Sender", "NotAuthorized"
    reason: str

    def __str__(self) -> str:
        return f"{'/'.join(self.codes) or 'fault'}: {self.reason}"

    @property
    def kind(self) -> Kind:
        said = {each.lower() for each in self.codes}
        if said & _REFUSALS or "not authorized" in self.reason.lower():
            return "login"
        return "lacks" if said & _LACKS else "other"


def envelope(body: str, token: str = "") -> bytes:
    """`body` and `token` are XML that names its own namespaces."""
    header = f"<s:Header>{token}</s:Header>" if token else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<s:Envelope xmlns:s="{_ENVELOPE}">{header}<s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


def username_token(login: Credentials, nonce: bytes, created: datetime) -> str:
    """Digest = Base64(SHA-1(nonce + created + password)). `nonce` is used once, `created` is the camera's own
    time, which refuses what is some minutes off."""
    stamp = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # SHA-1 is what the profile knows; the nonce and the time make each digest good for once only.
    digest = hashlib.sha1(nonce + stamp.encode() + login.password.encode(), usedforsecurity=False).digest()
    return (
        f'<w:Security s:mustUnderstand="1" xmlns:w="{_WSS}wssecurity-secext-1.0.xsd"'
        f' xmlns:u="{_WSS}wssecurity-utility-1.0.xsd"><w:UsernameToken>'
        f"<w:Username>{escape(login.username)}</w:Username>"
        f'<w:Password Type="{_WSS}username-token-profile-1.0#PasswordDigest">{_base64(digest)}</w:Password>'
        f'<w:Nonce EncodingType="{_WSS}soap-message-security-1.0#Base64Binary">{_base64(nonce)}</w:Nonce>'
        f"<u:Created>{stamp}</u:Created></w:UsernameToken></w:Security>"
    )


def read(data: bytes, answer: str) -> Element:
    """The element `answer` ("GetProfilesResponse") of the body. Raises SoapFault, NotOnvif."""
    try:
        root = parse(data, MAX_ANSWER)
    except NotXml as error:
        raise NotOnvif(str(error)) from None
    body = child(root, "Body")
    if local(root.tag) != "Envelope" or body is None:
        raise NotOnvif(f"no envelope of SOAP but {local(root.tag)[:40]}")
    if (fault := child(body, "Fault")) is not None:
        raise SoapFault(read_fault(fault))
    if (found := child(body, answer)) is None:
        raise NotOnvif(f"no {answer} in the answer")
    return found


def read_fault(fault: Element) -> Fault:
    """SOAP 1.2 §5.4; and SOAP 1.1's faultcode and faultstring, which some cameras send still."""
    codes: list[str] = []
    code = child(fault, "Code")
    while code is not None and len(codes) < 4:  # noqa: PLR2004 ONVIF has a code and at most two subcodes
        codes.append(text(code, "Value", limit=64).rpartition(":")[2])
        code = child(code, "Subcode")
    if not codes and (old := text(fault, "faultcode", limit=64)):
        codes.append(old.rpartition(":")[2])
    reasons = [text(each, limit=120) for each in children(child(fault, "Reason"), "Text")]
    return Fault(
        tuple(filter(None, codes)), next(filter(None, reasons), text(fault, "faultstring", limit=120))
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
