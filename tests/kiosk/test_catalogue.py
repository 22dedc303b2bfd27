"""The guide's items: found by theme, number and initials, and loaded beside the loop."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from edge.catalogue import SAMPLE, Item
from edge.wire.kiosk import KioskView
from kiosk_ui.actions import Screen, ToggleCase
from kiosk_ui.catalogue import MAX_FOUND, Guide, rank
from kiosk_ui.catalogue_loading import GuideLoader, load
from kiosk_ui.messages import Act, LoadGuide, Told, ToldGuide
from kiosk_ui.model import Model, Place, Session
from kiosk_ui.pinyin import NoPinyin, Pinyin, answers, initials, spoken, tones
from kiosk_ui.update import update

FIND_S = 0.05  # a keystroke: what a citizen does not feel


def with_initials(guide: Guide) -> Guide:
    letters = {number: tuple(initials(item.name.zh)) for number, item in guide.catalogue.items.items()}
    return replace(guide, initials=letters)


@pytest.fixture(scope="module")
def guide() -> Guide:
    return with_initials(load(str(SAMPLE)))


def names(items: Sequence[Item]) -> list[str]:
    return [item.name.zh for item in items]


# --- finding ---
@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("spjyxk", "食品经营许可"),
        ("SPJY", "食品经营许可"),
        ("jyxk", "食品经营许可"),  # in its middle
        ("spxk", "食品经营许可"),  # with words left out
        ("1001", "食品经营许可"),
        ("jmsfz", "居民身份证申领"),
        ("jhdj", "内地居民结婚登记"),
    ],
)
def test_an_item_is_found_by_initials_and_by_number(guide: Guide, typed: str, name: str) -> None:
    assert name in names(guide.search(typed, "zh"))


def test_what_begins_with_it_comes_first(guide: Guide) -> None:
    found = guide.search("spjyxk", "zh")
    assert found[0].name.zh == "食品经营许可"
    assert [item.number for item in guide.search("10", "zh")][:3] == ["1001", "1002", "1003"]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("重庆", ["cq"]),  # a word that is known
        ("重", ["z", "c"]),  # alone it may be either
        ("银行", ["yh"]),
        ("行长", ["hz"]),
        ("𠮷祥", ["jx", "qx"]),  # rare: any letter fits
        ("IC卡", ["ick", "ic"]),
        ("公证：继承权", ["gzjcq"]),  # marks are passed over
    ],
)
def test_characters_of_several_readings_are_found_by_each(name: str, typed: list[str]) -> None:
    for letters in typed:
        assert rank(tuple(initials(name)), letters) == 0, letters


def test_a_known_word_is_not_found_by_another_reading() -> None:
    assert rank(tuple(initials("重庆")), "zq") is None


def test_in_english_an_item_is_found_by_words_and_their_initials(guide: Guide) -> None:
    assert "Food business licence" in [item.name.en for item in guide.search("fbl", "en")]
    assert guide.search("food", "en")[0].name.en.startswith("Food")


@pytest.mark.parametrize("typed", ["", "  ", "qqqqqqqq", "99999999", "*", "\x00", "食"])
def test_what_nobody_has_finds_nothing(guide: Guide, typed: str) -> None:
    assert guide.search(typed, "zh") == ()


def test_every_item_is_found_by_its_own_number_and_initials(guide: Guide) -> None:
    for number, item in guide.catalogue.items.items():
        assert guide.search(number, "zh")[0] == item
        typed = "".join(each[:1] or "x" for each in guide.initials[number])
        assert item in guide.search(typed, "zh")


def test_no_keystroke_takes_longer_than_a_citizen_feels(guide: Guide) -> None:
    """Processor time of the slowest of many, so that a busy machine cannot change it."""
    worst_s = 0.0
    for typed in ("a", "z", "s", "xk", "spjyxk", "dj", "0", "1", "qqqqqq", "zzzzzzzzzzzz", "zgzyjsxkz"):
        begun_s = time.process_time()
        guide.search(typed, "zh")
        guide.search(typed, "en")
        worst_s = max(worst_s, (time.process_time() - begun_s) / 2)
    assert worst_s <= FIND_S, f"{1000 * worst_s:.1f} ms"


def test_nobody_turns_pages_without_end(guide: Guide) -> None:
    assert len(guide.search("1", "zh")) <= MAX_FOUND


def test_without_initials_yet_numbers_are_found() -> None:
    guide = load(str(SAMPLE))
    assert guide.search("spjyxk", "zh") == ()
    assert names(guide.search("1001", "zh")) == ["食品经营许可"]


def test_every_item_stands_under_one_theme(guide: Guide) -> None:
    themes = guide.themes()
    assert sum(count for _, count in themes) == len(guide.catalogue.items)
    assert all(len(guide.of_theme(theme.id)) == count for theme, count in themes)


# --- how it is read ---
@pytest.mark.parametrize(
    ("digits", "said"),
    [
        *[("0", "零"), ("10", "十"), ("12", "十二"), ("20", "二十"), ("100", "一百"), ("105", "一百零五")],
        *[("110", "一百一十"), ("012", "零一二"), ("2026", "二零二六"), ("0000", "零零零零")],
    ],
)
def test_counts_are_numbers_and_all_else_is_digits(digits: str, said: str) -> None:
    assert spoken(digits) == said


def test_a_sentence_becomes_syllables_with_their_tones() -> None:
    assert tones("请A12号到3号窗口。") == "qing3 ei1 shi2 er4 hao4 dao4 san1 hao4 chuang1 kou3 ."
    assert tones("银行行长") == "yin2 hang2 hang2 zhang3"
    assert tones("𠮷") == ""


def test_a_question_that_makes_no_sense_is_answered_with_its_fault() -> None:
    asked = ["[]", "no json", '["initials", 3]', '["colours", ["红"]]', '["tones", ["红"]]']
    told = [json.loads(answer) for answer in answers(asked)]
    assert ["error" in each for each in told] == [True, True, True, True, False]
    assert told[-1] == ["hong2"]


# --- loading ---
async def test_the_guide_is_there_at_once_and_its_initials_a_moment_later() -> None:
    told: list[Guide] = []
    loader = GuideLoader(lambda message: told.append(message.guide))
    loader.want(str(SAMPLE))
    loader.want(str(SAMPLE))  # is on its way
    async with asyncio.timeout(60):
        while len(told) < 2:  # noqa: ASYNC110 a list sets no Event
            await asyncio.sleep(0.01)
    await loader.close()
    assert [len(each.initials) for each in told] == [0, 398]
    assert names(told[1].search("spjyxk", "zh"))[0] == "食品经营许可"
    assert (told[0].wrong, loader.wrong) == ("", "")


async def test_one_that_gave_way_to_another_has_ended_when_the_loader_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    class Slow:
        """To answer, and to end."""

        async def ask(self, *_: object) -> object:
            begun.set()
            return await asyncio.Future[object]()

        async def close(self) -> None:
            await asyncio.sleep(0.05)
            ended.set()

    monkeypatch.setattr("kiosk_ui.catalogue_loading.Pinyin", Slow)
    loader = GuideLoader(lambda _message: None)
    loader.want(str(SAMPLE))
    await begun.wait()
    loader.want("")
    await loader.close()
    assert ended.is_set()


async def test_a_guide_with_errors_shows_the_rest_and_says_so(tmp_path: Path) -> None:
    for file in SAMPLE.glob("*.csv"):
        text = file.read_text(encoding="utf-8-sig")
        (tmp_path / file.name).write_text(text.replace("食品经营许可,", ",", 1), encoding="utf-8")
    found = load(str(tmp_path))
    assert len(found.catalogue.items) == 397
    assert found.wrong.startswith("1: items.csv:")


async def test_rare_characters_of_four_bytes_are_items_like_all_others(tmp_path: Path) -> None:
    for file in SAMPLE.glob("*.csv"):
        text = file.read_text(encoding="utf-8-sig")
        (tmp_path / file.name).write_text(text.replace("食品经营许可,", "𠮷㛃䶮经营许可,"), encoding="utf-8")
    found = load(str(tmp_path))
    assert (found.wrong, len(found.catalogue.items)) == ("", 398)
    named = with_initials(found)
    assert names(named.search("1001", "zh"))[0] == "𠮷㛃䶮经营许可"
    assert "𠮷㛃䶮经营许可" in names(named.search("jyxk", "zh"))


async def test_a_folder_that_is_not_there_is_an_empty_guide() -> None:
    found = load("/nowhere")
    assert found.is_empty
    assert "about.csv" in found.wrong


async def test_a_process_that_ended_is_started_again() -> None:
    pinyin = Pinyin()
    try:
        assert await pinyin.ask("initials", ["证"]) == [["z"]]
        assert pinyin._process is not None
        pinyin._process.kill()
        await pinyin._process.wait()
        assert await pinyin.ask("tones", ["证"]) == ["zheng4"]
    finally:
        await pinyin.close()


async def test_without_anybody_who_reads_chinese_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(NoPinyin):
        await Pinyin().ask("initials", ["证"])


# --- in the model ---
def test_a_folder_that_is_told_is_loaded_until_it_is_there() -> None:
    model, effects = update(Model(), Told(KioskView(catalogue="/items")), 1.0)
    assert effects == (LoadGuide("/items"),)
    model, _ = update(model, ToldGuide(Guide("/items")), 2.0)
    assert not model.look.has_guide  # it is empty
    model, effects = update(model, Told(KioskView(catalogue="/items")), 3.0)
    assert effects == ()
    model, _ = update(model, ToldGuide(replace(load(str(SAMPLE)), folder="/items")), 4.0)
    assert model.look.has_guide


def test_cases_that_exclude_each_other_take_each_others_place() -> None:
    session = Session(places=(Place(Screen.HOME), Place(Screen.ITEM, "1001")))
    model = Model(session=session)
    for action, picked in (
        (ToggleCase("new", ("change", "renew")), {"new"}),
        (ToggleCase("proxy"), {"new", "proxy"}),
        (ToggleCase("renew", ("new", "change")), {"renew", "proxy"}),
        (ToggleCase("renew", ("new", "change")), {"renew", "proxy"}),
        (ToggleCase("proxy"), {"renew"}),
    ):
        model, _ = update(model, Act(action), 1.0)
        assert model.session.cases == picked
