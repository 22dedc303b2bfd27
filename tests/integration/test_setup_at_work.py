"""What `hall-edge init` writes is a hall at work: its daemon has what was found, and prints."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from drivers.printer.sim import PrinterSim
from drivers.sdt.sim import SdtSim
from drivers.transport.sim import serve_pty
from edge.control import ControlClient
from edge.demo.processes import start_daemon
from edge.diag.probing.machine import Wanted, scan
from edge.setup import composing
from edge.setup.command import WRITTEN, init
from tests.integration.brokers import BrokerProcess, running

PATIENCE_S = 60.0  # for a daemon on a machine that has other work too


async def test_from_ports_and_answers_to_a_printed_ticket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composing, "STORE", str(tmp_path / "hall.db"))
    monkeypatch.setattr(composing, "SOCKET", str(tmp_path / "control.sock"))
    printed = asyncio.Event()
    printer = PrinterSim(on_slip=lambda _: printed.set())
    ports, config = [tmp_path / "printer", tmp_path / "reader"], tmp_path / "hall.toml"
    said: list[str] = []
    with running("nats", tmp_path) as broker:
        answers = _answers(tmp_path, broker)
        async with serve_pty(printer, ports[0]), serve_pty(SdtSim(), ports[1]):
            status = await asyncio.to_thread(
                init, config, answers, _nobody, said.append, ports=tuple(map(str, ports))
            )
            assert status == WRITTEN, said
            assert not printer.slips
            daemon = await start_daemon(config, tmp_path, {})
            try:
                await _online(tmp_path / "control.sock", "printer", "id-reader")
                found = await scan(Wanted(ports=tuple(map(str, ports)), listen_s=0.2))
                assert [each.state for each in found] == ["held", "held"]
                async with ControlClient(tmp_path / "control.sock") as client:
                    reply = await client.request("ticket.take", {"service": "service-1"}, PATIENCE_S)
                assert reply.result == "done", reply
                await asyncio.wait_for(printed.wait(), PATIENCE_S)
            finally:
                await daemon.stop()
    assert any("A001" in line for line in printer.slips[0].text)


def _answers(folder: Path, broker: BrokerProcess) -> Path:
    path = folder / "answers.toml"
    path.write_text(
        f'hall = "yu"\nname = "榆县政务中心"\nbroker = "{broker.url}"\nservices = ["税务"]\nwindows = 2\n',
        encoding="utf-8",
    )
    return path


def _nobody(_question: str, _default: str) -> str:
    raise AssertionError("a file has all the answers")


async def _online(socket: Path, *devices: str) -> None:
    async with asyncio.timeout(PATIENCE_S), ControlClient(socket) as client:
        while True:
            reply = await client.request("status", {}, PATIENCE_S)
            states = {each["device"]: each["state"] for each in reply.data["devices"]}
            if all(states.get(device) == "online" for device in devices):
                return
            await asyncio.sleep(0.05)
