"""How the line and each child is. The bus has no health command: a child is heard, never heard, or silent.

An RS-485 write never fails by itself, so only what a child says, or does not answer, tells anything.
"""

from __future__ import annotations

from drivers.api import ConditionSpec, Context, Identity
from drivers.bus68.settings import BusSettings, Child

MAX_LOGGED = 64  # strangers and unknown keys told apart in the log; noise that passes a check byte is rare

CONDITIONS = (
    ConditionSpec(
        "silent",
        "warning",
        "屏条没有应答",
        "the strip did not answer",
        "检查屏条的电源和 A/B 接线，核对地址",
        "check the strip's power and its A/B wires, compare its address with the configuration",
    ),
    ConditionSpec(
        "not_heard",
        "info",
        "很久没有收到它的信号",
        "not heard for a long time",
        "在设备上按任一键试试；仍无信号则检查电源和接线",
        "press a key on it; if nothing follows, check its power and wires",
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
        "unknown_address",
        "warning",
        "总线上有未配置的地址",
        "an address that is not configured was heard on the bus",
        "把该地址加入配置，或改正设备上的地址开关",
        "add the address to the configuration, or correct the switches on the device",
    ),
    ConditionSpec(
        "hears_itself",
        "warning",
        "转换器收到了自己发出的数据",
        "the adapter hears its own bytes",
        "在配置中设 local_echo = true",
        "set local_echo = true in the bus's settings",
    ),
)


class BusHealth:
    """Of one opened line: every condition begins off, and nobody has been heard."""

    def __init__(self, ctx: Context[BusSettings]) -> None:
        self._ctx = ctx
        self._last_s = dict.fromkeys((child.id for child in ctx.settings.children), self._now_s())
        self._known: set[str] = set()  # heard on this line
        self._not_heard: set[str] = set()
        self._logged: set[tuple[str, str]] = set()

    def heard(self, child: Child) -> None:
        health = self._ctx.child(child.id)
        if child.id not in self._known:
            self._known.add(child.id)
            health.ready(Identity())
        health.alive()
        self._last_s[child.id] = self._now_s()
        if child.id in self._not_heard:
            self._not_heard.discard(child.id)
            health.condition("not_heard", False)

    def answered(self, child: Child) -> None:
        self.heard(child)
        self._ctx.child(child.id).condition("silent", False)

    def unanswered(self, child: str, detail: str) -> None:
        self._ctx.child(child).condition("silent", True, detail)

    def unknown_key(self, child: Child, detail: str) -> None:
        self._ctx.child(child.id).condition("unknown_key", True, detail)
        if self._is_new(child.id, detail):
            self._ctx.log.warning("%s: unknown key: %s", child.id, detail)

    def stranger(self, address: int, what: str) -> None:
        """Stays until the line is opened anew: whoever it was may be pressed again tomorrow."""
        detail = f"address 0x{address:02X} ({address}), {what}"
        self._ctx.condition("unknown_address", True, detail)
        if self._is_new("", detail):
            self._ctx.log.warning("not configured: %s", detail)

    def hears_itself(self) -> None:
        self._ctx.condition("hears_itself", True)

    async def watch(self) -> None:
        """Tell who has not been heard for `silent_after_s`; wakes only when the next one is due."""
        limit_s = self._ctx.settings.silent_after_s
        while limit_s and self._last_s:
            now_s = self._now_s()
            for child, last_s in self._last_s.items():
                if now_s >= last_s + limit_s and child not in self._not_heard:
                    self._not_heard.add(child)
                    since = "last heard" if child in self._known else "never heard; opened"
                    detail = f"{since} {now_s - last_s:.0f} s ago"
                    self._ctx.child(child).condition("not_heard", True, detail)
            due_s = [last + limit_s for child, last in self._last_s.items() if child not in self._not_heard]
            await self._ctx.clock.sleep(min([limit_s, *(due - now_s for due in due_s)]))

    def _is_new(self, who: str, detail: str) -> bool:
        if (who, detail) in self._logged or len(self._logged) >= MAX_LOGGED:
            return False
        self._logged.add((who, detail))
        return True

    def _now_s(self) -> float:
        return self._ctx.clock.now().mono_s
