"""A camera asked over ONVIF: what it tells, how a login is proven, and what an odd or hostile one costs."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from drivers.api import DriverError
from drivers.camera import onvif, onvif_http
from drivers.camera.accounts import Accounts
from drivers.camera.auth import Credentials
from drivers.camera.onvif import Look, OnvifCamera, device_at
from drivers.camera.onvif_address import Place
from drivers.camera.onvif_http import Unreachable
from drivers.camera.onvif_login import LoginRefused
from drivers.camera.onvif_sim import OnvifSim
from drivers.camera.onvif_sim_services import LOCKS_AFTER
from drivers.camera.onvif_sim_state import Takes, Trouble
from drivers.camera.onvif_soap import NotOnvif
from tests.protocol import group

PASSWORD = "Bad-Camera-9"
GOOD = Credentials("hall", PASSWORD)
WRONG = Credentials("hall", "Other-Secret-7")
REFUSED_S = 2100.0
WAYS: tuple[Takes, ...] = ("open", "digest", "digest-sha256", "token", "both")


@pytest.fixture(autouse=True)
def beside_others() -> Iterator[None]:
    """A simulated camera answers everybody on this machine who looks for cameras."""
    with group.held(alone=False):
        yield


@dataclass
class Desk:
    """Asks cameras as a technician's search does, on a clock that the test owns."""

    accounts: Accounts = field(default_factory=lambda: Accounts(REFUSED_S))
    mono_s: float = 0.0

    async def look(self, camera: OnvifSim, login: Credentials | None = GOOD) -> Look:
        device = device_at(camera.host, camera.port)
        return await OnvifCamera(device, login, self.accounts, mono_s=lambda: self.mono_s).look()


async def look(login: Credentials | None = GOOD, **state: Any) -> Look:
    async with OnvifSim(**state) as camera:
        return await Desk().look(camera, login)


# --- what it tells ---
@pytest.mark.parametrize("takes", WAYS)
async def test_a_camera_tells_its_model_clock_and_streams_however_it_takes_a_login(takes: Takes) -> None:
    async with OnvifSim(host="127.0.0.2", takes=takes) as camera:
        told = await Desk().look(camera)
        assert camera.services.wrong_logins == 0
        assert PASSWORD.encode() not in camera.services.seen
    assert told.device is not None
    assert (told.device.manufacturer, told.device.model) == ("Acme", "D1-566")
    assert told.clock_ahead_s is not None
    assert abs(told.clock_ahead_s) < 2
    main, sub = told.streams
    assert (main.profile.encoding, main.profile.width, main.profile.fps) == ("H265", 1920, 25.0)
    assert (sub.profile.encoding, sub.profile.width, sub.profile.kbit_per_s) == ("H264", 640, 512)
    assert main.rtsp == Place("rtsp", "127.0.0.2", 8554, "/Streaming/Profile_1?a=1&b=2")
    assert sub.snapshot == Place("http", "127.0.0.2", camera.port, "/snapshot/Profile_2.jpg")
    assert (told.strange, told.more_profiles) == ((), 0)


async def test_a_camera_that_asks_for_no_login_is_asked_without() -> None:
    async with OnvifSim(takes="open") as camera:
        assert (await Desk().look(camera, login=None)).device is not None
        assert b"uthoriz" not in camera.services.seen
        assert b"UsernameToken" not in camera.services.seen


@pytest.mark.parametrize(
    ("trouble", "encoding"),
    [(Trouble(no_media2=True), "H264"), (Trouble(old=True), "H264"), (Trouble(), "H265")],
)
async def test_the_media_service_is_the_newest_that_it_has(trouble: Trouble, encoding: str) -> None:
    told = await look(trouble=trouble)
    assert [each.profile.encoding for each in told.streams] == [encoding, "H264"]
    assert all(each.rtsp and each.snapshot for each in told.streams)


async def test_a_camera_without_snapshots_has_its_streams() -> None:
    told = await look(trouble=Trouble(no_snapshot=True))
    assert [(bool(each.rtsp), each.snapshot) for each in told.streams] == [(True, None)] * 2


