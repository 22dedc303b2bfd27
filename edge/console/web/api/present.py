"""Halls as they are now, from what the pages see to what the API tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiohttp import web

from edge.console.api import fleet
from edge.console.api.base import Words, moment
from edge.console.live.things import Stale
from edge.console.live.views import AlertView, DeviceView, HallView, NodeView, device_view, state_of
from edge.console.sums.asking import Total
from edge.console.web.keys import SETTINGS
from edge.console.web.names import family_of, hall_names

SEVERITIES: dict[str, str] = {"bad": "error", "warn": "warning", "good": "warning", "off": "unreadable"}
NO_WORDS = Words(zh="", en="")


def stale_of(stale: Stale | None) -> fleet.Stale | None:
    return fleet.Stale(why=stale.why, since=moment(stale.since_s)) if stale else None


def hall_of(app: web.Application, hall: HallView) -> fleet.Hall:
    zh, en = hall_names(app[SETTINGS], hall)
    return fleet.Hall(
        hall=hall.hall,
        name=Words(zh=zh, en=en),
        standing=hall.standing,
        stale=stale_of(hall.stale),
        heard_at=moment(hall.heard_s),
        waiting=hall.waiting,
        longest_wait_s=hall.longest_wait_s,
        windows_open=hall.windows_open,
        windows_total=hall.windows,
        device_counts=dict(hall.devices),
        alerts_raised=len(hall.alerts),
    )


def detail_of(app: web.Application, hall: HallView, today: Total | None) -> fleet.HallDetail:
    return fleet.HallDetail(
        **dict(hall_of(app, hall)),
        nodes=tuple(map(node_of, hall.nodes)),
        windows=tuple(each for node in hall.nodes for id_ in node.windows if (each := window_of(node, id_))),
        queues=tuple(queues_of(hall.nodes)),
        cameras=tuple(seen for node in hall.nodes for id_ in node.camera if (seen := camera_of(node, id_))),
        today=_day(today) if today else None,
    )


def node_of(node: NodeView) -> fleet.Node:
    status = node.status.good if node.status else None
    health = node.health.good if node.health else None
    return fleet.Node(
        hall=node.hall,
        node=node.node,
        state=state_of(node),
        stale=stale_of(node.stale),
        heard_at=moment(node.heard_s),
        version=status.version if status else "",
        outbox_rows=health.outbox.rows if health else None,
        outbox_oldest_s=health.outbox.oldest_age_s if health else None,
    )


def window_of(node: NodeView, id_: str) -> fleet.Window | None:
    """None where nothing is told of it, or nothing that can be read."""
    seen, about = node.windows.get(id_), node.names.windows.get(id_)
    said = seen.good if seen else None
    if said is None:
        return None
    return fleet.Window(
        hall=node.hall,
        node=node.node,
        window=id_,
        name=about.name if about else "",
        state=said.state,
        staff=said.staff,
        ticket=said.ticket,
        phase=said.phase,
        waiting=said.waiting,
        stale=stale_of(node.stale),
    )


def queues_of(nodes: Iterable[NodeView]) -> Iterator[fleet.Queue]:
    for node in nodes:
        said = node.queue.good if node.queue else None
        for each in said.services if said else ():
            about = node.names.services.get(each.service)
            yield fleet.Queue(
                hall=node.hall,
                node=node.node,
                service=each.service,
                name=Words(zh=about.name, en=about.name_en) if about else NO_WORDS,
                waiting=each.waiting,
                longest_wait_s=each.oldest_wait_s if each.waiting else 0.0,
                issued=each.issued,
                held=each.held,
                booked=each.booked,
                wait_p50_s=each.wait_p50_s,
                wait_p90_s=each.wait_p90_s,
                stale=stale_of(node.stale),
            )


def camera_of(node: NodeView, id_: str) -> fleet.Camera | None:
    """Likewise."""
    seen, about = node.camera.get(id_), node.names.cameras.get(id_)
    said = seen.good if seen else None
    if said is None:
        return None
    return fleet.Camera(
        hall=node.hall,
        node=node.node,
        camera=id_,
        name=about.name if about else "",
        state=said.state,
        since=moment(said.since),
        faults=tuple(trouble.fault for trouble in said.troubles),
        stale=stale_of(node.stale),
    )


def device_of(node: NodeView, id_: str) -> fleet.Device | None:
    """None where nobody knows of it."""
    view = device_view(node, id_)
    if view is None:
        return None
    said, about = view.seen.good if view.seen else None, view.about
    named = Words(zh=about.name or about.model, en=about.name_en) if about else NO_WORDS
    return fleet.Device(
        hall=view.hall,
        node=view.node,
        device=view.device,
        name=named,
        family=family_of(view),
        kind=about.kind if about else "",
        window=about.window if about else "",
        standing=view.standing,
        state=said.state if said else _silent(view),
        since=moment(said.since) if said else None,
        last_heard=moment(said.last_heard) if said else None,
        restarts=said.restarts if said else 0,
        conditions=tuple(_conditions(node, view)),
        stale=stale_of(view.stale),
    )


def _silent(view: DeviceView) -> str:
    return "unreadable" if view.seen else "unheard"


def _conditions(node: NodeView, view: DeviceView) -> Iterator[fleet.Condition]:
    said = view.seen.good if view.seen else None
    for each in said.conditions if said else ():
        about = node.names.condition(view.device, each.code)
        yield fleet.Condition(
            code=each.code,
            severity=each.severity,
            since=moment(each.since),
            detail=each.detail,
            words=Words(zh=about.zh, en=about.en) if about else NO_WORDS,
            remedy=Words(zh=about.remedy_zh, en=about.remedy_en) if about else NO_WORDS,
        )


def alert_of(alert: AlertView) -> fleet.Alert:
    said = alert.seen.good
    return fleet.Alert.model_validate(
        {
            "hall": alert.hall,
            "node": alert.node,
            "key": alert.key,
            "severity": SEVERITIES[alert.standing],
            "since": moment(said.since) if said else None,
            "words": Words(zh=said.zh, en=said.en) if said else NO_WORDS,
            "remedy": Words(zh=said.remedy_zh, en=said.remedy_en) if said else NO_WORDS,
            "detail": said.detail if said else "",
            "acknowledgeable": alert.takes,
            "acknowledged_by": alert.taken[0],
            "note": alert.taken[1],
            "stale": stale_of(alert.stale),
        }
    )


def _day(total: Total) -> fleet.Day:
    return fleet.Day(
        arrivals=total.arrivals,
        called=total.called,
        served=total.served,
        no_show=total.no_show,
        mean_wait_s=total.mean_wait_s,
        longest_wait_s=total.wait_max_s,
        ratings_good=total.good,
        ratings_bad=total.bad,
        ratings_missed=total.missed,
    )
