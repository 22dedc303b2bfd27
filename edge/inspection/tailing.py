"""What happens at a node as it happens, for who asks again and again with the `seq` of the last answer."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Ge, Interval
from pydantic_core import from_json

from edge.commands import Args, Verb
from edge.log import Line, log_tail
from edge.store import Store
from edge.wire import Reply, Request

MAX_TOLD = 100  # in an answer; who is behind asks again at once
MAX_BYTES = 96 * 1024  # of events in an answer, which is a message of at most 256 KiB


class TailArgs(Args):
    """Without `since` the newest `count`."""

    since: Annotated[int, Ge(0)] | None = None
    count: Annotated[int, Interval(ge=0, le=MAX_TOLD)] = 20


class Tailing:
    def __init__(self, store: Store) -> None:
        self._store = store

    def verbs(self) -> list[Verb]:
        return [
            Verb("node.events", TailArgs, self.events, "what has happened, event by event", reads=True),
            Verb("node.log", TailArgs, self.log, "the newest lines of the daemon's log", reads=True),
        ]

    async def events(self, args: TailArgs, request: Request, _client: str) -> Reply:
        last = self._store.last_seq
        since = max(0, last - args.count) if args.since is None or args.since > last else args.since
        rows = await self._store.after(since, MAX_TOLD, MAX_BYTES) if since < last else []
        seq = rows[-1].seq if rows else last
        return _told(request, seq, "events", [from_json(row.text) for row in rows])

    async def log(self, args: TailArgs, request: Request, _client: str) -> Reply:
        tail = log_tail()
        newest, lines = tail.after(args.since or 0) if tail else (0, [])
        if tail and (args.since is None or args.since > newest):  # its numbers are another daemon's
            lines = tail.after(0)[1][-args.count :] if args.count else []
        elif len(lines) > MAX_TOLD:
            lines = lines[:MAX_TOLD]
            newest = lines[-1].seq
        return _told(request, newest, "lines", [_line(each) for each in lines])


def _line(line: Line) -> dict[str, Any]:
    return {"seq": line.seq, "at": line.at_s, "level": line.level, "text": line.text}


def _told(request: Request, seq: int, name: str, found: list[dict[str, Any]]) -> Reply:
    return Reply(id=request.id, result="done", data={"seq": seq, name: found})
