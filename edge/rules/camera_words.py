"""What is wrong with a camera, in the words of managers and technicians: what it is, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple


class Words(NamedTuple):
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    severity: Literal["warning", "error"] = "error"


FAULT_WORDS: Mapping[str, Words] = {
    "offline": Words(
        "摄像机离线",
        "the camera is offline",
        "检查电源、网线和交换机端口",
        "check its power, its cable and the port of the switch",
    ),
    "auth_failed": Words(
        "摄像机拒绝登录",
        "the camera refuses the login",
        "核对用户名和密码；35 分钟后再试",
        "compare user name and password; it is tried again after 35 minutes",
    ),
    "session_limit": Words(
        "摄像机连接数已满",
        "the camera has too many connections",
        "关闭其他正在观看的程序，或提高连接数上限",
        "close other programs that watch it, or raise its limit",
        "warning",
    ),
    "no_frames": Words(
        "摄像机不发送图像",
        "the camera sends no pictures",
        "重启摄像机；核对码流地址",
        "restart the camera; compare the address of its stream",
    ),
    "corrupt": Words(
        "图像损坏",
        "pictures come damaged",
        "检查网线、交换机和带宽",
        "check cable, switch and bandwidth",
        "warning",
    ),
    "dark": Words(
        "画面过暗",
        "the picture is too dark",
        "查看照明；检查镜头盖、光圈和曝光设置",
        "look at the lights; check lens cap, iris and exposure",
    ),
    "over": Words(
        "画面过曝",
        "the picture is too bright",
        "检查曝光设置和正对镜头的光源",
        "check the exposure, and lamps that shine into the lens",
    ),
    "covered": Words(
        "镜头被遮挡",
        "the lens is covered",
        "到现场查看镜头前的物体",
        "go and see what stands before the lens",
    ),
    "blur": Words(
        "画面模糊",
        "the picture is blurred",
        "擦拭镜头，重新对焦",
        "wipe the lens, and focus it anew",
        "warning",
    ),
    "moved": Words(
        "摄像机被移动",
        "the camera was moved",
        "把摄像机转回原位；若新画面正确，用「接受新画面」确认",
        "turn it back; where the new view is right, accept it",
    ),
    "cast": Words(
        "画面偏色",
        "the picture has a colour cast",
        "检查白平衡",
        "check the white balance",
        "warning",
    ),
    "unexpected_grey": Words(
        "白天画面为黑白",
        "the picture is grey by day",
        "检查日夜切换和红外滤光片",
        "check day/night switching and the infra-red filter",
        "warning",
    ),
    "noise": Words(
        "画面噪点过多",
        "the picture is noisy",
        "查看照明和增益设置；传感器可能老化",
        "look at the lights and the gain; the sensor may be old",
        "warning",
    ),
    "stripes": Words(
        "画面有条纹",
        "the picture has stripes",
        "检查电源干扰和防闪烁频率（50 Hz）",
        "check interference from its supply, and the anti-flicker frequency (50 Hz)",
        "warning",
    ),
    "mosaic": Words(
        "画面有马赛克",
        "the picture breaks up into blocks",
        "检查网络丢包和码率",
        "check the network for lost packets, and the bit rate",
        "warning",
    ),
    "frozen": Words(
        "画面静止不动",
        "the picture stands still",
        "重启摄像机",
        "restart the camera",
    ),
    "low_fps": Words(
        "帧率过低",
        "too few pictures a second",
        "检查带宽和编码设置",
        "check bandwidth and encoder settings",
        "warning",
    ),
    "wrong_size": Words(
        "画面尺寸与平时不同",
        "the picture has another size than usual",
        "核对编码设置；若有意更改，用「接受新画面」确认",
        "compare the encoder settings; where it was meant, accept the new view",
        "warning",
    ),
    "clock_drift": Words(
        "摄像机时钟不准",
        "the camera's clock is wrong",
        "在摄像机上设置时间服务器",
        "set a time server at the camera",
        "warning",
    ),
}

TOGETHER_WORDS: Mapping[str, Words] = {
    "lights": Words(
        "多台摄像机画面同时变化：照明",
        "many pictures changed at once: the lights",
        "查看大厅照明；若为正常开关灯，不必处理",
        "look at the lights; where they were switched, nothing is to be done",
        "warning",
    ),
    "power": Words(
        "多台摄像机同时故障：供电",
        "many cameras failed at once: power",
        "检查配电和 PoE 交换机",
        "check the supply and the PoE switches",
    ),
    "network": Words(
        "多台摄像机同时离线：网络",
        "many cameras are gone at once: the network",
        "检查交换机、录像机和上联线路",
        "check switches, recorders and the uplink",
    ),
}
