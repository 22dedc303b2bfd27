"""How evidence is judged: what is believed before what, and the verdict with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.bus68.sim_devices import frame_of
from drivers.registry import LINK_CONDITIONS
from edge.diag.evidence import Checked, Evidence, Holder, Line, Piece
from edge.diag.interview import interviewed
from edge.diag.judging import causes
from edge.diag.judging.judgement import EXIT, judge
from edge.diag.judging.rules import cause_of
from edge.diag.recognising import stranger
from edge.diag.rights import Rights
from edge.diag.words import Lang, Words

NOW_S = 1_796_000_000.0
WORDS = {spec.code: spec for spec in LINK_CONDITIONS}
EN = Words(Lang.EN)


def seen(
    *codes: str, state: str = "online", traffic: dict[str, Any] | None = None, **others: Any
) -> Evidence:
    conditions = [
        {
            "code": code,
            "severity": "error",
            "en": WORDS[code].en,
            "zh": WORDS[code].zh,
            "remedy_zh": WORDS[code].remedy_zh,
            "remedy_en": WORDS[code].remedy_en,
        }
        for code in codes
    ]
    line = Line.model_validate(
        {
            "device": "printer",
            "line": "printer",
            "family": "printer",
            "url": "serial:///dev/ttyUSB0?baud=19200",
            "heartbeat_s": 5.0,
            "traffic": traffic or {},
            "devices": [
                {"device": "printer", "state": state, "conditions": conditions, "last_heard": NOW_S - 30}
            ],
        }
    )
    return Evidence(line, NOW_S, **others)


def test_who_may_not_open_the_port_is_named_with_the_group_that_may() -> None:
    rights = Rights("/dev/ttyUSB0", "root", "dialout", 0o660, "hall-edge", lets_in=False)
    judged = judge(seen("port_denied", state="backoff", rights=rights))
    assert (judged.verdict, judged.cause.code) == ("fault", "port_denied")
    for said, next_ in (
        (judged.cause.what.zh, judged.cause.next.zh),
        (judged.cause.what.en, judged.cause.next.en),
    ):
        assert "hall-edge" in said and "/dev/ttyUSB0: root:dialout 0660" in said
        assert "usermod -aG dialout hall-edge" in next_
    assert "dialout" in judge(seen("port_denied", state="backoff")).cause.next.en, "from afar, by the book"


def test_the_program_that_holds_the_port_is_named() -> None:
    judged = judge(seen("port_busy", state="backoff", holders=(Holder(4711, "minicom"),)))
    assert (judged.verdict, judged.cause.code) == ("fault", "port_busy")
    assert "minicom (4711)" in judged.cause.what.zh
    assert "kill 4711" in judged.cause.next.en
    assert "fuser" in judge(seen("port_busy", state="backoff")).cause.next.en, "where nobody sees who it is"


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("port_denied", "dialout"),
        ("port_missing", "by-id"),
        ("peer_refused", "address and port"),
        ("tls_failed", "certificate"),
    ],
)
def test_a_line_that_does_not_open_has_its_remedy(code: str, remedy: str) -> None:
    judged = judge(seen(code, state="backoff"))
    assert (judged.verdict, judged.cause.code) == ("fault", code)
    assert remedy in judged.cause.next.en


def test_a_wrong_speed_names_the_one_that_is_configured() -> None:
    heard = {"bytes": 200, "flat": 150, "at": NOW_S}
    cause = cause_of(seen(state="handshake", traffic={"openings": 1, "heard": heard}))
    assert cause.code == "wrong_speed"
    assert "19200" in cause.next.zh


def test_another_device_at_the_other_end() -> None:
    bad = {"bad": 9, "reasons": {"not a status": 9}}
    cause = cause_of(seen(state="handshake", traffic={"openings": 1, "frames": bad}, stranger="bus68"))
    assert cause.code == "other_device"
    assert "bus68" in cause.what.en
    pressed = frame_of([1, 1, 0x0A])
    pieces = [Piece(dir="in", hex=(b"\xff" + pressed).hex(" "), size=len(pressed) + 1)] * 3
    assert stranger("printer", pieces) == "bus68"
    assert stranger("bus68", pieces) == "", "its own"
    assert stranger("printer", [Piece(dir="out", hex=pressed.hex(" "), size=9)] * 3) == "", (
        "only what is heard"
    )


BEGINS_OR_ENDS = b"\x68\xa5\xaa\r\n"  # a frame, or a scanner's line of text


@given(st.lists(st.binary(max_size=64), max_size=32))
def test_rubbish_is_nobodys(pieces: list[bytes]) -> None:
    rubbish = [Piece(dir="in", hex=each.translate(None, BEGINS_OR_ENDS).hex(" ")) for each in pieces]
    assert stranger("printer", rubbish) == ""


def test_losses_of_long_ago_make_no_plug_loose() -> None:
    def lost(at: float) -> dict[str, Any]:
        return {"openings": 5, "losses": [{"at": at, "code": "unplugged", "detail": "gone"}] * 4}

    checked = Checked(verdict="ok")
    assert cause_of(seen(traffic=lost(NOW_S - 60), checked=checked)).code == "loose"
    assert cause_of(seen(traffic=lost(NOW_S - 86_400), checked=checked)).code == "ok"


@pytest.mark.parametrize(("held_s", "cause"), [(0.0, "link_lost"), (0.4, "link_lost"), (30.0, "loose")])
def test_a_line_that_never_came_back_has_no_loose_plug(held_s: float, cause: str) -> None:
    losses = [{"at": NOW_S - 60, "code": "link_lost", "held_s": held_s}] * 4
    traffic = {"openings": 5, "losses": losses}
    assert cause_of(seen("link_lost", state="backoff", traffic=traffic)).code == cause


def test_two_codes_at_a_printers_line_are_a_scanners_and_one_is_not() -> None:
    code = Piece(dir="in", hex=b"6901234567892\r\n".hex(" "), size=15)
    assert stranger("printer", [code]) == ""
    assert stranger("printer", [code, code]) == "newland"
    assert stranger("newland", [code, code]) == ""


def test_who_uses_a_device_is_evidence() -> None:
    unknown = seen(checked=Checked(verdict="unknown"))
    assert judge(unknown).verdict == "unknown"
    assert judge(replace(unknown, used=True)).verdict == "ok"
    judged = judge(replace(unknown, used=False))
    assert (judged.verdict, judged.cause.code) == ("fault", "unheard")


def test_who_looks_is_believed_and_not_asked_where_nothing_was_done() -> None:
    def never(_look: str) -> str:
        raise AssertionError("asked")

    looked = Checked(verdict="ok", look_zh="应出一张测试页", look_en="a test page")
    judged = judge(seen(checked=looked))
    assert interviewed(judged, EN, lambda _: "y").verdict == "ok"
    assert interviewed(judged, EN, lambda _: "n").cause.code == "not_seen"
    assert interviewed(judged, EN, lambda _: "?") == judged
    failed = judge(seen("line_stalled", state="backoff", checked=replaced(looked)))
    assert interviewed(failed, EN, never) == failed


def replaced(checked: Checked) -> Checked:
    return checked.model_copy(update={"verdict": "fault"})


def test_every_verdict_has_its_exit_status_and_every_cause_its_words() -> None:
    assert EXIT == {"ok": 0, "degraded": 1, "fault": 1, "unknown": 3}
    codes = [cause.code for cause in causes.ALL]
    assert len(codes) == len(set(codes))
    for cause in causes.ALL:
        assert cause.what.zh and cause.what.en and cause.next.zh and cause.next.en
