"""The verbs of a hall node: what the kiosk, the technician and the hub may ask of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from pydantic import Field

from drivers.messages import KeyAction
from edge.bookings import Bookings
from edge.bus import Bus
from edge.checklist import Checklists
from edge.commands import Args, Name, NoArgs, Verb
from edge.fees import Fees
from edge.hall import SETTLE_S, HallAtWork, reply_to
from edge.inspection.tailing import Tailing
from edge.inspection.verbs import Inspection
from edge.outbox import Outbox
from edge.readings import Readings
from edge.reload import Reload
from edge.rules.model import ComeBack, Key, Rate, RateTicket, Rejection, SetNotice, Transfer
from edge.settings import Settings
from edge.store import Store
from edge.supervisor import Supervisor
from edge.trials import TrialPrints
from edge.wire import Reply, Request, Uid, rejected, told_min


class TakeArgs(Args):
    service: Name
    session: Annotated[str, Field(max_length=64)] = ""  # default: the request's own id
    can_show: bool = False
    priority: Annotated[str, Field(max_length=64)] = ""
    item: Annotated[str, Field(max_length=128)] = ""  # what is one, the rule says in plain words


class TicketArgs(Args):
    ticket: Annotated[str, Field(max_length=16)]


class WindowArgs(Args):
    window: Name
    digits: Annotated[str, Field(pattern=r"^[0-9]{0,16}$")] = ""


class TransferArgs(Args):
    window: Name
    to: Annotated[str, Field(max_length=64)] = ""
    service: Annotated[str, Field(max_length=64)] = ""
    back: bool = False


Slip = Annotated[str, Field(max_length=160)]  # a number, or what its code says: "<hall>/<day>/<number>"


class RateArgs(Args):
    level: Literal[1, 2, 3, 4, 5]
    window: Annotated[str, Field(max_length=64)] = ""  # this or the ticket
    # More than any level has; which of them are wrong, the rule says in plain words.
    reasons: Annotated[tuple[int, ...], Field(max_length=32)] = ()
    act: Annotated[str, Field(max_length=64)] = ""
    ticket: Slip = ""


class SlipArgs(Args):
    ticket: Slip


class NoticeArgs(Args):
    text: Annotated[str, Field(max_length=4096)] = ""  # how long it may be, the rule says in plain words


class BackfillArgs(Args):
    epoch: Uid
    seq: Annotated[int, Field(ge=1)]


class Verbs:
    """Handlers over the running node. Each is a few lines: the work is done by the rules and the parts."""

    def __init__(
        self,
        *,
        settings: Settings,
        hall: HallAtWork,
        bus: Bus,
        store: Store,
        devices: Supervisor,
        outbox: Outbox,
        reload: Reload,
        status: Callable[[], dict[str, Any]],
    ) -> None:
        self._windows = frozenset(settings.windows)  # no reload changes them
        self._hall = hall
        self._bus = bus
        self._store = store
        self._devices = devices
        self._outbox = outbox
        self._reload = reload
        self._status = status
        self.readings = Readings(devices)
        self._checklists = Checklists(settings, hall, devices)
        self._trials = TrialPrints(settings, hall.clock, devices, store)
        self._lanes = settings.rules_hall() if settings.express else None
        self._bookings = Bookings(hall, bus, by_calendar=bool(settings.roster))

    def all(self) -> list[Verb]:
        windows = [
            Verb(f"window.{action}", WindowArgs, self._window(action), summary)
            for action, summary in WINDOW_SUMMARIES.items()
        ]
        return [
            Verb("status", NoArgs, self.status, "everything about this node, as data", reads=True),
            Verb("hall.offers", NoArgs, self.offers, "which services and windows are open now", reads=True),
            Verb("ticket.take", TakeArgs, self.take, "take a ticket of a service"),
            Verb("ticket.find", SlipArgs, self.position, "where in the queue a ticket is", reads=True),
            Verb("ticket.come_back", TicketArgs, self.come_back, "who missed the call is there again"),
            *windows,
            Verb(
                "window.transfer",
                TransferArgs,
                self.transfer,
                "send the ticket on to window `to`, for `service`, or both; `back`: and back again",
            ),
            Verb(
                "rating.give",
                RateArgs,
                self.rate,
                "rate the act that has just ended at a window, or a ticket's",
            ),
            Verb(
                "rating.find", SlipArgs, self.find, "whether a ticket can be rated, and what for", reads=True
            ),
            Verb(
                "rating.reasons",
                NoArgs,
                self.reasons,
                "the reasons that may be given with a rating",
                reads=True,
            ),
            Verb(
                "board.notice", NoticeArgs, self.notice, "what the boards say; empty: the configuration's own"
            ),
            Verb(
                "node.reload",
                NoArgs,
                self.reload,
                "read the configuration file again, restart what it changes",
            ),
            Verb("backfill", BackfillArgs, self.backfill, "send again all events from a seq on", reads=True),
            *self._bookings.verbs(),
            *self._of_projects(),
            *Fees(self._hall, self._bus, self._store).verbs(),
            *self.readings.verbs(),
            *self._checklists.verbs(),
            *self._trials.verbs(),
            *Inspection(self._hall, self._devices, self._store, self._trials).verbs(),
            *Tailing(self._store).verbs(),
        ]

    def _of_projects(self) -> list[Verb]:
        if self._lanes is None:
            return []
        from edge.projects import Projects  # noqa: PLC0415 0.1 MB, which only a hall with a lane needs

        return Projects(self._hall, self._bus, self._lanes).verbs()

    async def status(self, _args: NoArgs, request: Request, _client: str) -> Reply:
        return Reply(id=request.id, result="done", data=self._status())

    async def offers(self, _args: NoArgs, request: Request, _client: str) -> Reply:
        return Reply(id=request.id, result="done", data=self._hall.offers())

    async def take(self, args: TakeArgs, request: Request, client: str) -> Reply:
        """Answers once the ticket is printed, shown or given up: a reserved number is no ticket yet.

        So no answer is kept with the reservation. A repeat finds its ticket by the session, also after a
        restart, and waits for it in its turn.
        """
        wish = self._hall.take(
            args.service,
            args.session or request.id,
            can_show=args.can_show,
            priority=args.priority,
            item=args.item,
        )
        reply = reply_to(request.id, await self._bus.ask(wish, client))
        return await self._hall.settled(reply, SETTLE_S) if reply.result == "done" else reply

    async def come_back(self, args: TicketArgs, request: Request, client: str) -> Reply:
        return reply_to(request.id, await self._bus.ask(ComeBack(args.ticket), client, request.id))

    async def position(self, args: SlipArgs, request: Request, _client: str) -> Reply:
        """As `edge.wire.kiosk.KioskPosition`. A number is no secret: it is called aloud."""
        await self._hall.taken_up()
        found = self._hall.position(args.ticket)
        if isinstance(found, Rejection):
            return rejected(request.id, found.code, found.zh, found.en)
        ticket = found.ticket
        low, high = told_min(*found.wait) if found.wait else (None, None)
        data = {
            "ticket": ticket.id,
            "service": ticket.service,
            "phase": ticket.phase,
            "ahead": found.ahead,
            "from_min": low,
            "to_min": high,
            "window": ticket.window,
            "ratable": not isinstance(self._hall.ratable(ticket.id), Rejection),
        }
        return Reply(id=request.id, result="done", data=data)

    def _window(self, action: KeyAction) -> Callable[[WindowArgs, Request, str], Awaitable[Reply]]:
        async def press(args: WindowArgs, request: Request, client: str) -> Reply:
            if args.window not in self._windows:
                return unknown_window(request, args.window)
            decision = await self._bus.ask(Key(args.window, action, args.digits), client, request.id)
            return reply_to(request.id, decision)

        return press

    async def transfer(self, args: TransferArgs, request: Request, client: str) -> Reply:
        if args.window not in self._windows:
            return unknown_window(request, args.window)
        wish = Transfer(args.window, args.to, args.service, args.back)
        return reply_to(request.id, await self._bus.ask(wish, client, request.id))

    async def rate(self, args: RateArgs, request: Request, client: str) -> Reply:
        wish: Rate | RateTicket
        if args.ticket and not args.window:
            wish = RateTicket(args.ticket, args.level, args.reasons)
        elif args.window in self._windows and not args.ticket:
            wish = Rate(args.window, args.level, args.level, args.reasons, args.act)
        else:
            return unknown_window(request, args.window)
        return reply_to(request.id, await self._bus.ask(wish, client, request.id))

    async def find(self, args: SlipArgs, request: Request, _client: str) -> Reply:
        await self._hall.taken_up()
        found = self._hall.ratable(args.ticket)
        if isinstance(found, Rejection):
            return rejected(request.id, found.code, found.zh, found.en)
        data = {"ticket": found.id, "act": found.act, "service": found.service, "window": found.window}
        return Reply(id=request.id, result="done", data=data)

    async def reasons(self, _args: NoArgs, request: Request, _client: str) -> Reply:
        return Reply(id=request.id, result="done", data=self._hall.reasons())

    async def notice(self, args: NoticeArgs, request: Request, client: str) -> Reply:
        return reply_to(request.id, await self._bus.ask(SetNotice(args.text), client, request.id))

    async def reload(self, _args: NoArgs, request: Request, _client: str) -> Reply:
        return await self._reload.reload(request.id)

    async def backfill(self, args: BackfillArgs, request: Request, _client: str) -> Reply:
        epoch = self._store.epoch_of(args.epoch)
        if epoch is None:
            return rejected(
                request.id, "other_epoch", "这是另一个数据库的编号", "this node's epoch is another one"
            )
        oldest = self._outbox.rewind(min(epoch.start + args.seq, epoch.last)) - epoch.start
        return Reply(id=request.id, result="done", data={"from": max(oldest, args.seq), "oldest": oldest})


WINDOW_SUMMARIES = {
    KeyAction.CALL: "call the next citizen, or the number in `digits`",
    KeyAction.RECALL: "call the same citizen once more",
    KeyAction.START: "begin to serve the called citizen",
    KeyAction.EVALUATE: "end the act and ask for a rating",
    KeyAction.FINISH: "end the act",
    KeyAction.SKIP: "the called citizen did not come",
    KeyAction.HOLD: "put the ticket by for `digits` minutes",
    KeyAction.CANCEL: "take back the last call",
    KeyAction.PAUSE: "close the window for a while",
    KeyAction.RESUME: "open the window again",
    KeyAction.LOGIN: "a member of staff (`digits`) takes the window",
    KeyAction.LOGOUT: "the member of staff leaves the window",
}


def unknown_window(request: Request, name: str) -> Reply:
    return rejected(
        request.id, "unknown_window", f"配置里没有窗口“{name}”", f"no window {name!r} is configured"
    )
