"""What may be wrong with a camera's line or stream, in a technician's words.

What is wrong with its picture is the hall's to judge, from many looks.
"""

from __future__ import annotations

from collections import Counter

from drivers.api import ConditionSpec, Health
from drivers.messages import CameraRing
from drivers.transport.losses import CONDITIONS as LINE_CONDITIONS

TWICE = 2  # looks in a row that fail alike: one lost packet is no condition


def _error(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> ConditionSpec:
    return ConditionSpec(code, "error", zh, en, remedy_zh, remedy_en)


def _warning(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> ConditionSpec:
    return ConditionSpec(code, "warning", zh, en, remedy_zh, remedy_en)


_OWN = (
    _warning(
        "no_decoder",
        "无法检查画面：解码进程不能工作",
        "no picture can be checked: the process that decodes does not work",
        "按详情中的提示安装或释放资源；摄像机在线检查照常进行",
        "do as the detail says; whether cameras are there is still checked",
    ),
    _warning(
        "clock_differs",
        "本机时间与各摄像机不一致，而各摄像机彼此一致",
        "this machine's clock differs from the cameras', which agree with each other",
        "检查本机的对时（timedatectl）；本机无误时，检查摄像机共用的时间服务器",
        "look at this machine's time (timedatectl); where it is right, at the time server the cameras share",
    ),
    _error(
        "auth_failed",
        "摄像机拒绝登录",
        "the camera refuses the login",
        "核对用户名和密码；35 分钟内不再尝试，以免账号被锁",
        "compare user name and password; it is not tried again for 35 minutes, lest the account be locked",
    ),
    _warning(
        "session_limit",
        "摄像机的连接数已满",
        "the camera has too many connections",
        "关闭其他正在观看的程序，或提高摄像机的连接数上限",
        "close other programs that watch it, or raise the camera's limit",
    ),
    _error(
        "no_answer",
        "摄像机接受连接但没有应答",
        "the camera takes connections and says nothing",
        "重启摄像机",
        "restart the camera",
    ),
    _error(
        "not_rtsp",
        "这个地址不是摄像机",
        "what answers there is no camera",
        "核对地址和端口",
        "compare address and port",
    ),
    _error(
        "not_found",
        "摄像机没有这个码流",
        "the camera has no such stream",
        "按摄像机说明书核对网址中的路径",
        "compare the path in the URL with the camera's manual",
    ),
    _error(
        "no_video",
        "这个网址下没有视频",
        "there is no video under this URL",
        "按摄像机说明书核对网址中的路径",
        "compare the path in the URL with the camera's manual",
    ),
    _error(
        "no_frames",
        "摄像机不发送图像",
        "the camera sends no pictures",
        "重启摄像机；检查编码是否开启、关键帧间隔是否过长",
        "restart the camera; see whether its encoder is on and its key frames are close enough",
    ),
    _error(
        "bad_stream",
        "码流无法识别",
        "the stream makes no sense",
        "重启摄像机；仍不行就把编码设为普通 H.264 或 H.265",
        "restart the camera; if it stays so, set its encoder to plain H.264 or H.265",
    ),
    _warning(
        "corrupt",
        "图像有损坏",
        "pictures come damaged",
        "检查网线、交换机和带宽",
        "check cable, switch and bandwidth",
    ),
    _error(
        "server_error",
        "摄像机内部出错",
        "the camera reports an error of its own",
        "重启摄像机；仍不行就升级固件",
        "restart the camera; if it stays so, update its firmware",
    ),
    _error(
        "unsupported",
        "不支持的视频格式",
        "video of a kind that is not supported",
        "把摄像机设为 H.264 或 H.265",
        "set the camera to H.264 or H.265",
    ),
    _error(
        "moved",
        "摄像机指向另一个地址",
        "the camera refers to another machine",
        "把新地址写进配置",
        "enter the address that it names",
    ),
    _error(
        "picture_too_large",
        "图像太大，无法检查",
        "the picture is too large to be checked",
        "降低这路码流的分辨率",
        "lower the resolution of this stream",
    ),
    _error(
        "stream_poison",
        "图像使解码进程崩溃，每小时只试一次",
        "its pictures end the process that decodes; they are tried once an hour",
        "重启摄像机并升级固件",
        "restart the camera and update its firmware",
    ),
)
_LINE = tuple(spec for spec in LINE_CONDITIONS if spec.code.startswith("peer_"))
CONDITIONS = (*_OWN, *_LINE)
KNOWN = frozenset(spec.code for spec in CONDITIONS)


class Standing:
    """What a camera's looks tell, one condition for each ring: raised by the second in a row that fails, and
    over with the first that does not."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._failed: Counter[CameraRing] = Counter()  # how often in a row
        self._on: dict[CameraRing, str] = {}

    def seen(self, ring: CameraRing, code: str, detail: str) -> None:
        """`code` is "" where the look went well; its rings before it are then well, too."""
        if not code:
            self._over(ring)
            if ring != "probe":
                self._over("probe")
            return
        code = code if code in KNOWN else "no_frames"
        self._failed[ring] += 1
        if self._failed[ring] >= TWICE and self._on.get(ring) != code:
            self._take_back(ring)
            self._on[ring] = code
            self._health.condition(code, True, detail)

    def _over(self, ring: CameraRing) -> None:
        del self._failed[ring]
        self._take_back(ring)

    def _take_back(self, ring: CameraRing) -> None:
        code = self._on.pop(ring, "")
        if code and code not in self._on.values():
            self._health.condition(code, False)
