"""A self-service terminal: receipt printer, card reader and a cabinet with doors, behind XFS4IoT services.

Its messages are built here, from CWA 17852 and independent of the driver. Layouts are from documentation, not
captured on a device.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from drivers.api import Link
from drivers.xfs4iot.sim_line import ServerLine

Edition = Literal["2021-1", "3.0"]
BASE = "/xfs4iot/v1.0"
SERVICES = ("CardReader", "Printer", "Auxiliaries")
FLOOD_PAUSE_EVERY = 50  # messages of a flood, after which others have their turn
_VERSIONS = {
    "ServicePublisher.GetServices": "2.0", "Common.Status": "3.0", "Common.Capabilities": "3.0",
    "Common.StatusChangedEvent": "3.0",
}  # fmt: skip


class TerminalSim:
    """Every method shows at once on all connections, as far as the edition has an event for it."""

    def __init__(
        self,
        *,
        edition: Edition = "2021-1",
        services: tuple[str, ...] = SERVICES,
        host: str = "ATM1",
        port: int = 5846,
        secure: bool = False,
    ) -> None:
        self.edition = edition
        self.services = services
        self.host, self.port, self.secure = host, port, secure  # as its publisher tells them
        self.device = dict.fromkeys(services, "online")
        self.paper = {"upper": "full"}
        self.toner = "notSupported"
        self.print_media = "notPresent"
        self.card = "notPresent"
        self.chip = "ok"
        self.door = "locked"
        self.hangs: set[str] = set()  # services that take commands and never complete; "" is the publisher
        self.closed: set[str] = set()  # services that take no WebSocket
        self.refuses: dict[str, str] = {}  # service → the completion code of its status
        self.asked: list[str] = []  # names of commands, in order
        self._lines: list[ServerLine] = []

    # --- what happens at it ---
    def set_paper(self, state: str, source: str = "upper") -> None:
        """ "full", "low", "out" or "jammed"."""
        self.paper[source] = state
        if state == "jammed":
            self._changed("Printer", {"printer": {"paper": {source: state}}})
        else:
            self._event("Printer", "Printer.PaperThresholdEvent", {"paperSource": source, "threshold": state})

    def jam(self, on: bool = True) -> None:
        self.print_media = "jammed" if on else "notPresent"
        self._changed("Printer", {"printer": {"media": self.print_media}})

    def print_receipt(self) -> None:
        """A citizen gets a receipt and takes it."""
        self._event("Printer", "Printer.MediaTakenEvent", {})

    def put_card(self) -> None:
        self._set_card("present")

    def stick_card(self) -> None:
        self._set_card("jammed")

    def set_chip(self, state: str) -> None:
        """ "ok" or "inoperable"."""
        self.chip = state
        self._changed("CardReader", {"cardReader": {"chipModule": state}})

    def take_card(self) -> None:
        self._event("CardReader", "CardReader.MediaRemovedEvent", {})
        self._set_card("notPresent")

    def _set_card(self, media: str) -> None:
        self.card = media
        self._changed("CardReader", {"cardReader": {"media": media}})

    def set_door(self, state: str) -> None:
        """ "locked", "closed", "open" or "tampered"."""
        self.door = state
        self._changed("Auxiliaries", {"auxiliaries": {"cabinetFrontDoor": state}})

    def set_device(self, service: str, state: str) -> None:
        """A value of `common.device`: "online", "hardwareError", "fraudAttempt", "userError", "offline", …"""
        self.device[service] = state
        self._changed(service, {"common": {"device": state}})

    def out_of_service(self, on: bool = True) -> None:
        for service in self.services:
            self.set_device(service, "offline" if on else "online")

    # --- what is wrong with it ---
    def hang(self, *services: str, on: bool = True) -> None:
        """These take and acknowledge commands and never complete one; none named: the whole terminal. A peer
        that says nothing at all is mute (`drivers.transport.sick`)."""
        names = services or ("", *self.services)
        self.hangs = self.hangs | set(names) if on else self.hangs - set(names)

    def send(self, service: str, text: str) -> None:
        """Any text, to all who are connected to the service."""
        for line in self._at(service):
            line.say(text)

    def send_raw(self, service: str, data: bytes) -> None:
        for line in self._at(service):
            line.raw(data)

    def ping(self, service: str) -> None:
        for line in self._at(service):
            line.ping()

    def answer_unasked(self, service: str, request_id: int = 4711) -> None:
        for line in self._at(service):
            self._complete(line, "Common.Status", request_id, {})

    async def flood(self, service: str, count: int) -> None:
        """Events without end, until nobody is connected any more."""
        for n in range(count):
            if not self.connected(service):
                return
            self._event(service, "Vendor.NoiseEvent", {"noise": "x" * 1000, "n": n})
            if n % FLOOD_PAUSE_EVERY == 0:
                await asyncio.sleep(0)

    async def send_endless(self, service: str, size: int = 10_000_000) -> None:
        """One message of so many bytes. Raises LinkLost once who is connected has gone."""
        for line in list(self._at(service)):
            await line.endless(size)

    # --- connections ---
    async def run(self, link: Link) -> None:
        line = ServerLine(link, self._accepts, self._answer)
        self._lines.append(line)
        try:
            await line.run()
        finally:
            self._lines.remove(line)

    def connected(self, service: str) -> int:
        return sum(1 for _ in self._at(service))

    def _at(self, service: str) -> Iterator[ServerLine]:
        return (line for line in self._lines if line.is_open and _service(line.path) == service)

    def _accepts(self, path: str) -> bool:
        return path.startswith(BASE) and _service(path) in {"", *self.services} - self.closed

    async def _answer(self, line: ServerLine, message: Mapping[str, Any]) -> None:
        header = message["header"]
        name, number, service = header["name"], header["requestId"], _service(line.path)
        self.asked.append(name)
        line.tell({"header": {"type": "acknowledge", "name": name, "version": "1.0", "requestId": number}})
        if service in self.hangs:
            return
        if header.get("version", "1.0") != self._version(name):
            self._complete(line, name, number, {}, "invalidCommand")
        elif service == "" and name == "ServicePublisher.GetServices":
            self._complete(line, name, number, self._published())
        elif service and name == "Common.Capabilities":
            self._complete(line, name, number, self._capabilities(service))
        elif service and name == "Common.Status":
            code = self.refuses.get(service, "success")
            self._complete(line, name, number, self._status(service) if code == "success" else {}, code)
        else:
            self._complete(line, name, number, {}, "unsupportedCommand")

    # --- messages ---
    def _version(self, name: str) -> str:
        return "1.0" if self.edition == "2021-1" else _VERSIONS.get(name, "2.0")

    def _complete(
        self, line: ServerLine, name: str, number: int, payload: Mapping[str, Any], code: str = "success"
    ) -> None:
        header = {"type": "completion", "name": name, "version": self._version(name), "requestId": number}
        if self.edition == "2021-1":
            payload = {"completionCode": code, "errorDescription": "", **payload}
        elif code != "success":
            header |= {"completionCode": code}
        line.tell({"header": header, "payload": payload})

    def _event(self, service: str, name: str, payload: Mapping[str, Any]) -> None:
        header = {"type": "unsolicited", "name": name, "version": self._version(name)}
        for line in self._at(service):
            line.tell({"header": header, "payload": payload})

    def _changed(self, service: str, payload: Mapping[str, Any]) -> None:
        if self.edition == "2021-1" and "common" in payload:
            payload = payload["common"]
        self._event(service, "Common.StatusChangedEvent", payload)

    def _published(self) -> Mapping[str, Any]:
        scheme = "wss" if self.secure else "ws"
        uris = [f"{scheme}://{self.host}:{self.port}{BASE}/{service}" for service in self.services]
        return {"vendorName": "ACME ATM Hardware GmbH", "services": [{"serviceURI": uri} for uri in uris]}

    def _capabilities(self, service: str) -> Mapping[str, Any]:
        device = {
            "modelName": f"Acme {service} 42",
            "serialNumber": "1.0.12.05",
            "firmware": [{"firmwareName": "Acme Firmware", "firmwareVersion": "1.0.1.2"}],
        }
        return {
            "interfaces": [{"name": name} for name in ("Common", service)],
            "common": {"serviceVersion": "1.3.42", "deviceInformation": [device]},
        }

    def _status(self, service: str) -> Mapping[str, Any]:
        common = {"device": self.device[service], "devicePosition": "inPosition"}
        match service:
            case "Printer":
                printer = {"media": self.print_media, "paper": dict(self.paper), "toner": self.toner}
                return {"common": common, "printer": printer}
            case "CardReader":
                return {"common": common, "cardReader": {"media": self.card, "chipModule": self.chip}}
            case "Auxiliaries":
                return {"common": common, "auxiliaries": {"cabinetFrontDoor": self.door}}
            case _:
                return {"common": common}


def _service(path: str) -> str:
    """The service at a path, "" for the publisher."""
    return path.removeprefix(BASE).strip("/")


def simulator(params: Mapping[str, str]) -> TerminalSim:
    """Of `sim://xfs4iot?edition=3.0&paper=low&card=jammed`."""
    sim = TerminalSim(edition="3.0" if params.get("edition") == "3.0" else "2021-1")
    sim.paper["upper"] = params.get("paper", "full")
    sim.card = params.get("card", "notPresent")
    return sim
