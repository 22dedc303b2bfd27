"""What a technician asks of the real daemon's devices from afar."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.integration.brokers import running
from tests.node_kit import START, Node, hall_at

pytestmark = pytest.mark.timeout(120)


@asynccontextmanager
async def hall(folder: Path) -> AsyncIterator[Node]:
    with running("nats", folder) as broker:
        async with hall_at(folder, broker.url, hub=None) as node:
            yield node


async def test_what_passed_last_on_a_line_is_told_with_what_it_means(tmp_path: Path) -> None:
    async with hall(tmp_path) as node:
        await node.log_in("1")
        await node.key(START)
        reply = await node.ask("device.frames", {"device": "caller-1", "by": "小王"})
        assert reply.result == "done"
        assert (reply.data["line"], reply.data["lengths_only"]) == ("windows", False)
        frames = reply.data["frames"]
        assert {frame["dir"] for frame in frames} == {"in", "out"}
        assert any("01: key 0a" in frame["said"] and frame["dir"] == "in" for frame in frames)
        assert all(
            len(bytes.fromhex(frame["hex"])) == frame["size"] for frame in frames if frame["size"] < 64
        )
        assert frames == sorted(frames, key=lambda frame: frame["at"])
        assert "device.frames" in node.log
        assert "by=小王" in node.log

        few = await node.ask("device.frames", {"device": "printer", "count": 4})
        assert len(few.data["frames"]) == 4
        await node.take()
        await node.slip_of("A001")
        after = (await node.ask("device.frames", {"device": "printer"})).data["frames"]
        assert sum(frame["size"] for frame in after if not frame["hex"]) > 200, "of paper its length"
        assert any(frame["said"].startswith("DLE EOT") for frame in after)

        for args, code in (
            ({"device": "none"}, "unknown_device"),
            ({"device": "printer", "count": 33}, "bad_args"),
            ({"device": "printer", "by": "a\nb"}, "bad_args"),
        ):
            refused = await node.ask("device.frames", args)
            assert (refused.result, refused.code) == ("rejected", code)
            assert refused.zh
            assert refused.en


async def test_statistics_are_counted_and_go_on_over_a_restart(tmp_path: Path) -> None:
    async with hall(tmp_path) as node:
        await node.log_in("1")
        await node.take()
        await node.slip_of("A001")

        async def counts(device: str) -> dict[str, float]:
            found: dict[str, float] = (await node.ask("device.statistics", {"device": device})).data[
                "statistics"
            ]
            return found

        await node.until(lambda found: found["PaperCutCount"] == 1, lambda: counts("printer"))
        reply = await node.ask("device.statistics", {"device": "printer"})
        said = reply.data["identity"]
        assert (said["DeviceCategory"], said["Interface"]) == ("POSPrinter", "RS232")
        assert (said["ModelName"], said["FirmwareRevision"]) == ("SIM-80", "1.00")
        printer = reply.data["statistics"]
        assert printer["ReceiptLinePrintedCount"] >= 4
        assert printer["BarcodePrintedCount"] == 1
        assert printer["FailedPaperCutCount"] == printer["CommunicationErrorCount"] == 0
        caller = await counts("caller-1")
        assert caller["KeyPressedCount"] >= 1
        assert "PaperCutCount" not in caller
        assert "HallRatingPressedCount" not in caller
        assert (await counts("buttons"))["KeyPressedCount"] >= 1
        assert (await counts("strip-1"))["HallTextShownCount"] >= 1
        assert set(await counts("windows")) >= {"HoursPoweredCount", "CommunicationErrorCount"}
        assert (await node.ask("device.statistics", {"device": "none"})).code == "unknown_device"

        await node.daemon.stop()
        await node.start()
        again = await counts("printer")
        assert again["PaperCutCount"] >= 1
        assert again["ReceiptLinePrintedCount"] >= printer["ReceiptLinePrintedCount"]
