"""The fleet as it is now. Pure: it is told what came and when, and asks nobody."""

from __future__ import annotations

from collections.abc import Iterable

from edge.console.live.names import Shared
from edge.console.live.node import Node, NodeKey, Room
from edge.console.live.reading import key_of
from edge.console.live.things import Key, Moment, Stale
from edge.console.live.views import HallView, NodeView, hall_view, node_view
from edge.wire import NodeStatus
from edge.wire.about import NodeAbout

MAX_NODES = 2_048  # a county has one centre, 18 township halls and 278 village points
MAX_BYTES = 32 * 1024 * 1024  # of all messages together: ten times what such a county says

NOTHING: frozenset[Key] = frozenset()


class Fleet:
    """`take` every message of a retained topic, `tick` each second; both say what is new to a page.

    How old something is goes by this machine's clock and by when it came, never by what it says of time.
    """

    def __init__(self) -> None:
        self._nodes: dict[NodeKey, Node] = {}
        self._halls: dict[str, HallView] = {}  # as they were asked for, since anything of them was last new
        self._lost: Moment | None = None
        self._found_s = 0.0  # monotonic: when the broker was last found again
        self._look = 0
        self.complete = False  # whether a node that is not here is surely no more
        self._shared = Shared()
        self.strange = 0  # messages on topics of which a node retains nothing
        self.full = 0  # messages of nodes that found no room
        self.size = 0  # bytes of all messages that it holds

    # ── what comes ──

    def take(self, topic: str, payload: bytes, now: Moment, *, kept: bool) -> frozenset[Key]:
        """`kept`: told by the broker from before. An empty payload takes back what was told."""
        key = key_of(topic)
        if key is None:
            self.strange += 1
            return NOTHING
        if not payload:
            return self._clear(key)
        node = self._node((key.hall, key.node), now)
        if node is None:
            self.full += 1
            return NOTHING
        before = node.size
        self._halls.pop(key.hall, None)
        new = node.take(key, payload, now, kept=kept, room=Room(MAX_BYTES - self.size, self._shared))
        self.size += node.size - before
        if key.kind == "node":
            node.told = self._look
        aged = self._aged((key.hall, key.node), node, now)
        return frozenset({key} | aged) if new else frozenset(aged)

    def _node(self, owner: NodeKey, now: Moment) -> Node | None:
        node = self._nodes.get(owner)
        if node is None and len(self._nodes) < MAX_NODES:
            node = self._nodes[owner] = Node(now)
        return node

    def _clear(self, key: Key) -> frozenset[Key]:
        owner = (key.hall, key.node)
        node = self._nodes.get(owner)
        if node is None:
            return NOTHING
        if key.kind == "node":  # it was taken out of the hall
            return self._forget(owner)
        before = node.size
        self._halls.pop(key.hall, None)
        cleared = node.clear(key)
        self.size += node.size - before
        return frozenset({key}) if cleared else NOTHING

    def _forget(self, owner: NodeKey) -> frozenset[Key]:
        self._halls.pop(owner[0], None)
        self.size -= self._nodes.pop(owner).size
        return frozenset({Key("node", *owner)})

    # ── how far it can be trusted ──

    def lost(self, now: Moment) -> frozenset[Key]:
        """The broker is away: all of it is from before."""
        if self._lost:
            return NOTHING
        self._lost = now
        return self.tick(now) | {Key("broker")}

    def found(self, now: Moment) -> frozenset[Key]:
        """It is back: each node is as it was until all that the broker has of it has been seen."""
        if self._lost is None:
            return NOTHING
        for node in self._nodes.values():
            node.looked = False
        self._lost, self._found_s = None, now.mono_s
        return frozenset({Key("broker")})

    @property
    def lost_since_s(self) -> float | None:
        """Wall time; None while the broker is there."""
        return self._lost.wall_s if self._lost else None

    def look_at_all(self) -> None:
        """The broker is about to tell which nodes there are; `looked_at_all` ends it."""
        self._look += 1
        self.complete = False

    def looked_at_all(self) -> frozenset[Key]:
        """Nodes of which it has told none are gone."""
        self.complete = True
        gone = [owner for owner, node in self._nodes.items() if node.told != self._look]
        return frozenset(key for owner in gone for key in self._forget(owner))

    def look_at(self, owner: NodeKey) -> None:
        """The broker is about to tell all that it has of this node; `looked_at` ends it."""
        if node := self._nodes.get(owner):
            node.look += 1

    def looked_at(self, owner: NodeKey, now: Moment, *, complete: bool) -> frozenset[Key]:
        """What it has not told again is gone, unless it may not have come through."""
        node = self._nodes.get(owner)
        if node is None:
            return NOTHING
        gone = [
            Key(kind, *owner, name)
            for kind, things in node.kept.items()
            for name, each in things.items()
            if complete and kind != "node" and each.look != node.look
        ]
        node.looked = True
        return frozenset(gone).union(*map(self._clear, gone), self._aged(owner, node, now))

    def tick(self, now: Moment) -> frozenset[Key]:
        """What has become old, or is again new, since the last time."""
        return frozenset(key for owner, node in self._nodes.items() for key in self._aged(owner, node, now))

    def _aged(self, owner: NodeKey, node: Node, now: Moment) -> frozenset[Key]:
        before, node.stale = node.stale, self._stale(node, now)
        if before == node.stale:
            return NOTHING
        self._halls.pop(owner[0], None)
        return frozenset({Key("node", *owner)})

    def _stale(self, node: Node, now: Moment) -> Stale | None:
        if self._lost:
            return Stale("broker", node.stale.since_s if node.stale else self._lost.wall_s)
        if not node.looked:
            return node.stale
        status = node.of("node")
        said = status.seen.good if status else None
        if status and isinstance(said, NodeStatus) and said.state in ("lost", "disconnected"):
            return Stale(said.state, status.seen.at_s)
        return Stale("silent", node.heard.wall_s) if node.silent(now, self._found_s) else None

    # ── what a page sees ──

    def nodes(self, hall: str = "") -> list[NodeKey]:
        return sorted(owner for owner in self._nodes if not hall or owner[0] == hall)

    def abouts(self) -> dict[NodeKey, NodeAbout | None]:
        """What each node tells of itself; the same object for as long as it tells the same."""
        return {owner: self._nodes[owner].names.about for owner in self.nodes()}

    def node(self, hall: str, node: str) -> NodeView | None:
        known = self._nodes.get((hall, node))
        return node_view((hall, node), known) if known else None

    def halls(self, ids: Iterable[str] = ()) -> list[HallView]:
        """All that are known, and those of `ids`, of which there may be nothing; by id."""
        return [self.hall(hall) for hall in sorted({owner[0] for owner in self._nodes} | set(ids))]

    def hall(self, hall: str) -> HallView:
        """Without nodes where nothing is known of it. The same one as long as nothing of it is new."""
        if hall not in self._halls:
            views = [self.node(*owner) for owner in self.nodes(hall)]
            seen = hall_view(hall, tuple(view for view in views if view))
            if seen.unknown:
                return seen  # of which there is no end
            self._halls[hall] = seen
        return self._halls[hall]
