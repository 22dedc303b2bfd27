"""The verbs of `edge.inspection`. What they need is loaded when one is first asked for: most nodes idle."""

from __future__ import annotations

import logging
from typing import Annotated, Any, Protocol

from annotated_types import Interval
from pydantic import Field

from drivers.checking.words import NOTHING
from edge.commands import Args, Name, Verb
from edge.frames import KEPT, Passed
from edge.settings import Settings
from edge.supervisor import Supervisor
from edge.tally import names_of
from edge.wire import Reply, Request, rejected

log = logging.getLogger(__name__)

By = Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]  # for whom a client asks
PACKETS = (
    "摄像机的线路上是图像数据，不记录；请用 camera.look 看一次画面",
    "a line of cameras carries pictures, of which nothing is kept: look at one with camera.look",
)


class FramesArgs(Args):
    device: Name
    count: Annotated[int, Interval(ge=1, le=KEPT)] = KEPT
    by: By = ""


class DeviceArgs(Args):
    device: Name
    by: By = ""


class Hall(Protocol):
    """What it needs of the hall at work."""

    @property
    def settings(self) -> Settings: ...


class Inspection:
    def __init__(self, hall: Hall, devices: Supervisor) -> None:
        self._hall = hall
        self._devices = devices

    def verbs(self) -> list[Verb]:
        return [
            Verb("device.frames", FramesArgs, self.frames, "what passed last on a device's line", reads=True),
            Verb(
                "device.statistics",
                DeviceArgs,
                self.statistics,
                "what a device has done and suffered since its first day, by the names of UnifiedPOS",
                reads=True,
            ),
        ]

    async def frames(self, args: FramesArgs, request: Request, client: str) -> Reply:
        """A device on a shared line is told what passed on all of it: the line has one ear."""
        try:
            line, frames, say = self._devices.frames(args.device)
        except KeyError:
            return no_device(request, args.device)
        if frames is None:
            return rejected(request.id, "packets", *PACKETS)
        log.info("device.frames", extra={"device": args.device, "client": client, "by": args.by})
        told = [_told(each, say(each.data, each.out)) for each in frames.last(args.count)]
        data = {"device": args.device, "line": line, "lengths_only": frames.is_private, "frames": told}
        return Reply(id=request.id, result="done", data=data)

    async def statistics(self, args: DeviceArgs, request: Request, _client: str) -> Reply:
        from edge.inspection.identity import does, identity  # noqa: PLC0415 as the module says

        try:
            config, kind = self._hall.settings.found(args.device)
        except KeyError:
            return no_device(request, args.device)
        own, loaded = config.id == args.device, config.loaded
        done = does(loaded.spec if loaded else None, kind, is_line=own and bool(config.children))
        said = identity(
            kind=kind,
            family=config.driver,
            done=done,
            url=loaded.url if loaded else "",
            title=config.name if own else NOTHING,
            attributes=self._devices.status(args.device).attributes,
        )
        counts = dict.fromkeys(names_of(done), 0) | self._devices.tally.counts(args.device)
        data = {"device": args.device, "identity": said, "statistics": counts}
        return Reply(id=request.id, result="done", data=data)


def no_device(request: Request, name: str) -> Reply:
    return rejected(
        request.id, "unknown_device", f"配置里没有设备“{name}”", f"no device {name!r} is configured"
    )


def _told(passed: Passed, said: str) -> dict[str, Any]:
    return {
        "at": passed.at_s,
        "dir": "out" if passed.out else "in",
        "hex": passed.data.hex(" "),
        "size": passed.size,
        "said": said,
    }
