"""Status tables: the default against documents, the models' files, and how conditions are told."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from drivers.printer.driver import PrinterDriver
from drivers.printer.settings import PrinterSettings
from drivers.printer.status import ASB, BLOCKING, CONDITIONS, EPSON, REAL_TIME, StatusBook
from tests.golden import printer_answers as said

MODELS = Path("config/models")
PRINTERS = [path for path in MODELS.glob("*.toml") if tomllib.loads(path.read_text())["driver"] == "printer"]


def _book(model: str = "") -> StatusBook:
    return StatusBook(_settings(MODELS / f"{model}.toml").status if model else EPSON)


def _settings(path: Path) -> PrinterSettings:
    profile: dict[str, Any] = tomllib.loads(path.read_text())
    return TypeAdapter(PrinterSettings).validate_python(profile["settings"])


def test_every_documented_real_time_answer() -> None:
    for n, status, codes in said.REAL_TIME:
        book = _book()
        book.update({REAL_TIME[n - 1]: status})
        assert book.codes() == codes, f"DLE EOT {n}: {status:02X}"


def test_every_documented_automatic_status() -> None:
    for text, codes in said.ASB:
        book = _book()
        book.update(dict(zip(ASB, bytes.fromhex(text), strict=True)))
        assert book.codes() == codes, text


def test_the_gravest_cause_is_named() -> None:
    book = _book()
    book.update({"rt1": 0x1A, "rt2": 0x36, "rt3": 0x1A, "rt4": 0x7E})
    assert book.codes() == {"cover_open", "paper_out", "cutter_fault", "paper_near_end"}
    assert book.blocking() == "cutter_fault"
    assert book.stopped() == "cutter_fault"


def test_offline_is_told_only_without_a_cause() -> None:
    book = _book()
    book.update({"rt1": 0x1A, "rt2": 0x12})
    assert book.codes() == {"offline"}
    book.update({"rt1": 0x1A, "rt2": 0x16})
    assert book.codes() == {"cover_open"}


def test_the_last_whole_status_counts() -> None:
    book = _book()
    book.update({"asb1": 0x38, "asb2": 0, "asb3": 0, "asb4": 0})
    assert book.blocking() == "cover_open"
    book.update({"rt1": 0x12, "rt2": 0x12, "rt3": 0x12, "rt4": 0x12})
    assert book.blocking() == ""


def test_near_end_stops_nothing() -> None:
    book = _book()
    book.update({"rt4": 0x1E})
    assert book.codes() == {"paper_near_end"}
    assert book.blocking() == ""
    assert book.stopped() == ""


def test_a_citizen_reads_its_own_bits() -> None:
    """CT-S310 user's manual, p. 91: byte 2 bits 0 and 1 undefined; near end is one bit or the other."""
    citizen = _book("citizen-ct-s310")
    citizen.update({"asb1": 0x10, "asb2": 0x03, "asb3": 0, "asb4": 0})
    assert citizen.codes() == frozenset()
    citizen.update({"rt1": 0x12, "rt2": 0x12, "rt3": 0x12, "rt4": 0x16})
    assert citizen.codes() == {"paper_near_end"}
    epson = _book()
    epson.update({"asb1": 0x10, "asb2": 0x03, "asb3": 0, "asb4": 0})
    assert epson.codes() == {"awaiting_recovery"}


@pytest.mark.parametrize("path", PRINTERS, ids=lambda path: path.stem)
def test_a_models_file_holds_good_settings(path: Path) -> None:
    profile = tomllib.loads(path.read_text())
    assert set(profile) == {"driver", "title", "settings"}
    assert profile["title"]["zh"]
    assert profile["title"]["en"]
    settings = _settings(path)
    assert set(profile["settings"]) <= set(PrinterSettings.__dataclass_fields__)
    kinds = {bit.source[:3] for bit in settings.status}
    assert kinds == {"rt1", "rt2", "rt3", "rt4", "asb"}


def test_the_models_that_are_promised_are_there() -> None:
    assert {path.stem for path in PRINTERS} >= {"escpos-80mm", "epson-tm-t82", "citizen-ct-s310"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": [{"source": "rt5", "mask": 1, "code": "offline"}]},
        {"status": [{"source": "rt1", "mask": 0, "code": "offline"}]},
        {"status": [{"source": "rt1", "mask": 256, "code": "offline"}]},
        {"status": [{"source": "rt1", "mask": 1, "code": "on_fire"}]},
        {"columns": 8},
        {"heartbeat_s": 0},
        {"clear": "maybe"},
        {"recovery": 3},
    ],
)
def test_bounds_of_the_settings_hold(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(PrinterSettings).validate_python(wrong)


def test_every_condition_tells_cause_and_remedy_in_both_languages() -> None:
    for spec in CONDITIONS:
        assert all((spec.zh, spec.en, spec.remedy_zh, spec.remedy_en))
    assert max(Counter(spec.code for spec in CONDITIONS).values()) == 1
    assert {bit.code for bit in EPSON} | {"silent"} == {spec.code for spec in CONDITIONS}
    assert set(BLOCKING) == {spec.code for spec in CONDITIONS} - {"paper_near_end"}
    assert PrinterDriver.spec.conditions == CONDITIONS
