"""What may be wrong with an announcer, in the technician's words."""

from __future__ import annotations

from typing import Literal

from drivers.api import ConditionSpec

Code = Literal["clip_missing", "clip_bad", "play_failed", "player_stuck", "silent"]


CONDITIONS = (
    ConditionSpec(
        "clip_missing",
        "warning",
        "缺少语音文件",
        "a recording is missing",
        "把详情里的文件放进语音文件夹；自动生成的用 make voice 补齐",
        "put the file of the detail into the folder of recordings; `make voice` makes the generated set",
    ),
    ConditionSpec(
        "clip_bad",
        "warning",
        "语音文件不能用",
        "a recording cannot be used",
        "重新录制或转换成 WAV、单声道、16 位，全部文件采样率相同",
        "record or convert it as WAV, mono, 16 bits, all files of the folder at one rate",
    ),
    ConditionSpec(
        "play_failed",
        "error",
        "声卡拒绝播放",
        "the sound card refused to play",
        "看详情；关闭占用声卡的程序（fuser -v /dev/snd/*），核对网址里的声卡名",
        "see the detail; close what holds the card (`fuser -v /dev/snd/*`), compare the card in the URL",
    ),
    ConditionSpec(
        "player_stuck",
        "error",
        "播放程序没有按时结束，已强行停止",
        "the player did not end in time and was stopped",
        "拔插 USB 声卡；内置声卡请重启主机",
        "unplug and plug the USB card in again; for a built-in card, restart the machine",
    ),
    ConditionSpec(
        "silent",
        "error",
        "播放程序不应答",
        "the player does not answer",
        "程序会自动重开；反复出现时检查声卡和主机负载",
        "it is opened afresh by itself; if it keeps happening, look at the card and the machine's load",
    ),
)
