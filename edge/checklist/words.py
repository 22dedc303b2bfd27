"""Why no notice was printed, in the words of the citizen who asked, with a way on."""

from __future__ import annotations

from typing import Literal

Code = Literal[
    "given_before",
    "no_guide",
    "cannot_print",
    "busy",
    "enough",
    "unknown_item",
    "unknown_case",
    "not_printed",
    "not_known",
]

WORDS: dict[Code, tuple[str, str]] = {
    "given_before": (
        "打印机一直没有答复。请看出纸口，没有告知单就再按一次打印",
        "The printer has not answered. Please look at its slot; if there is no notice, press print again.",
    ),
    "no_guide": (
        "这里没有办事指南，请到咨询台索取告知单",
        "There is no service guide here. Please ask for the notice at the enquiry desk.",
    ),
    "cannot_print": (
        "打印机暂时不能打印，请拍下屏幕，或到咨询台索取告知单",
        "The printer cannot print just now. Please take a photo of the screen, or ask at the enquiry desk.",
    ),
    "busy": (
        "打印机正忙，请稍候再试",
        "The printer is busy. Please try again in a moment.",
    ),
    "enough": (
        "已经打印了好几张，还需要请到咨询台索取",
        "Several notices have been printed already. Please ask at the enquiry desk for more.",
    ),
    "unknown_item": (
        "没有找到这个事项，请到咨询台询问",
        "This item was not found. Please ask at the enquiry desk.",
    ),
    "unknown_case": (
        "这个事项没有所选的情形，请重新选择",
        "This item has no such case. Please choose again.",
    ),
    "not_printed": (
        "告知单没有打印出来，请再试一次，或拍下屏幕",
        "The notice was not printed. Please try again, or take a photo of the screen.",
    ),
    "not_known": (
        "打印机还没有答复，请看出纸口，或请工作人员帮助",
        "The printer has not answered yet. Please look at its slot, or ask the staff.",
    ),
}
