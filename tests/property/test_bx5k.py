"""What holds of frames and texts for all bytes and all characters."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from drivers.api import BadFrame
from drivers.bx5k import codec, commands
from drivers.bx5k.codec import MAX_FRAME, BoardCodec, Frame
from drivers.bx5k.settings import AreaSettings, BoardSettings
from drivers.bx5k.sim_ears import Ears
from drivers.bx5k.sim_screen import read_areas
from drivers.bx5k.text import content, wire_area
from drivers.messages import ShowText

FUZZED = 12_000
PING = Frame(commands.PING)


def spoil(rng: random.Random, wire: bytes) -> bytes:
    """A frame with something wrong in it, or nothing but noise."""
    at = rng.randrange(len(wire))
    return rng.choice(
        [
            wire[:at],
            wire[:at] + rng.randbytes(1) + wire[at + 1 :],
            wire[:at] + rng.randbytes(rng.randrange(20)) + wire[at:],
            rng.randbytes(rng.randrange(1, 60)),
            bytes(rng.choices([0xA5, 0x5A, 0xA6, 0x5B, 1, 2], k=rng.randrange(1, 60))),
        ]
    )


def test_ten_thousand_spoilt_inputs_are_survived_and_the_next_frame_is_read() -> None:
    rng = random.Random("bx5k")
    reader = BoardCodec()
    for _ in range(FUZZED):
        wire = codec.encode(Frame(rng.randbytes(rng.randrange(40)), rng.randrange(0x10000)))
        reader.feed(spoil(rng, wire))
        assert reader.buffered <= MAX_FRAME
        assert [found for found in reader.feed(codec.encode(PING)) if not isinstance(found, BadFrame)] == [
            PING
        ]


def test_what_answers_hold_never_raises_anything_but_value_error() -> None:
    rng = random.Random("status")
    for _ in range(FUZZED):
        data = rng.randbytes(rng.randrange(80))
        for read in (commands.reply, commands.status):
            try:
                read(data)
            except ValueError:
                continue


@given(st.binary(max_size=300), st.integers(0, 0xFFFF))
def test_a_controller_that_knows_only_the_document_hears_the_same(data: bytes, address: int) -> None:
    (heard,) = Ears(1024).hear(codec.encode(Frame(data, address)))
    assert (heard.good, heard.to, heard.data) == (True, address, data)


texts = st.text(
    st.one_of(
        st.sampled_from("\\CnFO0123\n\r\t\x00\x1b乗窗口号请到税务"),
        st.characters(codec="gbk"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=400,
)
shows = st.builds(ShowText, texts, st.sampled_from(["red", "green", "yellow"]))


@given(st.lists(shows, max_size=12), st.integers(2, 60), st.booleans(), st.sampled_from(["", "001"]))
def test_no_text_becomes_a_command_and_every_part_fits_the_receive_buffer(
    lines: list[ShowText], columns: int, single: bool, font: str
) -> None:
    area = AreaSettings("a", 0, 0, 0, 64, 32, columns, single_line=single, font=font)
    settings = BoardSettings(areas=(area,))
    for part in content(lines, area, settings).parts:
        data = commands.areas([wire_area(part, area, settings)])
        assert len(codec.encode(Frame(data))) <= codec.BUFFER
        (shown,) = read_areas(data[7:], 1)
        assert shown.strange == ()
        assert shown.font == font
        if not single:
            assert all(len(line.text.encode("gbk")) <= columns for line in shown.lines)


@given(st.lists(shows, min_size=1, max_size=6))
def test_all_that_can_be_shown_is_shown_in_its_colour_and_order(lines: list[ShowText]) -> None:
    area = AreaSettings("a", 0, 0, 0, 64, 32, 40)
    settings = BoardSettings(areas=(area,))
    made = content(lines, area, settings)
    rows = [
        line
        for part in made.parts
        for line in read_areas(commands.areas([wire_area(part, area, settings)])[7:], 1)[0].lines
    ]
    if made.cut:
        return
    for color in ("red", "green", "yellow"):
        told = "".join(line.text for line in lines if line.color == color)
        seen = "".join(run.text for row in rows for run in row.runs if run.color == color)
        assert len(seen) == len(told)
        same = [(a, b) for a, b in zip(told, seen, strict=True) if a != b]
        assert all(b in " ？＼" for _, b in same)
