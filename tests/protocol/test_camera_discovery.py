"""Cameras are found on every interface, each once, and nothing that answers can mislead the search."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from ipaddress import IPv4Network
from typing import Any

import pytest

from drivers.camera import discovery
from drivers.camera.discovery import (
    MAX_ANSWERS,
    PROBES,
    Camera,
    Discovery,
    Interface,
    delays,
    discover,
    interfaces,
    sight,
)
from drivers.camera.discovery_codec import Match
from drivers.camera.onvif_sim import OnvifSim
from drivers.camera.onvif_sim_state import Trouble
from tests.protocol import group

LOOPBACK = Interface("lo", "127.0.0.1", IPv4Network("127.0.0.0/8"))
LAN = Interface("eth0", "192.0.2.1", IPv4Network("192.0.2.0/24"))
DEVICE = "/onvif/device_service"


@pytest.fixture(autouse=True)
def one_at_a_time() -> Iterator[None]:
    """All cameras that answer here are the test's own."""
    with group.held(alone=True):
        yield


async def look(*cameras: OnvifSim, listen_s: float = 0.5) -> Discovery:
    async with AsyncExitStack() as stack:
        for camera in cameras:
            await stack.enter_async_context(camera)
        return await discover([LOOPBACK], listen_s=listen_s)


async def test_each_camera_is_found_once_with_what_it_tells() -> None:
    cameras = [OnvifSim(host=f"127.0.0.{n}") for n in (2, 3, 4)]
    found = await look(*cameras)
    endpoints = [each.match.endpoint for each in found.cameras]
    assert [endpoints.count(each.endpoint) for each in cameras] == [1, 1, 1]
    assert found.interfaces == (LOOPBACK,)
    assert (found.mute, found.refused) == ({}, {})
    first = next(each for each in found.cameras if each.match.endpoint == cameras[0].endpoint)
    assert first.match.scope("name") == "ARV-453 大厅"
    assert first.match.scope("hardware") == "D1-566"
    assert first.match.scope("location") == "country/china, city/bejing"
    assert first.best.device is not None
    assert first.best.device.url == f"http://127.0.0.2:{cameras[0].port}{DEVICE}"
    assert (first.best.interface, first.best.wrong) == ("lo", "")


async def test_all_cameras_of_a_hall_are_found_where_they_answer_at_once() -> None:
    found = await look(*(OnvifSim(host=f"127.0.1.{n}") for n in range(1, 147)), listen_s=6.0)
    assert len({each.best.host for each in found.cameras}) == 146
    assert found.refused == {}


async def test_three_probes_go_out_for_each_kind_of_camera() -> None:
    async with OnvifSim() as camera:
        await discover([LOOPBACK], listen_s=0.1)
        async with asyncio.timeout(30):
            while len(camera.probes) < PROBES * 2:  # noqa: ASYNC110 a simulator sets no Event
                await asyncio.sleep(0.02)
    assert len(camera.probes) == PROBES * 2
    assert sorted(camera.probes.count(each) for each in set(camera.probes)) == [PROBES, PROBES]


@pytest.mark.parametrize("types", ["dn:NetworkVideoTransmitter", "tds:Device"])
async def test_cameras_of_either_kind_are_found(types: str) -> None:
    assert len((await look(OnvifSim(types=types))).cameras) == 1


def test_probes_are_spaced_as_soap_over_udp_has_it() -> None:
    for seed in range(200):
        first, second = delays(random.Random(seed))
        assert 0.05 <= first <= 0.25
        assert second == min(2 * first, 0.5)


# --- what answers may do ---
async def test_a_camera_that_answers_often_is_one() -> None:
    found = await look(OnvifSim(trouble=Trouble(answers=5)))
    assert [len(each.sightings) for each in found.cameras] == [1]


async def test_a_camera_is_known_by_its_endpoint_whatever_host_it_answers_from() -> None:
    found = await look(*(OnvifSim(host=f"127.0.0.{n}", endpoint="urn:uuid:A1") for n in (2, 3)))
    assert [{each.host for each in camera.sightings} for camera in found.cameras] == [
        {"127.0.0.2", "127.0.0.3"}
    ]


async def test_cameras_without_an_endpoint_are_known_by_their_hosts() -> None:
    found = await look(*(OnvifSim(host=f"127.0.0.{n}", endpoint="") for n in (2, 3)))
    assert len(found.cameras) == 2


