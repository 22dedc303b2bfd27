"""Whether what a node stands on is sound: database, time, disk, certificates. Each with what to do.

Pure but for `Machine`, which looks: a test brings a machine of its own.
"""

from __future__ import annotations

import os
import ssl
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from drivers.checking.words import NOTHING, Text
from edge.broker import Tls
from edge.ca.ending import CA_SOON, RENEW, RENEW_CA, SOON
from edge.clock import SET_SINCE_S
from edge.diag.words import Words
from edge.wire.plain import plain

if TYPE_CHECKING:
    from edge.ca.authority import Issued
    from edge.store.examine import Examined

State = Literal["ok", "warning", "fault", "unknown"]
MARKS: dict[State, str] = {"ok": "✓", "warning": "!", "fault": "✗", "unknown": "?"}
CLOCK_SINCE = datetime.fromtimestamp(SET_SINCE_S, UTC)
BEHIND = timedelta(minutes=5)  # an event can hardly be so much later than now
PAGE_BYTES = 4096  # of every database made here
WAL_BYTES = 64 << 20  # eight times what the daemon lets it have: somebody's shell holds it open
MIN_FREE_MB = 32  # `[node] min_free_mb` where it is not written
SCARCE = 4  # times the least
INODES_SHARE = 0.01
# What systemd gives the daemon, for paths of the configuration that name it.
PLACES = {
    "STATE_DIRECTORY": "/var/lib/hall-edge",
    "RUNTIME_DIRECTORY": "/run/hall-edge",
    "CREDENTIALS_DIRECTORY": "/run/credentials/hall-edge.service",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `name` is for programs; `remedy` is empty where there is nothing to do."""

    name: str
    state: State
    said: Text
    remedy: Text = NOTHING

    def data(self) -> dict[str, str]:
        """For a program."""
        said, remedy = self.said, self.remedy
        texts = {"zh": said.zh, "en": said.en, "remedy_zh": remedy.zh, "remedy_en": remedy.en}
        return {"name": self.name, "state": self.state, **texts}

    def told(self, words: Words) -> str:
        """For a person, in a line or two."""
        line = f"{MARKS[self.state]} {words.pick(self.said.zh, self.said.en)}"
        remedy = words.pick(self.remedy.zh, self.remedy.en)
        return plain(line) + (f"\n  {words('remedy')}{plain(remedy)}" if remedy else "")


@dataclass(frozen=True, slots=True)
class Room:
    """Of a file system."""

    path: Path
    free_bytes: int
    free_inodes: int
    inodes: int  # 0 where it has no fixed number

    @classmethod
    def of(cls, path: Path) -> Room:
        found = os.statvfs(path)
        return cls(path, found.f_bavail * found.f_frsize, found.f_favail, found.f_files)


def database(found: Examined) -> Iterator[Finding]:
    if found.damage:
        yield Finding(
            "database",
            "fault",
            Text(f"数据库损坏：{found.damage}", f"the database is damaged: {found.damage}"),
            Text(
                "停止 hall-edge，检查磁盘，再用 hallctl restore 恢复最近的备份",
                "Stop hall-edge, check the disk, then put the last backup back by hallctl restore",
            ),
        )
    if found.gap:
        yield Finding(
            "gaps",
            "fault",
            Text(f"序号不连续，缺 {found.gap}", f"the numbers have gaps: missing {found.gap}"),
            Text(
                "保留这个文件并上报；用 hallctl restore 恢复备份",
                "Keep this file and report it; put a backup back by hallctl restore",
            ),
        )
    if found.page_bytes != PAGE_BYTES or found.journal_mode not in {"wal", "delete"}:
        shape = f"page_size {found.page_bytes}, journal_mode {found.journal_mode}"
        yield Finding(
            "shape",
            "warning",
            Text(f"数据库被别的程序改过：{shape}", f"another program has changed it: {shape}"),
            Text("重启 hall-edge", "Restart hall-edge"),
        )
    if found.wal_bytes > WAL_BYTES:
        size = f"{found.wal_bytes >> 20} MiB"
        yield Finding(
            "wal",
            "warning",
            Text(
                f"日志文件有 {size}，有程序一直读着数据库",
                f"its log has {size}: a program holds the database open",
            ),
            Text(
                "关掉打开着它的 sqlite3 或脚本（fuser 可查）",
                "End the sqlite3 or script that has it open (see fuser)",
            ),
        )
    if not (found.damage or found.gap):
        yield Finding(
            "database", "ok", Text("数据库完好，序号连续", "the database is whole, its numbers gapless")
        )


def clock(now: datetime, newest_at: float, *, disciplined: bool, trusted: bool) -> Finding:
    """`disciplined`: by a time server, as the kernel says. `trusted`: the configuration takes it as right."""
    said = f"{now:%Y-%m-%d %H:%M} UTC"
    remedy = Text(
        "对时：timedatectl set-ntp true；主板电池没电时更换（CR2032）",
        "Set it: timedatectl set-ntp true; an empty battery on the board (CR2032) is replaced",
    )
    if now < CLOCK_SINCE:
        return Finding(
            "time", "fault", Text(f"时钟是 {said}，从未对过", f"the clock says {said}: never set"), remedy
        )
    if newest_at and now.timestamp() + BEHIND.total_seconds() < newest_at:
        newest = f"{datetime.fromtimestamp(newest_at, UTC):%Y-%m-%d %H:%M}"
        return Finding(
            "time",
            "fault",
            Text(
                f"时钟 {said}，早于最新的记录 {newest}",
                f"the clock says {said}, and the newest event is of {newest}",
            ),
            remedy,
        )
    if not (disciplined or trusted):
        return Finding(
            "time",
            "warning",
            Text(f"{said}，没有与时间服务器同步", f"{said}, not in step with a time server"),
            Text(
                "timedatectl set-ntp true；没有时间服务器的大厅写 [node] trust_rtc = true",
                "timedatectl set-ntp true; a hall without one writes trust_rtc = true in [node]",
            ),
        )
    return Finding("time", "ok", Text(f"时间 {said}", f"the time, {said}"))


def disk(room: Room, least_bytes: int) -> Finding:
    free = f"{room.free_bytes >> 20} MiB"
    remedy = Text(
        "清理磁盘：journalctl --vacuum-size=200M，删掉不用的备份",
        "Make room: journalctl --vacuum-size=200M, and old backups",
    )
    if room.inodes and room.free_inodes < room.inodes * INODES_SHARE:
        said = Text(
            f"{room.path} 只能再放 {room.free_inodes} 个文件",
            f"{room.path} takes {room.free_inodes} files more",
        )
        return Finding("inodes", "fault", said, remedy)
    said = Text(f"{room.path} 剩余 {free}", f"{free} free at {room.path}")
    if room.free_bytes < least_bytes:
        return Finding("disk", "fault", said, remedy)
    if room.free_bytes < SCARCE * least_bytes:
        return Finding("disk", "warning", said, remedy)
    return Finding("disk", "ok", said)


def certificate(cert: Issued, what: Literal["ca", "node"], name: str, now: datetime) -> Finding:
    """`name`: what the node's own has to be called at the broker, "" where none is known."""
    who = (
        Text("CA 证书", "the authority's certificate")
        if what == "ca"
        else Text("本机证书", "this node's certificate")
    )
    until = f"{cert.ends:%Y-%m-%d}"
    renew = RENEW_CA if what == "ca" else RENEW
    if now < cert.begins:
        begins = f"{cert.begins:%Y-%m-%d}"
        return Finding(
            "certificate",
            "fault",
            Text(f"{who.zh}从 {begins} 起才有效", f"{who.en} is valid from {begins} on"),
            Text("先看本机的时间对不对", "Look at this machine's clock first"),
        )
    if now >= cert.ends:
        return Finding(
            "certificate", "fault", Text(f"{who.zh}已于 {until} 过期", f"{who.en} ran out on {until}"), renew
        )
    if what == "node" and name and cert.name != name:
        return Finding(
            "certificate",
            "warning",
            Text(
                f"{who.zh}的名字是 {cert.name}，不是 {name}", f"{who.en} is that of {cert.name}, not {name}"
            ),
            Text(
                f"用 {name} 自己的证书；服务器会丢弃别人名下的消息",
                f"Take that of {name}: a broker drops what is told under another's name",
            ),
        )
    if cert.ends - now < (CA_SOON if what == "ca" else SOON):
        days = (cert.ends - now).days
        return Finding(
            "certificate",
            "warning",
            Text(f"{who.zh} {days} 天后过期（{until}）", f"{who.en} ends in {days} days, on {until}"),
            renew,
        )
    return Finding("certificate", "ok", Text(f"{who.zh}到 {until}", f"{who.en}, until {until}"))


class Config:
    """What the checks need of a configuration file, also of one that cannot run."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw

    @classmethod
    def read(cls, path: Path) -> Config:
        """Raises OSError; ValueError where it is no TOML."""
        return cls(tomllib.loads(path.read_text(encoding="utf-8")))

    def table(self, name: str) -> dict[str, Any]:
        found = self._raw.get(name)
        return found if isinstance(found, dict) else {}

    def value(self, table: str, key: str) -> Any:
        return self.table(table).get(key)

    def file(self, table: str, key: str) -> Path | None:
        text = self.value(table, key)
        if not isinstance(text, str):
            return None
        for name, place in PLACES.items():
            text = text.replace(f"${{{name}}}", os.environ.get(name, place))
        return Path(text)

    @property
    def name(self) -> str:
        hall, node = self.value("hall", "id"), self.value("node", "id")
        return f"{hall}/{node}" if isinstance(hall, str) and isinstance(node, str) else ""

    @property
    def least_bytes(self) -> int:
        found = self.value("node", "min_free_mb")
        return (found if isinstance(found, int) else MIN_FREE_MB) << 20


def certificates(config: Config, now: datetime) -> Iterator[Finding]:
    """Those that `[mqtt]` names."""
    from edge.ca.authority import Issued  # noqa: PLC0415 cryptography, which only this needs

    ca, cert, key = (config.file("mqtt", name) for name in ("ca", "cert", "key"))
    kinds: tuple[tuple[Literal["ca", "node"], Path | None], ...] = (("ca", ca), ("node", cert))
    for what, path in kinds:
        if path is None:
            continue
        try:
            read = Issued.read(path.read_bytes())
        except (OSError, ValueError) as error:
            yield _unreadable(path, error)
        else:
            yield certificate(read, what, config.name, now)
    if cert and key and (finding := _pair(Tls(ca, cert, key), key)):
        yield finding


def _pair(tls: Tls, key: Path) -> Finding | None:
    try:
        tls.context()
    except ssl.SSLError as error:
        return Finding(
            "key",
            "fault",
            Text(
                f"{key} 与证书不是一对（{error.reason}）",
                f"{key} does not belong to the certificate ({error.reason})",
            ),
            Text(
                "把同一个目录里的 ca.crt、client.crt、client.key 一起放过来",
                "Put ca.crt, client.crt and client.key of one folder here together",
            ),
        )
    except OSError as error:
        return _unreadable(key, error)
    if key.stat().st_mode & 0o007:
        return Finding(
            "key",
            "warning",
            Text(f"{key} 谁都能读", f"{key} can be read by anybody"),
            Text(f"chmod 640 {key}", f"chmod 640 {key}"),
        )
    return None


def _unreadable(path: Path, error: Exception) -> Finding:
    reason = error.strerror if isinstance(error, OSError) else "PEM"
    denied = isinstance(error, PermissionError)
    return Finding(
        "certificate",
        "unknown" if denied else "fault",
        Text(f"{path} 读不了（{reason}）", f"{path} cannot be read ({reason})"),
        Text("用 root 运行", "Run this as root")
        if denied
        else Text("检查 [mqtt] 里写的路径和文件", "Look at the paths in [mqtt], and at the files"),
    )
