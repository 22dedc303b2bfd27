"""`hall-console followup`, from the list to the last step, and all that it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.console import followup_cli
from edge.console.cli import app
from edge.console.followup_limits import load_limits
from edge.console.record import Record
from edge.rules.followup_steps import refusal
from tests.followup_kit import at, rating
from tests.integration.node import batch
from tests.stores import outside, store_url

pytestmark = pytest.mark.usefixtures("both_stores")

FIRST, SECOND = "a" * 32, "ab" * 16


class Desk:
    """Somebody at the hub's command line, on a day that the test sets."""

    def __init__(self, path: Path, caplog: pytest.LogCaptureFixture, patch: pytest.MonkeyPatch) -> None:
        self.path = path
        self._caplog = caplog
        self.today("2026-03-02 10:00")
        patch.setattr("edge.console.followup_cli.time.time", lambda: self.now)
        events = [rating(1, 1, id=FIRST), rating(2, 2, id=SECOND, window="5"), rating(3, 5)]
        with Record(store_url(path), lambda: self.now, load_limits("five-days")) as record:
            record.apply([("h1", "n1", batch(events))])

    def today(self, moment: str) -> None:
        self.now = at(moment)

    def run(self, *arguments: str) -> tuple[int, str]:
        self._caplog.clear()
        done = CliRunner().invoke(app, ["followup", *arguments, "--store", store_url(self.path)])
        return done.exit_code, done.output + self._caplog.text

    def step(self, *arguments: str) -> tuple[int, str]:
        return self.run("step", *arguments, "--by", "李")

    def refuses(self, *arguments: str) -> str:
        """And nothing has changed."""
        before = outside(self.path, "SELECT * FROM followup_step")
        code, said = self.step(*arguments)
        assert code == 2, said
        assert outside(self.path, "SELECT * FROM followup_step") == before
        return said


@pytest.fixture
def desk(tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path / "record.db", caplog, monkeypatch)


def test_the_list_has_each_open_one_with_its_next_deadline(desk: Desk) -> None:
    code, said = desk.run("list")
    assert code == 0
    assert said.splitlines() == [
        "aaaaaaaa 2026-03-02 h1/n1 窗口 window 3 评价 level 1 · 待核实 to be verified → 2026-03-04",
        "abababab 2026-03-02 h1/n1 窗口 window 5 评价 level 2 · 待核实 to be verified → 2026-03-04",
    ]


def test_from_the_rating_to_the_end(desk: Desk) -> None:
    assert desk.step("aaa", "verified", "--finding", "confirmed", "--note", "已回电")[0] == 0
    desk.today("2026-03-04 10:00")
    code, said = desk.step("aaa", "rectify_by", "--until", "2026-03-21")
    assert (code, "→ 2026-03-23" in said) == (0, True), "21 March is a Saturday"
    desk.today("2026-03-20 10:00")
    assert desk.step("aaa", "fed_back")[0] == 0
    assert desk.step("aaa", "closed", "--note", "窗口已补发清单")[0] == 0
    assert "aaaaaaaa" not in desk.run("list")[1]
    assert "aaaaaaaa" in desk.run("list", "--all")[1]
    said = desk.run("show", "aaa")[1]
    assert "act=2026-03-02/A001 window=3 staff=1001 level=1" in said
    assert [line.strip() for line in said.splitlines()[3:]] == [
        "2026-03-02 · 李 · 已回访核实 verified by call-back · 属实 confirmed · 已回电",
        "2026-03-04 · 李 · 限期整改 to be rectified by a date · → 2026-03-21",
        "2026-03-20 · 李 · 已反馈 fed back to the citizen",
        "2026-03-20 · 李 · 已办结 closed · 窗口已补发清单",
    ]


def test_only_what_is_overdue_and_only_of_a_hall(desk: Desk) -> None:
    assert "none" in desk.run("list", "--overdue")[1]
    desk.step("aaa", "verified", "--finding", "confirmed")
    desk.today("2026-03-05 10:00")
    said = desk.run("list", "--overdue")[1]
    (line,) = said.splitlines()
    assert line.startswith("abababab 2026-03-02 h1/n1 窗口 window 5 评价 level 2 · 待核实")
    assert line.endswith("→ 2026-03-04 逾期 OVERDUE")
    assert "none" in desk.run("list", "--hall", "h2")[1]


