"""What people call things: by the console's settings, by what a hall tells of itself, else by their ids."""

from __future__ import annotations

from edge.console.live.views import DeviceView, HallView
from edge.console.settings import ConsoleSettings
from edge.console.web.visit import Visit
from edge.wire.about import AboutCondition

OTHER = "other"
FAMILIES = (  # in the order in which a hall is looked at
    "printer",
    "kiosk",
    "buttons",
    "caller",
    "pad",
    "strip",
    "bx5k",
    "voice",
    "sdt",
    "newland",
    "hid",
    "xfs4iot",
    "heartbeat",
    "camera",
    "bus68",
    OTHER,
)


class Names:
    """Of one hall, as one visitor reads them."""

    def __init__(self, visit: Visit, settings: ConsoleSettings, hall: HallView) -> None:
        self.hall = visit.name(*hall_names(settings, hall)) or hall.hall
        self._visit = visit
        self._nodes = {node.node: node.names for node in hall.nodes}
        self._services = {id_: each for names in self._nodes.values() for id_, each in names.services.items()}
        self._windows = {id_: each for names in self._nodes.values() for id_, each in names.windows.items()}
        self.cameras = {id_: each for names in self._nodes.values() for id_, each in names.cameras.items()}

    def service(self, id_: str) -> str:
        known = self._services.get(id_)
        return self._visit.name(known.name, known.name_en) if known else id_

    def window(self, id_: str) -> str:
        """Its name is in Chinese only: in English it is called by its number."""
        known = self._windows.get(id_)
        if self._visit.lang == "zh" and known and known.name:
            return known.name
        return self._visit.t("hall.window_named", id=id_) if id_.isdecimal() else id_

    def camera(self, id_: str) -> str:
        known = self.cameras.get(id_)
        return known.name if known and known.name else id_

    def model(self, device: DeviceView) -> str:
        about = device.about
        return self._visit.name(about.name, about.name_en) or about.model if about else ""

    def condition(self, node: str, device: str, code: str) -> AboutCondition | None:
        return self._nodes[node].condition(device, code) if node in self._nodes else None


def hall_names(settings: ConsoleSettings, hall: HallView) -> tuple[str, str]:
    """In Chinese and English, each perhaps ""."""
    own = next((each for each in settings.hall if each.id == hall.hall), None)
    return (own.name, own.name_en) if own and (own.name or own.name_en) else hall.names


def family_of(device: DeviceView) -> str:
    """Of ours: what it is on its line, else its driver's; OTHER for what nobody knows."""
    about = device.about
    known = (name for name in (about.kind, about.driver) if name in FAMILIES) if about else iter(())
    return next(known, OTHER)