async def test_more_profiles_than_are_asked_for_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onvif, "MAX_ASKED", 1)
    told = await look()
    assert (len(told.streams), told.more_profiles) == (1, 1)


# --- its clock ---
@pytest.mark.parametrize("takes", WAYS)
@pytest.mark.parametrize("off_s", [-90_000.0, 3_600.0])
async def test_a_wrong_clock_is_measured_and_costs_no_login(takes: Takes, off_s: float) -> None:
    async with OnvifSim(takes=takes, trouble=Trouble(clock_off_s=off_s)) as camera:
        told = await Desk().look(camera)
        assert camera.services.wrong_logins == 0
    assert told.clock_ahead_s == pytest.approx(off_s, abs=2)


async def test_a_clock_that_has_lost_its_date_is_told() -> None:
    told = await look(takes="digest", trouble=Trouble(no_time=True))
    assert told.clock_ahead_s is None
    assert told.strange == ("its clock tells no valid time",)


async def test_a_time_that_is_told_to_no_stranger_is_asked_for_with_the_login() -> None:
    told = await look(takes="digest", trouble=Trouble(closed_time=True, clock_off_s=-600))
    assert told.clock_ahead_s == pytest.approx(-600, abs=2)


# --- logins ---
@pytest.mark.parametrize("takes", ["digest", "digest-sha256", "token", "both"])
async def test_a_refused_login_is_tried_once_more_and_then_not_for_a_while(takes: Takes) -> None:
    desk = Desk()
    async with OnvifSim(takes=takes) as camera:
        for _ in range(5):
            with pytest.raises(LoginRefused) as refused:
                await desk.look(camera, WRONG)
            assert refused.value.code == "auth_failed"
            assert camera.services.wrong_logins == 2
        desk.mono_s = REFUSED_S - 1
        with pytest.raises(LoginRefused):
            await desk.look(camera, WRONG)
        assert camera.services.wrong_logins == 2
        camera.services.wrong_logins = 0  # the camera's own lock is over
        desk.mono_s = REFUSED_S
        assert (await desk.look(camera)).device is not None
        assert not camera.services.locked
    assert LOCKS_AFTER > 2


async def test_refusals_count_for_all_that_log_in_to_the_host() -> None:
    desk = Desk()
    async with OnvifSim() as one, OnvifSim() as other:  # two ports of one recorder
        for camera in (one, other):
            with pytest.raises(LoginRefused):
                await desk.look(camera, WRONG)
        assert (one.services.wrong_logins, other.services.wrong_logins) == (2, 0)


async def test_looks_at_once_do_not_add_up_to_a_lock() -> None:
    desk = Desk()
    async with OnvifSim() as recorder:
        looks = await asyncio.gather(*(desk.look(recorder, WRONG) for _ in range(8)), return_exceptions=True)
        assert [type(each) for each in looks] == [LoginRefused] * 8
        assert recorder.services.wrong_logins == 2


async def test_a_camera_that_wants_a_login_where_there_is_none_is_told() -> None:
    async with OnvifSim() as camera:
        with pytest.raises(LoginRefused, match="wants a login"):
            await Desk().look(camera, login=None)
        assert camera.services.wrong_logins == 0


async def test_the_password_is_in_no_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for takes in WAYS:
        async with OnvifSim(takes=takes) as camera:
            asked = OnvifCamera(
                device_at(camera.host, camera.port), WRONG, Accounts(REFUSED_S), mono_s=lambda: 0.0
            )
            texts = [repr(asked), repr(vars(asked)), repr(vars(asked._session))]
            try:
                texts.append(repr(await asked.look()))
            except DriverError as error:
                texts += [repr(error), error.remedy, repr(error.__cause__), repr(error.__context__)]
            assert WRONG.password.encode() not in camera.services.seen
            assert WRONG.password not in "".join(texts) + caplog.text


@pytest.mark.parametrize("says_stale", [True, False])
async def test_a_nonce_that_ends_is_no_refusal(says_stale: bool) -> None:
    async with OnvifSim(takes="digest", trouble=Trouble(nonce_uses=1, says_stale=says_stale)) as camera:
        told = await Desk().look(camera)
        assert camera.services.wrong_logins == 0
    assert all(each.rtsp and each.snapshot for each in told.streams)


