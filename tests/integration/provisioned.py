"""A folder as `hallctl broker provision` makes it, and brokers with what is in it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from edge.broker import Tls
from edge.ca.access import FOLDER
from edge.ca.folder import Folder
from edge.ca.names import BROKER, Role, client
from tests.integration.brokers import BrokerProcess, Kind, running

# What is the test's own: the port, and nothing kept.
_OURS = re.compile(r"^(listener|persistence|persistence_location|allow_anonymous) .*$", re.MULTILINE)


class Provisioned:
    """An authority with certificates for these."""

    def __init__(
        self,
        path: Path,
        *,
        node: Sequence[str] = (),
        console: Sequence[str] = (),
        technician: Sequence[str] = (),
        home_assistant: Sequence[str] = (),
    ) -> None:
        self.path, self.ca = path, path / "ca.crt"
        self.folder = Folder(path, b"", datetime.now(UTC))
        self.folder.begin("a test")
        self.folder.provide(client(Role.BROKER, BROKER), ["127.0.0.1"], days=2)
        for role, names in (
            (Role.NODE, node),
            (Role.CONSOLE, console),
            (Role.TECHNICIAN, technician),
            (Role.HOME_ASSISTANT, home_assistant),
        ):
            for name in names:
                self.folder.provide(client(role, name), (), days=2)
        self.folder.write_broker()

    def pair(self, name: str) -> tuple[Path, Path]:
        """Somebody's certificate and key."""
        (place,) = (held.folder for held in self.folder.held() if held.client.name == name)
        return place / "client.crt", place / "client.key"

    def tls(self, name: str) -> Tls:
        return Tls(self.ca, *self.pair(name))

    @contextlib.contextmanager
    def broker(self, folder: Path, kind: Kind = "mosquitto") -> Iterator[BrokerProcess]:
        """By the files that are there now."""
        if kind == "nats":
            with running("nats", folder, scheme="mqtts", whole=self._nats(folder)) as process:
                yield process
            return
        conf = (self.path / BROKER / "mosquitto.conf").read_text(encoding="utf-8")
        conf = _OURS.sub("", conf.replace(FOLDER, str(self.path / BROKER)))
        with running("mosquitto", folder, extra=conf, scheme="mqtts", anonymous=False) as process:
            yield process

    def _nats(self, folder: Path) -> str:
        """At a free port of its own for NATS' protocol, which nobody here speaks."""
        conf = (self.path / BROKER / "nats.conf").read_text(encoding="utf-8")
        place = str(self.path / BROKER)
        users = os.path.relpath(f"{place}/users.conf", folder / "nats-0")  # a file is named from where it is
        found = {'"hall/users.conf"': f"'{users}'", "/etc/nats/hall": place}
        ours = {
            "port: 8883": "host: 127.0.0.1, port: {port}",
            '"/var/lib/nats"': '"{store}"',
            'host: "127.0.0.1"': 'host: "127.0.0.1", port: -1',
        }
        for old, new in (found | ours).items():
            assert old in conf
            conf = conf.replace(old, new)
        return conf
