"""Why a line can be lost, in a technician's words: one table for the log, the console and `hallctl`."""

from __future__ import annotations

import errno
import ssl  # asyncio has it loaded already

from drivers.api import ConditionSpec, LinkLost


def _spec(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> ConditionSpec:
    return ConditionSpec(code, "error", zh, en, remedy_zh, remedy_en)


CONDITIONS: tuple[ConditionSpec, ...] = (
    _spec(
        "link_lost",
        "线路中断",
        "the line is gone",
        "检查设备的电源和连线",
        "Check the device's power and its cable.",
    ),
    _spec(
        "port_missing",
        "没有这个串口或 USB 口",
        "there is no such port",
        "插好，再查看设备名：串口 ls -l /dev/serial/by-id，打印机 ls /dev/usb，键盘类 ls -l /dev/input/by-id",
        "Plug it in; `ls -l /dev/serial/by-id` names the serial ports there are, `ls /dev/usb` the printers, "
        "`ls -l /dev/input/by-id` the keyboards.",
    ),
    _spec(
        "port_ambiguous",
        "有几个口符合配置",
        "several ports fit what is configured",
        "在网址里加上 port=…（USB 插口），或写 /dev/serial/by-path、/dev/input/by-path 下的名字",
        "Add port=… (the USB socket) to the URL, or give a name under /dev/serial/by-path or "
        "/dev/input/by-path.",
    ),
    _spec(
        "port_denied",
        "没有打开串口的权限",
        "this program may not open the port",
        "把运行本程序的用户加入 dialout 组（USB 打印机是 lp 组），再重启服务",
        "Add the service's user to the group `dialout` (`lp` for a USB printer) and restart the service.",
    ),
    _spec(
        "port_busy",
        "串口被其他程序占用",
        "another program holds the port",
        "用 fuser -v 查出占用串口的程序并关闭它",
        "`fuser -v` on the port names the program; close it.",
    ),
    _spec(
        "port_stuck",
        "串口打开或关闭时没有反应",
        "opening or closing the port hangs",
        "拔下转接线再插上；仍不行就重启主机",
        "Unplug the adapter and plug it in again; if that does not help, restart the machine.",
    ),
    _spec(
        "unplugged",
        "连线被拔出或转接线断电",
        "the port vanished: unplugged, or the adapter lost power",
        "把线插回；反复出现就更换转接线或集线器",
        "Plug it in again; if it keeps happening, replace the adapter or the hub.",
    ),
    _spec(
        "input_denied",
        "没有打开输入设备的权限",
        "this program may not open the input device",
        "把运行本程序的用户加入 input 组，再重启服务",
        "Add the service's user to the group `input` and restart the service.",
    ),
    _spec(
        "input_busy",
        "输入设备被其他程序独占",
        "another program has grabbed the input device",
        "用 fuser -v 查出占用该设备的程序并关闭它",
        "`fuser -v` on the device names the program; close it.",
    ),
    _spec(
        "input_library",
        "没有安装读取输入设备的程序库",
        "the library for input devices is not installed",
        "运行 .venv/bin/pip install evdev-binary（非 x86-64 的机器用 evdev，需要编译器）",
        "Run `.venv/bin/pip install evdev-binary` (not on x86-64: evdev, which needs a compiler).",
    ),
    _spec(
        "line_stalled",
        "设备不再接收数据",
        "the device takes no more data",
        "检查设备是否开机、缺纸或报错，以及流控设置（rtscts、xonxoff）",
        "See whether the device is on, out of paper or in error, and check flow control (rtscts, xonxoff).",
    ),
    _spec(
        "one_way",
        "打印机的 USB 口只收不发，查不到状态",
        "the printer's USB port takes data and answers nothing, so its state cannot be known",
        "在打印机设置里打开双向通信；没有这一项就改用串口或网口",
        "Set the printer to two-way communication; where it cannot be, use its serial or network port.",
    ),
    _spec(
        "peer_refused",
        "设备拒绝网络连接",
        "the device refused the connection",
        "核对地址和端口；确认设备已启动完毕且未被其他程序占用",
        "Check address and port; make sure that the device has started and that nothing else is connected.",
    ),
    _spec(
        "peer_unreachable",
        "网络上找不到设备",
        "the device cannot be reached over the network",
        "检查网线、设备电源和 IP 地址，用 ping 测试",
        "Check the network cable, the device's power and its address; try `ping`.",
    ),
    _spec(
        "peer_closed",
        "设备关闭了网络连接",
        "the device closed the connection",
        "检查设备是否重启，或是否有其他程序在连接它",
        "See whether the device restarted, or whether another program connects to it.",
    ),
    _spec(
        "tls_failed",
        "加密连接没有建立",
        "no encrypted connection could be made",
        "核对网址里的 ca 和 name 与设备的证书是否相符、证书是否过期、本机时钟是否准确",
        "Compare ca and name in the URL with the device's certificate; check its last day and our clock.",
    ),
    _spec(
        "no_player",
        "没有安装播放程序 aplay",
        "the program aplay is not installed",
        "安装：apt-get install alsa-utils；装好后自动恢复",
        "Install it: `apt-get install alsa-utils`; it comes back by itself.",
    ),
    _spec(
        "no_card",
        "没有这块声卡",
        "there is no such sound card",
        "插好声卡或 USB 音箱，用 aplay -L 查看名称，核对网址",
        "Plug the card or USB loudspeaker in; `aplay -L` has the names; compare the URL.",
    ),
    _spec(
        "simulator_failed",
        "模拟器出错退出",
        "the simulator failed",
        "查看日志中的错误",
        "The log has the error.",
    ),
)
_BY_CODE = {spec.code: spec for spec in CONDITIONS}

_BY_ERRNO = {
    errno.ENOENT: "port_missing",
    errno.EACCES: "port_denied",
    errno.EPERM: "port_denied",
    errno.EAGAIN: "port_busy",  # another program's lock
    errno.EBUSY: "port_busy",  # TIOCEXCL
    errno.EIO: "unplugged",
    errno.ENXIO: "unplugged",
    errno.ENODEV: "unplugged",
    errno.ENOSPC: "line_stalled",  # a USB printer that is out of paper
    errno.ECONNREFUSED: "peer_refused",
    errno.ECONNRESET: "peer_closed",
    errno.ECONNABORTED: "peer_closed",
    errno.EPIPE: "peer_closed",
    errno.EHOSTUNREACH: "peer_unreachable",
    errno.ENETUNREACH: "peer_unreachable",
    errno.EHOSTDOWN: "peer_unreachable",
    errno.ETIMEDOUT: "peer_unreachable",
}


def lost(url: str, code: str = "link_lost", detail: str = "") -> LinkLost:
    """The loss of `url` for one of the reasons above; raises KeyError for any other code."""
    spec = _BY_CODE[code]
    text = f"{url}: {spec.en}" + (f" ({detail})" if detail else "")
    return LinkLost(text, code=code, remedy=spec.remedy_en)


def lost_by(url: str, error: Exception, otherwise: str = "link_lost") -> LinkLost:
    """The loss that an operating-system error stands for."""
    if isinstance(error, ssl.SSLError):  # numbers of its own
        return lost(url, "tls_failed", str(error))
    number = error.args[0] if error.args and isinstance(error.args[0], int) else None
    code = otherwise if number is None else _BY_ERRNO.get(number, otherwise)
    return lost(url, code, str(error))
