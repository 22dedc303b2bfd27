"""A node that is not reached, in both languages: the ways to it say it in English, for the log."""

from __future__ import annotations

from drivers.checking.words import Text
from edge.control import ControlError
from edge.diag.phrases import Phrases
from edge.diag.refusals import TurnedAway
from edge.diag.trouble import Trouble

_HERE = Phrases((
    (r"no daemon answers at (.+): .*", "{0} 没有服务应答"),
    (r"no permission for (.+)", "没有权限打开 {0}"),
    (r"the control socket is closed", "控制套接字已关闭"),
    (r"the connection ended before the reply", "答复之前连接中断"),
    (r"no reply in time", "没有及时答复"),
))  # fmt: skip


def unreached(error: ControlError) -> Trouble:
    cause = str(error)
    said = error.said if isinstance(error, TurnedAway) else Text(_HERE.zh(cause), cause)
    return Trouble(said, Text(error.remedy_zh, error.remedy))
