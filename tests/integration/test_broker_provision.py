"""Who may what at a broker that `hallctl broker provision` has set up: a real mosquitto."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.broker import Broker, Tls
from edge.ca import authority as signing
from edge.ca.folder import Folder
from edge.ca.names import Role, client
from edge.diag.cli import app
from edge.mqtt import ASKS, BrokerLost, Connection, connect
from edge.wire import Topics, reply_topic
from tests.integration.brokers import BrokerProcess, Relay, observing
from tests.integration.node import SmallNode
from tests.integration.provisioned import Provisioned

ID = "0" * 32
LONG_S = 60.0  # for what comes at once on an idle machine
MINE, NEXT, FAR = Topics("h1", "n1"), Topics("h1", "n2"), Topics("h2", "n1")
EVERY = [  # topics of all kinds, and who may write there
    (MINE.status, {"h1/n1"}),
    (MINE.event, {"h1/n1"}),
    (MINE.live, {"h1/n1"}),
    (MINE.health, {"h1/n1"}),
    (MINE.device("printer"), {"h1/n1"}),
    (MINE.window("3"), {"h1/n1"}),
    (MINE.alert("store_full"), {"h1/n1"}),
    (MINE.camera("c1"), {"h1/n1"}),
    (NEXT.event, set()),
    (FAR.event, set()),
    (MINE.ack, {"hub", "hub-2"}),
    (MINE.command("status"), {"hub", "hub-2", "li"}),
    (FAR.command("status"), {"hub", "hub-2", "li"}),
    (MINE.alert("chain_broken"), {"h1/n1", "hub", "hub-2"}),
    (reply_topic("li", ID), {"h1/n1"}),
    ("homeassistant/status", {"home"}),
    ("homeassistant/device/x/config", {"hub", "hub-2"}),
    ("hall/1/li/status/x", set()),  # a name that is no node's is no place in the topics
    ("something/else", set()),
]
HEARD = {  # who hears which of these
    MINE.event: {"hub", "li"},
    MINE.command("status"): {"h1/n1"},
    MINE.ack: {"h1/n1"},
    reply_topic("li", ID): {"li"},
    reply_topic("hub", ID): {"hub"},
    MINE.device("printer"): {"hub", "li", "home"},
    MINE.alert("store_full"): {"hub", "li"},
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Provisioned:
    return Provisioned(
        tmp_path_factory.mktemp("pki") / "ca",
        node=["h1/n1"], console=["hub", "hub-2"], technician=["li"], home_assistant=["home"],
    )  # fmt: skip


@pytest.fixture(scope="module", params=["mosquitto", "nats"])
def broker(
    authority: Provisioned, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[BrokerProcess]:
    # Beside the list: one who hears and says everything, so that what is refused is seen not to come.
    authority.folder.provide(client(Role.TECHNICIAN, "eye"), (), days=2)
    authority.folder.write_broker()
    acl, users = (authority.path / "broker" / name for name in ("acl.conf", "users.conf"))
    acl.write_text(acl.read_text() + "\nuser eye\ntopic readwrite #\n")
    everything = re.sub(
        r'("CN=eye,[^}]*allow: )\[[^]]*\](.*allow: )\[[^]]*\]', r'\1[">"]\2[">"]', users.read_text()
    )
    users.write_text(everything)
    with authority.broker(tmp_path_factory.mktemp("broker"), request.param) as process:
        yield process


@pytest.mark.parametrize("who", ["h1/n1", "hub", "hub-2", "li", "home"])
async def test_each_writes_where_he_may_and_nowhere_else(
    broker: BrokerProcess, authority: Provisioned, who: str
) -> None:
    async with (
        observing(broker.broker, "#", tls=authority.tls("eye")) as eye,
        connect(broker.broker, "writer", authority.tls(who)) as writer,
    ):
        for topic, _ in EVERY:
            await writer.publish(topic, who.encode())  # refused ones are acknowledged too
        await eye.connection.publish("the/end", b"")
        await eye.until(lambda: bool(eye.on("the/end")))
    came = {message.topic for message in eye.messages if message.payload == who.encode()}
    assert came == {topic for topic, may in EVERY if who in may}


async def test_each_hears_what_he_may_and_nothing_else(broker: BrokerProcess, authority: Provisioned) -> None:
    if broker.kind == "nats":  # which refuses a subscription, where mosquitto only sends nothing
        for who, topic in product(("h1/n1", "hub", "li", "home"), HEARD):
            assert await may_hear(broker, authority, who, topic) == (who in HEARD[topic]), (who, topic)
        return
    async with connect(broker.broker, "speaker", authority.tls("eye")) as eye:
        for who in ("h1/n1", "hub", "li", "home"):
            heard = await hears(broker, authority.tls(who), eye)
            assert heard == {topic for topic, may in HEARD.items() if who in may}, who


async def hears(broker: BrokerProcess, tls: Tls, eye: Connection) -> set[str]:
    """What comes of all that is said once, before anything comes of what is said again."""
    async with observing(broker.broker, "#", tls=tls) as listener:
        for payload, topic in product((b"once", b"again"), HEARD):
            await eye.publish(topic, payload)
        await listener.until(lambda: any(message.payload == b"again" for message in listener.messages))
    return {message.topic for message in listener.messages if message.payload == b"once"}


async def may_hear(broker: BrokerProcess, authority: Provisioned, who: str, topic: str) -> bool:
    async with connect(broker.broker, "listener", authority.tls(who)) as listener:
        try:
            await listener.subscribe(topic)
        except BrokerLost as error:
            assert "refuses" in str(error)
            return False
        return True


@pytest.fixture
def collected() -> Iterator[None]:
    yield
    gc.collect()


# After a failed handshake paho leaves its socket to the garbage collector, which says so when it closes it.
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
async def test_who_is_expired_revoked_or_of_another_authority_is_not_let_in(
    tmp_path: Path, collected: None
) -> None:
    ours = Provisioned(tmp_path / "ca", node=["h1/n1", "h1/gone"], technician=["li"])
    theirs = Provisioned(tmp_path / "other", node=["h1/n1"])
    old = Folder(ours.path, b"", datetime.now(UTC) - timedelta(days=10))
    old.provide(client(Role.NODE, "h1/old"), (), days=1)
    expired, revoked = ours.tls("h1/old"), _copied(ours, "h1/gone", tmp_path)
    ours.folder.revoke(client(Role.NODE, "h1/gone"))
    with ours.broker(tmp_path) as broker:
        for wrong, reason in (
            (expired, "expired"),
            (revoked, "revoked"),
            (Tls(ours.ca, *theirs.pair("h1/n1")), "unknown ca|bad certificate|decrypt error"),
            (Tls(ours.ca, ours.path / "broker/broker.crt", ours.path / "broker/broker.key"), "certificate"),
        ):
            told = await refused(broker.broker, wrong)
            assert re.search(f"(?i)closed before it was accepted.*({reason})", told)
        with pytest.raises(BrokerLost, match="certificate verify failed"):
            async with asyncio.timeout(LONG_S), connect(broker.broker, "n1", theirs.tls("h1/n1")):
                pytest.fail("connected to a broker of another authority")
        async with asyncio.timeout(LONG_S), connect(broker.broker, "n1", ours.tls("h1/n1")):
            pass


async def refused(broker: Broker, tls: Tls) -> str:
    """Why."""
    async with asyncio.timeout(LONG_S):
        with pytest.raises(BrokerLost) as lost:
            async with connect(broker, "n1", tls):
                pytest.fail("connected")
    return str(lost.value)


class Mute(Relay):
    """Hangs up so often without a word, as it looks where a reset overtakes the reason."""

    def __init__(self, target_port: int, times: int) -> None:
        super().__init__(target_port)
        self.times = times
        self.asked = 0

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        if self.asked > self.times:
            await super()._carry(reader, writer)
        else:
            await reader.read(1)
            writer.transport.abort()


@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
async def test_a_broker_that_hangs_up_without_a_reason_is_asked_for_it(
    tmp_path: Path, collected: None
) -> None:
    authority = Provisioned(tmp_path / "ca", node=["h1/n1", "h1/gone"])
    revoked = _copied(authority, "h1/gone", tmp_path)
    authority.folder.revoke(client(Role.NODE, "h1/gone"))
    with authority.broker(tmp_path) as broker:
        async with Mute(broker.broker.port, times=ASKS - 1) as relay:
            assert "revoked" in await refused(replace(broker.broker, port=relay.port), revoked)
            assert relay.asked == ASKS
        async with Mute(broker.broker.port, times=ASKS) as relay:
            told = await refused(replace(broker.broker, port=relay.port), authority.tls("h1/n1"))
            assert "EOF occurred" in told
            assert relay.asked == ASKS


def _copied(authority: Provisioned, name: str, folder: Path) -> Tls:
    """As whoever has a copy of his files still shows them."""
    copies = folder / "copy.crt", folder / "copy.key"
    for copy, path in zip(copies, authority.pair(name), strict=True):
        copy.write_bytes(path.read_bytes())
    return Tls(authority.ca, *copies)


# --- who commands from afar ---
async def afar(broker: BrokerProcess, authority: Provisioned, who: str, timeout_s: str) -> Result:
    cert, key = authority.pair(who)
    way = ["--broker", broker.url, "--hall", "h1", "--node", "n1", "--ca", str(authority.ca),
           "--cert", str(cert), "--key", str(key)]  # fmt: skip
    order = ["send", "take", "--timeout", timeout_s, "--json"]
    return await asyncio.to_thread(CliRunner().invoke, app, [*way, *order])


async def test_a_technician_commands_by_his_certificate_and_home_assistant_does_not(
    broker: BrokerProcess, authority: Provisioned
) -> None:
    node = SmallNode([broker.broker], tls=authority.tls("h1/n1"))
    async with node.running():
        done = await afar(broker, authority, "li", "15")
        assert (done.exit_code, json.loads(done.stdout)["data"]) == (0, {"client": "li"}), done.output
        refused = await afar(broker, authority, "home", "1")
    assert (refused.exit_code, "home-assistant" in refused.output) == (2, True)
    assert [client for _, client in node.requests] == ["li"]


# --- the command ---
def broker_command(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["broker", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done.output


def test_it_is_made_once_and_added_to(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    told = broker_command("provision", folder, "--host", "127.0.0.1", "--node", "h1/n1", "--lang", "en")
    assert "2 new certificates" in told
    assert str(folder / "broker" / "broker.key") in told
    key = (folder / "node/h1/n1/client.key").read_bytes()
    assert "1 new certificates" in broker_command(
        "provision", folder, "--node", "h1/n1", "--node", "h1/n2", "--lang", "en"
    )
    assert (folder / "node/h1/n1/client.key").read_bytes() == key
    assert "user h1/n2" in (folder / "broker/acl.conf").read_text()
    for secret in folder.rglob("*.key"):
        assert secret.stat().st_mode & 0o777 == 0o600
    names = {row["name"]: row["days"] for row in json.loads(broker_command("list", folder, "--json"))}
    assert names == {"": 3649, "broker": 729, "h1/n1": 729, "h1/n2": 729}


def test_what_ends_soon_is_said_and_renewed_with_the_same_key(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    broker_command("provision", folder, "--host", "b.example", "--technician", "li", "--days", "20")
    assert "broker renew" in broker_command("list", folder, "--lang", "en", code=1)
    key, cert = folder / "technician/li/client.key", folder / "technician/li/client.crt"
    before = key.read_bytes(), cert.read_bytes()
    broker_command("renew", folder)
    broker_command("list", folder)
    assert key.read_bytes() == before[0]
    assert cert.read_bytes() != before[1]


def test_a_refusal_says_what_to_do_and_makes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    broker_command("provision", folder, code=2)  # no host
    assert "节点写成" in broker_command(
        "provision", folder, "--host", "b", "--node", "H1", "--lang", "zh", code=2
    )
    twice = ("--console", "a", "--technician", "a")
    assert "another name" in broker_command(
        "provision", folder, "--host", "b", *twice, "--lang", "en", code=2
    )
    assert not folder.exists()
    assert "no authority" in broker_command("list", folder, "--lang", "en", code=2)


def test_a_passphrase_locks_the_key_and_is_asked_for_again(tmp_path: Path) -> None:
    folder, word = tmp_path / "ca", tmp_path / "word"
    word.write_text("correct horse\n")
    broker_command("provision", folder, "--host", "b", "--passphrase-file", word)
    assert "ENCRYPTED" in (folder / "ca.key").read_text()
    assert "passphrase" in broker_command("provision", folder, "--node", "h/n", "--lang", "en", code=2)
    broker_command("provision", folder, "--node", "h/n", "--passphrase-file", word)


def test_a_clock_that_was_never_set_makes_no_certificate(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="timedatectl"):
        Folder(tmp_path / "ca", b"", datetime(1970, 1, 2, tzinfo=UTC))


# --- the authority itself ---
def carried(ours: Provisioned, name: str, to: Path) -> Tls:
    """Somebody's three files, as they are now."""
    cert, key = ours.pair(name)
    shutil.copytree(cert.parent, to)
    return Tls(to / "ca.crt", to / cert.name, to / key.name)


