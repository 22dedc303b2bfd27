"""What may be wrong with an identity card reader, and how much of it there was."""

from __future__ import annotations

from typing import Any

from drivers.api import ConditionSpec, Context

CONDITIONS = (
    ConditionSpec(
        "silent",
        "error",
        "读卡器没有应答",
        "the card reader does not answer",
        "检查读卡器的电源和数据线，核对串口和波特率（115200）",
        "check the reader's power and cable, compare port and baud rate (115200)",
    ),
    ConditionSpec(
        "unauthorised",
        "error",
        "安全模块未经授权，不能读卡",
        "the security module is not authorised: no card can be read",
        "关电 10 秒后重新开机；仍然如此请联系供应商更换或重新授权安全模块（SAM）",
        "switch the reader off for 10 s; if that does not help, its supplier replaces or authorises the "
        "security module (SAM)",
    ),
    ConditionSpec(
        "self_test",
        "error",
        "读卡器正在自检，或自检没有通过",
        "the reader is in its self-test, or has failed it",
        "等待一分钟；不恢复就关电后重新开机，仍有故障请送修",
        "wait a minute; if it stays, switch the reader off and on; if the fault stays, have it repaired",
    ),
    ConditionSpec(
        "garbled",
        "warning",
        "读卡器反复收到不完整的命令",
        "commands reach the reader garbled, again and again",
        "检查数据线和波特率，远离干扰源；换一个 USB 口或换线",
        "check the cable and the baud rate, keep it away from what disturbs; try another port or cable",
    ),
    ConditionSpec(
        "check_digit",
        "warning",
        "读到的证件号码校验位不对",
        "a card's number was read with a wrong check digit",
        "请重新放卡；换卡仍然如此，检查数据线，再送修读卡器；只有一张卡如此，请人工核验该证件",
        "lay the card on again; if it happens with other cards, check the cable, then have the reader "
        "repaired; if with one card only, have staff check that card",
    ),
    ConditionSpec(
        "unreadable",
        "warning",
        "读到的卡片内容不完整",
        "what was read of a card makes no sense",
        "请重新放卡；换卡仍然如此，检查数据线，再送修读卡器",
        "lay the card on again; if it happens with other cards, check the cable, then have the reader "
        "repaired",
    ),
)
BLOCKING = ("silent", "unauthorised", "self_test")  # with these no card can be read at all
_OF_A_CARD = ("check_digit", "unreadable")


class Tally:
    """How many cards were read, and how many not, since the driver was started. Never which.

    Attributes by the names of UnifiedPOS: GoodReadCount, FailedReadCount.
    """

    def __init__(self) -> None:
        self._good = self._failed = 0
        self._since_good = dict.fromkeys(_OF_A_CARD, 0)

    def good(self, ctx: Context[Any]) -> None:
        self._good += 1
        for code in _OF_A_CARD:
            self._since_good[code] = 0
            ctx.condition(code, False)
        ctx.attribute("GoodReadCount", str(self._good))

    def failed(self, ctx: Context[Any], code: str) -> None:
        self._failed += 1
        if code in self._since_good:
            self._since_good[code] += 1
            times = self._since_good[code]
            ctx.condition(code, True, f"{times} since the last good reading")
        ctx.attribute("FailedReadCount", str(self._failed))
