"""Whatever comes to a kiosk, a citizen sees a calm sentence and a way on, and a technician the reason.

A card that is pulled early and codes that are none go through the real daemon, in `test_journeys.py`; a kiosk
without any font is in `test_fonts.py`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pygame
import pytest

from edge.catalogue import SAMPLE
from edge.wire.kiosk import MAX_ROWS, KioskCalled, KioskPriority, KioskService, KioskView, KioskWindow
from kiosk_ui import link
from kiosk_ui.actions import Language, Open, PickLevel, Screen, SendRating, TakeTicket, TextSize
from kiosk_ui.app import App
from kiosk_ui.face import PageFace
from kiosk_ui.fonts import Fonts
from kiosk_ui.hand import TRANSITION_S
from kiosk_ui.i18n import tr
from kiosk_ui.link import MAX_SENTENCE
from kiosk_ui.messages import Act
from kiosk_ui.model import Said
from kiosk_ui.panel import Panel, preset
from kiosk_ui.samples import everything, model
from kiosk_ui.screens import page
from kiosk_ui.settings import KioskSettings, KioskTable
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.window import Window
from tests.kiosk.awake_kit import TICKET, At, awake
from tests.kiosk.checks import faults
from tests.kiosk.daemon_kit import Daemon, replying
from tests.kiosk.update_kit import VIEW

HUGE = "x" * 1_000_000
WORN: tuple[tuple[TextSize, Language], ...] = ((1, "zh"), (3, "en"))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks at the hall more often than once a second, and waits longer for a busy machine."""
    monkeypatch.setattr(link, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(link, "LOOK_TIMEOUT_S", 3.0)


# --- fingers ---
async def test_ten_fingers_at_once_take_one_ticket(tmp_path: Path) -> None:
    async with awake(tmp_path) as at:
        at.app.say(Act(Open(Screen.SERVICES)))
        await at.stands(Screen.SERVICES)
        ten = (["take-tax", *at.ways] * 10)[:10]
        at.touch("down", *ten)
        at.touch("up", *ten)
        await at.until(lambda: at.app.model.shown is Screen.TICKET)
        await asyncio.sleep(TRANSITION_S + 0.1)
        assert [request.args["service"] for request in at.daemon.verbs("ticket.take")] == ["tax"]
        assert "A004" in at.words and at.app.model.session.said is None


async def test_touches_during_a_transition_take_nothing(tmp_path: Path) -> None:
    """Who taps twice has not chosen what comes up under the finger; who taps then, has."""
    async with awake(tmp_path) as at:
        at.app.say(Act(Open(Screen.SERVICES)))
        at.touch("down", "take-tax")
        at.touch("up", "take-tax")
        await at.until(lambda: not pygame.event.peek([pygame.FINGERDOWN, pygame.FINGERUP], pump=False))
        await at.stands(Screen.SERVICES)
        assert at.daemon.verbs("ticket.take") == []
        at.touch("down", "take-tax")
        at.touch("up", "take-tax")
        await at.until(lambda: at.app.model.shown is Screen.TICKET)
        assert len(at.daemon.verbs("ticket.take")) == 1


# --- a control socket that lies ---
LIES: dict[str, dict[str, Any]] = {
    "no fields": {"data": {}},
    "other fields": {"data": {"number": "A004"}},
    "a list for a word": {"data": TICKET | {"ticket": ["A004"]}},
    "a word for a number": {"data": TICKET | {"ahead": "many"}},
    "a number below any": {"data": TICKET | {"ahead": -1}},
    "an unknown value": {"data": TICKET | {"phase": "lost"}},
    "no end": {"data": TICKET | {"ticket": "A" * 200_000}},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_ticket_that_is_a_lie_is_a_calm_sentence_and_a_technicians_reason(
    tmp_path: Path, lie: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with awake(tmp_path) as at:
        at.daemon.says["ticket.take"] = replying(**LIES[lie])
        at.app.say(Act(Open(Screen.SERVICES)))
        at.app.say(Act(TakeTicket("tax")))
        await at.until(lambda: at.app.model.session.said)
        assert tr("zh", "said.trouble") in at.words and "ok" in at.ways
        assert at.app.model.session.ticket is None and "A00" not in at.words
        assert "the answer to ticket.take makes no sense" in caplog.text
        assert "A" * 100 not in caplog.text, "no log quotes it"
        assert at.app.troubles() == {}, "it is no error of the program's"


async def test_words_that_no_page_has_room_for_are_not_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with awake(tmp_path) as at:
        at.daemon.says["ticket.take"] = replying(result="rejected", code="c", zh="长" * 60_000, en="no")
        at.app.say(Act(TakeTicket("tax")))
        await at.until(lambda: at.app.model.session.said)
        assert tr("zh", "said.trouble") in at.words and "ok" in at.ways
        assert "too long to be shown: 60000" in caplog.text


@pytest.mark.parametrize("text", [0, 1, 2, 3])
@pytest.mark.parametrize("inches", ["21.5", "32"])
def test_the_longest_words_of_a_daemons_fit_a_page(text: Any, inches: Any) -> None:
    panel = preset(inches)
    ruler = fonts(panel)
    zh, en = "长" * MAX_SENTENCE["zh"], ("words " * 40)[: MAX_SENTENCE["en"]]
    said = Said("sorry", "", zh, en, "x")
    for language in ("zh", "en"):
        told = model(Screen.SERVICES, panel, said=said, text=text, language=language)
        assert faults(page(told, ruler), Kit(told, ruler)) == []


VIEWS: dict[str, dict[str, Any]] = {
    "services that are a word": {"data": {"services": "many"}},
    "a service without a name": {"data": {"services": [{"id": "tax"}]}},
    "an unknown state": {"data": {"windows": [{"id": "1", "name": "1", "state": "on fire"}]}},
    "a time that is none": {"data": {"time": "yesterday"}},
    "a name without end": {"data": {"hall": "大" * 65}},
    "more rows than any hall has": {"data": {"services": [{"id": "a", "name": "b"}] * (MAX_ROWS + 1)}},
    "another version": {"data": {"v": 2}},
    "a refusal": {"result": "rejected", "code": "unknown_verb"},
}


@pytest.mark.parametrize("lie", VIEWS)
async def test_a_hall_that_is_a_lie_is_one_that_cannot_be_asked(
    tmp_path: Path, lie: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with awake(tmp_path) as at:
        at.daemon.says["kiosk.view"] = replying(**VIEWS[lie])
        await at.until(lambda: at.app.model.shown is Screen.OUT_OF_SERVICE)
        assert tr("zh", "out.title") in at.words
        reasons = [line for line in caplog.messages if "the daemon cannot be asked" in line]
        assert len(reasons) == 1, "once"
        del at.daemon.says["kiosk.view"]
        await at.until(lambda: at.app.model.shown is Screen.HOME)
        assert at.app.troubles() == {}


LINES = {
    "nonsense": b"\x00\xff no line of ours\n",
    "no reply": b"[]\n",
    "an unknown result": b'{"id": "1", "result": "perhaps"}\n',
    "a number for a word": b'{"id": 1, "result": "done", "zh": 5}\n',
    "a megabyte": b'{"id": "1", "result": "done", "zh": "' + HUGE.encode() + b'"}\n',
    "a depth without end": b"[" * 100_000 + b"\n",
    "nothing, and it closes": b"",
}


@pytest.mark.parametrize("line", LINES)
async def test_a_socket_that_lies_or_closes_is_said_until_it_is_a_daemons(
    tmp_path: Path, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):  # who listens has had enough
            await reader.readline()
            writer.write(LINES[line])
            await writer.drain()
        writer.close()

    async with awake(tmp_path) as at:
        await at.daemon.stop()
        server = await asyncio.start_unix_server(speak, at.daemon.socket)
        reason = "connection_lost" if line.startswith("nothing") else "bad_reply"
        await at.until(lambda: f"cannot be asked: unknown {reason}" in caplog.text)
        assert at.app.model.shown is Screen.OUT_OF_SERVICE and tr("zh", "out.title") in at.words
        server.close()
        at.daemon.socket.unlink(missing_ok=True)
        await at.daemon.start()
        await at.until(lambda: at.app.model.shown is Screen.HOME)
        assert "take-tax" in at.ways or "open-services" in at.ways
        assert at.app.troubles() == {}


async def test_q2_after_an_answer_that_was_none_it_is_the_same_ticket(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The number was kept and its answer spoilt on the way: the citizen waits, and gets that number."""
    async with awake(tmp_path) as at:
        honest, seen = at.daemon.says["ticket.take"], []

        async def spoilt_once(request: Any) -> Any:
            seen.append(request.id)
            reply = await honest(request)
            return reply if len(seen) > 1 else reply.model_copy(update={"result": "perhaps"})

        at.daemon.says["ticket.take"] = spoilt_once
        at.app.say(Act(TakeTicket("tax")))
        await at.until(lambda: seen)
        assert at.app.model.session.work is not None and "A004" not in at.words
        await at.until(lambda: at.app.model.shown is Screen.TICKET)
        assert len(seen) == 2 and len(set(seen)) == 1 and "A004" in at.words
        assert "the answer to ticket.take is no reply" in caplog.text


@pytest.mark.parametrize("lie", [{"levels": {"9": []}}, {"levels": "all"}, {"indicator_version": "x" * 65}])
async def test_reasons_that_are_a_lie_leave_a_rating_without_reasons(
    tmp_path: Path, lie: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with awake(tmp_path) as at:
        at.daemon.says["rating.reasons"] = replying(data=lie)
        at.app.say(Act(Open(Screen.RATE, "1")))
        await at.until(lambda: "no reasons for ratings" in caplog.text)
        at.app.say(Act(PickLevel(2)))
        at.app.say(Act(SendRating()))
        await at.until(lambda: at.app.model.session.said)
        assert tr("zh", "said.rated") in at.words
        assert at.daemon.verbs("rating.give")[0].args["level"] == 2


# --- a hall that says too much, without lying ---
@cache
def fonts(panel: Panel) -> Fonts:
    return Fonts(panel)


WORDS = {
    "long": "长" * 256,
    "one word": "x" * 256,
    "rare": "𠮷㛃䶮" * 20,
    "control": "a\x00b\n\r\t\x1b[31m\u202e\u200b",
    "nothing": "",
}


QUICK = ("long", "control")  # the others are shorter, or easier to draw


@pytest.mark.parametrize(
    "words", [each if each in QUICK else pytest.param(each, marks=pytest.mark.thorough) for each in WORDS]
)
def test_whatever_a_hall_is_called_every_page_can_be_drawn(words: str) -> None:
    name, many = WORDS[words], 10**12
    told = KioskView(
        hall=name[:64],
        services=tuple(
            KioskService(id=f"s{at}", name=name, name_en=name, ahead=many, from_min=many, to_min=many)
            for at in range(MAX_ROWS)
        ),
        priorities=tuple(KioskPriority(id=f"p{at}", name=name) for at in range(MAX_ROWS)),
        windows=tuple(
            KioskWindow(id=f"w{at}", name=name, unit=name, state="open", ticket=name[:64], waiting=many)
            for at in range(MAX_ROWS)
        ),
        called=(KioskCalled(ticket=name[:64], window=name),) * 4,
        notice=name,
    )
    panel = preset("21.5")
    face, surface = PageFace(panel), pygame.Surface((panel.width_px, panel.height_px))
    for number, plain in enumerate(everything(panel).values()):
        text, language = WORN[number % len(WORN)]
        session = replace(plain.session, text=text, language=language)
        shown = replace(plain, session=session, view=replace(plain.view, told=told))
        face.paint(surface, shown, face.tree(shown))


# --- a catalogue with faults ---
async def test_a_catalogue_with_faults_shows_the_rest_and_tells_a_technician(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An item without a name, and one whose name has characters of four bytes."""
    items = tmp_path / "items"
    items.mkdir()
    for file in SAMPLE.glob("*.csv"):
        text = file.read_text(encoding="utf-8-sig")
        text = text.replace("食品经营许可,", "𠮷㛃䶮经营许可,", 1).replace("居民身份证申领,", ",", 1)
        (items / file.name).write_text(text, encoding="utf-8")
    async with awake(tmp_path) as at:
        told = VIEW.model_copy(update={"catalogue": str(items)}).model_dump(mode="json")
        at.daemon.says["kiosk.view"] = replying(data=told)
        await at.until(lambda: not at.app.model.guide.is_empty)
        assert at.app.troubles()["bad_catalogue"].startswith("1: items.csv:")
        assert "see hall-edge check" in caplog.text
        at.app.say(Act(Open(Screen.ITEM, "1001")))
        assert "𠮷㛃䶮经营许可" in at.words
        at.app.say(Act(Open(Screen.ITEM, "0111")))
        assert tr("zh", "guide.gone") in at.words and "go-home" in at.ways
        assert len(at.app.model.guide.catalogue.items) == 397


# --- a screen of another size than configured ---
@pytest.mark.parametrize(
    "size",
    [
        *((1024, 768), (768, 1024), (3840, 2160)),
        *(
            pytest.param(size, marks=pytest.mark.thorough)
            for size in ((1280, 1024), (1280, 800), (2560, 1080))
        ),
    ],
    ids=str,
)
def test_a_screen_of_another_size_has_every_page_whole(size: tuple[int, int]) -> None:
    panel = replace(preset("21.5"), width_px=size[0], height_px=size[1])
    ruler, found = fonts(panel), []
    for name, plain in everything(panel).items():
        for text, language in WORN:
            shown = replace(plain, session=replace(plain.session, text=text, language=language))
            found += [f"{name}: {fault}" for fault in faults(page(shown, ruler), Kit(shown, ruler))]
    assert found == []


async def test_on_a_screen_of_another_size_fingers_are_felt_where_they_are(tmp_path: Path) -> None:
    settings = KioskSettings(kiosk=KioskTable(socket=tmp_path / "nowhere.sock"))
    window = Window(settings.panel.panel())  # the desktop in memory is of another size
    app = App(settings, window, PageFace(window.panel), "seed", watches_touch=False)
    running = asyncio.create_task(app.run())
    at = At(app, Daemon(tmp_path))
    try:
        assert "instead of 1080x1920" in app.troubles()["wrong_screen"]
        app.say(Act(None))
        app.say(Act(Open(Screen.ACCESS)))
        await at.stands(Screen.ACCESS)
        at.touch("down", "text-3")
        at.touch("up", "text-3")
        await at.until(lambda: app.model.session.text == 3)
    finally:
        app.leave()
        await asyncio.wait({running})
        window.close()
