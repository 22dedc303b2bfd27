"""The simulated camera's services: HTTP and SOAP by hand, and who may ask what."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from drivers.camera.onvif_sim_state import BOMB, State

OPEN_TO_ALL = {"GetServices", "GetCapabilities", "GetSystemDateAndTime"}  # access class PRE_AUTH
LOCKS_AFTER = 5  # wrong logins, as Hikvision's do; then it is locked for everybody
TOLERATES = timedelta(minutes=5)  # between its clock and a token's time


@dataclass(frozen=True)
class Offer:
    token: str
    name: str  # as XML
    encoding: str
    first: str  # what the first generation calls the encoding, which has no name for H.265
    wide: int
    high: int
    kbit: int


PROFILES = (
    Offer("Profile_1", "mainStream", "H265", "H264", 1920, 1080, 4096),
    Offer("Profile_2", "sub &amp; small", "H264", "H264", 640, 360, 512),
)


class Services:
    def __init__(self, camera: State) -> None:
        self.asked: list[str] = []  # names of questions, as they came
        self.wrong_logins = 0  # that it has judged wrong
        self.seen = b""  # everything that was ever said to it
        self._camera = camera
        self._nonces: dict[str, int] = {}  # of HTTP Digest, and how often each was used
        self._used: set[str] = set()  # of tokens
        self._talks: set[asyncio.Task[object]] = set()

    @property
    def locked(self) -> bool:
        return self.wrong_logins >= LOCKS_AFTER

    async def close(self) -> None:
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = re.search(r"(?i)content-length: *(\d+)", head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            self.seen += head.encode("latin-1") + body
            writer.write(await self._respond(head, body.decode()))
            await writer.drain()
        writer.close()

    async def _respond(self, head: str, body: str) -> bytes:
        match self._camera.trouble.ill:
            case "hang":
                await asyncio.Event().wait()
            case "huge":
                return _http(200, "<a>" + "x" * 600_000)
            case "bomb":
                return _http(200, BOMB)
            case "garbage":
                return b"\x00\xff" * 200
            case "redirect":
                return _http(302, "", "Location: http://127.0.0.99/\r\n")
            case "empty":
                return _http(200, "")
            case "cut":
                return _http(200, "x" * 100)[:-50]
        return self._answer(head, body)

    # --- who asks ---
    def _answer(self, head: str, body: str) -> bytes:
        inner = re.search(r"<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)([^>]*)", body)
        if inner is None:
            return _fault(400, "ter:WellFormed", "no question")
        name = inner[1]
        self.asked.append(name)
        second = "ver20/media" in inner[2]
        if name not in OPEN_TO_ALL or (self._camera.trouble.closed_time and name == "GetSystemDateAndTime"):
            if (refusal := self._judge(head, body)) is not None:
                return refusal
            if self._camera.trouble.no_rights and name == "GetProfiles":
                return self._no()
        text = self._say(name, body, second)
        if text is None:
            return _fault(500, "ter:ActionNotSupported", f"no {name}")
        namespace = "tr2" if second else "trt" if "media" in inner[2] else "tds"
        return _http(200, _envelope(f"<{namespace}:{name}Response>{text}</{namespace}:{name}Response>"))

    def _judge(self, head: str, body: str) -> bytes | None:
        """The refusal, or None."""
        takes = self._camera.takes
        if takes == "open":
            return None
        digest = re.search(r"(?i)\r\nauthorization: *digest ([^\r]*)", head)
        if digest is not None and takes != "token":
            return self._digest(dict(re.findall(r'(\w+)="?([^",]*)"?', digest[1])))
        if "UsernameToken>" in body and takes in ("token", "both"):
            return None if self._token(body) else self._wrong()
        if "UsernameToken>" in body:
            return self._wrong()
        return self._no()

    def _wrong(self) -> bytes:
        self.wrong_logins += 1
        return self._no()

    def _no(self, stale: bool = False) -> bytes:
        if self._camera.takes == "token":
            return _fault(400, "ter:NotAuthorized", "Sender not authorized")
        nonce = secrets.token_hex(10)
        self._nonces[nonce] = 0
        kinds = ["SHA-256"] if self._camera.takes == "digest-sha256" else ["MD5"]
        end = ", stale=true" if stale else ""
        challenges = "".join(
            f'WWW-Authenticate: Digest algorithm={kind}, realm="Silvan_http_digest", qop="auth",'
            f' nonce="{nonce}", opaque="5b6ea228"{end}\r\n'
            for kind in kinds
        )
        return _http(401, "", challenges)

    def _digest(self, said: dict[str, str]) -> bytes | None:
        trouble = self._camera.trouble
        uses = self._nonces.get(said.get("nonce", ""))
        if trouble.stale_at_once:
            trouble.stale_at_once -= 1
            return self._no(stale=True)
        if uses is None or uses >= trouble.nonce_uses:
            return self._no(stale=trouble.says_stale)
        self._nonces[said["nonce"]] = uses + 1
        password = self._camera.users.get(said.get("username", ""))
        kind = "sha256" if self._camera.takes == "digest-sha256" else "md5"

        def h(text: str) -> str:
            return hashlib.new(kind, text.encode(), usedforsecurity=False).hexdigest()

        one = h(f"{said['username']}:Silvan_http_digest:{password}")
        two = h(f"POST:{said['uri']}")
        good = h(f"{one}:{said['nonce']}:{said['nc']}:{said['cnonce']}:auth:{two}")
        fresh = int(said["nc"], 16) == uses + 1
        right = password is not None and not self.locked and fresh and said["response"] == good
        return None if right else self._wrong()

    def _token(self, body: str) -> bool:
        """WSS UsernameToken Profile 1.0 §3.1: and neither used before nor of another time."""
        parts = {
            name: found[1]
            for name in ("Username", "Password", "Nonce", "Created")
            if (found := re.search(rf"<\w+:{name}(?: [^>]*)?>([^<]*)<", body))
        }
        if len(parts) < 4 or self.locked or parts["Nonce"] in self._used:
            return False
        self._used.add(parts["Nonce"])
        created = datetime.fromisoformat(parts["Created"].replace("Z", "+00:00"))
        password = self._camera.users.get(parts["Username"])
        if password is None or abs(created - self._camera.now()) > TOLERATES:
            return False
        mixed = base64.b64decode(parts["Nonce"]) + parts["Created"].encode() + password.encode()
        return (
            base64.b64encode(hashlib.sha1(mixed, usedforsecurity=False).digest()).decode()
            == parts["Password"]
        )

    # --- what it says ---
    def _say(self, name: str, body: str, second: bool) -> str | None:
        camera, trouble = self._camera, self._camera.trouble
        token = re.search(r"ProfileToken>([^<]*)<", body)
        match name:
            case "GetSystemDateAndTime":
                return self._time()
            case "GetServices" if not trouble.old:
                return self._services()
            case "GetCapabilities":
                address = f"<tt:XAddr>{camera.url('/onvif/Media')}</tt:XAddr>"
                return f"<tds:Capabilities><tt:Media>{address}</tt:Media></tds:Capabilities>"
            case "GetDeviceInformation":
                said = {"Manufacturer": "Acme", "Model": "D1-566", "FirmwareVersion": "V5.5.0 build 170725"}
                said |= {"SerialNumber": "20180101AAWR", "HardwareId": "88"}
                return "".join(f"<tds:{key}>{value}</tds:{key}>" for key, value in said.items())
            case "GetProfiles":
                return "".join(_profile(second, each) for each in PROFILES)
            case "GetStreamUri" if token:
                return _uri(second, camera.url(f"/Streaming/{token[1]}?a=1&amp;b=2", "rtsp", 8554))
            case "GetSnapshotUri" if token and not trouble.no_snapshot:
                return _uri(second, camera.url(f"/snapshot/{token[1]}.jpg"))
        return None

    def _time(self) -> str:
        now = self._camera.now()
        date = (0, 0, 0) if self._camera.trouble.no_time else (now.year, now.month, now.day)
        return (
            "<tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
            "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone>"
            f"<tt:UTCDateTime><tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
            f"<tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{date[0]}</tt:Year>"
            f"<tt:Month>{date[1]}</tt:Month><tt:Day>{date[2]}</tt:Day></tt:Date></tt:UTCDateTime>"
            "</tds:SystemDateAndTime>"
        )

    def _services(self) -> str:
        camera = self._camera
        found = {"ver10/device": "/onvif/device_service", "ver10/media": "/onvif/Media"}
        if not camera.trouble.no_media2:
            found["ver20/media"] = "/onvif/Media2"
        return "".join(
            f"<tds:Service><tds:Namespace>http://www.onvif.org/{name}/wsdl</tds:Namespace>"
            f"<tds:XAddr>{camera.url(path)}</tds:XAddr><tds:Version><tt:Major>2</tt:Major></tds:Version></tds:Service>"
            for name, path in found.items()
        )


def _profile(second: bool, offer: Offer) -> str:
    rate = f"<tt:FrameRateLimit>25</tt:FrameRateLimit><tt:BitrateLimit>{offer.kbit}</tt:BitrateLimit>"
    size = f"<tt:Width>{offer.wide}</tt:Width><tt:Height>{offer.high}</tt:Height>"
    encoding = offer.encoding if second else offer.first
    inner = f"<tt:Encoding>{encoding}</tt:Encoding><tt:Resolution>{size}</tt:Resolution>"
    inner += f"<tt:RateControl>{rate}</tt:RateControl>"
    source = "<tt:SourceToken>VS_1</tt:SourceToken>"
    if second:
        inner = f"<tr2:VideoSource>{source}</tr2:VideoSource><tr2:VideoEncoder>{inner}</tr2:VideoEncoder>"
        inner = f"<tr2:Name>{offer.name}</tr2:Name><tr2:Configurations>{inner}</tr2:Configurations>"
        return f'<tr2:Profiles token="{offer.token}" fixed="true">{inner}</tr2:Profiles>'
    source = f"<tt:VideoSourceConfiguration>{source}</tt:VideoSourceConfiguration>"
    inner = f"{source}<tt:VideoEncoderConfiguration>{inner}</tt:VideoEncoderConfiguration>"
    inner = f"<tt:Name>{offer.name}</tt:Name>{inner}"
    return f'<trt:Profiles fixed="true" token="{offer.token}">{inner}</trt:Profiles>'


def _uri(second: bool, url: str) -> str:
    if second:
        return f"<tr2:Uri>{url}</tr2:Uri>"
    return f"<trt:MediaUri><tt:Uri>{url}</tt:Uri><tt:Timeout>PT60S</tt:Timeout></trt:MediaUri>"


def _envelope(inner: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
        ' xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tr2="http://www.onvif.org/ver20/media/wsdl"'
        f' xmlns:ter="http://www.onvif.org/ver10/error"><env:Body>{inner}</env:Body></env:Envelope>'
    )


def _fault(status: int, subcode: str, reason: str) -> bytes:
    code = f"<env:Value>env:Sender</env:Value><env:Subcode><env:Value>{subcode}</env:Value></env:Subcode>"
    reason = f'<env:Reason><env:Text xml:lang="en">{reason}</env:Text></env:Reason>'
    return _http(status, _envelope(f"<env:Fault><env:Code>{code}</env:Code>{reason}</env:Fault>"))


def _http(status: int, body: str, headers: str = "") -> bytes:
    data = body.encode()
    head = f"HTTP/1.1 {status} X\r\nServer: gSOAP/2.8\r\n{headers}Content-Type: application/soap+xml\r\n"
    return f"{head}Content-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode() + data
