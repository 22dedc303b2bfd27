"""`hallctl diag --level interactive` at a device of which nothing is seen or heard: somebody uses it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from edge.control import ControlServer
from edge.diag.cli import app
from edge.wire import Reply, Request, rejected


class Node:
    """A daemon with a keyboard; each look is a second after the last, and somebody may have pressed a key."""

    def __init__(self, *, pressed: bool) -> None:
        self._pressed, self._looks = pressed, 0

    async def handle(self, request: Request, _client: str) -> Reply:
        if request.verb == "device.check":
            if request.args["level"] == "external":
                return rejected(request.id, "unsupported", "没有", "it has none")
            return self._done(request, {"verdict": "unknown"})
        if request.verb == "device.frames":
            return self._done(request, {"frames": []})
        self._looks += 1
        heard = 1000.0 + (self._looks if self._pressed else 0)
        own = {"device": "pad-6", "state": "online", "last_heard": heard}
        line = {"device": "pad-6", "line": "pad-6", "family": "hid", "devices": [own]}
        return self._done(request, line)

    def _done(self, request: Request, data: dict[str, Any]) -> Reply:
        return Reply(id=request.id, result="done", data=data)


async def diag(folder: Path, node: Node, *args: str) -> Result:
    server = ControlServer(folder / "control.sock", node.handle)
    await server.start()
    try:
        command = ["diag", *args, "--lang", "en", "--socket", str(folder / "control.sock")]
        return await asyncio.to_thread(CliRunner().invoke, app, command, input="\n")
    finally:
        await server.stop()


@pytest.mark.parametrize(("pressed", "status"), [(True, 0), (False, 1)])
async def test_somebody_uses_it_and_it_is_heard_or_not(tmp_path: Path, pressed: bool, status: int) -> None:
    done = await diag(tmp_path, Node(pressed=pressed), "pad-6", "--level", "interactive")
    assert done.exit_code == status, done.output
    assert "press a key on pad-6" in done.output
    assert ("and it was heard" in done.output) == pressed
    assert ("see whether it has power" in done.output) != pressed


async def test_without_a_person_it_cannot_be_said(tmp_path: Path) -> None:
    done = await diag(tmp_path, Node(pressed=False), "pad-6")
    assert done.exit_code == 3, done.output


@pytest.mark.parametrize(
    "args", [("all", "--level", "interactive"), ("x", "--level", "interactive", "--json")]
)
async def test_what_does_not_go_together_is_wrong_usage(tmp_path: Path, args: tuple[str, ...]) -> None:
    assert (await diag(tmp_path, Node(pressed=False), *args)).exit_code == 2
