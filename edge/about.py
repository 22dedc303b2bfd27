"""What the node tells of itself, from its configuration: a message as `edge.wire.NodeAbout` reads it.

It is made as plain data, since it is said twice in a node's life: the model costs an idle daemon 0.4 MB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic_core import to_json

from drivers.api import ConditionSpec
from drivers.registry import LINK_CONDITIONS
from edge.abilities import Abilities, abilities
from edge.device import LINE_CONDITIONS
from edge.kiosks import CONDITIONS as KIOSK_CONDITIONS
from edge.settings import Settings
from edge.settings.model import Wire
from edge.wire import MAX_ABOUT, VERSION

KIOSK = "kiosk"  # in the place of a driver's name

Said = dict[str, Any]  # JSON; what is empty, zero or false is left out


def about(settings: Settings) -> bytes:
    """All of it that fits: first the words give way, which a reader can have from the documentation."""
    table = settings.rules_hall().reasons
    whole = _said(
        v=VERSION,
        hall_name=settings.hall.name,
        hall_name_en=settings.hall.name_en,
        timezone=settings.hall.timezone,
        printer=settings.printer,
        services=[
            _said(id=each.id, name=each.name, name_en=each.name_en, prefix=each.prefix)
            for each in settings.services.values()
        ],
        windows=[
            _said(id=each.id, name=each.name, unit=each.unit, services=_called(each.services, settings))
            for each in settings.windows.values()
        ],
        devices=list(_devices(settings)),
        cameras=list(_cameras(settings)),
        indicator_version=table.version,
        reasons=[
            _said(level=each.level, code=each.code, zh=each.zh, en=each.en) for each in table.by_code.values()
        ],
        device_words=_words(settings),
    )
    return fitting(whole)


def fitting(whole: Said) -> bytes:
    """What of it is at most MAX_ABOUT bytes, with the number of what is left out."""
    left_out: dict[str, int] = {}
    while len(said := to_json(whole | _said(left_out=left_out))) > MAX_ABOUT:
        if words := whole.get("device_words"):
            left_out = {"words": sum(map(len, words.values()))}
            whole = whole | {"device_words": {}}
            continue
        longest = max(("devices", "cameras"), key=lambda name: len(whole.get(name, ())))
        kept = whole[longest][: len(whole[longest]) // 2]
        gone = len(whole[longest]) - len(kept)
        left_out = left_out | {longest: left_out.get(longest, 0) + gone}
        whole = whole | {longest: kept}
    return said


def _said(**fields: object) -> Said:
    return {name: value for name, value in fields.items() if value}


def _called(services: Iterable[str], settings: Settings) -> list[str]:
    """By name, where a window calls all."""
    return list(settings.services) if "*" in services else list(services)


def _devices(settings: Settings) -> Iterator[Said]:
    """With the devices on their lines; cameras have a list of their own."""
    for device in settings.devices:
        named = {"driver": device.driver, "model": device.model}
        named |= {"name": device.name.zh, "name_en": device.name.en}
        yield _device(device.id, device.wire, abilities(device, device.id), **named)
        for child, config in device.children.items():
            if config.wire.kind != "camera":
                named = {"driver": device.driver, "name": config.name, "line": device.id}
                yield _device(child, config.wire, abilities(device, child), **named)
    for kiosk in settings.kiosks:
        yield _said(id=kiosk, driver=KIOSK)


def _device(id_: str, wire: Wire, able: Abilities, **named: str) -> Said:
    return _said(
        id=id_,
        **named,
        kind=wire.kind,
        window=wire.window,
        checks=able.checks,
        shows=able.shows,
        prints=able.prints,
    )


def _cameras(settings: Settings) -> Iterator[Said]:
    for device in settings.devices:
        for child, config in device.children.items():
            if config.wire.kind == "camera":
                yield _said(id=child, name=config.name, line=device.id)


def _words(settings: Settings) -> dict[str, Said]:
    """Of the families that are at work here, and of any device."""
    specs = {device.driver: device.loaded.spec.conditions for device in settings.devices if device.loaded}
    specs |= {KIOSK: KIOSK_CONDITIONS} if settings.kiosks else {}
    return {family: _of(conditions) for family, conditions in specs.items()} | {
        "": _of((*LINK_CONDITIONS, *LINE_CONDITIONS.values()))
    }


def _of(specs: Iterable[ConditionSpec]) -> Said:
    return {
        spec.code: _said(
            severity=spec.severity,
            zh=spec.zh,
            en=spec.en,
            remedy_zh=spec.remedy_zh,
            remedy_en=spec.remedy_en,
        )
        for spec in specs
    }
