"""What may be wrong with a keyboard, in a technician's words."""

from __future__ import annotations

from drivers.api import ConditionSpec

CONDITIONS = (
    ConditionSpec(
        "key_stuck",
        "warning",
        "有按键卡住，一直处于按下状态",
        "a key is stuck: it stays down, or repeats for ever",
        "检查该键是否被压住或进水；仍然如此请更换设备",
        "see whether something presses the key, or it is wet; if it stays so, replace the device",
    ),
    ConditionSpec(
        "unknown_key",
        "info",
        "收到按键表中没有的按键",
        "sent a key that its map does not know",
        "核对型号，或在按键表中补上这个键（ignore 表示忽略）",
        "check the model, or add the key to its map ('ignore' to leave it without effect)",
    ),
    ConditionSpec(
        "control_characters",
        "info",
        "扫到的码里有控制字符，已去掉",
        "a code held control characters, which were left out",
        "核对扫描枪的键盘布局应为美式英语，并关闭前缀、功能键和 Alt 编码",
        "set the scanner's keyboard layout to US English, without prefixes, function keys and Alt codes",
    ),
    ConditionSpec(
        "code_too_long",
        "warning",
        "扫到的码太长，已丢弃",
        "what was scanned is too long for a code and was thrown away",
        "核对扫描枪的后缀应为回车；检查有无按键卡住",
        "set the scanner's suffix to Enter; see whether a key is stuck",
    ),
    ConditionSpec(
        "events_lost",
        "info",
        "系统来不及处理，丢了按键",
        "the machine was too busy: keys were lost",
        "请重新按键或扫码；反复出现请检查主机负荷",
        "press or scan again; if it keeps happening, see what loads the machine",
    ),
)
