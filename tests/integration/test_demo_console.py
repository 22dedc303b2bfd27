"""The demonstration's pages: served beside its hub, by a link that makes the first account."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import ClientSession

from edge.demo.processes import DemoError, link_of, start_broker, start_hub
from edge.demo.run import CONSOLE


async def test_the_link_leads_to_the_first_account(tmp_path: Path) -> None:
    broker, url = await start_broker(tmp_path)
    hub, _ = await start_hub(tmp_path, url, CONSOLE)
    try:
        async with ClientSession() as session, session.get(link_of(hub)) as answer:
            assert answer.status == 200
            assert 'name="password"' in await answer.text()
    finally:
        for each in (hub, broker):
            await each.stop()


async def test_a_hub_without_pages_has_no_link(tmp_path: Path) -> None:
    broker, url = await start_broker(tmp_path)
    hub, _ = await start_hub(tmp_path, url)
    try:
        with pytest.raises(DemoError, match="told no address"):
            link_of(hub)
    finally:
        for each in (hub, broker):
            await each.stop()
