"""A camera as ONVIF shows it: it answers probes, and serves its device and media services over HTTP.

Written by hand from the same papers as the driver and sharing nothing with it: questions are found by
patterns, answers are texts, digests are computed here again. It judges logins as a camera does, and locks an
account after some wrong ones, so that a test sees how often the driver has tried.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import uuid
from typing import Any

from drivers.camera.onvif_sim_services import Services
from drivers.camera.onvif_sim_state import ROTTEN, State

GROUP, PORT = "239.255.255.250", 3702


class OnvifSim(State):
    """Runs within `async with`."""

    def __init__(self, **state: Any) -> None:
        """As `State` has it."""
        super().__init__(**state)
        self.services = Services(self)
        self._open: list[asyncio.DatagramTransport] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> OnvifSim:
        self._server = await asyncio.start_server(self.services.serve, self.host, self.port, limit=65_536)
        self.port = self._server.sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        for address in self.hears_on:
            line = _group(address)
            # Answers come from the address that it has on that network.
            own = self.host if len(self.hears_on) == 1 else address
            voice, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(own, 0))
            self._open.append(voice)
            ear, _ = await loop.create_datagram_endpoint(lambda v=voice: _Ear(self, v), sock=line)  # type: ignore[misc]
            self._open.append(ear)
        return self

    async def __aexit__(self, *_: object) -> None:
        for transport in self._open:
            transport.abort()
        self._open.clear()
        if self._server is not None:
            self._server.close()
        await self.services.close()


def _group(address: str) -> socket.socket:
    """Hears the group on the interface that has this address, and on no other."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.setblocking(False)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    line.setsockopt(socket.IPPROTO_IP, 49, 0)  # IP_MULTICAST_ALL, ip(7): not what others have joined
    line.bind((GROUP, PORT))
    member = socket.inet_aton(GROUP) + socket.inet_aton(address)
    line.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    return line


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, camera: State, voice: asyncio.DatagramTransport) -> None:
        self._camera = camera
        self._voice = voice

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asked = data.decode("utf-8", "replace")
        identifier = re.search(r"<(?:\w+:)?MessageID[^>]*>\s*([^<\s]+)", asked)
        kind = re.search(r"<(?:\w+:)?Types[^>]*>\s*(?:\w+:)?(\w+)\s*<", asked)
        if "/Probe<" not in asked or identifier is None:
            return
        self._camera.probes.append(identifier[1])
        if kind is not None and kind[1] not in self._camera.types.replace(":", " ").split():
            return
        trouble = self._camera.trouble
        answer = ROTTEN.get(trouble.rotten) or self._answer(identifier[1])
        delay_s = trouble.late_s or random.uniform(0.0, 0.05)
        for _ in range(trouble.answers):
            asyncio.get_running_loop().call_later(delay_s, self._say, answer, addr)

    def _say(self, answer: bytes, addr: tuple[str, int]) -> None:
        if not self._voice.is_closing():
            self._voice.sendto(answer, addr)

    def _answer(self, identifier: str) -> bytes:
        camera = self._camera
        relates_to = f"urn:uuid:{uuid.uuid4()}" if camera.trouble.wrong_relates_to else identifier
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"
 xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
 xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">
<SOAP-ENV:Header>
<wsa:MessageID>urn:uuid:{uuid.uuid4()}</wsa:MessageID>
<wsa:RelatesTo>{relates_to}</wsa:RelatesTo>
<wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To>
<wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsa:Action>
</SOAP-ENV:Header>
<SOAP-ENV:Body><d:ProbeMatches><d:ProbeMatch>
<wsa:EndpointReference><wsa:Address>{camera.endpoint}</wsa:Address></wsa:EndpointReference>
<d:Types>{camera.types}</d:Types>
<d:Scopes>{" ".join(camera.scopes)}</d:Scopes>
<d:XAddrs>{camera.url("/onvif/device_service")}</d:XAddrs>
<d:MetadataVersion>1</d:MetadataVersion>
</d:ProbeMatch></d:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>""".encode()
