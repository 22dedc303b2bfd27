"""`hallctl` from afar by certificates of the hall's own authority: a real daemon behind a real mosquitto."""

from __future__ import annotations

import asyncio
import gc
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from edge.ca.folder import Folder
from edge.ca.names import BROKER, Client, Role, client
from edge.diag.cli import app
from tests.integration.brokers import BrokerProcess, running
from tests.integration.provisioned import Provisioned
from tests.integration.test_hallctl_afar import hallctl
from tests.node_kit import config_text, hall_at

pytestmark = pytest.mark.timeout(240)

NODE = "test/n1"


def authority(path: Path, *technicians: str) -> Provisioned:
    return Provisioned(path, node=[NODE], console=["hub"], technician=technicians)


def options(broker: BrokerProcess, ours: Provisioned, pair: tuple[Path, Path]) -> list[str]:
    cert, key = map(str, pair)
    named = ["--broker", broker.url, "--hall", "test", "--node", "n1"]
    return [*named, "--ca", str(ours.ca), "--cert", cert, "--key", key]


async def told(way: list[str], *command: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, [*way, *command])


def secured(ours: Provisioned, pair: tuple[Path, Path]) -> str:
    cert, key = pair
    files = f'ca = "{ours.ca}"\ncert = "{cert}"\nkey = "{key}"'
    return config_text().replace("[printing]", f"{files}\n\n[printing]", 1)


async def devices(result: Result) -> dict[str, str]:
    return {each["device"]: each["cause"] for each in json.loads(result.stdout)["devices"]}


async def test_a_technician_works_at_a_node_by_his_certificate(tmp_path: Path) -> None:
    ours = authority(tmp_path / "ca", "li", "nobody")
    pairs = {name: ours.pair(name) for name in ("li", "hub", NODE, "nobody")}
    with ours.broker(tmp_path) as broker:
        config = secured(ours, pairs[NODE])
        async with hall_at(tmp_path, broker.url, config=config, hub=None) as node:
            li = options(broker, ours, pairs["li"])
            status = await told(li, "status", "--json")
            assert (status.exit_code, json.loads(status.stdout)["data"]["node"]["node"]) == (0, "n1")
            assert json.loads(status.stdout)["data"]["broker"] == {"connected": True, "why": ""}

            found = await devices(await told(li, "diag", "all", "--json"))
            assert found["printer"] == "ok"
            assert {"windows", "strip-1", "caller-1", "buttons"} <= found.keys()
            checked = await told(li, "diag", "printer", "--level", "external", "--lang", "en")
            assert "printer" in checked.stdout, checked.output

            done = await told(li, "restart", "printer", "--json")
            assert (done.exit_code, json.loads(done.stdout)["result"]) == (0, "done"), done.output
            _, out, err = await hallctl(*li, "tail", "--kind", "device", "--last", "100", "--for", "1")
            assert "device.ordered" in out, out + err
            orders = [event for event in await node.read_journal() if event["kind"] == "device.ordered"]
            assert {event["by"] for event in orders} == {"li"}

            for who, zh, en in (
                (NODE, "node 的证书", "of a node"),
                ("hub", "console 的证书", "of a console"),
            ):
                refused = await told(options(broker, ours, pairs[who]), "status", "--json")
                error = json.loads(refused.stdout)["error"]
                assert refused.exit_code == 2 and zh in error["zh"] and en in error["en"], error


def place(ours: Provisioned, who: Client, copy: Path) -> tuple[Path, Path]:
    """A copy of somebody's files, which stays when they are taken back."""
    copy.mkdir()
    held = ours.folder.place(who)
    return Path(shutil.copy(held / "client.crt", copy)), Path(shutil.copy(held / "client.key", copy))


@pytest.fixture
def collected() -> Iterator[None]:
    yield
    gc.collect()


# After a failed handshake paho leaves its socket to the garbage collector, which says so when it closes it.
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
async def test_who_is_turned_away_hears_why_and_what_to_do(tmp_path: Path, collected: None) -> None:
    ours, theirs = authority(tmp_path / "ca", "li", "gone"), authority(tmp_path / "other", "li")
    old = Folder(ours.path, b"", datetime.now(UTC) - timedelta(days=10))
    old.provide(client(Role.TECHNICIAN, "old"), (), days=1)
    gone = place(ours, client(Role.TECHNICIAN, "gone"), tmp_path / "gone")
    ours.folder.revoke(client(Role.TECHNICIAN, "gone"))
    ours.folder.provide(client(Role.TECHNICIAN, "unlisted"), (), days=2)  # the broker has the list of before
    with ours.broker(tmp_path) as broker:
        li = options(broker, ours, ours.pair("li"))
        for way, zh, en, remedy in (
            (options(broker, ours, ours.pair("old")), "已过期", "has expired", "broker renew"),
            (options(broker, ours, gone), "已被作废", "been revoked", "broker provision"),
            (options(broker, ours, theirs.pair("li")), "不认我们的证书", "another authority", "client.crt"),
            (options(broker, theirs, theirs.pair("li")), "不是我们的 CA", "not signed by our", "ca.crt"),
            (li[:8], "没有出示", "none was shown", "--cert"),
            ([*li[:1], broker.url.replace("127.0.0.1", "localhost"), *li[2:]], "没有这个地址", "not for this",
             "--host"),
            ([*li[:1], f"mqtt://127.0.0.1:{broker.port}", *li[2:6]], "加密连接", "encrypted", "mqtts://"),
            ([*li[:1], "mqtts://127.0.0.1:1", *li[2:]], "连不上", "not reached", "address and port"),
        ):  # fmt: skip
            english = await told(way, "status", "--lang", "en")
            assert english.exit_code == 2, english.output
            assert en in english.output and remedy in english.output, english.output
            assert "remedy: " in english.output
            assert zh in (await told(way, "status", "--lang", "zh")).output
        unlisted = await told(
            options(broker, ours, ours.pair("unlisted")), "send", "status", "--timeout", "1", "--lang", "en"
        )
        assert (unlisted.exit_code, "what its access list lets" in unlisted.output) == (3, True)