async def test_a_late_camera_is_found_while_we_listen_and_not_after() -> None:
    late, later = OnvifSim(trouble=Trouble(late_s=0.3)), OnvifSim(trouble=Trouble(late_s=5.0))
    found = await look(late, later, listen_s=1.0)
    assert [each.match.endpoint for each in found.cameras] == [late.endpoint]


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Trouble(wrong_relates_to=True), "not_ours"),
        (Trouble(rotten="huge"), "not_xml"),
        (Trouble(rotten="bomb"), "not_xml"),
        (Trouble(rotten="garbage"), "not_xml"),
        (Trouble(rotten="deep"), "not_xml"),
    ],
)
async def test_a_hostile_answer_is_refused_and_logged_and_costs_no_other_camera(
    trouble: Trouble, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    good = OnvifSim(host="127.0.0.2")
    found = await look(good, OnvifSim(host="127.0.0.3", trouble=trouble))
    assert [each.match.endpoint for each in found.cameras] == [good.endpoint]
    assert found.refused == {code: PROBES * 2}
    assert "127.0.0.3 on lo is not taken for a camera" in caplog.text


async def test_a_printer_is_no_camera() -> None:
    found = await look(OnvifSim(types="wsdp:Device wprt:PrintDeviceType", scopes=("ldap:///ou=engineering",)))
    assert found.cameras == ()
    assert found.refused == {"no_camera": PROBES}


async def test_who_answers_without_end_is_not_listened_to(caplog: pytest.LogCaptureFixture) -> None:
    found = await look(OnvifSim(trouble=Trouble(answers=50)))
    assert len(found.cameras) == 1
    assert 0 < found.refused["too_many"] <= 50 * PROBES * 2 - MAX_ANSWERS  # the kernel drops some of a burst
    assert len(caplog.records) == 1


async def test_more_cameras_than_we_keep_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "MAX_CAMERAS", 2)
    found = await look(*(OnvifSim(host=f"127.0.0.{n}") for n in (2, 3, 4)))
    assert len(found.cameras) == 2
    assert found.refused == {"too_many": PROBES * 2}


async def test_a_camera_that_believes_to_be_elsewhere_is_used_where_it_answered() -> None:
    camera = OnvifSim(host="127.0.0.2", trouble=Trouble(foreign="192.168.1.64"))
    (found,) = (await look(camera)).cameras
    assert found.best.device is not None
    assert found.best.device.url == f"http://127.0.0.2:{camera.port}{DEVICE}"
    assert "192.168.1.64" in found.best.wrong


async def test_an_interface_that_cannot_be_asked_on_is_told(caplog: pytest.LogCaptureFixture) -> None:
    gone = Interface("eth9", "203.0.113.7", IPv4Network("203.0.113.0/24"))
    async with OnvifSim() as camera:
        found = await discover([gone, LOOPBACK], listen_s=0.3)
    assert [each.match.endpoint for each in found.cameras] == [camera.endpoint]
    assert found.interfaces == (LOOPBACK,)
    assert list(found.mute) == ["eth9 (203.0.113.7)"]
    assert "eth9" in caplog.text


async def test_a_search_that_is_given_up_leaves_no_socket(recwarn: pytest.WarningsRecorder) -> None:
    searching = asyncio.create_task(discover([LOOPBACK], listen_s=30.0))
    await asyncio.sleep(0.1)
    searching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await searching
    await asyncio.sleep(0)
    assert not recwarn.list


# --- which address ---
def match(*addresses: str) -> Match:
    return Match("urn:uuid:1", ("Device",), ("name/a",), addresses)


@pytest.mark.parametrize(
    ("addresses", "url", "wrong"),
    [
        (("http://169.254.7.7/a", "http://192.0.2.24/b"), "http://192.0.2.24/b", False),
        (("https://192.0.2.24/a", "http://192.0.2.24:81/b"), "http://192.0.2.24:81/b", False),
        (("http://[fe80::1]/a", "http://192.168.1.64:8899/b"), "http://192.0.2.24/a", True),
        (("http://192.168.1.64:8899/b",), "http://192.0.2.24:8899/b", True),
        (("rtsp://192.0.2.24/a", "x", "http://192.0.2.24/b"), "http://192.0.2.24/b", False),
    ],
)
def test_the_address_is_the_one_at_the_host_that_answered(
    addresses: tuple[str, ...], url: str, wrong: bool
) -> None:
    seen = sight(match(*addresses), "192.0.2.24", LAN)
    assert seen.device is not None
    assert (seen.device.url, bool(seen.wrong), seen.on_link) == (url, wrong, True)


