"""The composition root: every part of the daemon is made, joined, started and stopped here."""

from __future__ import annotations

import asyncio
import logging
import random
import signal
from collections.abc import Callable

from drivers.messages import CameraLooked, Event
from drivers.registry import LINK_CONDITIONS
from edge import __version__
from edge.bus import Bus
from edge.cameras.broker import OnBroker
from edge.cameras.part import cameras_of
from edge.cameras.verbs import CameraVerbs
from edge.clock import SystemClock, boot_id
from edge.commands import Commands
from edge.control import ControlServer
from edge.effects import Effects
from edge.hall import HallAtWork
from edge.health import CoreWatch, Notifier
from edge.hotplug import HotPlug
from edge.kiosk_verbs import KioskVerbs
from edge.life import Seams
from edge.metrics import Metrics, serve_metrics
from edge.outbox import Outbox
from edge.present import Present
from edge.reload import Reload
from edge.settings import Settings
from edge.store import Limits, Store
from edge.supervision.verbs import AlertVerbs
from edge.supervisor import Supervisor
from edge.uplink import Identity, Uplink, session_of
from edge.upstream.part import Around, services_of
from edge.verbs import Verbs
from edge.wire import DeviceStatus, Topics

log = logging.getLogger(__name__)

_Task = asyncio.Task[None]
DRAIN_S = 2.0  # at a stop, for what the hub has not acknowledged; the rest is told at the next start


async def run(settings: Settings, load: Callable[[], Settings]) -> None:
    """The daemon's whole life: until SIGTERM or SIGINT, or until a core part fails (then for systemd).

    `load` reads the file of these settings again, for a reload; it raises ConfigError.
    Raises StoreRefused and ControlError, each with its remedy, before anything has been started.
    """
    node, clock = settings.node, settings.clock_of(SystemClock())
    limits = Limits(max_bytes=node.max_bytes, min_free_bytes=node.min_free_bytes, keep_days=node.keep_days)
    store = await Store.open(node.store, limits, lambda: clock.now().wall_s)
    try:
        await Daemon(settings, load, store).run()
    finally:
        await store.close()


class Daemon:
    """The parts of one node around its store."""

    def __init__(self, settings: Settings, load: Callable[[], Settings], store: Store) -> None:
        clock, bus = SystemClock(trust_rtc=settings.node.trust_rtc), Bus()
        seams = Seams(clock, random.Random(), self._event, self._device_changed, LINK_CONDITIONS, store)
        self._settings, self._epoch = settings, store.epoch
        self._devices = Supervisor(settings.devices, seams)
        self._hotplug = HotPlug(self._devices, clock)
        self._effects = Effects(settings, self._devices, bus, clock)
        self._hall = HallAtWork(
            settings=settings, store=store, bus=bus, effects=self._effects, clock=clock, changed=self._changed
        )
        self._cameras = cameras_of(settings, store=store, devices=self._devices, clock=clock)
        self._present = present = Present(
            settings=settings,
            hall=self._hall,
            devices=self._devices,
            cameras=self._cameras,
            store=store,
            clock=clock,
            changed=self._device_changed,
        )
        self._outbox = Outbox(store, ack=settings.mqtt.ack)
        commands = Commands(store)
        self._uplink = Uplink(
            topics=Topics(settings.hall.id, settings.node.id),
            session=session_of(settings),
            store=store,
            outbox=self._outbox,
            handle=commands.handle,
            identity=Identity(store.epoch, boot_id(), __version__, settings.config_hash),
            clock=clock,
            configured=self._present.topics(),
            alerts=self._present.alerts.topics(),
        )
        self._reload = Reload(settings=settings, load=load, devices=self._devices, adopt=self._adopt)
        verbs = Verbs(
            settings=settings,
            hall=self._hall,
            bus=bus,
            store=store,
            devices=self._devices,
            outbox=self._outbox,
            reload=self._reload,
            status=self._present.status,
        )
        around = Around(self._hall, bus, store, self._devices, self._effects, verbs.readings, present.alerts)
        self._services = services = services_of(settings, clock, around)
        kiosks = KioskVerbs(settings, self._hall, self._devices, present.kiosks, store, online=services.view)
        cameras = CameraVerbs(self._cameras, store, clock, afar=settings.judging.pictures_afar)
        alerts = AlertVerbs(present.supervision, present.alerts, store, clock)
        commands.add(*(verb for part in (verbs, kiosks, cameras, alerts, services) for verb in part.all()))
        self._control = ControlServer(settings.node.socket, commands.handle_local, commands.is_bound)
        self._notifier = Notifier()
        pings = {"hall": self._hall.ping, "control": self._control.ping}
        asked = pings | {"store": lambda: store.after(store.last_seq, 1, 1)}
        self._watch = CoreWatch(asked, clock, self._notifier)

    async def run(self) -> None:
        stop = asyncio.Event()
        does = {signal.SIGTERM: stop.set, signal.SIGINT: stop.set, signal.SIGHUP: self._reload.ask}
        for number, callback in does.items():
            asyncio.get_running_loop().add_signal_handler(number, callback)
        await self._cameras.load(OnBroker(self._settings, self._uplink, self._present.alerts))
        await self._control.start()
        metrics = Metrics()
        server = serve_metrics(metrics, self._settings.node.metrics_port)
        try:
            async with asyncio.TaskGroup() as tasks:
                devices = tasks.create_task(self._devices.run())
                uplink = tasks.create_task(self._uplink.run())
                core = [
                    tasks.create_task(self._hall.run()),
                    tasks.create_task(self._watch.run()),
                    tasks.create_task(self._hotplug.run()),
                    tasks.create_task(self._reload.run()),
                    tasks.create_task(self._cameras.run()),
                    tasks.create_task(self._services.run()),
                    tasks.create_task(self._present.run(self._uplink, self._watch, metrics)),
                ]
                self._notifier.ready()
                log.info("%s is at work, epoch %s", self._settings.hall.name, self._epoch)
                await stop.wait()
                await self._end(devices, uplink, core)
        finally:
            for part in (self._cameras, self._services, self._effects):
                await part.close()
            await self._control.stop()
            if server:
                server.close()

    async def _end(self, devices: _Task, uplink: _Task, core: list[_Task]) -> None:
        """First nothing new comes in; then what is kept goes out; then the rest."""
        log.info("stopping")
        self._notifier.stopping()
        devices.cancel()
        await asyncio.wait({devices})
        self._uplink.stop(DRAIN_S)
        await asyncio.wait({uplink})
        for task in core:
            task.cancel()

    async def _event(self, event: Event) -> None:
        await (self._cameras if isinstance(event.body, CameraLooked) else self._hall).on_event(event)

    def _device_changed(self, status: DeviceStatus) -> None:
        self._present.device_changed(status, self._uplink)
        self._hall.on_status(status)
        self._cameras.on_status(status)

    def _changed(self) -> None:
        self._present.changed()

    def _adopt(self, settings: Settings) -> None:
        """To all whose view a reload may change; the others keep only what no reload does."""
        self._effects.adopt(settings)
        self._hall.adopt(settings)
        self._uplink.adopt(settings.config_hash)
        self._present.adopt(settings)
