"""The kiosk in the demonstration: the sample card that a command lays on its reader checks in."""

from __future__ import annotations

import asyncio
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from edge.demo.guest import FOLDER
from edge.demo.run import Plan, play
from kiosk_ui.i18n import tr
from tests.integration.demo_kit import told
from tests.kiosk.process_kit import driven

SETTINGS = f"{FOLDER}*/hall-0/kiosk.toml"


@pytest.mark.timeout(180)
async def test_the_sample_card_has_an_appointment_and_checks_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    plan = Plan(minutes=0.5, headless=True, kiosk=True)
    playing = asyncio.create_task(play(plan, Console(file=StringIO(), width=200)))
    try:
        ready = await told("sim.card", {"kind": "foreigner", "lies_s": 0.1})
        assert ready.zh.endswith("没有预约")
        (settings,) = tmp_path.glob(SETTINGS)
        key, socket = settings.with_name("person.key"), settings.with_name("control.sock")
        async with driven(socket, tmp_path, HALL_PERSON_KEY=str(key)) as kiosk:
            await kiosk.until(lambda found: "open-check_in" in found["ids"] or "wake" in found["ids"])
            await kiosk.tap("wake", "open-check_in", "card")
            laid = await told("sim.card", {})
            assert laid.result == "done" and "有" in laid.zh and "的预约" in laid.zh
            shown = await kiosk.at("ticket")
            assert shown["ticket"] and tr("zh", "ticket.printed") in shown["text"]
        report = await playing
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
    assert report.problems == ()
