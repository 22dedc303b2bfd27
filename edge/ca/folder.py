"""The authority's folder: what has been issued, and what to carry to which machine.

    ca.key ca.crt           the authority's own; the key never leaves this folder
    issued/<serial>.crt     every certificate that was ever signed: this is the register
    broker/                 for /etc/mosquitto/hall, and mosquitto.conf; for nats-server nats.conf, users.conf
    node/<hall>/<node>/     ca.crt, client.crt, client.key: for that machine; likewise console, technician, …

Each file is whole or as it was before, and what was cut short is made good by doing it again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from drivers.checking.words import Text
from edge.ca import authority
from edge.ca.access import access_list, nats_users, shipped
from edge.ca.authority import Authority, Issued
from edge.ca.names import BROKER, Client, Refused, Role

SECRET, PUBLIC = 0o600, 0o644
CLOCK_SINCE = datetime(2026, 1, 1, tzinfo=UTC)  # before this program: such a clock has not been set


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a certificate: his newest."""

    client: Client
    cert: Issued
    folder: Path


class Folder:
    """`now` is asked once, so that all of one command has one time. Raises Refused."""

    def __init__(self, path: Path, passphrase: bytes, now: datetime) -> None:
        if now < CLOCK_SINCE:
            raise Refused(
                Text(f"本机的时钟是 {now:%Y-%m-%d}", f"this machine's clock says {now:%Y-%m-%d}"),
                Text("先校准时间（timedatectl），否则证书都不能用",
                     "Set it (timedatectl) first: no certificate would be valid"),
            )  # fmt: skip
        self.path, self._passphrase, self._now = path, passphrase, now
        self._issued = path / "issued"

    # --- what there is ---
    @property
    def root(self) -> Issued | None:
        """The authority's own certificate."""
        file = self.path / "ca.crt"
        return _read(file) if file.exists() else None

    def held(self) -> list[Held]:
        """By role and name; without those that were revoked."""
        gone, newest = self._revoked(), dict[Client, Issued]()
        for cert in self._register():
            if cert.role is None or cert.serial in gone:
                continue
            who = Client(cert.role, cert.name)
            if who not in newest or newest[who].ends < cert.ends:
                newest[who] = cert
        return [
            Held(who, newest[who], self.place(who)) for who in sorted(newest, key=lambda c: (c.role, c.name))
        ]

    def place(self, who: Client) -> Path:
        return self.path / BROKER if who.role is Role.BROKER else self.path / who.role / who.name

    def _register(self) -> Iterator[Issued]:
        if self._issued.is_dir():
            yield from (_read(path) for path in sorted(self._issued.glob("*.crt")))

    def _revoked(self) -> frozenset[int]:
        return authority.revoked(self._list())

    def _list(self) -> bytes:
        file = self.path / BROKER / "revoked.pem"
        return file.read_bytes() if file.exists() else b""

    # --- what is made ---
    def begin(self, name: str) -> None:
        """The authority, where there is none. What an earlier try has left is taken up."""
        _folder(self.path, 0o700)
        _folder(self._issued, 0o755)
        key, cert = self.path / "ca.key", self.path / "ca.crt"
        if not key.exists():
            if cert.exists():
                raise Refused(
                    Text(f"{key} 不见了", f"{key} is gone"),
                    Text("从备份恢复；没有备份就在新目录重新开始，所有机器都要换证书",
                         "Restore it from its backup; without one begin anew in another folder, and every "
                         "machine needs new certificates"),
                )  # fmt: skip
            write(key, authority.new_key(self._passphrase), SECRET)
        if not cert.exists():
            root = authority.new_root(key.read_bytes(), self._passphrase, name, self._now)
            write(cert, root, PUBLIC)

    def renew_root(self) -> None:
        """A new certificate for the authority's own key, beside the old one in every `ca.crt`."""
        key, cert = self.path / "ca.key", self.path / "ca.crt"
        self._authority()  # whether they belong together
        roots = authority.with_new_root(key.read_bytes(), self._passphrase, cert.read_bytes(), self._now)
        write(cert, roots, PUBLIC)
        for held in self.held():
            write(held.folder / "ca.crt", roots, PUBLIC)
        self._write_list([])  # it is good as long as the authority

    def check(self, clients: Sequence[Client], hosts: Sequence[str]) -> None:
        """Before anything is made: whether each name is one client's only, and each host can be one."""
        if self.root:
            self._authority()  # the passphrase
        for host in hosts:
            authority.host_name(host)
        known = {held.client.name: held.client for held in self.held()}
        for who in clients:
            if (other := known.setdefault(who.name, who)) != who:
                raise Refused(
                    Text(f"“{who.name}”已经是 {other.role} 的名字",
                         f"{who.name!r} already is the name of a {other.role}"),
                    Text("换一个名字", "Choose another name"),
                )  # fmt: skip

    def provide(self, who: Client, hosts: Sequence[str], days: int, *, renew: bool = False) -> bool:
        """A certificate, and all that lies beside it, where there is none for this name (and these hosts).
        The key is made once and stays. False: there was one."""
        place, stem = self.place(who), BROKER if who.role is Role.BROKER else "client"
        _folder(place, 0o700)
        key, cert = place / f"{stem}.key", place / f"{stem}.crt"
        root = (self.path / "ca.crt").read_bytes()
        write(place / "ca.crt", root, PUBLIC)
        if not renew and cert.exists() and key.exists() and set(_read(cert).hosts) >= set(hosts):
            return False
        if not key.exists():
            write(key, authority.new_key(), SECRET)
        known = _read(cert).hosts if cert.exists() else ()
        names = [*known, *(host for host in hosts if host not in known)]
        pem = self._authority().issue(who, key.read_bytes(), names, self._now, days)
        write(self._issued / f"{Issued.read(pem).serial:040x}.crt", pem, PUBLIC)
        write(cert, pem, PUBLIC)
        return True

    def revoke(self, who: Client) -> int:
        """All of his certificates; how many. His key and folder go, and his place in the access list."""
        serials = [
            cert.serial for cert in self._register() if Client(cert.role or Role.BROKER, cert.name) == who
        ]
        self._write_list(serials)
        place = self.place(who)
        for name in ("client.key", "client.crt", "ca.crt"):
            (place / name).unlink(missing_ok=True)
        if place.is_dir():
            place.rmdir()
        self.write_broker()
        return len(serials)

    def write_broker(self) -> None:
        """What the broker knows its clients by."""
        place = self.path / BROKER
        _folder(place, 0o700)
        if not self._list():
            self._write_list([])
        clients = [held.client for held in self.held()]
        write(place / "acl.conf", access_list(clients).encode(), PUBLIC)
        write(place / "users.conf", nats_users(clients).encode(), PUBLIC)
        for name in ("mosquitto.conf", "nats.conf"):
            write(place / name, shipped(name), PUBLIC)

    def _write_list(self, serials: Iterable[int]) -> None:
        _folder(self.path / BROKER, 0o700)
        pem = self._authority().revoke(self._list(), serials, self._now)
        write(self.path / BROKER / "revoked.pem", pem, PUBLIC)

    def _authority(self) -> Authority:
        key, cert = self.path / "ca.key", self.path / "ca.crt"
        return Authority(key.read_bytes(), self._passphrase, cert.read_bytes())


def write(path: Path, data: bytes, mode: int) -> None:
    """As a whole and on the disk, or not at all."""
    beside = path.with_name(f".{path.name}.new")
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
    with os.fdopen(fd, "wb") as file:
        os.fchmod(fd, mode)
        file.write(data)
        file.flush()
        os.fsync(fd)
    beside.replace(path)


def _folder(path: Path, mode: int) -> None:
    path.mkdir(mode=mode, parents=True, exist_ok=True)


def _read(path: Path) -> Issued:
    try:
        return Issued.read(path.read_bytes())
    except ValueError:
        raise Refused(
            Text(f"{path} 不是本 CA 的证书", f"{path} is no certificate of this authority"),
            Text(
                "从备份恢复，或把它移走再做一次",
                "Restore it from its backup, or move it away and do this again",
            ),
        ) from None
