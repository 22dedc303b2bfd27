"""The log: one line a record, safe for a terminal, without personal data."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.log import DeviceLog, LineFormatter, Once, scrub_personal, setup


def line(
    message: str,
    *,
    style: Literal["text", "json"] = "text",
    exc_info: Any = None,
    **extra: object,
) -> str:
    record = logging.getLogger("edge.test").makeRecord(
        "edge.test", logging.INFO, __file__, 1, message, (), exc_info, extra=extra
    )
    record.created = 1_700_000_000.123
    return LineFormatter(style, scrub=scrub_personal).format(record)


def test_what_is_said_beside_the_message_follows_it() -> None:
    said = line("backoff", device="printer", detail="no such port", count=3, empty="")
    assert said == (
        "2023-11-14T22:13:20.123+00:00 INFO edge.test: backoff"
        ' device=printer detail="no such port" count=3 empty=""'
    )


def test_as_json_every_record_is_one_object() -> None:
    said = json.loads(line("取号 失败", style="json", device="printer", path=Path("/run/x"), message_id=7))
    assert said == {
        "device": "printer",
        "path": "/run/x",
        "message_id": 7,
        "at": "2023-11-14T22:13:20.123+00:00",
        "level": "INFO",
        "logger": "edge.test",
        "message": "取号 失败",
    }


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_trace_stays_within_its_line(style: Literal["text", "json"]) -> None:
    try:
        int("oops\n<3>forged")
    except ValueError as error:
        said = line("failed", style=style, exc_info=(type(error), error, error.__traceback__))
    assert "\n" not in said
    assert "ValueError: invalid literal" in said
    assert "test_log.py" in said


@given(st.text(), st.text())
def test_nothing_that_a_device_sends_can_break_the_line_or_drive_a_terminal(message: str, value: str) -> None:
    styles: tuple[Literal["text", "json"], ...] = ("text", "json")
    for style in styles:
        said = line(message.replace("%", ""), style=style, data=value)
        assert said.splitlines() == [said]
        assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in said)


@given(st.text(), st.text())
def test_as_json_what_was_said_can_be_read_back(message: str, value: str) -> None:
    message = message.replace("%", "")
    said = json.loads(line(message, style="json", data=value))
    if scrub_personal(message + value) == message + value:
        assert (said["message"], said["data"]) == (message, value)


# --- personal data ---
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("card 340102199003071234 read", "card [id] read"),
        ("card 34010219900307123X", "card [id]"),
        ("tel=13812345678,", "tel=[phone],"),
        ("请拨13812345678。", "请拨[phone]。"),
        ("id=0123456789abcdef0123456789abcdef", "id=0123456789abcdef0123456789abcdef"),
        ("0a13812345678b", "0a13812345678b"),
        ("at 1700000000.123 seq 12345678901", "at 1700000000.123 seq 12345678901"),
        ("2138123456789 bytes", "2138123456789 bytes"),
    ],
)
def test_id_and_mobile_numbers_never_reach_the_log(said: str, kept: str) -> None:
    assert scrub_personal(said) == kept
    assert line(said).endswith(f": {kept}")


def test_extras_and_traces_are_scrubbed_as_well() -> None:
    error = ValueError("13812345678")
    said = line("x", card="340102199003071234", exc_info=(ValueError, error, None))
    assert "340102199003071234" not in said
    assert json.loads(line("x", style="json", n=13812345678, ok=12))["n"] == "[phone]"
    assert json.loads(line("x", style="json", n=13812345678, ok=12))["ok"] == 12
    assert "13812345678" not in said


# --- set-up ---
def test_set_up_replaces_what_was_there(restored: None) -> None:
    first, second = io.StringIO(), io.StringIO()
    setup("INFO", stream=first)
    setup("WARNING", "json", stream=second, scrub=lambda said: said.replace("secret", "***"))
    logging.getLogger("edge.x").info("quiet")
    logging.getLogger("edge.x").warning("secret")
    assert first.getvalue() == ""
    assert [json.loads(each)["message"] for each in second.getvalue().splitlines()] == ["***"]


def test_a_device_log_names_its_device_and_keeps_what_the_call_says(restored: None) -> None:
    out = io.StringIO()
    setup(stream=out)
    DeviceLog("printer").info("online", extra={"model": "P1"})
    DeviceLog("printer").info("bye")
    assert out.getvalue().splitlines()[0].endswith("device: online model=P1 device=printer")
    assert out.getvalue().splitlines()[1].endswith("device: bye device=printer")


# --- once ---
def test_once_is_once_until_it_is_over() -> None:
    once = Once()
    assert [once.first("a"), once.first("b"), once.first("a")] == [True, True, False]
    once.forget("a")
    assert once.first("a")


def test_once_does_not_grow_with_what_is_made_up() -> None:
    once = Once(limit=3)
    assert [once.first(n) for n in range(1000)].count(True) == 3
    once.forget(0)
    assert once.first("new")
