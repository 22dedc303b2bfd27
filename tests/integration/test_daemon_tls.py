"""The daemon's own asyncio, which loads TLS at its first use, speaks it to devices."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.integration.pki import Authority

SCRIPT = """
import sys
from edge.daemon import load_modules
load_modules()
assert "asyncio.sslproto" not in sys.modules

import asyncio, ssl
from drivers.api import LinkLost
from drivers.transport import open_link

ca, cert, key = sys.argv[1:]

async def echo(reader, writer):
    writer.write(await reader.readexactly(5))
    await writer.drain()
    writer.close()

async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    async with await asyncio.start_server(echo, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        link = await open_link(f"tls://127.0.0.1:{port}?ca={ca}")
        await link.write(b"hello")
        print(await link.read())
        await link.close()
        try:
            await open_link(f"tls://127.0.0.1:{port}")
        except LinkLost as error:
            print(error.code)

asyncio.run(main())
"""


def test_a_device_is_spoken_to_over_tls_and_a_strange_one_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "ca")
    argv: list[str | Path] = [sys.executable, "-P", "-c", SCRIPT, authority.ca, *authority.issue("terminal")]
    ran = subprocess.run(
        argv, check=False, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2]
    )
    assert ran.stdout == "b'hello'\ntls_failed\n", ran.stderr
