"""A device's line as evidence: what it carries and suffers, and how each stands that is on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drivers.checking.values import mask
from edge.settings import DeviceConfig
from edge.supervisor import Supervisor


def line_of(config: DeviceConfig, devices: Supervisor) -> dict[str, Any]:
    """As the data of an answer; the words of conditions are those of the driver that raised them."""
    loaded = config.loaded
    _, frames, _ = devices.frames(config.id)
    return {
        "line": config.id,
        "family": config.driver,
        "model": config.model,
        "url": mask(loaded.url) if loaded else "",
        "heartbeat_s": loaded.spec.heartbeat_s if loaded else None,
        "lengths_only": frames.is_private if frames else True,
        "traffic": devices.traffic(config.id).told(),
        "devices": list(_standings(config, devices)),
    }


def _standings(config: DeviceConfig, devices: Supervisor) -> Iterator[dict[str, Any]]:
    """The line's own first."""
    settings = config.loaded.settings if config.loaded else None
    addresses = {each.id: getattr(each, "address", None) for each in getattr(settings, "children", ())}
    kinds = {config.id: config.wire.kind, **{name: each.wire.kind for name, each in config.children.items()}}
    for name, kind in kinds.items():
        status, words = devices.status(name), devices.words_of(name)
        conditions = [
            {
                "code": each.code,
                "severity": each.severity,
                "since": each.since,
                "detail": each.detail,
                "zh": words[each.code].zh,
                "en": words[each.code].en,
                "remedy_zh": words[each.code].remedy_zh,
                "remedy_en": words[each.code].remedy_en,
            }
            for each in status.conditions
        ]
        yield {
            "device": name,
            "kind": kind or "",
            "address": addresses.get(name),
            "state": status.state,
            "last_heard": status.last_heard,
            "conditions": conditions,
        }
