"""What the hub knows of each node beside its record, and what it owes it: an acknowledgement, a question."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from edge.ids import new_id
from edge.wire import Ack, NodeStatus, Request, Topics, reply_topic

CLIENT = "hub"
MAX_NODES = 2_048  # a county has one centre, 18 township halls and 278 village points
ASK_TIMEOUT_S = 10.0  # a backfill that has brought nothing for so long is asked for again

log = logging.getLogger(__name__)

NodeKey = tuple[str, str]  # hall, node


@dataclass(slots=True)
class Ask:
    """The one backfill that a node owes us."""

    id: str
    epoch: str
    seq: int
    at: float  # monotonic seconds


@dataclass(slots=True)
class Node:
    """`seen` is the highest seq that the node is known to have given in `epoch`; `last` what is recorded."""

    state: str = ""  # "": it has spoken, but its status has not been heard
    greeted: bool = False  # since the hub's present connection
    epoch: str = ""
    last: int = 0
    seen: int = 0
    moved_at: float = 0.0  # monotonic seconds: last progress
    acks: dict[str, int] = field(default_factory=dict)  # owed: epoch → seq
    ask: Ask | None = None
    ask_owed: bool = False
    resume: tuple[str, int] | None = None  # (epoch, oldest seq that it can still tell), as it has answered

    @property
    def here(self) -> bool:
        return self.state not in ("lost", "disconnected")


class Fleet:
    """All nodes, bounded. No I/O: the hub asks `owed` for what is to be published."""

    def __init__(self) -> None:
        self._nodes: dict[NodeKey, Node] = {}
        self._asks: dict[str, NodeKey] = {}  # id of an open ask → whose
        self._full = False

    def node(self, key: NodeKey) -> Node | None:
        """Known or made; None beyond MAX_NODES."""
        node = self._nodes.get(key)
        if node is None and len(self._nodes) < MAX_NODES:
            node = self._nodes[key] = Node()
        elif node is None and not self._full:
            self._full = True
            log.error("more than %d nodes: %s/%s and others are not recorded", MAX_NODES, *key)
        return node

    def connected(self) -> None:
        """Nothing is assumed after a reconnect: each node is greeted again."""
        self._asks.clear()
        for node in self._nodes.values():
            node.greeted = node.ask_owed = False
            node.ask = None
            node.acks.clear()

    def status(self, key: NodeKey, status: NodeStatus, last: int, *, kept: bool, now: float) -> None:
        """`last`: recorded of its epoch. `kept`: told by the broker from before, so the node was here first.

        It may then have told events that nobody recorded, and `last_seq` is as old as its own connection:
        so it is asked in any case, once. One that has just connected tells by itself what it has; if it does
        not get as far as its `last_seq`, it is overdue.
        """
        node = self.node(key)
        if node is None:
            return
        if node.state != status.state:
            lost = status.state == "lost"
            log.log(logging.WARNING if lost else logging.INFO, "%s/%s: %s", *key, status.state)
        if node.epoch != status.epoch:
            node.epoch, node.seen, node.moved_at = status.epoch, last, now
        node.state = status.state
        node.last = last
        node.seen = max(node.seen, status.last_seq)
        if node.here and not node.greeted:
            node.greeted = True
            node.moved_at = now
            if last:
                node.acks[status.epoch] = last
            if kept:
                self._ask(key, node, status.epoch, last + 1, now)

    def progress(self, key: NodeKey, epoch: str, last: int, seen: int, *, applied: bool, now: float) -> None:
        """Events came: acknowledge up to `last`, ask where they go beyond it."""
        node = self.node(key)
        if node is None:
            return
        node.acks[epoch] = last
        if not node.here:
            node.state = ""  # its birth was not heard: it may have found the inbox full
        if node.epoch != epoch:
            node.epoch, node.seen = epoch, 0
        node.last, node.seen = last, max(node.seen, seen)
        if applied:
            node.moved_at = now
        if seen > last:
            self._ask(key, node, epoch, last + 1, now)

    def answered(self, ask_id: str, oldest: int | None, now: float) -> None:
        """`oldest`: the seq from which the node tells; None where it refused."""
        key = self._asks.get(ask_id)
        node = self._nodes[key] if key else None
        if key is None or node is None or node.ask is None:
            return
        if oldest is None:
            log.warning("%s/%s: refuses to tell events from %d on again", *key, node.ask.seq)
        elif oldest > node.ask.seq:
            node.resume = (node.ask.epoch, oldest)
            if node.seen >= oldest:  # they came before this answer, and were not applied
                self._ask(key, node, node.ask.epoch, node.last + 1, now)

    def overdue(self, now: float, *, dropped: bool) -> None:
        """Ask again where nothing moves; `dropped`: messages were lost here, so any node may have more."""
        for key, node in self._nodes.items():
            behind = node.seen > node.last and now - node.moved_at > ASK_TIMEOUT_S
            if node.here and node.epoch and (behind or dropped):
                self._ask(key, node, node.epoch, node.last + 1, now)

    def resumes(self) -> dict[tuple[str, str, str], int]:
        return {(*key, node.resume[0]): node.resume[1] for key, node in self._nodes.items() if node.resume}

    def resumed(self, key: NodeKey) -> None:
        if node := self._nodes.get(key):
            node.resume = None

    def owed(self) -> list[tuple[str, bytes]]:
        """(topic, payload) of what is to be published now; it is then no longer owed."""
        messages: list[tuple[str, bytes]] = []
        for (hall, name), node in self._nodes.items():
            topics = Topics(hall, name)
            for epoch, seq in node.acks.items():
                messages.append((topics.ack, Ack(epoch=epoch, seq=seq).model_dump_json().encode()))
            node.acks.clear()
            if node.ask_owed and node.ask is not None:
                node.ask_owed = False
                request = Request(
                    id=node.ask.id,
                    verb="backfill",
                    args={"epoch": node.ask.epoch, "seq": node.ask.seq},
                    reply_to=reply_topic(CLIENT, node.ask.id),
                )
                messages.append((topics.command(request.verb), request.model_dump_json().encode()))
        return messages

    def _ask(self, key: NodeKey, node: Node, epoch: str, seq: int, now: float) -> None:
        """At most one at a time: a new one only after progress, or when the old one has brought nothing."""
        if node.resume and node.resume[0] == epoch:
            seq = max(seq, node.resume[1])
        old = node.ask
        if old is not None:
            if (old.epoch, old.seq) == (epoch, seq) and now - old.at < ASK_TIMEOUT_S:
                return
            self._asks.pop(old.id, None)
        node.ask = Ask(new_id(), epoch, seq, now)
        node.ask_owed = True
        self._asks[node.ask.id] = key
        log.info("%s/%s: asked for its events from %d on", *key, seq)
