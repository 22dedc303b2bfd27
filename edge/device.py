"""How a device stands, and what its driver may touch: the running side of `drivers.api.Health` and `Context`.

*Offline is not unknown*: while the line is away the state says so, the condition that ended it stands, and
`last_heard` and the identity are kept. The driver's own conditions are cleared, because nobody is there to
take them back: a paper that ran out before the cable was pulled may have been filled since. Each run of a
driver thus begins with none, as the driver itself does.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from drivers.api import Clock, Command, ConditionSpec, DriverError, Identity
from drivers.messages import Body, Event
from edge.ids import new_id
from edge.log import DeviceLog, Once
from edge.memory import DriverMemory
from edge.orders import Orders
from edge.traffic import Traffic
from edge.wire import Condition, DeviceStateName, DeviceStatus

CONDITIONS_LIMIT = 32  # on at once: a driver that makes up codes must not fill the memory or a topic
ATTRIBUTES_LIMIT = 32  # of a device, for the same reason
DETAIL_LIMIT = 256  # characters of a condition's detail, for the same reason
LAST_HEARD_EVERY_S = (
    10.0  # `last_heard` alone is told no oftener, so a polled device costs 6 messages a minute
)

Changed = Callable[[DeviceStatus], None]
Emit = Callable[[Event], Awaitable[None]]


def _error(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> ConditionSpec:
    return ConditionSpec(code, "error", zh, en, remedy_zh, remedy_en)


LINE_CONDITIONS = {
    spec.code: spec
    for spec in (
        _error(
            "link_lost",
            "连接中断",
            "the connection is lost",
            "检查电源和连线；接好后自动恢复",
            "check power and cable; it comes back by itself",
        ),
        _error(
            "device_fault",
            "设备有应答但不能工作",
            "the device answers but cannot work",
            "查看设备面板上的提示，关电后重新开机",
            "look at the device's own display, switch it off and on",
        ),
        _error(
            "protocol_breach",
            "收到的数据大多无法识别",
            "most of what arrives makes no sense",
            "核对型号和波特率；检查接线、屏蔽和终端电阻",
            "compare model and baud rate; check wiring, shield and termination",
        ),
        _error(
            "bad_settings",
            "配置有误",
            "the configuration cannot work",
            "用 hall-edge check 查看错误，改正后运行 hallctl reload",
            "see the errors with hall-edge check, correct them, then run hallctl reload",
        ),
        _error(
            "driver_error",
            "驱动程序出错",
            "the driver failed",
            "把日志发给维护人员；其他设备不受影响",
            "send the log to the maintainer; other devices are not affected",
        ),
        _error(
            "device_in_use",
            "这个口已由另一台设备使用",
            "another device of this node has the port",
            "详情里有那台设备的名字；两台设备不能写同一个口，改正配置后运行 hallctl reload",
            "the detail names it; two devices cannot have one port: correct the configuration, then run "
            "hallctl reload",
        ),
        _error(
            "driver_stuck",
            "驱动程序没有停下来",
            "the driver did not stop",
            "重启服务：systemctl restart hall-edge",
            "restart the service: systemctl restart hall-edge",
        ),
    )
}
_LISTENING: tuple[DeviceStateName, ...] = ("handshake", "online")


def _generic(failure: DriverError) -> ConditionSpec:
    """Words for a failure whose code nobody declared: those of its kind, with the remedy that it brings."""
    codes = (failure.code, *(getattr(kind, "code", "") for kind in type(failure).__mro__))
    spec = next(LINE_CONDITIONS[code] for code in codes if code in LINE_CONDITIONS)
    remedy_zh, remedy_en = failure.remedy or spec.remedy_zh, failure.remedy or spec.remedy_en
    return replace(spec, code=failure.code, remedy_zh=remedy_zh, remedy_en=remedy_en)


class Standing:
    """The state and conditions of one device, or of one child on its line. Implements `drivers.api.Health`.

    A child takes its line's state. While the line is up it is "handshake" until it has been heard on that
    line, and only then online: a caller that nobody has pressed yet is not known to work.
    """

    def __init__(
        self,
        device: str,
        clock: Clock,
        changed: Changed,
        specs: Iterable[ConditionSpec],
        line: Standing | None = None,
    ) -> None:
        self.device = device
        self.log = DeviceLog(device)
        self.restarts = 0
        self._clock = clock
        self._changed = changed
        self._specs = {spec.code: spec for spec in specs}
        self._parent = line
        self._line: DeviceStateName = "stopped"
        self._heard = False  # on the line as it is open now
        self._cause: tuple[Condition, ConditionSpec] | None = None  # what took the line away
        self._conditions: dict[str, Condition] = {}
        self._logged: set[str] = set()  # conditions of which the log knows, until they are over or it is back
        self._attributes: dict[str, str] = {}
        self._last_heard: float | None = None
        self._since = clock.now().wall_s
        self._told: DeviceStatus | None = None
        self._told_mono_s = 0.0
        self._once = Once()

    # --- what the driver says ---
    def ready(self, identity: Identity) -> None:
        if self._line in _LISTENING:
            self.identify(identity)
            self._tell()

    def alive(self) -> None:
        if self._line not in _LISTENING:  # a task that outlived its run
            return
        first = not self._heard
        self._hear()
        if first or self._clock.now().mono_s - self._told_mono_s >= LAST_HEARD_EVERY_S:
            self._tell()

    def condition(self, code: str, on: bool, detail: str = "") -> None:
        known = self._conditions.get(code)
        if self._line not in _LISTENING or (not on and known is None):
            return
        if on:
            self._raise(code, known, detail[:DETAIL_LIMIT])
        else:
            del self._conditions[code]
            self._logged.discard(code)
            if self._line == "online":  # before, it is the return itself that is logged
                self.log.info("over: %s", self._spec(code).en, extra={"code": code})
        self._tell()

    def stands(self, code: str) -> bool:
        """Whether this condition is on."""
        return code in self._conditions

    def attribute(self, name: str, value: str) -> None:
        if self._line not in _LISTENING or self._attributes.get(name, "") == value[:DETAIL_LIMIT]:
            return
        if not value:
            self._attributes = {key: old for key, old in self._attributes.items() if key != name}
        elif name in self._attributes or len(self._attributes) < ATTRIBUTES_LIMIT:
            self._attributes = {**self._attributes, name: value[:DETAIL_LIMIT]}
        elif self._once.first("too many attributes"):
            self.log.error("driver bug: more than %d attributes", ATTRIBUTES_LIMIT)
        self._tell()

    # --- what the supervisor says ---
    def identify(self, identity: Identity) -> None:
        """It has said who it is. Not told yet: the state that follows from it is told with it."""
        pairs = (("model", identity.model), ("serial", identity.serial), ("firmware", identity.firmware))
        others = {key: value for key, value in self._attributes.items() if key not in dict(pairs)}
        self._attributes = {key: value[:DETAIL_LIMIT] for key, value in pairs if value} | others
        self._hear()

    def enter(self, line: DeviceStateName, failure: DriverError | None = None) -> None:
        """The line has come to `line`, because of `failure` where it was lost."""
        self._line = line
        if line != "online":
            self._conditions.clear()
            self._heard = False
        if line in ("online", "stopped"):
            self._logged &= self._conditions.keys()
            self._cause = None
        elif failure is not None:
            self._cause = self._blame(failure)
        self._tell()

    @property
    def is_online(self) -> bool:
        return self._line == "online"

    @property
    def state(self) -> DeviceStateName:
        if self._line != "online":
            return self._line
        if not self._heard:
            return "handshake"
        return "online" if all(c.severity == "info" for c in self._conditions.values()) else "degraded"

    @property
    def problem(self) -> str:
        """What keeps it from working now, as a code; "" when it can work, be it with a warning."""
        if self._cause:
            return self._cause[0].code
        if self._line != "online":
            return "offline"
        return next((c.code for c in self._conditions.values() if c.severity == "error"), "")

    def status(self) -> DeviceStatus:
        cause = (self._cause[0],) if self._cause else ()
        return DeviceStatus(
            device=self.device,
            state=self.state,
            conditions=(*cause, *self._conditions.values()),
            since=self._since,
            last_heard=self._last_heard,
            restarts=self.restarts,
            attributes=self._attributes,
        )

    def words(self) -> dict[str, ConditionSpec]:
        """What the conditions that are on mean, by code."""
        cause = {self._cause[1].code: self._cause[1]} if self._cause else {}
        return {**cause, **{code: self._spec(code) for code in self._conditions}}

    # --- within ---
    def _hear(self) -> None:
        self._heard = True
        self._last_heard = self._clock.now().wall_s
        if self._parent is not None:  # what is heard of a child came over the line
            self._parent.alive()

    def _raise(self, code: str, known: Condition | None, detail: str) -> None:
        if known is None and len(self._conditions) >= CONDITIONS_LIMIT:
            if self._once.first("too many conditions"):
                self.log.error("driver bug: more than %d conditions at once", CONDITIONS_LIMIT)
            return
        spec = self._spec(code)
        since = known.since if known else self._clock.now().wall_s
        self._conditions[code] = Condition(code=code, severity=spec.severity, since=since, detail=detail)
        # A device that is tried again and again says the same each time.
        if code not in self._logged and len(self._logged) < CONDITIONS_LIMIT:
            self._logged.add(code)
            level = logging.INFO if spec.severity == "info" else logging.WARNING
            self.log.log(level, "%s", spec.en, extra={"detail": detail, "code": code})

    def _spec(self, code: str) -> ConditionSpec:
        """The condition's words; a code that the driver has not declared is taken as a warning."""
        if spec := self._specs.get(code) or LINE_CONDITIONS.get(code):
            return spec
        if self._once.first(code):
            self.log.error("driver bug: condition not declared", extra={"code": code})
        return ConditionSpec(code, "warning", code, code, "", "")

    def _blame(self, failure: DriverError) -> tuple[Condition, ConditionSpec]:
        spec = self._specs.get(failure.code) or _generic(failure)
        same = self._cause is not None and self._cause[0].code == failure.code
        since = self._cause[0].since if self._cause and same else self._clock.now().wall_s
        detail = str(failure)[:DETAIL_LIMIT]
        return Condition(code=failure.code, severity="error", since=since, detail=detail), spec

    def _tell(self) -> None:
        """Tell `changed` where anything but the time of hearing is new, or that alone is old enough."""
        now = self._clock.now()
        if self._told is None or self._told.state != self.state:
            self._since = now.wall_s
        status = self.status()
        if self._told is not None and now.mono_s - self._told_mono_s < LAST_HEARD_EVERY_S:
            status_but_heard = status.model_copy(update={"last_heard": self._told.last_heard})
            if status_but_heard == self._told:
                return
        if status != self._told:
            self._told, self._told_mono_s = status, now.mono_s
            self._changed(status)


