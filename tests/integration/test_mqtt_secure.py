"""The broker files that we ship, with TLS, client certificates and the access list; passwords."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.broker import Broker, Tls
from edge.console.hub import Hub
from edge.console.live.session import Live, LiveSession
from edge.console.own_alerts import CHAIN_BROKEN
from edge.console.record import Record
from edge.mqtt import BrokerLost, Connection, Session, connect
from edge.wire import Reply, Request, Topics, reply_topic
from tests.console.live_kit import status
from tests.integration.brokers import BrokerProcess, observing, running
from tests.integration.node import SmallNode, batch, event
from tests.integration.pki import Authority
from tests.integration.provisioned import Provisioned

LONG_S = 60.0  # for what comes at once on an idle machine


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Provisioned:
    return Provisioned(
        tmp_path_factory.mktemp("pki") / "ca",
        node=["h1/n1", "h1/n2", "h2/n1"], console=["hub"], technician=["technician-1", "technician-2"],
    )  # fmt: skip


EITHER = pytest.mark.parametrize("secure", ["mosquitto", "nats"], indirect=True)


@pytest.fixture
def secure(authority: Provisioned, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[BrokerProcess]:
    with authority.broker(tmp_path, getattr(request, "param", "mosquitto")) as process:
        yield process


def tls(authority: Provisioned, name: str) -> Tls:
    return authority.tls(name)


@EITHER
async def test_node_and_hub_work_under_the_access_list(
    secure: BrokerProcess, authority: Provisioned, tmp_path: Path
) -> None:
    node = SmallNode([secure.broker], tls=tls(authority, "h1/n1"))
    node.store.append(120)
    with Record(f"sqlite:///{tmp_path}/record.db") as record:
        hub = Hub(Session([secure.broker], "hub", tls(authority, "hub"), delay=lambda _: 0.05), record)
        async with node.running(), asyncio.timeout(LONG_S), asyncio.TaskGroup() as tasks:
            running_hub = tasks.create_task(hub.run())
            while node.store.acked_seq < 120:  # noqa: ASYNC110 the store is no task's to wait for
                await asyncio.sleep(0.02)
            running_hub.cancel()
    assert hub.applied == 120


@EITHER
async def test_the_pages_see_and_command_under_the_access_list(
    secure: BrokerProcess, authority: Provisioned
) -> None:
    topics, live = Topics("h1", "n1"), Live()
    session = Session([secure.broker], "hall-console-pages-1", tls(authority, "hub"))
    async with connect(secure.broker, "n1", tls(authority, "h1/n1")) as node, asyncio.timeout(LONG_S):
        await node.publish(topics.status, status(), retain=True)
        await node.publish(topics.camera("cam-1"), b"nonsense", retain=True)
        await node.subscribe(topics.commands)
        watching = asyncio.create_task(LiveSession(live, session).run())
        while not live.fleet.nodes() or not live.fleet.hall("h1").nodes[0].camera:  # noqa: ASYNC110 it tells nobody
            await asyncio.sleep(0.02)
        asked = asyncio.create_task(live.asker.ask("h1", "n1", "status", {}, by="li", timeout_s=LONG_S))
        request = Request.model_validate_json((await node.receive())[0].payload)
        await node.publish(request.reply_to, Reply(id=request.id, result="done").model_dump_json().encode())
        assert (await asked).result == "done"
        watching.cancel()
        await asyncio.wait({watching})


async def test_a_technician_commands_and_hears_the_answer(
    secure: BrokerProcess, authority: Provisioned
) -> None:
    node = SmallNode([secure.broker], tls=tls(authority, "h1/n1"))
    me, other = tls(authority, "technician-1"), tls(authority, "h1/n2")
    request = Request(id="0" * 32, verb="take", reply_to=reply_topic("technician-1", "0" * 32))
    async with (
        observing(secure.broker, tls=me) as observer,
        observing(secure.broker, tls=other) as stranger,
        node.running(),
    ):
        await observer.until(lambda: bool(observer.on(node.topics.status)))
        command = node.topics.command("take")
        await stranger.connection.publish(command, request.model_dump_json().encode())
        await observer.connection.publish(command, request.model_dump_json().encode())
        await observer.until(lambda: bool(observer.on(request.reply_to)))
        await stranger.quiet(0.2)
    assert len(node.requests) == 1  # the stranger's was dropped
    assert not stranger.messages


async def test_a_node_cannot_speak_for_another(secure: BrokerProcess, authority: Provisioned) -> None:
    topics = Topics("h1", "n1")
    async with observing(secure.broker, tls=tls(authority, "technician-1")) as observer:
        async with connect(secure.broker, "n2", tls(authority, "h1/n2")) as impostor:
            await impostor.publish(topics.event, batch([event("e" * 32, 1)]))
        async with connect(secure.broker, "n1", tls(authority, "h1/n1")) as node:
            await node.publish(topics.event, batch([event("f" * 32, 1)]))
        await observer.until(lambda: bool(observer.on(topics.event)))
    assert b"f" * 32 in observer.on(topics.event)[0]
    assert len(observer.on(topics.event)) == 1


async def test_the_hub_raises_its_one_alert_and_no_other(
    secure: BrokerProcess, authority: Provisioned
) -> None:
    topics = Topics("h1", "n1")
    async with observing(secure.broker, tls=tls(authority, "technician-1")) as observer:
        async with connect(secure.broker, "hub", tls(authority, "hub")) as hub:
            await hub.publish(topics.alert("store_full"), b"{}")
            await hub.publish(topics.alert(CHAIN_BROKEN), b"{}")
        await observer.until(lambda: bool(observer.on(topics.alert(CHAIN_BROKEN))))
    assert not observer.on(topics.alert("store_full"))


@pytest.fixture
def collected() -> Iterator[None]:
    yield
    gc.collect()


@EITHER
# After a failed handshake paho leaves its socket to the garbage collector, which says so when it closes it.
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
async def test_who_has_no_certificate_or_a_strange_broker_is_refused(
    secure: BrokerProcess, authority: Provisioned, tmp_path: Path, collected: None
) -> None:
    other = Authority(tmp_path / "other")
    for wrong, reason in (
        (Tls(authority.ca), "closed before it was accepted.*certificate required"),  # we show none
        (Tls(authority.ca, *other.issue("h1/n1")), "closed before it was accepted.*unknown ca"),
        (Tls(other.ca, *authority.pair("h1/n1")), "certificate verify failed"),  # we do not trust the broker
        (Tls(tmp_path / "missing.crt"), "certificates cannot be used"),
        (Tls(authority.ca, authority.ca, tmp_path / "missing.key"), "certificates cannot be used"),
    ):
        with pytest.raises(BrokerLost, match=f"(?i){reason}"):
            async with asyncio.timeout(LONG_S), connect(secure.broker, "n1", wrong):
                pytest.fail("connected")
    with pytest.raises(BrokerLost, match="Hostname mismatch"):
        async with connect(Broker("localhost", secure.port, tls=True), "n1", tls(authority, "h1/n1")):
            pytest.fail("connected to a name that is not in the broker's certificate")


async def test_renewed_certificates_are_read_at_the_next_connect(
    secure: BrokerProcess, authority: Provisioned, tmp_path: Path
) -> None:
    """A session that was refused goes on trying, and works once the technician has put the files there."""
    cert, key = tmp_path / "n1.crt", tmp_path / "n1.key"
    refused, connected = asyncio.Event(), asyncio.Event()

    def delay(_: int) -> float:
        refused.set()
        return 0.05

    async def serve(_: Connection) -> None:
        connected.set()

    session = Session([secure.broker], "n1", Tls(authority.ca, cert, key), delay)
    async with asyncio.timeout(LONG_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(session.run(serve))
        await refused.wait()
        for path, new in zip((cert, key), authority.pair("h1/n1"), strict=True):
            path.write_bytes(new.read_bytes())
        await connected.wait()


PERMISSIONS = """
authorization {{ users = [{{ user: "{user}", password: "{password}",
  permissions: {{ subscribe: {{ allow: ["t.>", "$MQTT.>", "_INBOX.>"], deny: ["t.secret"] }} }} }}] }}
