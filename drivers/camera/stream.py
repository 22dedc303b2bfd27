"""A track that plays: its session, its packets, and the picture that is looked for in them."""

from __future__ import annotations

import asyncio
import math
import re
from typing import Protocol

from drivers.api import Link
from drivers.camera.errors import BadSyntax, LookFailed
from drivers.camera.flow import FlowMeter, Intra, StirMeter, intra_of
from drivers.camera.h264 import H264
from drivers.camera.h265 import H265
from drivers.camera.jpeg import JpegSearch
from drivers.camera.model import AccessUnit
from drivers.camera.mpeg4 import Mpeg4Search
from drivers.camera.mpeg4 import intra as mpeg4_intra
from drivers.camera.nal import Codec
from drivers.camera.rtp import Packet, packet
from drivers.camera.rtsp import Response, header
from drivers.camera.sdp import Track, video_track
from drivers.camera.session import Look, Session
from drivers.camera.udp import UdpMedia, open_media
from drivers.camera.units import IntraSearch

MAX_REDIRECTS = 3
STALL_S = 5.0  # without a packet; cameras that save bits send a picture a second at the least
ONE_S = 4.0  # for a picture to come in, 256 kB at 512 kbit/s: one that never ends is told by it
CLOSE_S = 0.01  # a timer may be early by a loop's own resolution
BUSY_S = 0.5  # before a camera that was busy is asked again
_NAL_CODECS: dict[str, Codec] = {"h264": H264(), "h265": H265()}
_CHANNEL = re.compile(r"interleaved=(\d{1,3})", re.ASCII)
_ABSOLUTE = re.compile(r"rtsp://[!-~]{1,2048}", re.IGNORECASE)
_WRONG_TRANSPORT, _BUSY = 461, 503


class Search(Protocol):
    """From packets to a picture: `IntraSearch`, whose words these are, and its like."""

    @property
    def best(self) -> AccessUnit | None: ...
    @property
    def pictures(self) -> int: ...
    def take(self, packet: Packet) -> AccessUnit | None: ...


def search_of(track: Track) -> tuple[Search, Intra]:
    """Raises LookFailed for a codec that is not ours."""
    form = track.format
    if form.codec == "jpeg":
        return JpegSearch(form), lambda _: True
    if form.codec == "mpeg4":
        return Mpeg4Search(form), mpeg4_intra
    codec = _NAL_CODECS.get(form.codec)
    if codec is None:
        raise LookFailed("unsupported", f"video as {track.encoding[:16] or 'nothing known'}", step="DESCRIBE")
    return IntraSearch(codec, form), intra_of(codec)


async def describe(session: Session, look: Look) -> Track:
    """Raises LookFailed, Moved, LinkLost."""
    url = look.url
    for _ in range(MAX_REDIRECTS + 1):
        response = await _description(session, url)
        if response.status < 300:  # noqa: PLR2004 redirections
            break
        url = session.redirected(response, url)
    else:
        raise LookFailed("unsupported", f"more than {MAX_REDIRECTS} redirections", step="DESCRIBE")
    track = video_track(response.body, _base(response, url))
    if track is None:
        raise LookFailed("no_video", "no video track in its description", step="DESCRIBE")
    return track


async def _description(session: Session, url: str) -> Response:
    """A camera that has just closed another session may be busy with that for some moments: RFC 2326 §11.3.8,
    status 503. It is asked once more."""
    accept = (("Accept", "application/sdp"),)
    try:
        return await session.ask("DESCRIBE", url, accept)
    except LookFailed as refused:
        if refused.status != _BUSY:
            raise
    await asyncio.sleep(BUSY_S)
    return await session.ask("DESCRIBE", url, accept)


def _base(response: Response, url: str) -> str:
    """RFC 2326 appendix C.1.1; what is no absolute URL is passed over."""
    named = (header(response, "Content-Base"), header(response, "Content-Location"))
    return next((each for each in named if _ABSOLUTE.fullmatch(each)), url)


