"""How a board is: what it refuses, what it does not do although it was told, what its texts lack."""

from __future__ import annotations

from drivers.api import ConditionSpec, Context
from drivers.bx5k.commands import BUSY, Status
from drivers.bx5k.settings import BoardSettings

CONDITIONS = (
    ConditionSpec(
        "silent",
        "error",
        "显示屏控制卡不应答",
        "the board does not answer",
        "检查控制卡的电源和连线，核对屏号（address）和波特率 57600",
        "check the controller's power and cable, compare its screen number (address) and its speed of 57600",
    ),
    ConditionSpec(
        "dark",
        "error",
        "应当亮屏，控制卡却报告关屏",
        "the board is to be on, and says that it is off",
        "用设置软件 LedshowZK 取消定时开关机；检查显示屏电源",
        "take timed switching out of the controller with LedshowZK; check the board's power supply",
    ),
    ConditionSpec(
        "lit",
        "warning",
        "应当关屏，控制卡却报告亮屏",
        "the board is to be off, and says that it is on",
        "用设置软件 LedshowZK 取消定时开关机",
        "take timed switching out of the controller with LedshowZK",
    ),
    ConditionSpec(
        "brightness_differs",
        "warning",
        "亮度与设定不符",
        "the brightness is not as ordered",
        "关闭控制卡的自动调亮和定时调亮；检查亮度传感器设置",
        "turn off automatic and timed brightness in the controller; check the setting of its light sensor",
    ),
    ConditionSpec(
        "clock_drift",
        "warning",
        "控制卡时钟不准，校时后仍然相差",
        "the board's clock is wrong, and stays so after it was set",
        "更换控制卡的时钟电池；核对配置里的 timezone",
        "replace the battery of the controller's clock; check timezone in the configuration",
    ),
    ConditionSpec(
        "unknown_program",
        "warning",
        "控制卡正在播放未知的节目",
        "the board shows a program that is not known here",
        "用 LedshowZK 删除该节目，或把它加入配置的 programs",
        "delete the program with LedshowZK, or add it to programs in the configuration",
    ),
    ConditionSpec(
        "areas_missing",
        "warning",
        "重发之后，控制卡仍未列出应有的动态区",
        "the board does not list the areas that it was given, though they were sent again",
        "看屏上有无内容；没有则减少动态区，或升级控制卡固件",
        "see whether they are on the board; if not, use fewer areas, or update the controller's firmware",
    ),
    ConditionSpec(
        "status_unreadable",
        "warning",
        "控制卡的状态应答无法识别",
        "the board's status makes no sense",
        "核对控制卡型号；把日志发给维护人员",
        "compare the controller's model; send the log to the maintainer",
    ),
    ConditionSpec(
        "answers_twice",
        "warning",
        "同一屏号有两块控制卡应答",
        "two controllers answer to one screen number",
        "用 LedshowZK 给其中一块改屏号",
        "give one of them another screen number with LedshowZK",
    ),
    ConditionSpec(
        "busy",
        "warning",
        "控制卡一直忙",
        "the controller stays busy",
        "确认没有其他程序同时在向它发送；仍忙则断电重启控制卡",
        "make sure that no other program is sending to it; else switch the controller off and on",
    ),
    ConditionSpec(
        "out_of_memory",
        "error",
        "控制卡内存不足",
        "the controller has not memory enough",
        "减少动态区或缩短文字",
        "use fewer areas or shorter texts",
    ),
    ConditionSpec(
        "bad_checksums",
        "warning",
        "控制卡收到的数据校验错误",
        "what arrives at the controller is damaged",
        "检查串口线、屏蔽和接地，RS-485 检查终端电阻",
        "check cable, shield and earth; on RS-485 the termination",
    ),
    ConditionSpec(
        "no_font",
        "error",
        "控制卡里没有字库",
        "the controller has no such font",
        "用 LedshowZK 下载字库，或改正配置里的 font",
        "download the font with LedshowZK, or correct font in the configuration",
    ),
    ConditionSpec(
        "wrong_model",
        "error",
        "控制卡型号不符",
        "the controller is of another type",
        "改正配置里的 model，或设 device_type = 0xFE（通配）",
        "correct model in the configuration, or set device_type = 0xFE (any)",
    ),
    ConditionSpec(
        "flash_fault",
        "error",
        "控制卡存储器出错",
        "the controller's memory chip failed",
        "断电重启控制卡；仍有则更换控制卡",
        "switch the controller off and on; if it stays, replace it",
    ),
    ConditionSpec(
        "refused",
        "error",
        "控制卡拒绝了命令",
        "the controller refuses a command",
        "核对控制卡型号，升级固件；详情里有错误码",
        "compare the model and update its firmware; the detail has the error's number",
    ),
    ConditionSpec(
        "characters_replaced",
        "info",
        "文字里有显示屏不能显示的字，已用 ？ 代替",
        "a text has characters that the board cannot show; ？ stands in their place",
        "换用常用字",
        "use other characters",
    ),
    ConditionSpec(
        "text_cut",
        "info",
        "文字太长，后面的没有显示",
        "a text is too long; its end is not shown",
        "缩短文字",
        "shorten the text",
    ),
)

