"""What may be wrong with a serial scanner, in a technician's words, and what a citizen is told."""

from __future__ import annotations

from drivers.api import ConditionSpec

CONDITIONS = (
    ConditionSpec(
        "silent",
        "error",
        "扫描头没有应答",
        "the scanner does not answer",
        "检查扫描头的电源和数据线，核对串口和波特率，并确认允许串口命令",
        "check the scanner's power and cable, compare port and baud rate, see that it takes serial commands",
    ),
    ConditionSpec(
        "refused",
        "warning",
        "扫描头拒绝扫码命令",
        "the scanner refuses the command to scan",
        "把扫描头设为命令触发模式；核对型号和固件",
        "set the scanner to be triggered by commands; check its model and firmware",
    ),
    ConditionSpec(
        "undecodable",
        "info",
        "扫到的码里有无法识别的文字",
        "a code's text is neither UTF-8 nor GBK",
        "请换一个码再扫；所有的码都如此，核对扫描头的字符编码设置",
        "scan another code; if it happens with all of them, check the scanner's setting of characters",
    ),
    ConditionSpec(
        "control_characters",
        "info",
        "扫到的码里有控制字符，已去掉",
        "a code held control characters, which were left out",
        "核对扫描头的前缀、后缀和 AIM 标识设置",
        "check the scanner's settings of prefix, suffix and AIM identifier",
    ),
    ConditionSpec(
        "cut_short",
        "warning",
        "扫到的码没有结尾，已丢弃",
        "a code came without its end and was thrown away",
        "把扫描头的后缀设为回车换行（CR LF）；检查数据线和波特率",
        "set the scanner's suffix to CR LF; check the cable and the baud rate",
    ),
    ConditionSpec(
        "code_too_long",
        "warning",
        "扫到的码太长，已丢弃",
        "what was scanned is too long for a code and was thrown away",
        "把扫描头的后缀设为回车换行（CR LF）；检查数据线和波特率",
        "set the scanner's suffix to CR LF; check the cable and the baud rate",
    ),
)

UNDECODABLE = (  # the detail of the order that failed
    "这个码里的文字无法识别，请再扫一次，或请工作人员帮助。"
    "The text of this code cannot be read. Please scan it again, or ask the staff."
)
