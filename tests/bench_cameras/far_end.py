"""`python -m tests.bench_cameras.far_end CAMERAS SCENES GOP_S SECONDS FOLDER`: simulated cameras.

Each has an address of its own on the loopback, all of them one port, as in a hall. It says the port on a line
once all video is in memory, and ends when its input does.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

from drivers.camera.sim import CameraSim
from drivers.camera.sim_camera import PROFILES, Features
from drivers.transport.sim import serve_tcp

LINES = 64  # of one camera: looks, and what hangs
DEAF = "127.1.9.1"  # a machine that takes no connection and refuses none


def host_of(number: int) -> str:
    """Of camera 1 and so on."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def url_of(number: int, port: int, profile: str = "sub") -> str:
    return f"rtsp://{host_of(number)}:{port}/cam-{number}/{profile}"


async def serve(count: int, features: Features) -> None:
    sim = CameraSim(features, count)
    try:
        await sim.prepare()
        for camera in sim.cameras.values():
            for profile in PROFILES:
                await sim.library.load(camera.recipe(profile, {}))
        async with AsyncExitStack() as stack:
            port = 0
            for number in sim.cameras:
                server = serve_tcp(sim, host_of(number), port, lines=LINES)
                _, port = await stack.enter_async_context(server)
            stack.enter_context(deaf(port))
            sys.stdout.write(f"{port}\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.buffer.read)
    finally:
        sim.close()


@contextlib.contextmanager
def deaf(port: int) -> Iterator[None]:
    """A port whose queue of connections is full, so that Linux drops what else comes (listen(2))."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((DEAF, port))
        server.listen(0)
        for _ in range(4):
            waits = stack.enter_context(socket.socket())
            waits.setblocking(False)
            waits.connect_ex((DEAF, port))
        yield


def main() -> None:
    count, scenes, gop_s, seconds = (int(each) for each in sys.argv[1:5])
    folder = Path(sys.argv[5])
    features = Features(gop_s=gop_s, gops=max(seconds // gop_s, 1), scenes=scenes, folder=folder)
    asyncio.run(serve(count, features))


if __name__ == "__main__":
    main()