"""


async def test_a_password_is_used_and_never_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    word = "p@ss/wörd"
    extra = PERMISSIONS.format(user="n1", password=word)
    with running("nats", tmp_path, extra=extra) as process:
        right = Broker.parse(f"mqtt://n1:p%40ss%2Fw%C3%B6rd@127.0.0.1:{process.port}")
        async with connect(right, "n1") as connection:
            await connection.publish("t/a", b"x")
        for wrong in (process.broker, Broker.parse(f"mqtt://n1:wrong-word@127.0.0.1:{process.port}")):
            with pytest.raises(BrokerLost) as failure:
                async with connect(wrong, "n1"):
                    pytest.fail("connected")
            assert "wrong-word" not in str(failure.value)
    assert word not in caplog.text
    assert "wrong-word" not in caplog.text


async def test_a_refused_subscription_is_said(tmp_path: Path) -> None:
    extra = PERMISSIONS.format(user="n1", password="word")
    with running("nats", tmp_path, extra=extra) as process:
        async with connect(Broker.parse(f"mqtt://n1:word@127.0.0.1:{process.port}"), "n1") as connection:
            await connection.subscribe("t/open")
            with pytest.raises(BrokerLost, match="refuses a subscription to t/secret"):
                await connection.subscribe("t/open", "t/secret")
