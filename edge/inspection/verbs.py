"""The verbs of `edge.inspection`. What they need is loaded when one is first asked for: most nodes idle."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Interval

from drivers.checking.words import NOTHING
from edge.commands import Args, By, Name, Verb
from edge.frames import KEPT, Passed
from edge.hall import HallAtWork
from edge.store import Store
from edge.supervisor import Stopping, Supervisor
from edge.tally import names_of
from edge.trials import TrialPrints
from edge.wire import Check, DeviceOrdered, Pattern, Reply, Request, rejected
from edge.witness import keep_order

if TYPE_CHECKING:
    from edge.inspection.trying import Trial

RELEASE_LIMIT_S = 60.0  # as long as a look at one port takes, several times over

log = logging.getLogger(__name__)

PACKETS = (
    "摄像机的线路上是图像数据，不记录；请用 camera.look 看一次画面",
    "a line of cameras carries pictures, of which nothing is kept: look at one with camera.look",
)
IN_USE = (
    "这条线路上有设备在工作，不能让出",
    "a device on this line works: it is not given away",
)


class FramesArgs(Args):
    """`since`: the `seq` of the last answer, for who asks again and again."""

    device: Name
    count: Annotated[int, Interval(ge=1, le=KEPT)] = KEPT
    since: Annotated[int, Ge(0)] | None = None
    by: By = ""


class DeviceArgs(Args):
    device: Name
    by: By = ""


class CheckArgs(DeviceArgs):
    level: Check


class ReleaseArgs(DeviceArgs):
    for_s: Annotated[float, Interval(ge=1, le=RELEASE_LIMIT_S)] = RELEASE_LIMIT_S


class ShowArgs(DeviceArgs):
    pattern: Pattern


class Inspection:
    def __init__(self, hall: HallAtWork, devices: Supervisor, store: Store, trials: TrialPrints) -> None:
        self._hall = hall
        self._devices = devices
        self._store = store
        self._trials = trials
        self._tried: set[str] = set()  # devices; each once at a time

    def verbs(self) -> list[Verb]:
        return [
            Verb("device.restart", DeviceArgs, self.restart, "close a device and open it afresh"),
            Verb(
                "device.release",
                ReleaseArgs,
                self.release,
                "close for `for_s` seconds, at most 60, a line on which no device works, so that its port "
                "can be looked at",
            ),
            Verb("device.frames", FramesArgs, self.frames, "what passed last on a device's line", reads=True),
            Verb(
                "device.line",
                DeviceArgs,
                self.line,
                "what a device's line carries and suffers, and how all stand that are on it",
                reads=True,
            ),
            Verb(
                "device.statistics",
                DeviceArgs,
                self.statistics,
                "what a device has done and suffered since its first day, by the names of UnifiedPOS",
                reads=True,
            ),
            Verb(
                "device.check",
                CheckArgs,
                self.check,
                "how a device is, judged by what it answers now, or by what a person there sees it do",
            ),
            Verb("device.show", ShowArgs, self.show, "show a pattern for ten seconds, then what stood there"),
        ]

    async def restart(self, args: DeviceArgs, request: Request, client: str) -> Reply:
        fact = DeviceOrdered(device=args.device, order="restart")
        return await self._stopped(fact, args, request, client, lambda: self._devices.restart(args.device))

    async def release(self, args: ReleaseArgs, request: Request, client: str) -> Reply:
        """The line is nobody's else as long as one device on it works."""
        try:
            config, _ = self._hall.settings.found(args.device)
        except KeyError:
            return no_device(request, args.device)
        states = {self._devices.status(each).state for each in (config.id, *config.children)}
        if states & {"online", "degraded"}:
            return rejected(request.id, "in_use", *IN_USE)
        fact = DeviceOrdered(device=args.device, order="release", how=f"{args.for_s:g} s")
        return await self._stopped(
            fact, args, request, client, lambda: self._devices.release(args.device, args.for_s)
        )

    async def _stopped(
        self,
        fact: DeviceOrdered,
        args: DeviceArgs,
        request: Request,
        client: str,
        work: Callable[[], Awaitable[bool]],
    ) -> Reply:
        try:
            self._devices.problem(args.device)  # where there is no such device nothing is kept
            await keep_order(self._store, self._hall.clock, fact, args.by or client)
            stopped = await work()
        except KeyError:
            return no_device(request, args.device)
        except Stopping:
            return rejected(request.id, "stopping", "服务正在停止", "the service is stopping")
        if not stopped:
            zh = "原驱动停不下来，未重新启动；请重启服务"
            return rejected(
                request.id, "driver_stuck", zh, "the old driver does not end; restart the service"
            )
        return Reply(id=request.id, result="done")

    async def frames(self, args: FramesArgs, request: Request, client: str) -> Reply:
        """A device on a shared line is told what passed on all of it: the line has one ear."""
        try:
            line, frames, say = self._devices.frames(args.device)
        except KeyError:
            return no_device(request, args.device)
        if frames is None:
            return rejected(request.id, "packets", *PACKETS)
        if not args.since:  # who goes on listening is in the log already
            log.info("device.frames", extra={"device": args.device, "client": client, "by": args.by})
        if args.since is None:
            newest, pieces = frames.newest, frames.last(args.count)
        else:
            newest, pieces = frames.after(args.since)
        data = {
            "device": args.device,
            "line": line,
            "family": self._hall.settings.found(args.device)[0].driver,
            "lengths_only": frames.is_private,
            "seq": newest,
            "frames": [_told(each, say(each.data, each.out)) for each in pieces],
        }
        return Reply(id=request.id, result="done", data=data)

    async def line(self, args: DeviceArgs, request: Request, _client: str) -> Reply:
        from edge.inspection.line import line_of  # noqa: PLC0415 as the module says

        try:
            config, _ = self._hall.settings.found(args.device)
        except KeyError:
            return no_device(request, args.device)
        data = {"device": args.device, **line_of(config, self._devices)}
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

    async def check(self, args: CheckArgs, request: Request, client: str) -> Reply:
        from edge.inspection import trying  # noqa: PLC0415 as the module says

        async def check(trial: trying.Trial) -> Reply:
            return await trying.check(trial, request, args.level, self._trials.page)

        fact = DeviceOrdered(device=args.device, order="check", how=args.level)
        return await self._alone(fact, request, args.by or client, check)

    async def show(self, args: ShowArgs, request: Request, client: str) -> Reply:
        from edge.inspection import trying  # noqa: PLC0415 as the module says

        async def show(trial: trying.Trial) -> Reply:
            return await trying.show(trial, request, args.pattern)

        fact = DeviceOrdered(device=args.device, order="show", how=args.pattern)
        return await self._alone(fact, request, args.by or client, show)

    async def _alone(
        self, fact: DeviceOrdered, request: Request, by: str, work: Callable[[Trial], Awaitable[Reply]]
    ) -> Reply:
        """Try a device, where nobody else does, and nobody needs it."""
        from edge.inspection import trying  # noqa: PLC0415 as the module says

        trial = trying.trial(fact.device, self._hall, self._devices)
        if trial is None:
            return no_device(request, fact.device)
        is_tried = fact.device in self._tried
        if refusal := trying.refusal(trial, fact.order, fact.how, is_tried=is_tried):
            code, why = refusal
            return rejected(request.id, code, why.zh, why.en)
        self._tried.add(fact.device)
        try:
            await keep_order(self._store, self._hall.clock, fact, by)
            return await work(trial)
        finally:
            self._tried.discard(fact.device)


def no_device(request: Request, name: str) -> Reply:
    return rejected(
        request.id, "unknown_device", f"配置里没有设备“{name}”", f"no device {name!r} is configured"
    )


def _told(passed: Passed, said: str) -> dict[str, Any]:
    return {
        "seq": passed.seq,
        "at": passed.at_s,
        "dir": "out" if passed.out else "in",
        "hex": passed.data.hex(" "),
        "size": passed.size,
        "said": said,
    }
