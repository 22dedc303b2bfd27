"""A test page: what the printer was given, and what who asked is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.api import ConditionSpec
from drivers.messages import Order, Outcome, PrintSlip, Result, SlipLine, SlipQr
from edge.commands import Commands
from edge.ids import new_id
from edge.trials import TrialPrints
from edge.wire import Reply, Request
from tests.unit.hall_kit import FakeDevices, stage

PAPER = ConditionSpec("paper_out", "error", "没有纸了", "there is no paper", "装纸", "put paper in")


async def try_it(folder: Path, devices: FakeDevices, *, times: int = 1, **args: object) -> list[Reply]:
    """The same request so many times."""
    async with stage(folder, devices) as hall:
        commands = Commands(hall.store)
        commands.add(*TrialPrints(hall.settings, hall.hall.clock, devices, hall.store).verbs())
        request = Request(id=new_id(), verb="device.test_print", args=args)
        return [await commands.handle(request, "test") for _ in range(times)]


def prints(devices: FakeDevices) -> list[tuple[str, Order]]:
    """Without what a hall shows that begins."""
    return [each for each in devices.orders if isinstance(each[1], PrintSlip)]


async def test_a_page_is_printed_on_the_printer_of_the_tickets(tmp_path: Path) -> None:
    devices = FakeDevices()
    (reply,) = await try_it(tmp_path, devices)
    ((printer, order),) = prints(devices)
    assert reply.result == "done" and reply.data == {"device": printer} and printer
    assert isinstance(order, PrintSlip)
    text = "".join(block.text for block in order.blocks if isinstance(block, SlipLine))
    assert "测试页" in text and "不是号码" in text and printer in text
    assert any(isinstance(block, SlipQr) for block in order.blocks)


async def test_another_printer_may_be_named(tmp_path: Path) -> None:
    devices = FakeDevices()
    await try_it(tmp_path, devices, device="slips")
    assert [device for device, _ in prints(devices)] == ["slips"]


async def test_a_printer_says_itself_why_not(tmp_path: Path) -> None:
    devices = FakeDevices(prints=[Outcome(Result.FAILED, "paper_out")], meant={"slips": {"paper_out": PAPER}})
    (reply,) = await try_it(tmp_path, devices, device="slips")
    assert (reply.result, reply.code) == ("failed", "paper_out")
    assert reply.zh == "没有纸了。装纸" and reply.en == "there is no paper: put paper in"


@pytest.mark.parametrize("code", ["unknown_device", "unsupported", "offline"])
async def test_what_cannot_print_is_told_in_both_languages(code: str, tmp_path: Path) -> None:
    devices = FakeDevices(prints=[Outcome(Result.REJECTED, code)])
    (reply,) = await try_it(tmp_path, devices, device="x")
    assert (reply.result, reply.code) == ("rejected", code)
    assert reply.zh and reply.en


async def test_a_repeat_after_no_answer_brings_no_second_page(tmp_path: Path) -> None:
    devices = FakeDevices(prints=[Outcome(Result.UNKNOWN, "timeout")])
    first, second = await try_it(tmp_path, devices, times=2)
    assert (first.result, second.result, second.code) == ("unknown", "failed", "given_before")
    assert len(prints(devices)) == 1 and second.zh