async def test_nonces_that_are_stale_at_once_are_no_refusals_but_a_camera_that_has_no_other_is_left() -> None:
    async with OnvifSim(takes="digest", trouble=Trouble(stale_at_once=2)) as camera:
        assert (await Desk().look(camera)).device is not None
        camera.trouble.stale_at_once = 1_000
        with pytest.raises(LoginRefused):
            await Desk().look(camera)
        assert len(camera.services.asked) < 30


@pytest.mark.parametrize("takes", ["digest", "token"])
async def test_a_login_without_rights_is_not_taken_for_a_refused_one(takes: Takes) -> None:
    desk = Desk()
    async with OnvifSim(takes=takes, trouble=Trouble(no_rights=True)) as camera:
        with pytest.raises(DriverError) as caught:
            await desk.look(camera)
        assert caught.value.code == "not_permitted"
        camera.trouble.no_rights = False
        assert (await desk.look(camera)).streams


# --- addresses ---
@pytest.mark.parametrize("foreign", ["192.168.1.64", "127.0.0.99", "169.254.169.254"])
async def test_what_it_tells_of_other_machines_is_led_back_to_it(foreign: str) -> None:
    async with OnvifSim(host="127.0.0.2", trouble=Trouble(foreign=foreign)) as camera:
        told = await Desk().look(camera)
    for stream in told.streams:
        assert stream.rtsp is not None
        assert stream.snapshot is not None
        assert (stream.rtsp.host, stream.rtsp.port) == ("127.0.0.2", 8554)
        assert (stream.snapshot.host, stream.snapshot.port) == ("127.0.0.2", camera.port)
    assert len(told.strange) == 3  # media service, streams and snapshots: each once
    assert all(foreign in each for each in told.strange)


# --- what is no camera, or a bad one ---
@pytest.mark.parametrize(
    ("ill", "code"),
    [
        ("huge", "too_long"),
        ("bomb", "not_onvif"),
        ("garbage", "not_onvif"),
        ("redirect", "not_onvif"),
        ("empty", "not_onvif"),
        ("cut", "not_onvif"),
        ("hang", "silent"),
    ],
)
async def test_a_rotten_answer_ends_the_look_with_its_reason(
    ill: Any, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if ill == "hang":
        monkeypatch.setattr(onvif_http, "ANSWER_TIMEOUT_S", 0.5)
    async with OnvifSim(trouble=Trouble(ill=ill)) as camera:
        with pytest.raises((NotOnvif, Unreachable)) as caught:
            await Desk().look(camera)
    assert caught.value.code == code
    assert str(caught.value).isprintable()


async def test_a_camera_that_is_always_slow_does_not_keep_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onvif, "LOOK_TIMEOUT_S", 0.3)
    async with OnvifSim(trouble=Trouble(ill="hang")) as camera:
        with pytest.raises(NotOnvif) as caught:
            await Desk().look(camera)
    assert caught.value.code == "slow"


async def test_nobody_there() -> None:
    with socket.socket() as port:  # bound, so that nobody else takes it
        port.bind(("127.0.0.1", 0))
        device = device_at("127.0.0.1", port.getsockname()[1])
        with pytest.raises(Unreachable) as caught:
            await OnvifCamera(device, GOOD, Accounts(REFUSED_S), mono_s=lambda: 0.0).look()
    assert caught.value.code == "peer_unreachable"


async def test_a_web_server_is_no_camera() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<html><body>no</body></html>")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        device = device_at("127.0.0.1", server.sockets[0].getsockname()[1])
        with pytest.raises(NotOnvif, match="HTTP 404"):
            await OnvifCamera(device, GOOD, Accounts(REFUSED_S), mono_s=lambda: 0.0).look()


async def test_https_only_is_told_with_its_remedy() -> None:
    device = Place("https", "127.0.0.1", 443, "/onvif/device_service")
    with pytest.raises(NotOnvif) as caught:
        await OnvifCamera(device, GOOD, Accounts(REFUSED_S), mono_s=lambda: 0.0).look()
    assert (caught.value.code, bool(caught.value.remedy)) == ("https_only", True)
