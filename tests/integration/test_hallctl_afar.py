"""`hallctl` as a technician runs it against a real daemon: by the control socket, and by a real broker."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from edge.broker import Tls
from edge.diag import reach
from edge.diag.watching.app import NEAR, Watch
from edge.diag.way import Far, far
from edge.diag.words import Lang, Words
from tests.integration.brokers import BrokerProcess
from tests.node_kit import LONG_S, STEP_UP_S, Node, hall_at
from tests.unit.test_hallctl_watch import text_of, until


async def hallctl(*args: str) -> tuple[int, str, str]:
    code = "from edge.diag.cli import main; main()"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        *args,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "", "COLUMNS": "140"},
    )
    out, err = await asyncio.wait_for(process.communicate(), LONG_S)
    return process.returncode or 0, out.decode(), err.decode()


async def lines_pass_and_are_heard_again(node: Node, folder: Path) -> None:
    """A printer's status is asked for each second; a panel's press comes byte by byte."""
    near = ("--socket", str(node.socket))
    bus, printer = folder / "bus.tape", folder / "printer.tape"
    sniffing = asyncio.gather(
        hallctl("sniff", "buttons", "--for", "4", "--out", str(bus), *near),
        hallctl("sniff", "printer", "--for", "4", "--out", str(printer), *near),
    )
    while not sniffing.done():  # pressed again and again: what passed before they began is not heard
        await node.take()
        await asyncio.wait({sniffing}, timeout=STEP_UP_S)
    (heard, shown, _), (_, asked, _) = sniffing.result()
    assert heard == 0 and "01: key" in shown, shown
    assert "paper?" in asked and "status 12" in asked, asked
    for tape in (bus, printer):
        again, out, err = await hallctl("replay", str(tape))
        # A panel that is not heard at once says it again, and two at a time are noise.
        spoilt = (shown if tape is bus else asked).count("✗")
        assert again == int(spoilt > 0) and f" {spoilt} bad" in err, out + err
    assert "01: key" in (await hallctl("replay", str(bus)))[1]


async def a_loss_and_the_return_are_seen(node: Node, way: Far | None) -> None:
    """On the full screen of `hallctl watch`, as the printer's cable is pulled and put in again."""
    cable, token = node.rig.ptys["printer"], far.set(way)
    screen = Watch(lambda: reach.reached(node.socket), Words(Lang.EN), NEAR)
    try:
        async with screen.run_test(size=(100, 30)) as pilot:
            await until(pilot, lambda text: "status 12" in text and "● connected" in text)
            assert "✗ offline" not in text_of(pilot)
            cable.unplug()
            text = await until(pilot, lambda text: "✗ offline" in text)
            assert "the port vanished" in text or "there is no such port" in text  # at the next try
            cable.plug()
            await until(pilot, lambda text: "✗ offline" not in text and "● online" in text)
            await pilot.press("4")
            await until(pilot, lambda text: "code=unplugged" in text and "device: online" in text)
    finally:
        far.reset(token)
    await node.online("printer")


async def test_near_and_from_afar(broker: BrokerProcess, tmp_path: Path) -> None:
    afar = ("--broker", broker.url, "--hall", "test", "--node", "n1", "--as", "desk")
    async with hall_at(tmp_path, broker.url) as node:
        await lines_pass_and_are_heard_again(node, tmp_path)
        await a_loss_and_the_return_are_seen(node, None)
        await a_loss_and_the_return_are_seen(node, Far(broker.broker, Tls(), "test", "n1", "desk"))
        exit_, out, err = await hallctl(*afar, "status", "--json")
        assert (exit_, json.loads(out)["data"]["node"]["node"]) == (0, "n1"), err
        _, out, err = await hallctl(*afar, "tail", "--kind", "ticket", "--last", "100", "--for", "3")
        assert "ticket.printed" in out and "A001" in out, out + err
        _, out, err = await hallctl(*afar, "sniff", "printer", "--for", "3")
        assert "paper?" in out, out + err
        asked = await hallctl(*afar, "send", "ticket.find", "ticket=A001")
        assert asked[0] == 0, asked
        bound = await hallctl(*afar, "send", "card.read", "device=x", "session=s")
        assert bound[0] == 1 and "never over the network" in bound[1]

        away = await hallctl(
            "--broker", broker.url, "--hall", "test", "--node", "n2", "send", "status", "--timeout", "1"
        )
        assert away[0] == 3 and "shows no such node" in away[1], away
        node.daemon.kill()
        gone = await hallctl(*afar, "status")
        assert gone[0] == 1 and "not connected to the broker" in gone[1], gone
    unheard = await hallctl("--broker", "mqtt://127.0.0.1:1", *afar[2:], "status")
    assert unheard[0] == 2 and "check the broker's address" in unheard[2], unheard


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (["--hall", "test", "status"], "with --broker"),
        (["--broker", "mqtt://h", "status"], "--hall and --node"),
        (["--broker", "http://h", "--hall", "a", "--node", "b", "status"], "begins with mqtt://"),
        (["--broker", "mqtt://h", "--hall", "A b", "--node", "b", "status"], "small letters"),
        (["--broker", "mqtt://h", "--hall", "a", "--node", "b", "verify"], "this machine"),
    ],
)
async def test_what_cannot_be_meant_is_said_before_anything_is_asked(args: list[str], why: str) -> None:
    exit_, _, err = await hallctl(*args)
    assert (exit_, why in " ".join(err.replace("│", " ").split())) == (2, True), err