class Stream:
    def __init__(self, link: Link, look: Look, first_s: float) -> None:
        """`first_s`: for the first packet. Raises BadSettings."""
        self.session = Session(link, look)
        self._first_s = first_s
        self._heard_s = math.inf  # the latest packet, or that it plays
        self._look = look
        self._udp: UdpMedia | None = None
        self._url = look.url
        self._search: Search | None = None
        self.meter: FlowMeter | None = None  # from `measure` on
        self.stirs: StirMeter | None = None  # from `meter_stir` on
        self.unit: AccessUnit | None = None
        self._track: Track | None = None
        self.ended_s = 0.0
        self._packets = 0
        self._odd = 0
        self._coming = (-1, 0)  # the picture that comes in: its timestamp, and how many came before it
        self._since_s = 0.0  # it does

    # --- the session ---
    async def play(self) -> None:
        """Raises LookFailed, Moved, LinkLost."""
        track = await describe(self.session, self._look)
        self._track, self._url = track, track.aggregate
        self._search, self._intra = search_of(track)
        try:
            await self._set_up(track, "RTP/AVP/TCP;unicast;interleaved=0-1")
        except LookFailed as refused:
            if refused.status != _WRONG_TRANSPORT:
                raise
            self._udp = await open_media(self.session.place[0])
            port = self._udp.port
            await self._set_up(track, f"RTP/AVP;unicast;client_port={port}-{port + 1}")
        await self.session.ask_well("PLAY", track.aggregate, (("Range", "npt=0.000-"),))
        self.session.step = "frames"
        self._heard_s = asyncio.get_running_loop().time()

    async def _set_up(self, track: Track, transport: str) -> None:
        response = await self.session.ask_well("SETUP", track.control, (("Transport", transport),))
        chosen = _CHANNEL.search(header(response, "Transport"))
        self.session.keep(response, int(chosen[1]) if chosen else 0)

    async def stop(self) -> None:
        """Never fails, and ends in time: see `Session.teardown`."""
        self.ended_s = asyncio.get_running_loop().time()
        if self._udp:
            self._udp.close()
        await self.session.teardown(self._url)

    # --- packets ---
    async def packets(self) -> list[bytes]:
        """What came since the last time, at least one. Raises LookFailed, LinkLost."""
        return await (self._udp or self.session).packets()

    @property
    def patience_s(self) -> float:
        """The loop's time until which the next packet is waited for: a camera that was unplugged while it
        played need not hold up its probe."""
        return self._heard_s + (STALL_S if self._packets else self._first_s)

    def is_silent(self, now_s: float) -> bool:
        return now_s >= self.patience_s - CLOSE_S

    @property
    def pictures(self) -> int:
        """How many of any kind have come."""
        return self._search.pictures if self._search else 0

    def measure(self) -> None:
        """Meter all that `take` is given from now on."""
        assert self._track is not None  # it plays
        self.meter = FlowMeter(self._track.clock_rate, self._intra)

    def meter_stir(self) -> StirMeter:
        """From what `take` is given from now on, once it plays."""
        self.stirs = StirMeter(self._intra)
        return self.stirs

    def take(self, packets: list[bytes], at_s: float) -> None:
        """Raises PictureTooLarge, and LookFailed where one picture comes in and never ends."""
        assert self._search is not None  # it plays
        self._heard_s = at_s
        one: Packet | None = None
        for data in packets:
            self._packets += 1
            try:
                one = packet(data)
            except BadSyntax:
                self._odd += 1
                continue
            if self.meter:
                self.meter.take(one, len(data), at_s)
            if self.stirs:
                self.stirs.take(one)
            if self.unit is None:
                self.unit = self._search.take(one)
        if self.unit is None and one:
            self._comes(one.timestamp, at_s)

    def _comes(self, timestamp: int, at_s: float) -> None:
        coming = timestamp, self.pictures
        if coming != self._coming:
            self._coming, self._since_s = coming, at_s
        elif at_s - self._since_s > ONE_S and self.late():
            raise LookFailed("no_frames", f"a picture comes in for more than {ONE_S:.0f} s", step="frames")

    def late(self) -> LookFailed | None:
        """When time is up: why there is no picture; None where there is one after all, a damaged one."""
        if self.unit is None and self._search:
            self.unit = self._search.best
        if self.unit is not None:
            return None
        if self.session.step != "frames":
            return LookFailed("no_answer", "no answer in time", step=self.session.step)
        seen = f"{self._packets} packets, {self._odd} of them odd, {self.pictures} pictures, no intra picture"
        return LookFailed("no_frames", seen if self._packets else "nothing came", step="frames")
