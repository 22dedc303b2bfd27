"""Any slip: what the driver writes is what the simulated printer, which reads for itself, puts on paper."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.messages import SlipLine, SlipQr
from drivers.printer import commands, render
from drivers.printer.settings import PrinterSettings
from drivers.printer.sim_grammar import Op, reader
from drivers.printer.sim_paper import Item, Line, Paper, Qr, Raster

fewer = settings(max_examples=60)
PLAIN = PrinterSettings(min_size=1)
ALIGN: tuple[Literal["left", "center", "right"], ...] = ("left", "center", "right")
printable = st.text(
    st.characters(codec="gb2312", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=60
)
lines = st.builds(SlipLine, printable, st.integers(1, 8), st.sampled_from(ALIGN))
codes = st.builds(SlipQr, st.text(min_size=1, max_size=80), st.integers(1, 16))


def _ops(data: bytes) -> list[Op]:
    reading = reader()
    next(reading)
    return [op for byte in data if (op := reading.send(byte))]


def _print(data: bytes) -> list[Item]:
    """On the simulator's paper; fails on anything that it does not know."""
    paper = Paper(48)
    for op in _ops(data):
        first = op.data[0] if op.data else 0
        match op.kind:
            case "char":
                paper.char(first)
            case "LF":
                paper.line_feed()
            case "ESC @":
                paper.reset()
            case "FS &":
                paper.chinese(True)
            case "ESC a":
                paper.align(first)
            case "GS !":
                paper.size(first)
            case "GS ( k":
                assert paper.qr_function(op.data)
            case "GS v 0":
                assert paper.raster(op.data)
            case _:
                assert op.kind == "GS a", op
    return paper.uncut


@fewer
@given(st.lists(st.one_of(lines, codes), min_size=1, max_size=5))
def test_paper_carries_what_the_slip_says(blocks: list[SlipLine | SlipQr]) -> None:
    items = _print(b"".join(render.render(tuple(blocks), PLAIN)))
    for block in blocks:
        if isinstance(block, SlipQr):
            code = items.pop(0)
            assert isinstance(code, Qr)
            assert code.data.encode() == block.data.encode("utf-8", "replace")
            items.pop(0)  # the line feed after it
            continue
        found = ""
        wanted = _squeezed(block.text)
        while True:
            line = items.pop(0)
            assert isinstance(line, Line)
            assert line.size == (block.size, block.size)
            assert line.align == block.align
            found += line.text
            if _squeezed(found) == wanted:
                break
    assert all(isinstance(item, Line) and not item.text for item in items)


def _squeezed(text: str) -> str:
    return "".join(text.split())


@fewer
@given(st.text(max_size=60), st.integers(1, 3))
def test_any_text_prints_and_none_is_a_command(text: str, size: int) -> None:
    """Whatever is typed into a service's name: lines and rasters come of it, nothing else."""
    pieces = render.render((SlipLine(text, size),), PLAIN)
    items = _print(b"".join(pieces))
    assert items
    assert all(isinstance(item, Line | Raster) for item in items)


@fewer
@given(st.lists(st.one_of(lines, codes), min_size=1, max_size=4))
def test_every_piece_ends_where_a_command_may_start(blocks: list[SlipLine | SlipQr]) -> None:
    """So a status query between two pieces is one, and not data."""
    pieces = render.render(tuple(blocks), replace(PLAIN, band_bytes=128))
    query = commands.status(1)
    asked = [op for op in _ops(query.join([*pieces, b""])) if op.kind == "DLE EOT"]
    assert len(asked) == len(pieces)


@fewer
@given(st.text(max_size=80), st.integers(1, 60))
def test_wrapping_loses_no_character_and_keeps_the_width(text: str, limit: int) -> None:
    clean = render.clean(text)
    wrapped = render.wrap(clean, limit, render.columns_of)
    assert _squeezed("".join(wrapped)) == _squeezed(clean)
    for line in wrapped:
        assert sum(map(render.columns_of, line)) <= max(limit, 2)