@pytest.mark.parametrize(
    ("made_days", "said", "remedy"),
    [(-10, "has expired", "broker.crt"), (10, "clock is wrong", "timedatectl")],
    ids=["expired", "of a later time than our clock's"],
)
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
async def test_a_brokers_own_certificate_is_judged_by_our_clock(
    tmp_path: Path, made_days: int, said: str, remedy: str, collected: None
) -> None:
    ours = authority(tmp_path / "ca", "li")
    made = Folder(ours.path, b"", datetime.now(UTC) + timedelta(days=made_days))
    made.provide(client(Role.BROKER, BROKER), (), days=1, renew=True)
    with ours.broker(tmp_path) as broker:
        turned = await told(options(broker, ours, ours.pair("li")), "status", "--lang", "en")
    assert (turned.exit_code, said in turned.output, remedy in turned.output) == (2, True, True), (
        turned.output
    )


async def test_a_password_is_read_from_its_file(tmp_path: Path) -> None:
    known, right, wrong = tmp_path / "known", tmp_path / "right", tmp_path / "wrong"
    right.write_text("correct horse\n")
    wrong.write_text("battery\n")
    command = ["mosquitto_passwd", "-b", "-c", str(known), "li", "correct horse"]
    await asyncio.to_thread(lambda: subprocess.run(command, check=True))
    with running("mosquitto", tmp_path, extra=f"password_file {known}", anonymous=False) as broker:
        url = broker.url.replace("mqtt://", "mqtt://li@")
        way = ["--broker", url, "--hall", "test", "--node", "n1", "--password-file"]
        order = ("send", "status", "--timeout", "1", "--lang", "en")
        let_in = await told([*way, str(right)], *order)
        assert (let_in.exit_code, "shows no such node" in let_in.output) == (3, True), let_in.output
        refused = await told([*way, str(wrong)], *order)
        assert (refused.exit_code, "--password-file" in refused.output) == (2, True), refused.output
        assert "battery" not in refused.output


async def test_a_node_whose_certificate_has_expired_works_on_and_says_so(tmp_path: Path) -> None:
    ours = authority(tmp_path / "ca", "li")
    files = tmp_path / "cert.crt", tmp_path / "cert.key"
    old = Folder(ours.path, b"", datetime.now(UTC) - timedelta(days=10))
    old.provide(client(Role.NODE, NODE), (), days=1, renew=True)
    for file, source in zip(files, place(ours, client(Role.NODE, NODE), tmp_path / "old"), strict=True):
        shutil.copy(source, file)
    with ours.broker(tmp_path) as broker:
        async with hall_at(tmp_path, broker.url, config=secured(ours, files), hub=None) as node:
            await node.take()
            assert await node.slip_of("A001")
            near = ["--socket", str(node.socket)]
            for lang, said, remedy in (("zh", "证书已过期", "broker renew"), ("en", "has expired", "renew")):
                shown = await told([], "status", *near, "--lang", lang)
                assert said in shown.output and remedy in shown.output, shown.output
            looked = await told([], "diag", *near, "--config", str(node.config), "--lang", "zh")
            assert looked.exit_code == 1 and "✗ 本机证书已于" in looked.output, looked.output
            assert "消息服务器说我们的证书已过期" in "".join(looked.output.split("\n")), looked.output
            await node.until(lambda told: warned(told) == {"certificate_ends": "error"}, node.status)
            waiting = (await node.status())["health"]["outbox"]["rows"]
            assert waiting > 0, "all of it is kept"

            ours.folder.provide(client(Role.NODE, NODE), (), days=2, renew=True)
            for file, source in zip(files, ours.pair(NODE), strict=True):
                shutil.copy(source, file)
            await node.daemon.stop()  # else it may wait for a minute before it tries again
            await node.start()
            await node.until(lambda told: told["broker"]["connected"], node.status)
            # one of two days only
            await node.until(lambda told: warned(told) == {"certificate_ends": "warning"}, node.status)


def warned(status: dict[str, Any]) -> dict[str, str]:
    return {each["key"]: each["severity"] for each in status["alerts"]}
