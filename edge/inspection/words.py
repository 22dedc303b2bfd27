"""What is said of a device that was tried, in a technician's words: Chinese, English."""

from __future__ import annotations

from drivers.checking.words import Text
from edge.wire import DeviceStateName

STATES: dict[DeviceStateName, Text] = {
    "stopped": Text("已停止", "it is stopped"),
    "connecting": Text("正在连接", "it is being connected"),
    "handshake": Text(
        "线路是通的，还没有收到它的信号", "its line is open, and nothing has been heard of it yet"
    ),
    "online": Text("在线", "it is online"),
    "degraded": Text("在线，有问题", "it is online, with something wrong"),
    "backoff": Text("断开了，正在重试", "it is away, and tried again and again"),
    "misconfigured": Text("配置有误", "it is misconfigured"),
    "faulted": Text("反复出错，5 分钟试一次", "it has failed too often, and is tried every 5 minutes"),
}


def filled(text: Text, **fields: str) -> Text:
    return Text(text.zh.format(**fields), text.en.format(**fields))


ANSWERED = Text("刚才问了它，它应答了", "it was asked just now, and has answered")
SILENT = Text("刚才问了它，它没有应答", "it was asked just now, and has not answered")
NOT_ASKED = Text("现在没法问它（{code}）", "it could not be asked now ({code})")
NO_QUESTION = Text(
    "这种设备没有询问状态的命令，只能按收到的信号判断",
    "its protocol has no question for its state: it is judged by what was heard of it",
)
HEARD = Text("最近一次收到它的信号是在 {ago}前", "it was last heard {ago} ago")
HEARD_OF = Text(
    "这条线路上最近一次收到设备的信号是在 {ago}前", "a device on its line was last heard {ago} ago"
)
NEVER_HEARD = Text("从未收到过它的信号", "it has never been heard")
DONE = Text("刚才让它做的，它做了", "what it was told to do just now, it has done")
SENT = Text(
    "已发给它；这种设备不回答，做没做请看现场", "it was sent to it; such a device does not answer: look at it"
)
NOT_DONE = Text("刚才让它做的没有做成（{code}）", "what it was told to do just now was not done ({code})")
NOT_KNOWN = Text("刚才让它做的，不知道做成没有", "nobody knows whether it has done what it was told just now")
PUT_BACK = Text("原来的内容已重新发给它", "what it showed before was sent to it again")
NOT_PUT_BACK = Text(
    "原来的内容没能恢复，下一次叫号或重新连上时恢复",
    "what it showed before could not be put back: the next call or its return does",
)

# --- what to do next ---
NOTHING_TO_DO = Text("不用处理", "nothing is to be done")
PRESS_SOMETHING = Text(
    "到设备前按一下键或刷一下，再来自检一次；仍没有信号就检查电源和接线",
    "press a key on it and check again; if nothing is heard of it, check its power and wires",
)
LOOK_AGAIN = Text("过一分钟再自检一次", "check again in a minute")

# --- what to look for at the device ---
LOOKS: dict[str, Text] = {
    "PrintSlip": Text(
        "应出一张测试页：字清楚、二维码完整、纸切断",
        "a test page: clear print, a whole code, and the paper cut",
    ),
    "ShowText": Text(
        "屏条应显示“测试 88”约 4 秒，然后恢复", "the strip shows 测试 88 for 4 seconds, then what it showed"
    ),
    "ShowLines": Text(
        "大屏应显示“测试 88”约 4 秒，然后恢复", "the board shows 测试 88 for 4 seconds, then what it showed"
    ),
    "ShowDigits": Text(
        "呼叫器应显示 8888 约 4 秒并响一声，然后恢复",
        "the caller shows 8888 for 4 seconds and beeps, then shows what it did",
    ),
    "AskRating": Text("评价器应亮灯或出声请人评价", "the pad lights up or asks for a rating"),
    "Announce": Text("音箱应播报“1、2、3”", "the loudspeaker says 1, 2, 3"),
}
PATTERNS: dict[str, Text] = {
    "all": Text(
        "每个位置都应点亮，约 10 秒；暗的地方是坏点",
        "every place is lit for 10 seconds; dark ones are broken",
    ),
    "colors": Text(
        "红、绿、黄依次或同时显示，约 10 秒，颜色应与文字一致",
        "red, green and yellow for 10 seconds; each is as its word says",
    ),
    "columns": Text(
        "应显示 1、2、3…，约 10 秒，顺序不乱、不缺位",
        "1, 2, 3 … for 10 seconds, in order and with none missing",
    ),
}

NOT_SHOWN = Text("没有显示出来，见下面的依据", "it was not shown: see the evidence")

# --- refusals ---
SERVING = Text(
    "它正在为人服务，没有打扰；请稍后再试", "it serves somebody now and was left alone; try again later"
)
TRIED = Text("它正在被测试，请等上一次做完", "it is being tried already; wait for the end of that")
BROKEN_OFF = Text(
    "做到一半有人要用它，已停下，内容已恢复", "somebody needed it in the middle: that was given way to"
)
A_CAMERA = Text("摄像机请用 camera.look 看一次画面", "look at a camera with camera.look")
NO_SUCH_CHECK = Text(
    "这台设备没有能看到或听到的自检，只能内部自检",
    "nothing can be seen or heard at this device: it has the internal check alone",
)
NO_PATTERNS = Text("这台设备不能显示测试图案", "this device shows no pattern")
NO_SUCH_PATTERN = Text("这台设备能显示的图案：{patterns}", "the patterns that this device shows: {patterns}")
