"""What a technician asks of the real daemon's devices from afar."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from drivers.bx5k.sim import BoardSim
from drivers.printer.sim_paper import Slip
from edge.about import about
from edge.wire import Reply
from edge.wire.about import AboutDevice, NodeAbout
from tests.integration.brokers import running
from tests.node_kit import START, Node, hall_at, of
from tests.unit.hall_kit import DEMO

# The demonstration's hall but for its cameras; what is shown stands there for a twentieth of its time.
ALL_KINDS = (
    DEMO.read_text(encoding="utf-8").partition('[[device]]\nid = "cameras"')[0]
    + """
[played]
begins = "2026-03-10T10:00"
speed = 20.0
"""
)
LEVELS, PATTERNS = ("internal", "external"), ("all", "colors", "columns")
ASKED = (
    "printer",
    "board",
    "card-reader",
    "scanner",
    "terminal-1",
    "terminal-2",
    *(f"strip-{n}" for n in range(1, 7)),
)


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

        line = (await node.ask("device.line", {"device": "caller-1"})).data
        assert (line["line"], line["family"], line["devices"][0]["device"]) == ("windows", "bus68", "windows")
        assert line["traffic"]["heard"]["bytes"] > 0
        assert line["traffic"]["frames"]["good"] > 0
        caller = next(each for each in line["devices"] if each["device"] == "caller-1")
        assert (caller["kind"], caller["address"], caller["state"]) == ("caller", 1, "online")

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


# --- checks and patterns ---
async def test_every_device_answers_what_it_is_said_to_and_refuses_the_rest(tmp_path: Path) -> None:
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url, config=ALL_KINDS, hub=None) as node:
            said = NodeAbout.model_validate_json(about(node.rig.settings))
            assert len(said.devices) > 25
            for desk in node.rig.desks:
                await node.shows("窗口关闭", desk.window)
            before = [tuple(area.lines) for area in node.rig.of(BoardSim)["board"].areas.values()]
            verdicts = dict(await asyncio.gather(*(answers(node, device) for device in said.devices)))
            assert {verdicts[name] for name in ASKED} == {"ok"}
            assert set(verdicts.values()) <= {"ok", "unknown"}
            assert verdicts["caller-1"] == "unknown", "nobody has pressed it"
            for desk in node.rig.desks:
                await node.shows("窗口关闭", desk.window)
                assert [text for _, text in desk.strip.shown].count("■" * 8) == 1
                assert desk.caller.display.strip() == ""
                assert desk.caller.beeps == 1
            assert [tuple(area.lines) for area in node.rig.of(BoardSim)["board"].areas.values()] == before
            assert len(node.slips) == 1
            assert "测试页" in read(node.slips[0])
            asked = sum(len(device.checks) + len(device.shows) for device in said.devices)
            assert len(of(node.journal(), "device.ordered", by="李工")) == asked


async def answers(node: Node, device: AboutDevice) -> tuple[str, str]:
    """Whatever it is said to answer; its verdict when it was asked."""
    verdict = ""
    for level in LEVELS:
        reply = await node.ask("device.check", {"device": device.id, "level": level, "by": "李工"})
        if level not in device.checks:
            refused(reply, device)
            continue
        assert (reply.result, reply.data["level"]) == ("done", level), (device.id, reply)
        assert all(each["zh"] and each["en"] for each in reply.data["evidence"])
        assert reply.data["next_zh"] and reply.data["next_en"]
        assert ("look_zh" in reply.data) == (level == "external")
        assert reply.data["verdict"] == (verdict or reply.data["verdict"]), (device.id, reply.data)
        verdict = reply.data["verdict"]
    for pattern in PATTERNS:
        reply = await node.ask("device.show", {"device": device.id, "pattern": pattern, "by": "李工"})
        if pattern in device.shows:
            assert (reply.result, reply.code) == ("done", ""), (device.id, reply)
        else:
            refused(reply, device)
    return device.id, verdict


def refused(reply: Reply, device: AboutDevice) -> None:
    assert (reply.result, reply.code) == ("rejected", "unsupported"), device.id
    assert reply.zh and reply.en


def read(slip: Slip) -> str:
    return "".join(slip.text)


async def test_a_daemon_killed_with_a_pattern_on_show_shows_what_is_true_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with hall(tmp_path) as node:
        await node.log_in("1")
        desk = node.desk("1")
        showing = [
            asyncio.create_task(node.ask("device.show", {"device": device, "pattern": "all"}))
            for device in ("strip-1", "caller-1")
        ]
        await node.shows("■" * 8)
        await node.until(lambda text: text.strip() == "8888", lambda: displayed(node))
        node.daemon.kill()
        await asyncio.gather(*showing, return_exceptions=True)
        assert desk.strip.text == "■" * 8
        await node.start()
        await node.shows("空闲")
        await node.until(lambda text: not text.strip(), lambda: displayed(node))
        acts = of(node.journal(), "device.ordered", order="show", how="all")
        assert {act["device"] for act in acts} == {"strip-1", "caller-1"}


async def displayed(node: Node) -> str:
    return node.desk("1").caller.display
