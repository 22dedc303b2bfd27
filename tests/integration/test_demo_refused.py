"""`hall-edge demo` where it cannot go on."""

from __future__ import annotations

from edge.demo.processes import free_port
from tests.integration.demo_kit import demo


async def test_no_broker_is_told_in_words_and_is_status_1() -> None:
    status, out = await demo("--minutes", "0.1", "--broker", f"mqtt://127.0.0.1:{free_port()}")
    assert status == 1
    assert "hall-console was not ready" in out
