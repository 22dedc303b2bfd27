"""Links by which further lines to the same peer are opened: over TCP and TLS, to simulators, with faults."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path

import pytest

from drivers.api import BadSettings, Link, LinkLost, Simulator
from drivers.dialer import Dialer
from drivers.transport import open_link
from drivers.transport.null import pair
from drivers.transport.sim import serve_tcp
from tests.integration.pki import Authority


class Counter:
    """Answers each byte with how many lines it has."""

    def __init__(self) -> None:
        self.lines = 0

    async def run(self, link: Link) -> None:
        self.lines += 1
        try:
            while True:
                await link.read()
                await link.write(bytes([self.lines]))
        finally:
            self.lines -= 1


def simulate(_family: str, _params: Mapping[str, str]) -> Simulator:
    return Counter()


async def ask(link: Link) -> int:
    await link.write(b"?")
    return (await link.read())[0]


async def dialer(url: str) -> Dialer:
    link = await open_link(url, simulate)
    assert isinstance(link, Dialer)
    return link


async def several_lines(link: Dialer) -> None:
    """Lines are opened beside each other, and each is closed for itself."""
    assert await ask(link) == 1
    second, third = await link.dial(), await link.dial(link.port)
    assert {await ask(second), await ask(third)} <= {2, 3}
    await second.close()
    assert await ask(third) in (2, 3)
    assert await ask(link) in (2, 3)
    await third.close()
    await link.close()


@pytest.mark.parametrize("fault", ["", "?fault=bytewise"])
async def test_a_simulator_has_many_lines(fault: str) -> None:
    link = await dialer(f"sim://counter{fault}")
    assert link.port == 0
    await several_lines(link)


@pytest.mark.parametrize("fault", ["", "?fault=slow,bytewise&delay_s=0.001"])
async def test_a_machine_on_the_network_has_many_lines(fault: str) -> None:
    async with serve_tcp(Counter(), lines=3) as (host, port):
        link = await dialer(f"tcp://{host}:{port}{fault}")
        assert link.port == port
        await several_lines(link)


async def test_one_line_more_than_a_machine_takes_closes_the_oldest() -> None:
    async with serve_tcp(Counter(), lines=2) as (host, port):
        first = await dialer(f"tcp://{host}:{port}")
        assert await ask(first) == 1
        lines = [await first.dial(), await first.dial()]
        assert {await ask(line) for line in lines} <= {1, 2}
        with pytest.raises(LinkLost):
            await first.read()
        for line in (first, *lines):
            await line.close()


async def test_each_line_has_the_faults_for_itself() -> None:
    link = await dialer("sim://counter?fault=unplug&unplug_after=4")
    lines = [await link.dial() for _ in range(2)]
    for line in lines:
        assert await ask(line) in (1, 2, 3)
        with pytest.raises(LinkLost):
            while True:
                await ask(line)
    assert await ask(link) > 0
    for line in (link, *lines):
        await line.close()


async def test_a_machine_without_a_line_of_its_own_is_dialled() -> None:
    async with serve_tcp(Counter()) as (_, port):
        link = await dialer("host://127.0.0.1")
        assert link.port is None
        for use in (link.read(), link.write(b"?"), link.dial()):
            with pytest.raises(LinkLost):
                await use
        line = await link.dial(port)
        assert await ask(line) == 1
        await line.close()
        await link.close()


@pytest.mark.parametrize("fault", ["", "?fault=bytewise"])
async def test_the_network_dials_any_machine(fault: str) -> None:
    async with serve_tcp(Counter()) as (host, port), serve_tcp(Counter(), "::1") as (other, other_port):
        link = await dialer(f"lan://{fault}")
        assert link.port is None
        for at, where in ((host, port), (other, other_port)):
            line = await link.dial(where, at)
            assert await ask(line) == 1
            await line.close()
        with pytest.raises(LinkLost, match="which machine"):
            await link.dial(port)
        await link.close()


async def test_a_link_to_one_machine_dials_no_other() -> None:
    link = await dialer("host://127.0.0.1")
    with pytest.raises(LinkLost, match="leads to one machine"):
        await link.dial(80, "127.0.0.2")


async def test_a_port_where_nobody_listens_is_told() -> None:
    link = await dialer("host://127.0.0.1")
    with socket.socket() as held, pytest.raises(LinkLost) as loss:
        held.bind(("127.0.0.1", 0))
        await link.dial(held.getsockname()[1])
    assert loss.value.code == "peer_refused"


def test_a_plain_line_is_no_dialer() -> None:
    near, _ = pair()
    assert not isinstance(near, Dialer)


# --- TLS ---
@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("pki") / "ca")


@pytest.fixture(scope="module")
def server(authority: Authority) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue("terminal"))
    return context


async def test_lines_are_encrypted_for_who_trusts_the_authority(
    authority: Authority, server: ssl.SSLContext
) -> None:
    async with serve_tcp(Counter(), lines=3, tls=server) as (host, port):
        await several_lines(await dialer(f"tls://{host}:{port}?ca={authority.ca}"))
        host_link = await dialer(f"host://{host}?tls=1&ca={authority.ca}")
        line = await host_link.dial(port)
        await line.write(b"?" * 100_000)  # more than one record of TLS, and more than a buffer
        read = 0
        while read < 100_000 // 4096:
            read += len(await line.read())
        await line.close()


@pytest.mark.parametrize("options", ["", "&name=somebody-else"])
async def test_a_peer_that_cannot_prove_who_it_is_is_refused(
    options: str, authority: Authority, server: ssl.SSLContext
) -> None:
    trusts = f"ca={authority.ca}{options}" if options else "connect_timeout_s=5"
    async with serve_tcp(Counter(), tls=server) as (host, port):
        with pytest.raises(LinkLost) as loss:
            await open_link(f"tls://{host}:{port}?{trusts}")
    assert loss.value.code == "tls_failed"


async def test_tls_to_a_peer_that_speaks_plainly_is_refused() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    listener = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener:
        with pytest.raises(LinkLost) as loss:
            await open_link(f"tls://127.0.0.1:{port}")
    assert loss.value.code == "tls_failed"


async def test_an_authority_that_is_no_file_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    with pytest.raises(BadSettings):
        await open_link(f"tls://127.0.0.1:9?ca={tmp_path / 'nothing.pem'}")
