"""The papers' examples of the API work as they are printed."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path

from tests.console.api_kit import token_of
from tests.console.kit import NOW_S, Kept, console
from tests.papers import TOLD


def examples() -> list[str]:
    section = re.search(r"^## The hub's API\n(.*?)(?=^## |\Z)", TOLD, re.M | re.S)
    assert section
    return [line for block in re.findall(r"```sh\n(.*?)```", section[1], re.S) for line in block.splitlines()]


TIMED_OUT = 28  # curl's own status: a stream has no end


async def run(line: str, **known: str) -> str:
    pipe = asyncio.subprocess.PIPE
    shell = await asyncio.create_subprocess_exec("sh", "-c", line, env=os.environ | known, stdout=pipe)
    said, _ = await shell.communicate()
    assert shell.returncode == (TIMED_OUT if "--max-time" in line else 0), line
    return said.decode()


async def test_each_example_gives_what_it_asks_for(tmp_path: Path, record: Kept) -> None:
    async with console(tmp_path, record=record) as here:
        known = {"CONSOLE": here.address, "TOKEN": token_of(here.store, "manager", NOW_S)}
        streams, others = ([line for line in examples() if ("/stream" in line) is it] for it in (True, False))
        said = [json.loads(await run(line, **known)) for line in others]
        (stream,) = [await run(line, **known) for line in streams]
    halls, devices, ratings, events, report, outcome = said
    assert {each["hall"] for each in halls["items"]} == {"county", "town"}
    assert len(devices["items"]) > 5
    assert (ratings["hall"], ratings["first"]) == ("county", "2026-10-01") and ratings["ratings"] > 50
    assert {each["kind"] for each in events["items"]} == {"ticket.called"} and len(events["items"]) == 20
    assert (report["kind"], report["period"], report["version"]) == ("month", "2026-09", 0)
    assert stream.startswith("retry: 2000\n\nevent: begin\n") and "\nid: " in stream
    assert stream.count("event: device\n") == 6 and "event: queue" not in stream
    assert outcome["code"] == "no_broker"  # the kit has none
