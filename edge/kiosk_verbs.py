"""The verbs of kiosks: what they show of the hall, asked each second, and that they are alive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from drivers.api import ConditionSpec
from drivers.messages import ReadCard, ReadCode
from edge.commands import NoArgs, Verb
from edge.hall import HallAtWork
from edge.kiosk_looks import Looks, unknown_kiosk
from edge.kiosks import AliveArgs, Kiosks
from edge.rules import roster, window_status
from edge.rules.views import waiting_ahead
from edge.settings import Settings
from edge.store import Store
from edge.wire import DeviceStatus, Reply, Request, ServiceQueue, told_min

QUEUE_EVERY_S = 2.0  # between two reckonings of the waits, which cost most: they are told in steps of 5 min


MAX_DEVICES = 64  # as `edge.wire.kiosk` has it
MAX_CONDITIONS = 4


class Devices(Protocol):
    def problem(self, device: str) -> str: ...
    def statuses(self) -> Sequence[DeviceStatus]: ...
    def words(self) -> Mapping[str, Mapping[str, ConditionSpec]]: ...


class KioskVerbs:
    """Reads the hall and tells it; several kiosks share one reckoning."""

    def __init__(
        self,
        settings: Settings,
        hall: HallAtWork,
        devices: Devices,
        kiosks: Kiosks,
        store: Store,
        *,
        online: Callable[[], dict[str, Any]],
    ) -> None:
        self._settings = settings  # no reload changes what is used of it, but for a device's own settings
        self._rules_hall = settings.rules_hall()
        self._hall = hall
        self._devices = devices
        self._kiosks = kiosks
        self._online = online
        self._looks = Looks(kiosks, store, hall.clock)
        self._queue: dict[str, ServiceQueue] = {}
        self._queue_s = -QUEUE_EVERY_S

    def all(self) -> list[Verb]:
        return [
            Verb("kiosk.view", NoArgs, self.view, "what a kiosk shows of this hall", reads=True),
            Verb("kiosk.devices", NoArgs, self.devices, "how the devices are, for technicians", reads=True),
            Verb("kiosk.alive", AliveArgs, self.alive, "a kiosk says how it is, each second", reads=True),
            *self._looks.verbs(),
        ]

    async def alive(self, args: AliveArgs, request: Request, _client: str) -> Reply:
        if args.kiosk not in self._kiosks:
            return unknown_kiosk(request, args.kiosk)
        self._kiosks.alive(args)
        look = self._looks.wanted(args.kiosk)
        return Reply(id=request.id, result="done", data={"look": look} if look else {})

    async def devices(self, _args: NoArgs, request: Request, _client: str) -> Reply:
        """As `edge.wire.kiosk.KioskDevices`."""
        words = self._devices.words()
        told = sorted(self._devices.statuses(), key=lambda status: status.state == "online")
        listed = [
            {
                "id": status.device,
                "state": status.state,
                "conditions": [
                    {"code": code, "zh": spec.zh, "en": spec.en}
                    for code, spec in list(words.get(status.device, {}).items())[:MAX_CONDITIONS]
                ],
            }
            for status in told[:MAX_DEVICES]
        ]
        more = max(0, len(told) - MAX_DEVICES)
        return Reply(id=request.id, result="done", data={"devices": listed, "more": more})

    async def view(self, _args: NoArgs, request: Request, _client: str) -> Reply:
        """As `edge.wire.kiosk.KioskView`, which the kiosk reads it by."""
        await self._hall.taken_up()
        printer = self._settings.printer
        data = {
            "hall_id": self._settings.hall.id,
            "hall": self._settings.hall.name,
            "time": self._time(),
            "services": list(self._services()),
            "priorities": [
                {"id": each.id, "name": each.name, "name_en": each.name_en}
                for each in self._settings.priorities.values()
            ],
            "windows": list(self._windows()),
            "called": [
                {"ticket": call.ticket, "window": self._settings.windows[call.window].name}
                for call in self._hall.state.called[:4]
                if call.window in self._settings.windows
            ],
            "printer": self._devices.problem(printer) if printer else "no_printer",
            "full": bool(self._hall.full),
            "catalogue": str(self._settings.guide.folder or ""),
            "notice": self._hall.state.notice or self._settings.boards.notice,
            "card_readers": self._able(ReadCard),
            "scanners": self._able(ReadCode),
            "online": self._online(),
        }
        return Reply(id=request.id, result="done", data=data)

    def _time(self) -> str:
        now_s = self._hall.clock.now().wall_s
        return datetime.fromtimestamp(now_s, self._rules_hall.zone).strftime("%Y-%m-%dT%H:%M:%S")

    def _services(self) -> Iterator[dict[str, Any]]:
        moment = roster.when(self._hall.now(), self._rules_hall)
        queue = self._reckoned()
        for service in self._settings.services.values():
            offered = roster.offer(self._rules_hall, service.id, moment)
            wait = queue.get(service.id)
            known = wait is not None and wait.wait_p50_s is not None and wait.wait_p90_s is not None
            low, high = (
                told_min(wait.wait_p50_s or 0, wait.wait_p90_s or 0) if wait and known else (None, None)
            )
            yield {
                "id": service.id,
                "name": service.name,
                "name_en": service.name_en,
                "open": offered.is_open,
                "opens": "" if offered.opens is None else roster.clock(offered.opens),
                "ahead": waiting_ahead(self._hall.state, self._rules_hall, service.id),
                "from_min": low,
                "to_min": high,
            }

    def _reckoned(self) -> dict[str, ServiceQueue]:
        now_s = self._hall.clock.now().mono_s
        if now_s - self._queue_s >= QUEUE_EVERY_S:
            self._queue = {each.service: each for each in self._hall.queue().services}
            self._queue_s = now_s
        return self._queue

    def _windows(self) -> Iterator[dict[str, Any]]:
        for window in self._settings.windows.values():
            status = window_status(self._hall.state, self._rules_hall, window.id)
            yield {
                "id": window.id,
                "name": window.name,
                "unit": window.unit,
                "services": list(window.services),
                "state": status.state,
                "ticket": status.ticket,
                "phase": status.phase,
                "rating": status.rating,
                "waiting": status.waiting,
            }

    def _able(self, order: type[ReadCard | ReadCode]) -> list[str]:
        """The devices that can carry it out now. One that has a kind is another thing to the hall: a pad that
        is a keyboard is no scanner."""
        return [
            device.id
            for device in self._settings.devices
            if device.wire.kind is None
            and device.loaded
            and order in device.loaded.spec.orders
            and not self._devices.problem(device.id)
        ][:8]
