"""A page printed to try a printer: what it says is how the printer did, and why where it did not."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from pydantic import Field

from drivers.api import Clock, ConditionSpec
from drivers.messages import Order, Outcome, PrintSlip, Result, SlipLine, SlipQr
from edge.commands import Args, By, Verb
from edge.settings import Settings
from edge.store import Store
from edge.wire import DeviceOrdered, Reply, Request, rejected
from edge.witness import keep_order

log = logging.getLogger(__name__)

DEADLINE_S = 20.0  # as of a slip
MAX_GIVEN = 64  # requests remembered whose end nobody knows: a repeat brings no second paper
QR_MODULE = 6  # dots: 0.75 mm, as on a slip

NO_PRINTER = "配置里没有打印机", "no printer is configured"
NO_SUCH = "配置里没有这台设备", "no such device is configured"
NOT_ONE = "这台设备不能打印", "this device does not print"
NO_ANSWER = (
    "打印机没有说是否打完，请看出纸口",
    "The printer has not said whether it is done. Please look at its slot.",
)
NOT_PRINTED = "没有打印出来", "Nothing was printed"


class TrialArgs(Args):
    device: Annotated[str, Field(max_length=64)] = ""  # by default that of the tickets
    by: By = ""


class Devices(Protocol):
    """What it needs of the supervisor."""

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome: ...
    def words(self) -> Mapping[str, Mapping[str, ConditionSpec]]: ...


class TrialPrints:
    def __init__(self, settings: Settings, clock: Clock, devices: Devices, store: Store) -> None:
        self._settings = settings  # no reload changes what is used of it
        self._clock = clock
        self._devices = devices
        self._store = store
        self._given: deque[str] = deque(maxlen=MAX_GIVEN)

    def verbs(self) -> list[Verb]:
        return [Verb("device.test_print", TrialArgs, self.print, "print a page, to try a printer")]

    async def print(self, args: TrialArgs, request: Request, client: str) -> Reply:
        printer = args.device or self._settings.printer
        if not printer:
            return rejected(request.id, "no_printer", *NO_PRINTER)
        if request.id in self._given:
            return Reply(
                id=request.id, result="failed", code="given_before", zh=NO_ANSWER[0], en=NO_ANSWER[1]
            )
        self._given.append(request.id)
        fact = DeviceOrdered(device=printer, order="test_print")
        await keep_order(self._store, self._clock, fact, args.by or client)
        outcome = await self._devices.order(printer, self.page(request.id, printer), DEADLINE_S)
        log.info("device.test_print: %s", outcome.result, extra={"device": printer, "client": client})
        zh, en = self._words(printer, outcome)
        data = {"device": printer}
        return Reply(id=request.id, result=outcome.result.value, code=outcome.code, zh=zh, en=en, data=data)

    def _words(self, printer: str, outcome: Outcome) -> tuple[str, str]:
        """The printer's own, where it has said what ails it."""
        if outcome.result is Result.DONE:
            return "", ""
        ails = self._devices.words().get(printer, {})
        if spec := ails.get(outcome.code) or next(iter(ails.values()), None):
            return f"{spec.zh}。{spec.remedy_zh}", f"{spec.en}: {spec.remedy_en}"
        if outcome.result is Result.UNKNOWN:
            return NO_ANSWER
        return {"unknown_device": NO_SUCH, "unsupported": NOT_ONE}.get(outcome.code, NOT_PRINTED)

    def page(self, job: str, printer: str) -> PrintSlip:
        """Text of each size that a slip has, the widest line, and a code, as a telephone is to read it."""
        hall = self._settings.hall
        now = datetime.fromtimestamp(self._clock.now().wall_s, ZoneInfo(hall.timezone))
        blocks = (
            SlipLine(hall.name, 2, "center"),
            SlipLine("测试页 TEST", 2, "center"),
            SlipLine("A001", 6, "center"),
            SlipLine("不是号码 not a ticket", 2, "center"),
            SlipLine("0123456789" * 4, 1),
            SlipLine(f"{printer} {now:%Y-%m-%d %H:%M:%S}", 1, "center"),
            SlipQr(f"{hall.id}/test/{printer}", QR_MODULE),
        )
        return PrintSlip(job, blocks)
