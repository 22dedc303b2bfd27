"""A person's own is in the line that is sent, and in nothing else once it is sent."""

from __future__ import annotations

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.erase import erase
from edge.private import Own, as_line
from edge.wire import MAX_PAYLOAD, PERSONAL, Reply

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)


def own(**fields: str) -> Own:
    mine = {name: "".join(list(value)) for name, value in fields.items()}
    return Own(mine, partial(erase, *mine.values()))


def reply(data: dict[str, object]) -> Reply:
    return Reply(id="a" * 32, result="done", data=data)


@given(st.dictionaries(st.text("abcdefghij_", min_size=1, max_size=8), TEXTS, max_size=6), TEXTS)
def test_a_line_says_what_the_reply_says_in_one_line(fields: dict[str, str], other: str) -> None:
    said = reply({"session": other, PERSONAL: own(**fields), "kind": f'"{PERSONAL}":{{'})
    plain = said.model_copy(update={"data": said.data | {PERSONAL: dict(fields)}})
    with as_line(said) as line:
        assert json.loads(line) == json.loads(plain.model_dump_json())
        assert line.count(b"\n") == 1 and line.endswith(b"\n")


def test_once_it_is_sent_line_and_texts_are_zeros() -> None:
    mine = own(name="王小明", number="000000199003071017")
    held = list(mine.values())
    with as_line(reply({PERSONAL: mine})) as line:
        assert b"000000199003071017" in line
    assert not any(line)
    assert [ord(each) for text in held for each in text] == [0] * (3 + 18)


def test_also_where_sending_it_fails() -> None:
    mine = own(number="000000199003071017")
    with pytest.raises(ConnectionError), as_line(reply({PERSONAL: mine})) as line:
        raise ConnectionError
    assert not any(line) and mine["number"] == "\0" * 18


def test_what_is_nobodys_own_stays() -> None:
    said = reply({PERSONAL: {"x": 0.5}, "n": 1})
    with as_line(said) as line:
        sent = bytes(line)
    assert json.loads(sent) == json.loads(said.model_dump_json())
    assert line == sent and said.data[PERSONAL] == {"x": 0.5}


def test_what_is_too_long_is_said_to_be(caplog: pytest.LogCaptureFixture) -> None:
    mine = own(text="x" * MAX_PAYLOAD)
    with as_line(reply({PERSONAL: mine})) as line:
        assert json.loads(line)["code"] == "reply_too_long"
    assert set(mine["text"]) == {"\0"}
    assert "reply of" in caplog.text
