"""The configuration file, read again while the hall runs: at SIGHUP, and by the verb `node.reload`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Never

from drivers.checking.words import Text
from edge.ids import new_id
from edge.settings import ConfigError, DeviceConfig, Settings, changes
from edge.supervisor import Stopping, Supervisor
from edge.wire import Reply, rejected

MAX_LISTED = 64  # texts in an answer, so that it fits a message whatever stands in the file
MAX_TEXT = 400  # characters of each, for the same reason

log = logging.getLogger(__name__)

Words = Mapping[str, Sequence[Text]]  # lists of an answer's data, by name


class Reload:
    """All of a file is taken up, or nothing. One reload at a time, each on what the one before has left."""

    def __init__(
        self,
        *,
        settings: Settings,
        load: Callable[[], Settings],
        devices: Supervisor,
        adopt: Callable[[Settings], None],
    ) -> None:
        """`load` raises ConfigError. `adopt` hands new settings to all who hold some, and never waits: it is
        called while no device runs that has changed."""
        self._settings = settings
        self._load = load
        self._devices = devices
        self._adopt = adopt
        self._running = asyncio.Lock()
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """A signal has come. Several that come before the file is read are one."""
        self._asked.set()

    async def run(self) -> Never:
        """Do what signals ask for. Who sends one finds the answer in the log only."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                await self.reload(new_id())
            except Exception:  # whatever stands in a file, it must not end a hall at work
                log.exception("the reload failed")

    async def reload(self, request_id: str) -> Reply:
        """Restart the devices whose own settings differ, and no other; the log says once what came of it.

        Rejected with nothing changed: "bad_config", "needs_restart", "stopping". Failed, though all else is
        now as the file says: "driver_stuck".
        """
        async with self._running:
            try:  # in a thread: a large hall takes a while to check, and devices wait for acknowledgements
                new = await asyncio.to_thread(self._load)
                return await self._take(request_id, new)
            except ConfigError as error:
                problems = [*(each.text() for each in error.problems), *_problems(error.devices)]
                return _refuse(request_id, "bad_config", _BAD_CONFIG, {"problems": problems})
            except Stopping:
                return _refuse(request_id, "stopping", _STOPPING, {})

    async def _take(self, request_id: str, new: Settings) -> Reply:
        found, problems = changes(self._settings, new), _problems(new.devices)
        if found.needs_restart:
            words = {"needs_restart": found.needs_restart, "problems": problems}
            return _refuse(request_id, "needs_restart", _NEEDS_RESTART, words)
        is_same = new.config_hash == self._settings.config_hash and not found.devices
        stuck = await self._devices.renew(found.devices, lambda: self._switch(new))
        restarted = [device.id for device in found.devices if device.id not in stuck]
        said = _SAME if is_same else _taken(restarted)
        log.info("%s", said.en, extra={"config_hash": new.config_hash})
        data = {"restarted": restarted, "config_hash": new.config_hash} | _listed({"problems": problems})
        if stuck:  # the device's life has logged it
            said = _stuck(stuck)
            return Reply(
                id=request_id, result="failed", code="driver_stuck", zh=said.zh, en=said.en, data=data
            )
        return Reply(id=request_id, result="done", zh=said.zh, en=said.en, data=data)

    def _switch(self, new: Settings) -> None:
        self._settings = new
        self._adopt(new)


_BAD_CONFIG = Text("配置文件有错误，什么都没有改变", "the configuration has errors; nothing has changed")
_NEEDS_RESTART = Text(
    "有的改动要重启服务才生效（systemctl restart hall-edge），什么都没有改变",
    "some changes need systemctl restart hall-edge; nothing has changed",
)
_STOPPING = Text("服务正在停止，下次启动时读取配置", "the service is stopping; its next start reads the file")
_SAME = Text("配置没有变化", "the configuration is the same")


def _taken(restarted: Sequence[str]) -> Text:
    names = ", ".join(restarted)
    if not names:
        return Text(
            "已采用新配置，没有设备需要重启", "the new configuration is taken up, no device restarted"
        )
    return Text(f"已采用新配置，重启了 {names}", f"the new configuration is taken up, restarted: {names}")


def _stuck(devices: Sequence[str]) -> Text:
    names = ", ".join(devices)
    return Text(
        f"已采用新配置，但 {names} 的原驱动停不下来；请重启服务",
        f"the new configuration is taken up, but the old driver of {names} does not end; restart the service",
    )


def _problems(devices: Iterable[DeviceConfig]) -> list[Text]:
    """Of devices: they stay out, and keep nobody else from anything."""
    return [problem.text() for device in devices for problem in device.all_problems()]


def _refuse(request_id: str, code: str, reason: Text, words: Words) -> Reply:
    said = "; ".join(text.en[:MAX_TEXT] for texts in words.values() for text in texts[:MAX_LISTED])
    log.warning("not reloaded: %s%s", reason.en, f": {said}" if said else "")
    return rejected(request_id, code, reason.zh, reason.en).model_copy(update={"data": _listed(words)})


def _listed(words: Words) -> dict[str, Any]:
    """For `Reply.data`: as many as fit, the last says how many more there are; what is empty is left out."""
    return {name: [_both(text) for text in _cut(texts)] for name, texts in words.items() if texts}


def _cut(texts: Sequence[Text]) -> Sequence[Text]:
    if len(texts) <= MAX_LISTED:
        return texts
    more = len(texts) - MAX_LISTED
    return [
        *texts[:MAX_LISTED],
        Text(f"还有 {more} 处，见 hall-edge check", f"and {more} more, see hall-edge check"),
    ]


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh[:MAX_TEXT], "en": text.en[:MAX_TEXT]}
