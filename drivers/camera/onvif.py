"""One camera asked over ONVIF: what it is, how its clock goes, which streams it has and where they are.

The order of questions: the time, which needs no login and which the digest of a login needs; the services;
the device; the profiles and their addresses. ONVIF Core §5.12, Media §5, Media2 §5.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from drivers.camera import onvif_codec as codec
from drivers.camera.accounts import Accounts
from drivers.camera.auth import Credentials
from drivers.camera.onvif_address import Place, Told, at_home
from drivers.camera.onvif_codec import Ask, CameraTime, DeviceInformation, Media, Profile
from drivers.camera.onvif_login import NotPermitted, Session
from drivers.camera.onvif_soap import NotOnvif, SoapFault

LOOK_TIMEOUT_S = 30.0  # 2 questions for each of 16 profiles at 0.5 s, and a few
MAX_ASKED = (
    16  # profiles whose addresses are asked for; a camera has two to four, a recorder asks for its own
)
DEFAULT_PATH = "/onvif/device_service"  # Core §5.3: where the device service is by its entry point


@dataclass(frozen=True, slots=True)
class Stream:
    profile: Profile
    rtsp: Place | None  # no credentials; None where it told none
    snapshot: Place | None  # a JPEG over HTTP; None where it has none


@dataclass(frozen=True, slots=True)
class Look:
    """What a camera told. `strange` is what was wrong with it and done about it, for a technician."""

    device: DeviceInformation | None
    time: CameraTime | None
    clock_ahead_s: float | None  # its clock against ours, to about a second; None where it told no UTC
    streams: tuple[Stream, ...]
    more_profiles: int  # that were not asked for their addresses
    strange: tuple[str, ...]


class OnvifCamera:
    """One device service, for one look."""

    def __init__(
        self,
        device: Place,
        login: Credentials | None,
        accounts: Accounts,
        *,
        account: str = "",
        mono_s: Callable[[], float],
        utc: Callable[[], datetime] = lambda: datetime.now(UTC),
        log: logging.Logger | logging.LoggerAdapter[logging.Logger] | None = None,
    ) -> None:
        """`accounts` is shared by all that log in to this host, since refusals add up over all of them;
        `account` is what it knows the login by, else its user."""
        self._device = device
        self._session = Session(device, login, accounts, account=account, mono_s=mono_s, utc=utc)
        self._log = log or logging.getLogger(__name__)
        self._strange: list[str] = []

    async def look(self) -> Look:
        """Once only. Raises Unreachable, NotOnvif, SoapFault, NotPermitted, and LoginRefused after two
        refusals at the latest."""
        try:
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                return await self._look()
        except TimeoutError:
            slow = f"{self._device.authority}: still not done after {LOOK_TIMEOUT_S:g} s"
            raise NotOnvif(slow, code="slow") from None

    async def _look(self) -> Look:
        time, ahead_s = await self._time()
        services = await self._services()
        device = await self._information()
        streams, more = await self._streams(services)
        return Look(device, time, ahead_s, streams, more, tuple(self._strange))

    async def _time(self) -> tuple[CameraTime | None, float | None]:
        try:
            answer = await self._session.ask(self._device, codec.GET_TIME)
        except (SoapFault, NotPermitted) as fault:
            self._note(f"its time: {fault}")
            return None, None
        time = codec.read_time(answer)
        ahead_s = time.ahead_s(self._session.exchanged)
        if ahead_s is None:
            self._note("its clock tells no valid time")
        self._session.clock_ahead_s = ahead_s or 0.0
        return time, ahead_s

    async def _information(self) -> DeviceInformation | None:
        try:
            answer = await self._session.ask(self._device, codec.GET_DEVICE_INFORMATION)
        except (SoapFault, NotPermitted) as fault:  # its streams may be told all the same
            self._note(f"its model: {fault}")
            return None
        return codec.read_device_information(answer)

    async def _services(self) -> dict[str, Place]:
        """Its media services by their namespaces, all at its own host."""
        try:
            told = codec.read_services(await self._session.ask(self._device, codec.GET_SERVICES))
        except SoapFault:  # before ONVIF 2.1 there was no such question
            told = {}
        if not told.keys() & {codec.MEDIA, codec.MEDIA2}:
            told = codec.read_capabilities(await self._session.ask(self._device, codec.GET_CAPABILITIES))
        found = {
            name: self._home("media service", told[name])
            for name in (codec.MEDIA2, codec.MEDIA)
            if name in told
        }
        return {name: place for name, place in found.items() if place is not None}

    async def _streams(self, services: dict[str, Place]) -> tuple[tuple[Stream, ...], int]:
        """By the second generation where it has one, since the first cannot name H.265."""
        fault: SoapFault | NotOnvif | None = None
        generations: tuple[tuple[Media, str], ...] = ((2, codec.MEDIA2), (1, codec.MEDIA))
        for media, name in generations:
            if (place := services.get(name)) is None:
                continue
            try:
                profiles = codec.read_profiles(await self._session.ask(place, codec.get_profiles(media)))
            except (SoapFault, NotOnvif) as error:
                fault = error
                self._note(f"media service {media}: {error}")
                continue
            if video := [each for each in profiles if each.encoding]:
                streams = [await self._stream(place, media, each) for each in video[:MAX_ASKED]]
                return tuple(streams), len(video) - len(streams)
        if fault is not None:
            raise fault
        self._note("it offers no stream with video")
        return (), 0

    async def _stream(self, place: Place, media: Media, profile: Profile) -> Stream:
        rtsp = await self._address(place, codec.get_stream_uri(media, profile.token), "rtsp")
        snapshot = await self._address(place, codec.get_snapshot_uri(media, profile.token), "http")
        return Stream(profile, rtsp, snapshot)

    async def _address(self, place: Place, ask: Ask, scheme: str) -> Place | None:
        """None where it has none: many cameras have no snapshots."""
        try:
            url = codec.read_uri(await self._session.ask(place, ask))
        except (SoapFault, NotOnvif, NotPermitted) as error:
            self._log.debug("%s: %s: %s", self._device.authority, ask.answer, error)
            return None
        found = self._home(ask.answer.removesuffix("Response"), url) if url else None
        return found if found is not None and found.scheme.startswith(scheme) else None

    def _home(self, what: str, url: str) -> Place | None:
        told: Told | None = at_home(url, self._device)
        if told is None:
            self._note(f"{what}: told as no address")
            return None
        if told.wrong:
            self._note(f"{what}: {told.wrong}")
        return told.place

    def _note(self, what: str) -> None:
        if what not in self._strange:
            self._strange.append(what)
            self._log.warning("%s: %s", self._device.authority, what)


def device_at(host: str, port: int = 80) -> Place:
    """The device service of a camera that was not discovered."""
    return Place("http", host, port, DEFAULT_PATH)
