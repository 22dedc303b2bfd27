"""Nothing that a camera tells leads to another machine."""

from __future__ import annotations

import pytest

from drivers.camera.onvif_address import Place, at_home, read

HOME = Place("http", "192.0.2.24", 8080, "/onvif/device_service")


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("http://192.0.2.24/onvif/media", Place("http", "192.0.2.24", 80, "/onvif/media")),
        ("HTTP://192.0.2.24:81", Place("http", "192.0.2.24", 81, "/")),
        ("rtsp://[2001:db8::1]/a?b=c#d", Place("rtsp", "2001:db8::1", 554, "/a?b=c")),
        ("rtsp://Camera-7.local./a b/大", Place("rtsp", "camera-7.local", 554, "/a%20b/%E5%A4%A7")),
        ("rtsp://192.0.2.24/a%20b", Place("rtsp", "192.0.2.24", 554, "/a%20b")),
        ("http://a:b@192.0.2.24/x", Place("http", "192.0.2.24", 80, "/x")),
    ],
)
def test_an_address_is_read(url: str, meant: Place) -> None:
    assert read(url) == meant


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "x",
            "/onvif",
            "file:/etc/passwd",
            "ftp://192.0.2.24/",
            "gopher://a/",
            "http://",
            "http:///x",
        ),
        *("http://a:0/", "http://a:99999/", "http://a:x/", "http://[::1/", "http://a b/", "http://大/"),
    ],
)
def test_what_is_no_address_is_none(url: str) -> None:
    assert read(url) is None
    assert at_home(url, HOME) is None


def test_its_own_addresses_are_used_as_they_are() -> None:
    told = at_home("http://192.0.2.24:8899/onvif/media", HOME)
    assert told is not None
    assert (told.place.url, told.wrong) == ("http://192.0.2.24:8899/onvif/media", "")


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "10.0.0.1:22", "localhost", "[::1]"])
def test_a_service_elsewhere_is_looked_for_where_the_camera_answered(host: str) -> None:
    told = at_home(f"http://{host}/onvif/media?x=1", HOME)
    assert told is not None
    assert told.place.url == "http://192.0.2.24:8080/onvif/media?x=1"
    assert host.split(":22", maxsplit=1)[0] in told.wrong


def test_a_stream_elsewhere_keeps_its_port() -> None:
    told = at_home("rtsp://admin:secret@192.168.1.64:8554/1", HOME)
    assert told is not None
    assert told.place.url == "rtsp://192.0.2.24:8554/1"
    assert "192.168.1.64" in told.wrong
    assert "secret" not in repr(told)


def test_a_login_in_an_address_is_dropped_and_told() -> None:
    told = at_home("rtsp://admin:secret@192.0.2.24/1", HOME)
    assert told is not None
    assert told.place.url == "rtsp://192.0.2.24/1"
    assert "login" in told.wrong
    assert "secret" not in repr(told)