class DeviceContext:
    """All that one run of a driver may touch. Implements `drivers.api.Context`."""

    def __init__(
        self,
        settings: Any,
        standing: Standing,
        *,
        children: Mapping[str, Standing],
        orders: Orders,
        clock: Clock,
        emit: Emit,
        memory: DriverMemory,
        traffic: Traffic,
        online: Callable[[Identity], None],
    ) -> None:
        self._settings = settings
        self._standing = standing
        self._children = children
        self._orders = orders
        self._clock = clock
        self._emit = emit
        self._memory = memory
        self._traffic = traffic
        self._online = online

    @property
    def device(self) -> str:
        return self._standing.device

    @property
    def settings(self) -> Any:
        return self._settings

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def log(self) -> logging.LoggerAdapter[logging.Logger]:
        return self._standing.log

    def ready(self, identity: Identity) -> None:
        self._online(identity)

    def alive(self) -> None:
        self._traffic.good()
        self._standing.alive()

    def bad_frame(self, reason: str) -> None:
        self._traffic.bad(reason)

    def condition(self, code: str, on: bool, detail: str = "") -> None:
        self._standing.condition(code, on, detail)

    def attribute(self, name: str, value: str) -> None:
        self._standing.attribute(name, value)

    def child(self, device: str) -> Standing:
        return self._children[device]

    async def emit(self, body: Body, device: str | None = None) -> None:
        """Hand on what happened. An event is a sign of life of who it came from."""
        source = self._standing if device in (None, self.device) else self._children[device or ""]
        source.alive()
        await self._emit(Event(new_id(), source.device, self._clock.now(), body))

    async def remember(self, data: bytes) -> None:
        await self._memory.remember(data)

    async def recall(self) -> bytes:
        return await self._memory.recall()

    def commands(self) -> AsyncIterator[Command]:
        return self._orders
