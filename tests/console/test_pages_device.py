"""A device's page, and the commands given there: asked of its node, answered, kept in the trail."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyotp
import pytest

from edge.console.accounts.roles import Role
from edge.console.web.answers import KEPT, Answer, Answers
from edge.console.web.keys import LIVE
from edge.wire import Reply
from tests.console import live_kit as say
from tests.console.accounts_kit import Browser, Pages, served
from tests.console.test_pages_fleet import COUNTY, fill, tell

SECRET = "JBSWY3DPEHPK3PXP" * 2
PRINTER = "/halls/county/devices/node-1/printer"
SOUND: dict[str, Any] = {
    "verdict": "ok",
    "evidence": [{"zh": "打印机应答正常", "en": "the printer answers"}],
    "next_zh": "不用处理",
    "next_en": "nothing is to be done",
}


class Node:
    """What a node answers, by verb; `asked` is what it was asked."""

    def __init__(self, pages: Pages, **answers: dict[str, Any]) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers = {name.replace("_", ".", 1): data for name, data in answers.items()}
        self._asker = pages.app[LIVE].asker
        self._asker.connected(self._publish)

    async def _publish(self, topic: str, payload: bytes) -> None:
        request = json.loads(payload)
        verb = topic.rsplit("/", 1)[1]
        self.asked.append((verb, request["args"]))
        if (data := self._answers.get(verb)) is not None:
            reply = Reply(id=request["id"], result="done", data=data)
        else:
            reply = Reply(
                id=request["id"], result="rejected", code="unknown_verb", zh="没有这个命令", en="no such verb"
            )
        self._asker.answered(request["id"], reply.model_dump_json().encode())


async def technician(pages: Pages, role: Role = Role.TECHNICIAN) -> Browser:
    return await logged_in(pages, "li", role)


async def logged_in(pages: Pages, name: str, role: Role) -> Browser:
    """Technicians with their code."""
    coded = role is Role.TECHNICIAN
    pages.account(name, role, secret=SECRET if coded else "")
    browser = await pages.logged_in(name)
    if coded:
        code = pyotp.TOTP(SECRET).at(int(pages.clock.now))
        assert (await browser.act("/login/code", "/login/code", code=code)).status == 303
    return browser


def known(pages: Pages, **can: Any) -> None:
    fill(pages)
    printer = {"id": "printer", "driver": "printer", "checks": ["internal", "external"], "prints": True}
    tell(pages, COUNTY.about, say.about(devices=[printer | can]))


async def test_a_page_says_what_is_wrong_what_to_do_and_what_has_passed(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        known(pages)
        frame = {"at": 1_790_000_000.0, "dir": "in", "hex": "10 04", "said": "status", "size": 2}
        hidden = {"at": 1_790_000_001.0, "dir": "out", "hex": "", "said": "", "size": 321}
        Node(pages, device_frames={"frames": [frame, hidden]}, device_statistics={"PaperCutCount": 12})
        text = (await (await technician(pages)).get(PRINTER)).text
        for words in (
            "缺纸",
            "换纸",
            "10 04",
            "321 字节，内容不保留",
            "PaperCutCount",
            "12",
            "重新连接",
            "打印测试页",
        ):
            assert words in text, words


async def test_a_command_is_asked_of_the_node_answered_and_kept(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        known(pages)
        node = Node(pages, device_test_print=SOUND)
        browser = await technician(pages)
        done = await browser.act(PRINTER, PRINTER, order="test_print")
        assert done.status == 303
        assert ("device.test_print", {"device": "printer", "by": "li"}) in node.asked
        text = (await browser.get(done.headers["Location"])).text
        for words in ("打印测试页", "良好", "打印机应答正常", "不用处理"):
            assert words in text, words
        (act,) = pages.acts("device.test_print")
        assert (act.account, act.hall, act.on, act.result) == ("li", "county", "node-1/printer", "done")
        other = await logged_in(pages, "wang", Role.TECHNICIAN)
        assert "打印机应答正常" not in (await other.get(done.headers["Location"])).text, "it is not theirs"


@pytest.mark.parametrize(
    ("order", "verb", "args"),
    [
        ("check_internal", "device.check", {"level": "internal"}),
        ("check_external", "device.check", {"level": "external"}),
        ("show_colors", "device.show", {"pattern": "colors"}),
        ("restart", "device.restart", {}),
    ],
)
async def test_checks_and_patterns_are_asked_for_the_person_and_shown_with_what_to_look_for(
    tmp_path: Path, order: str, verb: str, args: dict[str, str]
) -> None:
    look = {"look_zh": "屏条应亮", "look_en": "the strip is lit"}
    async with served(tmp_path) as pages:
        known(pages, shows=["all", "colors"])
        node = Node(pages, **{verb.replace(".", "_"): SOUND | look})
        browser = await technician(pages)
        done = await browser.act(PRINTER, PRINTER, order=order)
        assert (verb, {"device": "printer", "by": "li", **args}) in node.asked
        for lang, words in (
            ("zh", ("良好", "打印机应答正常", "下一步：", "不用处理", "现场看什么：", "屏条应亮")),
            ("en", ("Sound", "the printer answers", "nothing is to be done", "the strip is lit")),
        ):
            text = (await browser.get(f"{done.headers['Location']}&lang={lang}")).text
            for each in words:
                assert each in text, each
        (act,) = pages.acts(f"device.{order}")
        assert act.result == "done"


async def test_a_refusal_is_shown_in_the_nodes_words(tmp_path: Path) -> None:
    async with served(tmp_path) as pages:
        known(pages)
        Node(pages)
        browser = await technician(pages)
        done = await browser.act(PRINTER, PRINTER, order="check_external")
        text = (await browser.get(done.headers["Location"])).text
        assert "没有执行" in text
        assert "没有这个命令" in text
        assert pages.acts("device.check_external")[0].result == "rejected: unknown_verb"


@pytest.mark.parametrize(
    ("can", "offered"),
    [
        ({"checks": ["internal"], "prints": False}, {"check_internal", "restart"}),
        ({}, {"check_internal", "check_external", "test_print", "restart"}),
        (
            {"prints": False, "shows": ["all", "columns"]},
            {"check_internal", "check_external", "show_all", "show_columns", "restart"},
        ),
    ],
)
async def test_what_a_device_answers_is_offered_and_nothing_else(
    tmp_path: Path, can: dict[str, Any], offered: set[str]
) -> None:
    async with served(tmp_path) as pages:
        known(pages, **can)
        text = (await (await technician(pages)).get(PRINTER)).text
        assert set(re.findall(r'name="order" value="([a-z_]+)"', text)) == offered


async def test_who_a_device_is_stands_there_by_its_own_word(tmp_path: Path) -> None:
    said = {
        "ManufacturerName": "北洋",
        "ModelName": "BTP-R580",
        "SerialNumber": "S<1>",
        "FirmwareRevision": "7.2",
    }
    async with served(tmp_path) as pages:
        known(pages)
        Node(pages, device_statistics={"identity": said, "statistics": {"PaperCutCount": 12}})
        text = (await (await technician(pages)).get(PRINTER)).text
        for words in ("厂商", "北洋", "BTP-R580", "序列号", "S&lt;1&gt;", "固件", "7.2", "PaperCutCount"):
            assert words in text, words


async def test_a_node_that_does_not_answer_leaves_it_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(tmp_path) as pages:
        known(pages)
        browser = await technician(pages)
        done = await browser.act(PRINTER, PRINTER, order="restart")
        text = (await browser.get(done.headers["Location"])).text
        assert "没有执行" in text, "there is no broker"
        assert pages.acts("device.restart")[0].result == "rejected: no_broker"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MANAGER, Role.AUDITOR])
async def test_others_see_it_and_command_nothing(tmp_path: Path, role: Role) -> None:
    async with served(tmp_path) as pages:
        known(pages)
        node = Node(pages, device_frames={"frames": []}, device_statistics={}, device_restart={})
        browser = await technician(pages, role)
        text = (await browser.get(PRINTER)).text
        assert "重新连接" not in text
        assert "device.frames" not in [verb for verb, _ in node.asked]
        assert (await browser.act(PRINTER, order="restart")).status == 403
        assert "device.restart" not in [verb for verb, _ in node.asked]


@pytest.mark.parametrize("order", ["", "format", "show_all", "check_interactive", "device.restart"])
async def test_what_it_cannot_do_is_not_asked(tmp_path: Path, order: str) -> None:
    async with served(tmp_path) as pages:
        known(pages)
        node = Node(pages)
        assert (await (await technician(pages)).act(PRINTER, PRINTER, order=order)).status == 400
        assert [verb for verb, _ in node.asked if verb not in ("device.frames", "device.statistics")] == []


@pytest.mark.parametrize("path", ["node-1/nothing", "node-9/printer", "node-1/..%2fx", "node-1/Printer"])
async def test_a_device_that_is_none_is_not_found(tmp_path: Path, path: str) -> None:
    async with served(tmp_path) as pages:
        known(pages)
        assert (await (await technician(pages)).get(f"/halls/county/devices/{path}")).status == 404


async def test_answers_that_make_no_sense_are_shown_as_what_they_are(tmp_path: Path) -> None:
    """A node of another version, or somebody who says to be one."""
    nonsense: dict[str, Any] = {
        "verdict": ["ok"],
        "evidence": "<b>",
        "next_zh": 7,
        "identity": {"ModelName": ["x"], "SerialNumber": 7},
        "frames": {"a": 1},
        "statistics": [1],
    }
    strange = {"frames": [7, {"at": "x", "dir": 1, "hex": "<i>" * 500, "said": None}]}
    async with served(tmp_path) as pages:
        known(pages)
        Node(pages, device_test_print=nonsense, device_frames=strange, device_statistics=nonsense)
        browser = await technician(pages)
        done = await browser.act(PRINTER, PRINTER, order="test_print")
        answer = await browser.get(done.headers["Location"])
        assert answer.status == 200
        assert "<i>" not in answer.text
        assert "&lt;i&gt;" in answer.text


def test_answers_are_bounded() -> None:
    answers = Answers()
    ids = [answers.keep(Answer("li", "restart", 0.0, Reply(id="a", result="done"))) for _ in range(KEPT + 1)]
    assert answers.find("li", ids[0]) is None
    assert answers.find("li", ids[-1]) is not None
    assert answers.find("wang", ids[-1]) is None
