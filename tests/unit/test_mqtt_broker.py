"""Brokers' addresses, and the back-off between them."""

from __future__ import annotations

import pytest

from edge.broker import Broker, Tls
from edge.mqtt import BACKOFF_LIMIT_S, Session, backoff


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://broker", Broker("broker", 1883)),
        ("mqtt://broker/", Broker("broker", 1883)),
        ("mqtts://broker", Broker("broker", 8883, tls=True)),
        ("mqtt://10.0.0.7:2883", Broker("10.0.0.7", 2883)),
        ("mqtts://[fe80::1]:9", Broker("fe80::1", 9, tls=True)),
        ("mqtt://hall:se%40cret@b:1", Broker("b", 1, user="hall", password="se@cret")),
        ("mqtt://hall@b", Broker("b", 1883, user="hall")),
    ],
)
def test_addresses(url: str, expected: Broker) -> None:
    assert Broker.parse(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "broker",
        "broker:1883",
        "http://broker",
        "mqtt://",
        "mqtt://:1883",
        "mqtt://broker:0",
        "mqtt://broker:70000",
        "mqtt://broker:port",
        "mqtt://broker/path",
        "mqtt://broker?x=1",
        "mqtt://broker#x",
        "mqtt://[::1",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="a broker's address"):
        Broker.parse(url)


@pytest.mark.parametrize("url", ["mqtt://u:hushhush@b/c", "http://u:hushhush@b", "mqtt://u:hush/hush@b:1"])
def test_a_refusal_never_shows_the_password(url: str) -> None:
    with pytest.raises(ValueError, match="address") as refusal:
        Broker.parse(url)
    assert "hush" not in str(refusal.value)
    assert refusal.value.__suppress_context__ or "hush" not in str(refusal.value.__context__)


def test_a_broker_never_shows_its_password() -> None:
    broker = Broker.parse("mqtts://hall:hushhush@b")
    assert "hush" not in repr(broker)
    assert str(broker) == "mqtts://b:8883"
    assert str(Broker.parse("mqtt://[::1]")) == "mqtt://[::1]:1883"


def test_backoff_grows_to_a_limit_and_is_spread() -> None:
    for failures in range(100):
        middle = min(1.8**failures, BACKOFF_LIMIT_S)
        delays = [backoff(failures) for _ in range(50)]
        assert all(0.8 * middle <= delay <= 1.2 * middle for delay in delays)
        assert len(set(delays)) > 1


def test_a_session_needs_a_broker() -> None:
    with pytest.raises(ValueError, match="no broker"):
        Session([], "one")


def test_tls_takes_the_system_s_authorities_where_none_is_named() -> None:
    context = Tls().context()
    assert context.check_hostname
    assert context.minimum_version.name == "TLSv1_2"