def test_what_is_refused(desk: Desk) -> None:
    assert "下一步只能是：verified" in desk.refuses("aaa", "closed")
    assert "no follow-up 'zzz'" in desk.refuses("zzz", "verified", "--finding", "confirmed")
    assert "2 begin with it" in desk.refuses("a", "verified", "--finding", "confirmed")
    assert "no follow-up ''" in desk.refuses("", "verified", "--finding", "confirmed")
    assert "no follow-up '%'" in desk.refuses("%", "verified", "--finding", "confirmed")
    assert "--finding" in desk.refuses("aaa", "verified")
    assert "liked" in desk.refuses("aaa", "liked")
    desk.step("aaa", "verified", "--finding", "confirmed")
    assert "31.12.2026" in desk.refuses("aaa", "rectify_by", "--until", "31.12.2026")
    assert "最晚 2026-03-23" in desk.refuses("aaa", "rectify_by", "--until", "2026-03-24")
    assert "2026-03-01 is past" in desk.refuses("aaa", "rectify_by", "--until", "2026-03-01")
    assert "personal data is not kept" in desk.refuses("aaa", "explained", "--note", "回电13812345678")


def test_a_step_that_somebody_else_took_meanwhile(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "edge.console.followup_cli.refusal"

    def meanwhile(*_: object) -> None:
        """While the first is being judged, and allowed, another is quicker."""
        monkeypatch.setattr(name, refusal)
        desk.step("aaa", "verified", "--finding", "unfounded")

    monkeypatch.setattr(name, meanwhile)
    code, said = desk.step("aaa", "verified", "--finding", "confirmed")
    assert (code, "please look again" in said) == (2, True)
    assert outside(desk.path, "SELECT finding FROM followup_step") == [("unfounded",)]


def test_a_record_that_is_not_there_is_not_made(desk: Desk) -> None:
    desk.path = desk.path.parent / "typo.db"
    assert desk.run("list")[0] == 2
    assert desk.step("aaa", "verified", "--finding", "confirmed")[0] == 2
    assert not desk.path.exists()


def test_a_record_of_before(desk: Desk) -> None:
    outside(desk.path, "DROP TABLE followup")
    code, said = desk.run("list")
    assert (code, "start this version of hall-console on it once" in said) == (2, True)


def test_what_a_stranger_wrote_does_not_reach_the_terminal(desk: Desk) -> None:
    with Record(f"sqlite:///{desk.path}", lambda: desk.now, load_limits("five-days")) as record:
        record.apply([("h1", "n1", batch([rating(4, 1, window="\x1b[31m", staff="\x07")]))])
    said = desk.run("list")[1] + desk.run("show", f"{4:032x}")[1]
    assert "\x1b" not in said
    assert "\x07" not in said


# --- limits ---
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("name = 1", "name"),
        ("?", "Invalid"),
        ("more = 1", "more"),
    ],
)
def test_limits_that_are_none(tmp_path: Path, text: str, names: str) -> None:
    path = tmp_path / "region.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=names):
        load_limits(str(path))


def test_a_region_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "region.toml"
    ours = load_limits("five-days")
    text = (Path(followup_cli.__file__).parents[2] / "config/followup/five-days.toml").read_text()
    path.write_text(text.replace('"five-days"', '"ours"'))
    assert load_limits(str(path)).name == "ours"
    assert load_limits(str(path)).verified == ours.verified
    path.write_text(text.replace("Asia/Shanghai", "Asia/Nowhere"))
    with pytest.raises(ValueError, match="Nowhere"):
        load_limits(str(path))
    path.write_text(text.replace("verified = 2", "verified = true"))
    with pytest.raises(ValueError, match="verified"):
        load_limits(str(path))


def test_a_region_that_there_is_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = store_url(tmp_path / "r.db")
    arguments = ["--broker", "mqtt://127.0.0.1:1", "--store", store, "--no-web", "--limits", "mars"]
    done = CliRunner().invoke(app, arguments)
    said = caplog.text + done.output
    assert (done.exit_code, "one of ours: fifteen-days, five-days" in said) == (2, True)
