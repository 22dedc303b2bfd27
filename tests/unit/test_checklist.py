"""The one-time notice: what stands on the paper, and that each request has one paper at the most."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.messages import Instant, Order, Outcome, PrintSlip, Result, SlipLine, SlipQr
from drivers.printer.render import MAX_BLOCKS, render
from drivers.printer.settings import PrinterSettings
from edge.catalogue import Case, Catalogue, Item, Material, Unit, Words, find_item, read_catalogue
from edge.catalogue.columns import MAX_CASES, MAX_LINE, MAX_MATERIALS, MAX_STEPS
from edge.checklist import MAX_JOBS, MAX_OF_SESSION, Checklists, NoticeArgs
from edge.checklist.paper import BOX, Notice
from edge.checklist.words import WORDS
from edge.ids import new_id
from edge.settings import HallTable, Settings
from edge.settings.guide import SAMPLE, GuideTable
from edge.wire import Reply, Request

HALL = HallTable(id="yu", name="示范大厅", timezone="Asia/Shanghai")
LICENCE = "1001"  # of the sample: a food business licence


def blocks(
    cases: Sequence[str] = (), language: str = "zh", number: str = LICENCE
) -> tuple[SlipLine | SlipQr, ...]:
    found = find_item(SAMPLE, number)
    assert found is not None
    return Notice(*found, tuple(cases), HALL, "2026-11-30 09:05").blocks(language)


def text(printed: Sequence[SlipLine | SlipQr]) -> str:
    return "\n".join(block.text for block in printed if isinstance(block, SlipLine))


# --- the paper ---
def test_a_notice_tells_all_that_an_item_must_tell() -> None:
    told = text(blocks(["renew", "proxy"]))
    for word in (
        *(
            "示范大厅",
            "一次性告知单",
            "样例",
            LICENCE,
            "食品经营许可",
            "情形：到期延续、换证\n另：委托他人代办",
        ),
        *(
            "请带齐 7 样材料",
            "□ 原许可证正、副本",
            "原件 1　复印件 1",
            "1. 取号提交材料",
            "领取证件或邮寄送达",
        ),
        *(
            "法定时限：20 个工作日",
            "承诺时限：10 个工作日",
            "收费：不收费",
            "0000-8000110",
            "2026-11-30 09:05",
        ),
    ):
        assert word in told
    assert "遗失" not in told  # of another case


def test_a_fee_is_told_with_its_basis() -> None:
    assert "收费依据：发改价格〔2003〕2322 号" in text(blocks(number="0111"))


def test_every_material_has_a_box_to_tick() -> None:
    found = find_item(SAMPLE, LICENCE)
    assert found is not None
    lines = [block.text for block in blocks(["change"]) if isinstance(block, SlipLine)]
    boxes = [line for line in lines if line.startswith(BOX)]
    assert [box.split("\n")[0] for box in boxes] == [f"□ {m.name.zh}" for m in found[0].needed(["change"])]


def test_english_stands_beneath_the_chinese_that_the_window_reads() -> None:
    told = text(blocks(["new"], "en"))
    assert "□ 法定代表人或负责人身份证\nIdentity card of the legal representative" in told
    assert "1 original, 1 copy" in told
    assert "SAMPLE: not to be relied on" in told
    assert "Promised: 10 working days" in told


def an_item(words: Words, telephone: str, days: int, **more: Any) -> Item:
    """With the same words everywhere."""
    plain: dict[str, Any] = {"number": "01", "theme": "home", "service": "", "level": "county", "steps": ()}
    said: dict[str, Any] = {"kind": words, "name": words, "fee": words, "fee_basis": words}
    limits: dict[str, Any] = {"legal_days": days, "promised_days": days, "telephone": telephone}
    return Item(**(plain | said | limits | {"unit": Unit("u", words, telephone)} | more))


def test_what_needs_nothing_says_so() -> None:
    item = an_item(Words("查询", "Query"), "123", 0)
    told = text(Notice(item, Catalogue(), (), HALL, "").blocks("zh"))
    assert "不需要带材料" in told
    assert "承诺时限：当场办结" in told
    assert "样例" not in told


def test_the_code_leads_back_to_item_and_case() -> None:
    codes = [block.data for block in blocks(["renew", "proxy"]) if isinstance(block, SlipQr)]
    assert codes == [f"yu/item/{LICENCE}/renew+proxy"]


def test_all_text_is_large_enough_to_read() -> None:
    """24 dots at 203 dpi are 8.5 pt, so size 2 is 17 pt, above the 10 pt that a slip must have."""
    lines = [block for block in blocks(["new"], "en") if isinstance(block, SlipLine)]
    assert min(line.size for line in lines) * 24 / 203 * 72 >= 10
    assert next(line for line in lines if line.text == LICENCE).size == 4


@pytest.mark.parametrize("columns", [48, 32])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_longest_notice_fits_a_slip(columns: int, language: str) -> None:
    long = Words("长" * MAX_LINE, "w" * 200)
    cases = tuple(Case(f"c{n}", Words("情" * 24, "c" * 60), also=n > 0) for n in range(MAX_CASES))
    materials = (Material(long, 9, 9),) * MAX_MATERIALS
    more = {"number": "1" * 12, "steps": (long,) * MAX_STEPS, "cases": cases, "materials": materials}
    item = an_item(long, "1" * 24, 999, **more)
    notice = Notice(item, Catalogue("e" * 32, sample=True), tuple(c.id for c in cases), HALL, "2026")
    printed = notice.blocks(language)
    assert len(printed) <= MAX_BLOCKS
    assert render(printed, PrinterSettings(columns=columns))  # raises BadSlip where it does not fit


def test_no_item_of_the_sample_needs_half_a_metre_of_paper() -> None:
    """In Chinese, on 80 mm: lines of 12 characters, 60 dots apart."""
    longest = 0.0
    for item in read_catalogue(SAMPLE).catalogue.items.values():
        for case in item.choices():
            chosen = (case.id, *(extra.id for extra in item.extras()))
            printed = Notice(item, Catalogue(sample=True), chosen, HALL, "2026-11-30 09:05").blocks("zh")
            lines = sum(piece.count(b"\n") for piece in render(printed, PrinterSettings()))
            longest = max(longest, lines * 60 / 203 * 25.4)
    assert longest <= 450, f"{longest:.0f} mm"


# --- the verb ---
class Devices:
    """A printer that ends every order as it is told, at once or when it may."""

    def __init__(self) -> None:
        self.outcome = Outcome(Result.DONE)
        self.trouble = ""
        self.orders: list[PrintSlip] = []
        self.go = asyncio.Event()
        self.go.set()

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome:
        assert device == "printer"
        assert deadline_s > 0
        assert isinstance(order, PrintSlip)
        self.orders.append(order)
        await self.go.wait()
        return self.outcome

    def problem(self, device: str) -> str:
        assert device == "printer"
        return self.trouble


class Clock:
    def now(self) -> Instant:
        return Instant(1_796_000_000.0, 0.0, True)

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nothing here waits {seconds} s")


class Hall:
    clock = Clock()


class FakeSettings:
    hall = HALL
    printer = "printer"
    guide = GuideTable(catalogue="sample")


class Kit:
    def __init__(self, folder: Path | None = SAMPLE, printer: str = "printer") -> None:
        settings = FakeSettings()
        settings.guide = GuideTable(catalogue="sample" if folder == SAMPLE else folder or "")
        settings.printer = printer
        self.devices = Devices()
        self.part = Checklists(cast(Settings, settings), Hall(), self.devices)

    async def ask(self, *, id_: str = "", **args: Any) -> Reply:
        given = {"item": LICENCE, "session": "s-1", "cases": ["new"]} | args
        request = Request(id=id_ or new_id(), verb="notice.print")
        (verb,) = self.part.verbs()
        reply: Reply = await verb.handler(NoticeArgs.model_validate(given), request, "local-0")
        return reply


async def test_a_notice_is_printed_for_who_asked() -> None:
    kit = Kit()
    reply = await kit.ask(cases=["change"], language="en")
    assert (reply.result, reply.data) == ("done", {"session": "s-1", "item": LICENCE})
    (order,) = kit.devices.orders
    assert order.job == reply.id
    assert "Form for changes" in text(order.blocks)


@pytest.mark.parametrize("trouble", ["paper_out", "offline"])
async def test_with_the_printer_down_it_is_said_before_anything_is_tried(trouble: str) -> None:
    kit = Kit()
    kit.devices.trouble = trouble
    reply = await kit.ask()
    assert (reply.result, reply.code, reply.zh) == ("rejected", "cannot_print", WORDS["cannot_print"][0])
    assert kit.devices.orders == []


@pytest.mark.parametrize(
    ("kit", "args", "code"),
    [
        (Kit(None), {}, "no_guide"),
        (Kit(printer=""), {}, "cannot_print"),
        (Kit(), {"item": "999999"}, "unknown_item"),
        (Kit(), {"cases": ["marriage"]}, "unknown_case"),
        (Kit(Path("/nowhere")), {}, "unknown_item"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_way_on(kit: Kit, args: dict[str, Any], code: str) -> None:
    reply = await kit.ask(**args)
    assert (reply.result, reply.code) == ("rejected", code)
    assert (reply.zh, reply.en) == WORDS[code]  # type: ignore[index] # one of them, as asserted
    assert kit.devices.orders == []


@pytest.mark.parametrize("result", [Result.FAILED, Result.REJECTED])
async def test_what_did_not_come_out_may_be_asked_for_again(result: Result) -> None:
    kit = Kit()
    kit.devices.outcome = Outcome(result, "cutter_jam")
    for _ in range(MAX_OF_SESSION + 1):  # it does not count
        reply = await kit.ask()
        assert (reply.result, reply.code, reply.zh) == (result, "cutter_jam", WORDS["not_printed"][0])


async def test_one_request_has_one_paper_where_the_printer_did_not_say_how_it_ended() -> None:
    kit = Kit()
    kit.devices.outcome = Outcome(Result.UNKNOWN, "timeout")
    first = await kit.ask(id_="a" * 32)
    again = await kit.ask(id_="a" * 32)
    assert (first.result, again.result, again.code) == ("unknown", "rejected", "given_before")
    assert len(kit.devices.orders) == 1


async def test_a_session_that_has_ended_takes_its_job_along() -> None:
    kit = Kit()
    kit.devices.go.clear()
    job = asyncio.create_task(kit.ask(id_="a" * 32))
    while not kit.devices.orders:  # noqa: ASYNC110 the file is read in a thread
        await asyncio.sleep(0.001)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    kit.devices.go.set()
    assert (await kit.ask(id_="a" * 32)).code == "given_before"
    assert (await kit.ask(session="s-2")).result == "done"


async def test_tickets_do_not_wait_for_more_than_two_notices() -> None:
    kit = Kit()
    kit.devices.go.clear()
    jobs = [asyncio.create_task(kit.ask(session=f"s-{n}")) for n in range(MAX_JOBS)]
    while len(kit.devices.orders) < MAX_JOBS:  # noqa: ASYNC110 as above
        await asyncio.sleep(0.001)
    assert (await kit.ask(session="s-9")).code == "busy"
    kit.devices.go.set()
    assert [(await job).result for job in jobs] == ["done"] * MAX_JOBS
    assert (await kit.ask(session="s-9")).result == "done"


async def test_who_asks_many_times_at_once_has_no_more_paper() -> None:
    kit = Kit()
    replies = await asyncio.gather(*(kit.ask() for _ in range(MAX_OF_SESSION + 1)))
    assert sorted(reply.code for reply in replies) == [""] * MAX_OF_SESSION + ["enough"]
    assert len(kit.devices.orders) == MAX_OF_SESSION


async def test_a_session_has_no_paper_without_end() -> None:
    kit = Kit()
    for _ in range(MAX_OF_SESSION):
        assert (await kit.ask()).result == "done"
    assert (await kit.ask()).code == "enough"
    assert (await kit.ask(session="s-2")).result == "done"


async def test_what_is_remembered_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.checklist.MAX_GIVEN", 4)
    kit = Kit()
    kit.devices.outcome = Outcome(Result.UNKNOWN, "timeout")
    first = new_id()
    await kit.ask(id_=first, session="s-first")
    for number in range(4):
        await kit.ask(session=f"s-{number}")
    assert (await kit.ask(id_=first, session="s-first")).code == "timeout"  # forgotten: it is tried again


@given(st.dictionaries(st.sampled_from(["item", "session", "cases", "language"]), st.text(max_size=20)))
def test_arguments_have_bounds(args: dict[str, str]) -> None:
    """Whatever text comes: it is taken as it is meant, or refused before any file is opened."""
    try:
        taken = NoticeArgs.model_validate({"item": "01", "session": "s"} | args)
    except ValueError:
        return
    assert taken.item.isdecimal()
    assert taken.language in ("zh", "en")
