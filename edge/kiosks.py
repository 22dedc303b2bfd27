"""Kiosks as technicians see them: like devices, whose sign of life is the verb `kiosk.alive`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Literal

from pydantic import Field

from drivers.api import Clock, ConditionSpec, Identity, LinkLost
from edge.commands import Args, Name
from edge.device import Standing
from edge.settings.kiosks import KioskTable
from edge.wire import DeviceStatus, Uid

LOOK_EVERY_S = 1.0  # for those that have fallen silent
Trouble = Literal[
    "touch_lost", "wrong_screen", "no_font", "no_sound", "bad_catalogue", "program_error", "wrong_pins"
]

CONDITIONS = (
    ConditionSpec(
        "silent",
        "error",
        "自助机没有信号",
        "the kiosk says nothing",
        "看屏幕是否亮着；查看 systemctl status hall-kiosk，或重启自助机",
        "see whether its screen is on; see systemctl status hall-kiosk, or start it afresh",
    ),
    ConditionSpec(
        "touch_lost",
        "error",
        "自助机的触摸屏不见了，或很久没有反应",
        "the kiosk's touch screen is gone, or has been silent for hours",
        "摸一下屏幕；没有反应就检查触摸屏的 USB 线",
        "touch the screen; if nothing happens, check the USB cable of the touch screen",
    ),
    ConditionSpec(
        "program_error",
        "warning",
        "自助机程序出过错，已自动恢复",
        "the kiosk's program failed, and went on by itself",
        "把日志发给维护人员：journalctl -u hall-kiosk",
        "send the log to the maintainer: journalctl -u hall-kiosk",
    ),
    ConditionSpec(
        "wrong_pins",
        "warning",
        "有人在自助机上多次输错技术人员 PIN",
        "somebody entered wrong technicians' PINs at the kiosk",
        "看看自助机旁是谁；输入正确的 PIN 后告警消除",
        "see who is at the kiosk; the right PIN clears it",
    ),
    ConditionSpec(
        "wrong_screen",
        "warning",
        "自助机的屏幕与配置不符",
        "the kiosk's screen is not the one that is configured",
        "详情里有两个尺寸；改正 kiosk.toml 里的 [panel]",
        "the detail has both sizes; correct [panel] in kiosk.toml",
    ),
    ConditionSpec(
        "no_font",
        "error",
        "自助机没有中文字体",
        "the kiosk has no Chinese font",
        "安装 fonts-noto-cjk，再重启自助机",
        "install fonts-noto-cjk, then start the kiosk afresh",
    ),
    ConditionSpec(
        "no_sound",
        "info",
        "自助机没有声音，语音引导不能用",
        "the kiosk has no sound: it cannot speak",
        "检查声卡和音箱；查看日志",
        "check sound card and speaker; see the log",
    ),
    ConditionSpec(
        "bad_catalogue",
        "warning",
        "办事指南的目录有错，有的事项没有显示",
        "the guide's catalogue has errors: some items are not shown",
        "用 hall-edge check 查看错误",
        "see the errors with hall-edge check",
    ),
)


class AliveArgs(Args):
    kiosk: Name
    run: Uid  # new with each start of its program
    version: Annotated[str, Field(max_length=32)] = ""
    # What is wrong with it now, each with its detail, which says nothing of any person.
    troubles: Annotated[
        dict[Trouble, Annotated[str, Field(max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$")]],
        Field(max_length=8),
    ] = Field(default_factory=dict)


class Kiosks:
    """Those of the configuration. `run` finds who is silent; the rest may be called while it runs."""

    def __init__(
        self, kiosks: Iterable[KioskTable], clock: Clock, changed: Callable[[DeviceStatus], None]
    ) -> None:
        self._clock = clock
        self._tables = {kiosk.id: kiosk for kiosk in kiosks}
        self._standings = {id_: Standing(id_, clock, changed, CONDITIONS) for id_ in self._tables}
        self._heard_s = dict.fromkeys(self._tables, clock.now().mono_s)
        self._runs: dict[str, str] = {}  # by kiosk: its program's run that was heard last

    def __contains__(self, kiosk: object) -> bool:
        return kiosk in self._standings

    async def run(self) -> None:
        for standing in self._standings.values():
            standing.enter("handshake")
        while self._standings:
            self._look(self._clock.now().mono_s)
            await self._clock.sleep(LOOK_EVERY_S)

    def alive(self, told: AliveArgs) -> None:
        """It said how it is. Raises KeyError for a stranger."""
        standing = self._standings[told.kiosk]
        self._heard_s[told.kiosk] = self._clock.now().mono_s
        before = self._runs.get(told.kiosk)
        self._runs[told.kiosk] = told.run
        standing.restarts += before not in (None, told.run)
        if not standing.is_online or before != told.run:
            standing.identify(Identity(firmware=told.version))
            standing.enter("online")
        standing.alive()
        troubles = {str(code): detail for code, detail in told.troubles.items()}
        for spec in CONDITIONS:
            detail = troubles.get(spec.code)
            standing.condition(spec.code, detail is not None, detail or "")

    def statuses(self) -> list[DeviceStatus]:
        return [standing.status() for standing in self._standings.values()]

    def words_of(self, kiosk: str) -> dict[str, ConditionSpec]:
        return self._standings[kiosk].words()

    def words(self) -> dict[str, dict[str, ConditionSpec]]:
        return {id_: words for id_, standing in self._standings.items() if (words := standing.words())}

    def _look(self, now_s: float) -> None:
        for id_, standing in self._standings.items():
            silent_s = self._tables[id_].silent_s
            if standing.state != "backoff" and now_s - self._heard_s[id_] > silent_s:
                gone = LinkLost(f"nothing heard for {silent_s:g} s", code="silent")
                standing.enter("backoff", gone)