def test_a_camera_of_another_network_or_without_an_address_is_told_so() -> None:
    seen = sight(match(), "192.168.1.64", LAN)
    assert (seen.device, seen.on_link) == (None, False)
    assert "no address" in seen.wrong


def test_the_best_way_to_a_camera_is_the_one_that_needs_no_correction() -> None:
    told = "http://192.0.2.24/a"
    ways = [
        sight(match(), "192.0.2.24", LAN),  # no address
        sight(match("http://192.168.1.64/a"), "192.168.1.64", LAN),  # not of this network
        sight(match("http://192.168.1.64/a"), "192.0.2.24", LAN),  # told wrongly
        sight(match(told), "192.0.2.24", LAN),
    ]
    for n in range(1, len(ways) + 1):
        assert Camera(match(told), tuple(ways[:n])).best is ways[n - 1]


def test_every_address_of_this_machine_but_the_loopbacks() -> None:
    found = interfaces()
    assert all(each.holds(each.address) and not each.network.is_loopback for each in found)


# --- several interfaces: a network of its own within the kernel ---
def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


@pytest.fixture
def lan() -> Iterator[tuple[str, str]]:
    """Two namespaces, the hall's machine and the cameras', joined by two separate cables."""
    if shutil.which("ip") is None:
        pytest.skip("no `ip` (Debian: iproute2), so no network can be made to search in")
    hall, cameras = (f"{name}{os.getpid()}" for name in ("hall", "cams"))
    try:
        try:
            for name in (hall, cameras):
                run("ip", "netns", "add", name)
            for n in (1, 2):
                run(
                    "ip",
                    "-n",
                    hall,
                    "link",
                    "add",
                    f"eth{n}",
                    "type",
                    "veth",
                    "peer",
                    f"cam{n}",
                    "netns",
                    cameras,
                )
        except RuntimeError as error:
            pytest.skip(f"no network can be made to search in: {error}")
        for n in (1, 2):
            run("ip", "-n", hall, "address", "add", f"10.77.{n}.1/24", "dev", f"eth{n}")
            run("ip", "-n", hall, "link", "set", f"eth{n}", "up")
            run("ip", "-n", cameras, "address", "add", f"10.77.{n}.2/24", "dev", f"cam{n}")
            run("ip", "-n", cameras, "address", "add", f"10.77.{n}.3/24", "dev", f"cam{n}")
            run("ip", "-n", cameras, "link", "set", f"cam{n}", "up")
        yield hall, cameras
    finally:
        for name in (hall, cameras):
            subprocess.run(("ip", "netns", "delete", name), capture_output=True, timeout=30, check=False)


def in_lan(namespace: str, what: str) -> tuple[str, ...]:
    return ("ip", "netns", "exec", namespace, sys.executable, "-m", "tests.protocol.onvif_lan", what)


def test_cameras_behind_each_interface_are_found_and_one_behind_both_is_one(lan: tuple[str, str]) -> None:
    hall, cameras = lan
    playing = subprocess.Popen(in_lan(cameras, "cameras"), stdout=subprocess.PIPE, text=True)
    try:
        assert playing.stdout is not None
        endpoints = json.loads(playing.stdout.readline())
        everywhere, only = (
            json.loads(run(*in_lan(hall, "everywhere"))),
            json.loads(run(*in_lan(hall, "eth1"))),
        )
    finally:
        playing.terminate()
        playing.communicate(timeout=30)
    assert everywhere["interfaces"] == ["eth1 (10.77.1.1)", "eth2 (10.77.2.1)"]
    found: dict[str, Any] = everywhere["cameras"]
    assert found.keys() == set(endpoints.values())
    assert sorted(found[endpoints["both"]]["seen"]) == [["eth1", "10.77.1.2"], ["eth2", "10.77.2.2"]]
    assert found[endpoints["first"]]["seen"] == [["eth1", "10.77.1.3"]]
    assert found[endpoints["second"]]["seen"] == [["eth2", "10.77.2.3"]]
    # The second believes to be at an address of the other cable, where nobody is.
    assert found[endpoints["second"]]["host"] == "10.77.2.3"
    assert "10.77.1.99" in found[endpoints["second"]]["wrong"]
    assert all(each["model"] == "D1-566" for each in found.values())  # asked over HTTP at that address
    assert only["cameras"].keys() == {endpoints["both"], endpoints["first"]}