SILENT = "silent"
_ERRORS = {  # the manual's errors; what is not here is "refused"
    BUSY: "busy",
    4: "out_of_memory",
    5: "bad_checksums",
    7: "flash_fault",
    12: "no_font",
    13: "wrong_model",
}


def code_of(error: int) -> str:
    return _ERRORS.get(error, "refused")


class BoardHealth:
    """Of one opened line: every condition begins off. Each is told when it changes."""

    def __init__(self, ctx: Context[BoardSettings]) -> None:
        self._ctx = ctx
        self._told: dict[str, str] = {}  # conditions that are on, and their detail
        self._refusals: dict[bytes, str] = {}  # group and number of a command → the condition it met
        self._texts: dict[str, tuple[str, bool]] = {}  # area → what its text lacks

    def tell(self, code: str, on: bool, detail: str = "") -> None:
        if (self._told.get(code) == detail) if on else (code not in self._told):
            return
        if on:
            self._told[code] = detail
        else:
            del self._told[code]
        self._ctx.condition(code, on, detail)

    def refused(self, command: bytes, error: int) -> str:
        """The condition that explains it; it stays on until the same command is accepted."""
        code = code_of(error)
        before = self._refusals.get(command)
        self._refusals[command] = code
        if before not in (None, code):
            self._clear(before)
        self.tell(code, True, f"command {command.hex(' ').upper()}: error {error:02X}")
        return code

    def accepted(self, command: bytes) -> None:
        self._clear(self._refusals.pop(command, None))

    def text(self, area: str, replaced: str, cut: bool) -> None:
        """What is wrong with the text that `area` shows now."""
        self._texts[area] = (replaced, cut)
        strange = [f"{name}: {each}" for name, (each, _) in self._texts.items() if each]
        too_long = [name for name, (_, is_cut) in self._texts.items() if is_cut]
        self.tell("characters_replaced", bool(strange), "; ".join(strange))
        self.tell("text_cut", bool(too_long), ", ".join(too_long))

    def status(self, status: Status, drift_s: float | None) -> None:
        programs = self._ctx.settings.programs
        self.tell("unknown_program", bool(programs) and status.program not in programs, status.program)
        self._ctx.attribute("power", "on" if status.power else "off")
        self._ctx.attribute("brightness", str(status.brightness))
        self._ctx.attribute("program", status.program)
        self._ctx.attribute("areas", " ".join(map(str, status.areas)))
        self._ctx.attribute("clock_drift_s", "" if drift_s is None else f"{drift_s:.0f}")

    def _clear(self, code: str | None) -> None:
        if code is not None and code not in self._refusals.values():
            self.tell(code, False)
