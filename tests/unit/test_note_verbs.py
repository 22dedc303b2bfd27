"""Papers of cases and appointments: what stands on them, and who gets one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from drivers.messages import Outcome, Result, SlipLine, SlipQr
from edge.rules.text import width
from edge.upstream.messages import Appointment, Case
from edge.upstream.note_verbs import NoteVerbs
from edge.upstream.notes import of_appointment, of_case
from edge.upstream.papers import Block, Sheet
from edge.upstream.port import Away, Refused
from edge.wire import Reply, Request

PERSON, SUBJECT, REF = (char * 32 for char in "abc")
RECEIPT = "26112000017788"
STEPS = [
    {"name": "受理", "name_en": "Accepted", "state": "done", "on": "2026-11-20"},
    {"name": "审查", "name_en": "Examined", "state": "current"},
]
CASE = Case.model_validate(
    {
        **{"number": RECEIPT[:10], "name": "食品经营许可", "name_en": "Licence to sell food"},
        **{"state": "to_supplement", "due": "2026-12-10", "window": "3 号窗口"},
        **{"missing": ["委托书（原件）"], "missing_en": ["Letter of authority"], "steps": STEPS},
    }
)
VISIT = Appointment(ref=REF, service="tax", day="2026-12-02", time="09:30")
SERVICE = ("税务", "Taxes")


def sheet(columns: int = 24, *, sandbox: bool = False) -> Sheet:
    return Sheet("云和县政务服务中心", columns, sandbox, "2026-11-25 09:30")


def text(blocks: tuple[Block, ...]) -> str:
    return "\n".join(each.text for each in blocks if isinstance(each, SlipLine))


@dataclass
class Desk:
    """The verbs, with services that know one case and one appointment, and a printer that works."""

    problem: str = ""
    outcome: Outcome = field(default_factory=lambda: Outcome(Result.DONE))
    away: bool = False
    papers: list[tuple[Block, ...]] = field(default_factory=list)

    async def ask(self, verb: str, **args: Any) -> Reply:
        settings = SimpleNamespace(services={"tax": SimpleNamespace(name="税务", name_en="Taxes")})
        people = SimpleNamespace(subject_of={PERSON: SUBJECT}.get)
        papers = SimpleNamespace(problem=lambda: self.problem, note=self.note)
        made = NoteVerbs(settings, self, people, papers)  # type: ignore[arg-type]  # as much as it needs
        found = next(each for each in made.verbs() if each.name == verb)
        request = Request(id="0" * 32, verb=verb, args=args)
        return await found.handler(found.args.model_validate(args | {"session": "s"}), request, "local-0")

    async def note(self, _job: str, write: Callable[[Sheet], tuple[Block, ...]]) -> Outcome:
        self.papers.append(write(sheet()))
        return self.outcome

    async def case(self, number: str) -> Case:
        if self.away:
            raise Away("timeout", "no answer")
        if number != RECEIPT:
            raise Refused("unknown_case", "no case")
        return CASE

    async def cases_of(self, subject: str) -> tuple[Case, ...]:
        assert subject == SUBJECT
        return (CASE,)

    async def appointments_of(self, subject: str) -> tuple[Appointment, ...]:
        assert subject == SUBJECT
        return (VISIT,)


@pytest.mark.parametrize("columns", [16, 24])
def test_k11_a_note_fits_and_is_marked_where_it_is_made_up(columns: int) -> None:
    many = {"steps": CASE.steps * 10, "missing": CASE.missing * 20, "missing_en": CASE.missing_en * 20}
    for blocks in (
        of_case(sheet(columns, sandbox=True), CASE.model_copy(update=many)),
        of_appointment(sheet(columns, sandbox=True), VISIT, SERVICE),
    ):
        assert len(blocks) <= 64, "of a slip"
        assert "SANDBOX" in text(blocks)
        lines = [each for each in blocks if isinstance(each, SlipLine)]
        assert all(len(each.text) <= 512 for each in lines), "of a block"
        assert all(
            each.size >= 2 and width(line) <= columns for each in lines for line in each.text.split("\n")
        )
        assert "SANDBOX" not in text(of_case(sheet(columns), CASE))


async def test_a_case_is_printed_by_its_receipt_or_for_who_stands_there() -> None:
    for args in ({"number": RECEIPT}, {"person": PERSON}):
        desk = Desk()
        reply = await desk.ask("case.print", case=CASE.number, **args)
        assert (reply.result, reply.data) == ("done", {"printed": True})
        (paper,) = desk.papers
        for words in (
            "食品经营许可",
            CASE.number,
            "需要补交材料",
            "2026-12-10",
            "3 号窗口",
            "委托书",
            "Letter of authority",
            "正在进行",
        ):
            assert words in text(paper)
        assert RECEIPT not in text(paper), "the four that nobody can guess are on the receipt alone"


async def test_an_appointment_is_printed_with_the_code_to_come_with() -> None:
    desk = Desk()
    assert (await desk.ask("booking.print", person=PERSON, ref=REF)).data == {"printed": True}
    (paper,) = desk.papers
    assert "2026-12-02 09:30" in text(paper) and "税务" in text(paper)
    assert [each.data for each in paper if isinstance(each, SlipQr)] == [REF]


@pytest.mark.parametrize(
    ("verb", "args", "code"),
    [
        ("case.print", {"case": CASE.number, "number": "1" * 14}, "unknown_case"),
        ("case.print", {"case": "1" * 10, "person": PERSON}, "unknown_case"),
        ("case.print", {"case": CASE.number}, "visit_over"),
        ("booking.print", {"person": PERSON, "ref": "d" * 32}, "unknown_appointment"),
        ("booking.print", {"person": "d" * 32, "ref": REF}, "visit_over"),
    ],
)
async def test_nobody_gets_what_is_not_his(verb: str, args: dict[str, str], code: str) -> None:
    desk = Desk()
    reply = await desk.ask(verb, **args)
    assert (reply.result, reply.code, desk.papers) == ("rejected", code, [])
    assert reply.zh and reply.en


async def test_what_was_not_printed_is_said() -> None:
    asked = {"case": CASE.number, "number": RECEIPT}
    assert (await Desk(problem="paper_out").ask("case.print", **asked)).code == "cannot_print"
    assert (await Desk(away=True).ask("case.print", **asked)).code == "upstream_away"
    for outcome, result in ((Outcome(Result.UNKNOWN), "unknown"), (Outcome(Result.FAILED, "jam"), "failed")):
        reply = await Desk(outcome=outcome).ask("case.print", **asked)
        assert reply.result == result and reply.zh
