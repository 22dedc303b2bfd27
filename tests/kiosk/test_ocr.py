"""A machine that knows nothing of the kiosk reads what is on its pages."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pygame
import pytest

from kiosk_ui.actions import Contrast, Language
from kiosk_ui.fonts import Fonts
from kiosk_ui.model import Model
from kiosk_ui.node import Node, Role, find, walk
from kiosk_ui.panel import preset
from kiosk_ui.samples import everything
from kiosk_ui.screens import page
from kiosk_ui.shots import picture

PANEL = preset("21.5")
ALPHABET = {"zh": "chi_sim", "en": "eng"}
SCATTERED, ONE_LINE = "11", "7"  # how tesseract is to look
LINE_PX = 64  # the height of a line that it reads best

READ: tuple[tuple[str, Language, tuple[str, ...]], ...] = (
    ("attract", "zh", ("政务服务中心", "11月30日")),
    ("home", "zh", ("要办什么", "排队情况", "A012", "结束", "无障碍", "0558-5112345")),
    ("home-no-paper", "zh", ("小票暂时打不了", "请拍照")),
    ("services", "zh", ("要办的业务", "医疗保障", "前面没有人", "13:30", "下一页")),
    ("ticket-printed", "zh", ("取号成功", "您的号码", "不动产登记")),
    ("ticket-shown", "zh", ("没有打印", "请拍照", "20-35分钟")),
    ("queue", "zh", ("1号窗口", "A012", "正在办理", "未开放")),
    ("access", "zh", ("无障碍设置", "文字大小", "白底黑字", "轮椅低位")),
    ("out-of-service", "zh", ("本机暂停服务", "工作人员会帮您取号")),
    ("ending", "zh", ("您还在吗", "页面会清空", "结束")),
    ("home-night", "zh", ("24小时自助服务", "每周三延时服务")),
    ("home-online-away", "zh", ("24小时自助服务", "08:47起")),
    ("online", "zh", ("演示数据", "办件进度", "预约办事", "办税缴费", "补打缴费凭证")),
    ("case", "zh", ("食品经营许可证", "正在办理", "12月10日", "现场勘查", "还没开始")),
    ("case-lacking", "zh", ("需要补交材料", "契税完税证明", "3号窗口")),
    ("visit-done", "zh", ("预约成功", "不动产登记", "请拍照")),
    ("tax", "zh", ("增值税及附加税费", "12月15日", "已经缴清")),
    ("tax-sum", "zh", ("1,314.21", "中央部分", "617.00元", "地方部分", "697.21元")),
    ("pay", "zh", ("扫码付款", "1,314.21元", "还剩2分07秒", "取消付款")),
    ("paid-not-printed", "zh", ("缴款成功", "补打")),
    ("case", "en", ("Food business licence", "In progress", "Promised by")),
    ("pay", "en", ("Scan to pay", "1,314.21", "2min07sleft")),
    ("home", "en", ("How can we help you", "Take a ticket", "Need help")),
    ("ticket-shown", "en", ("Please take a photo", "Your number", "7 people ahead")),
)


def read(surface: pygame.Surface, file: Path, language: Language, mode: str) -> str:
    """All that tesseract finds, without spaces, of which it puts some between Hanzi."""
    pygame.image.save(surface, str(file))
    command = ["tesseract", str(file), "-", "-l", ALPHABET[language], "--psm", mode]
    quiet = os.environ | {"OMP_THREAD_LIMIT": "1"}  # its threads wait for each other on a busy machine
    found = subprocess.run(command, capture_output=True, check=True, timeout=90, env=quiet)
    return squeezed(found.stdout.decode())


def squeezed(text: str) -> str:
    return "".join(text.split()).replace("–", "-").replace("—", "-")


@pytest.mark.parametrize(
    ("name", "language", "words"), READ, ids=[f"{name}-{lang}" for name, lang, _ in READ]
)
def test_a_page_can_be_read(name: str, language: Language, words: tuple[str, ...], tmp_path: Path) -> None:
    model = everything(PANEL)[name]
    shown = replace(model, session=replace(model.session, language=language))
    found = read(picture(shown, Fonts(PANEL)), tmp_path / "page.png", language, SCATTERED)
    assert [word for word in words if squeezed(word) not in found] == [], found


@pytest.mark.parametrize(
    ("name", "id_", "words"),
    [
        ("home", "access", "无障碍"),
        ("ticket-printed", "done", "完成"),
        ("ending", "stay", "继续使用"),
        ("said", "ok", "知道了"),
        ("access", "speech", "语音朗读"),
    ],
)
@pytest.mark.parametrize("contrast", Contrast)
def test_a_button_can_be_read_in_every_contrast(
    name: str, id_: str, words: str, contrast: Contrast, tmp_path: Path
) -> None:
    fonts, shown = Fonts(PANEL), in_contrast(name, contrast)
    button = find(page(shown, fonts), id_)
    assert button is not None
    found = read(cut_out(picture(shown, fonts), button), tmp_path / "button.png", "zh", ONE_LINE)
    assert words in found


@pytest.mark.parametrize("contrast", Contrast)
def test_the_number_of_a_ticket_can_be_read_in_every_contrast(contrast: Contrast, tmp_path: Path) -> None:
    fonts, shown = Fonts(PANEL), in_contrast("ticket-shown", contrast)
    number = next(node for node in walk(page(shown, fonts)) if node.role is Role.HEADING)
    large = cut_out(picture(shown, fonts), number)
    small = pygame.transform.smoothscale_by(large, LINE_PX / large.get_height())
    assert read(small, tmp_path / "number.png", "en", ONE_LINE) == "A019"


def in_contrast(name: str, contrast: Contrast) -> Model:
    model = everything(PANEL)[name]
    return replace(model, session=replace(model.session, contrast=contrast))


def cut_out(drawn: pygame.Surface, node: Node) -> pygame.Surface:
    """Without the edge, which would be read as a letter."""
    rect = node.rect.inset(1.5 if node.action else 0.0)
    return drawn.subsurface(pygame.Rect(*(PANEL.px(side) for side in (rect.x, rect.y, rect.w, rect.h))))
