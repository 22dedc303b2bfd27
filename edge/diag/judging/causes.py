"""Causes that a line's counts show where a condition alone says "silent" or "lost", with what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.checking.words import Text


@dataclass(frozen=True, slots=True)
class Cause:
    """`code` is a condition's, or one of those below."""

    code: str
    what: Text
    next: Text

    def filled(self, **fields: object) -> Cause:
        def fill(text: Text) -> Text:
            return Text(text.zh.format(**fields), text.en.format(**fields))

        return Cause(self.code, fill(self.what), fill(self.next))


def _cause(code: str, zh: str, en: str, next_zh: str, next_en: str) -> Cause:
    return Cause(code, Text(zh, en), Text(next_zh, next_en))


WELL = _cause("ok", "没有发现问题", "nothing is wrong", "不用处理", "nothing is to be done")
NEVER_HEARD = _cause(
    "never_heard",
    "线路已打开，问了 {questions} 次，一个字节都没有收到：没通电、线没接好、波特率不对，样子都一样",
    "the line is open; {questions} questions, and not one byte has come: no power, a loose wire and a wrong "
    "baud rate look the same",
    "先看设备有没有通电，再看数据线两头是否插牢、收发（TX/RX 或 A/B）是否接反；都对就核对{settings}。"
    "串口可在节点上用 hallctl diag {device} --level external 换速率再问",
    "see that the device has power, then that the cable is plugged at both ends and TX/RX (A/B) are not "
    "swapped; then compare {settings}. On the node, hallctl diag {device} --level external asks a serial "
    "port at other speeds",
)
WENT_SILENT = _cause(
    "went_silent",
    "它 {ago} 秒前还有应答，之后问了 {questions} 次都没有",
    "it answered until {ago} s ago, and not to the {questions} questions since",
    "它原来是好的，参数不用动：看电源是否断了、数据线是否松脱；都好就把设备关电再开",
    "it worked, so leave the settings alone: see whether its power or cable came loose, else switch it off "
    "and on",
)
WRONG_SPEED = _cause(
    "wrong_speed",
    "收到 {bytes} 个字节，没有一帧能识别，样子像波特率不对",
    "{bytes} bytes came and no frame among them; they look like those of another speed",
    "核对波特率：配置是 {speed}，改成设备铭牌、自检页或拨码上的值，再运行 hallctl reload",
    "compare the baud rate: {speed} is configured; take that of the device's label, self-test page or "
    "switches, then run hallctl reload",
)
OTHER_SPEED = _cause(
    "other_speed",
    "波特率不对：设备按 {found} 应答，配置是 {speed}",
    "the baud rate is wrong: the device answers at {found}, and {speed} is configured",
    "把配置里 url 的 baud 改成 {found}，再运行 hallctl reload",
    "write baud={found} into its url in the configuration, then run hallctl reload",
)
NO_SENSE = _cause(
    "no_sense",
    "收到 {bytes} 个字节，没有一帧能识别",
    "{bytes} bytes came and no frame among them",
    "看接在这个口上的是不是这台设备（型号 {model}），再核对波特率和校验位",
    "see whether this device ({model}) is what is at the port, then compare baud rate and parity",
)
OTHER_DEVICE = _cause(
    "other_device",
    "线路另一头是别的设备：收到的是 {other} 的数据，配置写的是 {family}",
    "another device is at the other end: {other} is what is heard, {family} what is configured",
    "多半两根线插错了口：把线换回来，或改正配置里的 url，再运行 hallctl reload",
    "two cables are likely swapped: put them right, or correct url in the configuration, then run "
    "hallctl reload",
)
ECHO = _cause(
    "echo",
    "收到的全是自己发出去的数据，没有听到设备",
    "all that is heard is what was sent: the device itself is not",
    "收发两根线短接了，或转换器开了回显而设备没有接上：检查插头和转换器的接线",
    "the wires of sending and receiving touch, or the adapter echoes and no device is behind it: check plug "
    "and adapter",
)
HEARS_ITSELF = _cause(
    "hears_itself",
    "线路把自己发出的数据也收了回来，设备照常应答",
    "the line also brings back what was sent; the device answers all the same",
    "关掉转换器的回显（两线 RS-485 的接收控制），或检查收发线是否碰在一起",
    "turn off the adapter's echo (receiver control of two-wire RS-485), or see whether the wires touch",
)
BAD_LINE = _cause(
    "bad_line",
    "数据有损坏或丢失：好帧 {good}，坏帧 {bad}（{reason}），没有应答的询问 {missed}",
    "data is damaged or lost: {good} good frames, {bad} bad ({reason}), {missed} questions without an answer",
    "换一根线，插牢两头，离开电源线；RS-485 检查屏蔽接地和两端的终端电阻",
    "change the cable, seat both plugs, keep it from power lines; on RS-485 check shield and the termination "
    "at both ends",
)
LATE = _cause(
    "late",
    "它有应答，但来得太晚：等了 {waited} 秒",
    "it answers too late: {waited} s after it was asked",
    "看设备是否太忙或在报错；这种型号就是慢，则加大配置里的 {setting}，再运行 hallctl reload",
    "see whether the device is too busy or in error; if its kind is that slow, raise {setting} in the "
    "configuration, then run hallctl reload",
)
TWICE = _cause(
    "answers_twice",
    "每次询问都有两个应答：同一地址有两台设备，或另一个程序也在用这条线",
    "each question has two answers: two devices at one address, or another program on the line",
    "断开其中一台再看；给它改地址（拨码），并确认没有别的程序在用这条线",
    "unplug one of them and look again; give it another address, and see that no other program uses the line",
)
COLLIDES = _cause(
    "address_shared",
    "每次问地址 {address} 回来的都是乱码，问别的地址却正常：多半两台设备用了同一个地址",
    "what comes for address {address} can never be read, while others' answers can: likely two devices have "
    "that address and answer at once",
    "拔掉其中一台再看；给它改地址（拨码）。只有一台就检查它的分支接线",
    "unplug one of them and look again, then give it another address by its switches; if there is only one, "
    "check its branch of the wires",
)
LOOSE = _cause(
    "loose",
    "{minutes} 分钟内断开 {times} 次，每次又接上",
    "lost {times} times within {minutes} minutes, and back each time",
    "插头松动或供电不稳：插牢并固定好线，仍断就更换线、转接器或集线器",
    "a loose plug or weak power: seat and fasten the cable; if it goes on, replace cable, adapter or hub",
)
HELD = _cause(
    "port_busy",
    "口被另一个程序占用：{programs}",
    "another program holds the port: {programs}",
    "停掉这个程序（systemctl stop 或 kill {pid}）；口空出来后自动恢复",
    "stop that program (systemctl stop, or kill {pid}); the device comes back by itself",
)
DENIED = _cause(
    "port_denied",
    "用户 {user} 没有打开这个口的权限（{rights}）",
    "the user {user} may not open the port ({rights})",
    "把 {user} 加入这个口的组（usermod -aG），再重启 hall-edge",
    "add {user} to the port's group (usermod -aG), then restart hall-edge",
)
DEAD_BUS = _cause(
    "dead_bus",
    "这条线上的设备一台都听不到：问了 {questions} 次没有任何数据",
    "no device on this line is heard: {questions} questions, and no byte has come",
    "问题在公共部分：看转换器的灯和电源，A/B 两线是否接反或断开，再看设备的总电源",
    "look at what they share: the adapter's lamp and power, A/B wires swapped or broken, the devices' supply",
)
BUS_DIED = _cause(
    "bus_died",
    "这条线 {ago} 秒前还有数据，之后问了 {questions} 次，线上的设备一台都不答",
    "this line spoke until {ago} s ago; since then none of its devices has answered {questions} questions",
    "问题在公共部分，地址和参数不用动：看转换器的灯和电源、总线插头，再看设备的总电源",
    "it is what they share, so leave addresses and settings alone: the adapter's lamp and power, the bus's "
    "plug, then the devices' supply",
)
LONELY = _cause(
    "one_is_silent",
    "线路是好的（{heard} 有应答），只有这一台没有",
    "the line works ({heard} is heard), this one alone is not",
    "只看这一台：它的电源、分支接线和地址拨码（配置是 {address}）",
    "look at this one only: its power, its branch of the wires, its address switches (configured: {address})",
)
WRONG_ADDRESS = _cause(
    "wrong_address",
    "配置的地址 {address} 没有应答，线上却有未配置的地址 {found}",
    "nothing answers at address {address} as configured, while address {found} is heard and is not",
    "多半是地址拨错了：把设备的拨码改成 {address}，或把配置改成 {found} 再运行 hallctl reload",
    "its switches are likely wrong: set them to {address}, or the configuration to {found} and run "
    "hallctl reload",
)
UNTRIED = _cause(
    "not_heard",
    "还没有收到过它的信号；这种设备自己不说话，要有人操作",
    "nothing has been heard of it yet; such a device speaks only when somebody uses it",
    "到设备前按一下键或刷一下，再运行一次；仍没有信号就检查电源和接线",
    "press a key on it or use it, and run this again; if nothing follows, check its power and wires",
)
NONE_HEARD = _cause(
    "none_heard",
    "线路是通的，上面 {count} 台设备一台都还没有听到",
    "the line is open; of the {count} devices on it none has been heard",
    "逐台看：hallctl diag {first}",
    "look at each: hallctl diag {first}",
)
UNHEARD = _cause(
    "unheard",
    "刚才有人用了它，线路上没有收到任何信号",
    "somebody used it just now, and nothing came over its line",
    "看它有没有通电、线是否插牢；按键卡死或坏了的，换一台试",
    "see whether it has power and its cable is seated; if its keys are worn or stuck, try another one",
)
NOT_OPEN = _cause(
    "not_open",
    "它还没有连上：{state}",
    "it is not connected: {state}",
    "过一分钟再看；一直如此就用 hallctl send device.restart device={device} 重开",
    "look again in a minute; if it stays, run hallctl send device.restart device={device}",
)
ALL = (
    WELL, NEVER_HEARD, WENT_SILENT, WRONG_SPEED, OTHER_SPEED, NO_SENSE, OTHER_DEVICE, ECHO, HEARS_ITSELF,
    BAD_LINE, LATE, TWICE, COLLIDES, LOOSE, HELD, DENIED, DEAD_BUS, BUS_DIED, LONELY, WRONG_ADDRESS, UNTRIED,
    NONE_HEARD, UNHEARD, NOT_OPEN,
)  # fmt: skip