async def lets_in(broker: BrokerProcess, tls: Tls) -> bool:
    async with asyncio.timeout(LONG_S), connect(broker.broker, "n1", tls):
        return True


async def test_an_authority_is_renewed_while_some_machines_have_the_old_files(tmp_path: Path) -> None:
    ours = Provisioned(tmp_path / "ca", node=["h1/n1"])
    before = carried(ours, "h1/n1", tmp_path / "before")
    with ours.broker(tmp_path) as broker:  # of the old files
        told = await asyncio.to_thread(
            broker_command, "renew", ours.path, "h1/n1", "broker", "--authority", "--lang", "en"
        )
        assert "in any order" in told
        after = carried(ours, "h1/n1", tmp_path / "after")
        assert await lets_in(broker, after)
    with ours.broker(tmp_path) as broker:  # of the new ones
        assert await lets_in(broker, before) and await lets_in(broker, after)
    assert before.ca and after.ca
    old, both = before.ca.read_bytes(), after.ca.read_bytes()
    assert both.endswith(old) and both.count(b"BEGIN") == 2


# After a failed handshake paho leaves its socket to the garbage collector, which says so when it closes it.
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
async def test_an_authority_that_has_ended_is_renewed_with_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, collected: None
) -> None:
    path, now = tmp_path / "ca", datetime.now(UTC)
    with monkeypatch.context() as patch:
        patch.setattr(signing, "CA_DAYS", 30)
        Folder(path, b"", now - timedelta(days=40)).begin("a test")
    ended = (path / "ca.crt").read_bytes()
    Folder(path, b"", now).renew_root()
    assert (path / "ca.crt").read_bytes().count(b"BEGIN") == 1, "what has ended is left out"
    ours = Provisioned(path, node=["h1/n1"])
    new, stale = carried(ours, "h1/n1", tmp_path / "new"), carried(ours, "h1/n1", tmp_path / "stale")
    late = carried(ours, "h1/n1", tmp_path / "late")
    assert stale.ca and late.ca
    stale.ca.write_bytes(ended + stale.ca.read_bytes())
    late.ca.write_bytes(ended)
    with ours.broker(tmp_path) as broker:
        assert await lets_in(broker, new) and await lets_in(broker, stale)
        with pytest.raises(BrokerLost, match="verify failed: certificate has expired"):
            await lets_in(broker, late)


def test_an_authority_is_to_be_renewed_half_a_year_before_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, word = tmp_path / "ca", tmp_path / "word"
    word.write_text("correct horse\n")
    locked = ("--passphrase-file", word)
    with monkeypatch.context() as patch:
        patch.setattr(signing, "CA_DAYS", 170)
        broker_command("provision", folder, "--host", "b", "--technician", "li", "--days", "90", *locked)
    assert "broker renew --authority" in broker_command("list", folder, "--lang", "zh", code=1)
    before = (folder / "ca.crt").read_bytes()
    assert "passphrase" in broker_command("renew", folder, "--authority", "--lang", "en", code=2)
    assert (folder / "ca.crt").read_bytes() == before
    broker_command("renew", folder, "--authority", *locked)
    broker_command("list", folder)
    assert (folder / "technician/li/ca.crt").read_bytes() == (folder / "ca.crt").read_bytes() != before
