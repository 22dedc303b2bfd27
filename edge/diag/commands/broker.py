"""Who may come to the broker: `broker provision`, `list`, `renew` and `revoke`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from drivers.checking.words import Text
from edge.ca.access import FOLDER
from edge.ca.ending import CA_SOON, SOON
from edge.ca.folder import Folder, Held
from edge.ca.names import BROKER, Refused, Role, client
from edge.diag.commands.common import JsonOption
from edge.diag.speaking import LangOption, Speaking, SpeakingGroup, spoken
from edge.diag.trouble import Trouble, of_file
from edge.diag.words import Words
from edge.wire.plain import plain

DAYS = 730
CA = "ca"  # the authority itself, in the list
_AGAIN = Text(
    "检查磁盘空间和目录权限，再执行一次；已有的证书没有变",
    "look at the room on the disk and the folder's owner, and do it again: nothing was lost",
)

broker = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="The broker's certificates and access list.",
    cls=SpeakingGroup,
)

FolderArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Where the authority is kept; not on the broker.")
]
PassphraseOption = Annotated[
    Path | None,
    typer.Option(help="Its first line locks the authority's key; without it only the file's mode 0600 does."),
]
DaysOption = Annotated[int, typer.Option(min=1, max=3650, help="How long certificates are valid.")]


@broker.command(cls=Speaking)
def provision(
    folder: FolderArgument,
    *,
    host: Annotated[list[str] | None, typer.Option(help="Name or address of the broker.")] = None,
    node: Annotated[list[str] | None, typer.Option(help="A node, as hall/node.")] = None,
    console: Annotated[list[str] | None, typer.Option(help="A hub, by its name.")] = None,
    technician: Annotated[list[str] | None, typer.Option(help="A technician, by name.")] = None,
    home_assistant: Annotated[list[str] | None, typer.Option(help="A Home Assistant, by name.")] = None,
    days: DaysOption = DAYS,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Make an authority, a broker's files, and certificates for these; or add these to what there is.

    Exit status: 0 made, 2 refused, and then nothing has changed.
    """
    words = spoken(lang)
    asked = {
        Role.NODE: node,
        Role.CONSOLE: console,
        Role.TECHNICIAN: technician,
        Role.HOME_ASSISTANT: home_assistant,
    }
    with _opened(folder, passphrase_file) as kept:
        clients = [client(role, name) for role, names in asked.items() for name in names or ()]
        if kept.root is None and not host:
            raise typer.BadParameter(
                "a new authority needs the broker's name or address", param_hint="--host"
            )
        kept.check(clients, host or ())
        kept.begin(f"hall-edge {folder.name}")
        made = [each for each in clients if kept.provide(each, (), days)]
        server = client(Role.BROKER, BROKER)
        if kept.provide(server, host or (), days):
            made.append(server)
        kept.write_broker()
        _told(kept, words, as_json=as_json)
    if not as_json:
        typer.echo(_carry(folder, words, made=len(made)))


@broker.command("list", cls=Speaking)
def list_(folder: FolderArgument, *, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """All that hold a certificate, and until when.

    Exit status: 0 all are valid, 1 one ends within 30 days or has ended, 2 there is no authority.
    """
    words = spoken(lang)
    with _opened(folder, None) as kept:
        _known(kept, folder)
        soon = _told(kept, words, as_json=as_json)
    raise typer.Exit(soon)


@broker.command(cls=Speaking)
def renew(
    folder: FolderArgument,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Without any: all that end within 30 days."),
    ] = None,
    *,
    authority: Annotated[
        bool, typer.Option("--authority", help="The authority's own, too: a new ca.crt for every machine.")
    ] = False,
    days: DaysOption = DAYS,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """A new certificate for the same key; the file client.crt (or broker.crt) is all that changes.

    Exit status: 0 done, 2 refused.
    """
    words = spoken(lang)
    with _opened(folder, passphrase_file) as kept:
        _known(kept, folder)
        if authority:
            kept.renew_root()
        for each in _chosen(kept, names or []):
            kept.provide(each.client, each.cert.hosts, days, renew=True)
        kept.write_broker()
        _told(kept, words, as_json=as_json)
    if authority and not as_json:
        typer.echo(
            words.pick(
                "把各目录里新的 ca.crt 放到服务器和每台机器，先后不限：旧证书到期之前两张都有效",
                "Carry each folder's new ca.crt to the broker and every machine, in any order: until the old "
                "one ends both are trusted",
            )
        )


@broker.command(cls=Speaking)
def revoke(
    folder: FolderArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who is not to come in any more.")],
    *,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """None of his certificates is valid any more, as soon as the broker has the new files.

    Exit status: 0 done, 2 refused.
    """
    words = spoken(lang)
    with _opened(folder, passphrase_file) as kept:
        _known(kept, folder)
        (held,) = _chosen(kept, [name])
        if held.client.role == "broker":
            raise typer.BadParameter("the broker's own is renewed, not revoked", param_hint="NAME")
        count = kept.revoke(held.client)
    if as_json:
        typer.echo(json.dumps({"name": name, "revoked": count}, ensure_ascii=False))
        return
    typer.echo(
        words.pick(
            f"{plain(name)} 的 {count} 个证书已作废。把 broker/revoked.pem 和 broker/acl.conf 放到服务器上，"
            "重启 mosquitto 后生效",
            f"{count} certificates of {plain(name)} are revoked. It counts once broker/revoked.pem and "
            "broker/acl.conf are at the broker and mosquitto is restarted",
        )
    )


@contextmanager
def _opened(path: Path, passphrase_file: Path | None) -> Iterator[Folder]:
    """What is refused, or the disk does not do, is said with the remedy."""
    try:
        passphrase = passphrase_file.read_bytes().splitlines()[:1] if passphrase_file else []
        if passphrase_file and not passphrase:
            raise typer.BadParameter("its first line is empty", param_hint="--passphrase-file")
        yield Folder(path, b"".join(passphrase), datetime.now(UTC))
    except Refused as refused:
        raise Trouble(refused.said, refused.remedy) from refused
    except OSError as error:
        raise of_file(error, _AGAIN, path) from error


def _known(kept: Folder, path: Path) -> None:
    if kept.root is None:
        raise Trouble(
            Text(f"{path} 里没有 CA", f"there is no authority in {path}"),
            Text("先用 hallctl broker provision 建立", "Make one by hallctl broker provision"),
        )


def _chosen(kept: Folder, names: list[str]) -> list[Held]:
    """Those of these names, or those that end soon."""
    everyone, now = kept.held(), datetime.now(UTC)
    if not names:
        return [held for held in everyone if held.cert.ends - now < SOON]
    known = {held.client.name: held for held in everyone}
    for name in names:
        if name not in known:
            raise Trouble(
                Text(f"没有给 {name} 的证书", f"{name} has no certificate"),
                Text("hallctl broker list 列出全部名字", "hallctl broker list has all names"),
            )
    return [known[name] for name in names]


def _told(kept: Folder, words: Words, *, as_json: bool) -> bool:
    """A line for each; whether one ends soon or has ended."""
    now, root = datetime.now(UTC), kept.root
    assert root is not None  # the caller has made sure
    rows = [
        (CA, "", root, kept.path),
        *((h.client.role, h.client.name, h.cert, h.folder) for h in kept.held()),
    ]
    left = [(cert.ends - now).days for _, _, cert, _ in rows]
    if as_json:
        told = [
            {"role": str(role), "name": name, "serial": f"{cert.serial:040x}", "ends": cert.ends.isoformat(),
             "days": days, "hosts": list(cert.hosts), "folder": str(folder)}
            for (role, name, cert, folder), days in zip(rows, left, strict=True)
        ]  # fmt: skip
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        for (role, name, cert, folder), days in zip(rows, left, strict=True):
            until = words.pick(
                f"到 {cert.ends:%Y-%m-%d}，还有 {days} 天", f"until {cert.ends:%Y-%m-%d}, {days} days"
            )
            if days < _soon(role):
                how = "broker renew --authority" if role == CA else "broker renew"
                until += words.pick(f" ← 快到期，用 {how}", f"  <- ends soon: {how}")
            typer.echo(plain(f"{role:<14} {name:<24} {until}  {folder}"))
    return any(days < _soon(role) for (role, *_), days in zip(rows, left, strict=True))


def _soon(role: str) -> int:
    return (CA_SOON if role == CA else SOON).days


def _carry(folder: Path, words: Words, *, made: int) -> str:
    """What to do with what was made."""
    made_for = folder / "broker"
    names = ("ca.crt", "broker.crt", "broker.key", "acl.conf", "revoked.pem")
    files = " ".join(f"{made_for}/{name}" for name in names)
    there = (
        f"  install -d -o mosquitto -m 700 {FOLDER}\n"
        f"  install -o mosquitto -m 600 -t {FOLDER} {files}\n"
        f"  install -m 644 {made_for}/mosquitto.conf /etc/mosquitto/conf.d/hall.conf\n"
        "  systemctl restart mosquitto\n"
    )
    nats = f"{made_for}/nats.conf → /etc/nats, ca.crt broker.crt broker.key users.conf → /etc/nats/hall"
    return words.pick(
        f"\n新证书 {made} 个。在服务器上：\n{there}（用 nats-server 时：{nats}）\n"
        "其他各机器：把自己目录里的三个文件放到 /etc/hall-edge，写进 [mqtt] 的 ca、cert、key。\n"
        f"{folder}/ca.key 能签发任何证书：不要放到服务器上，另存一份备份。",
        f"\n{made} new certificates. At the broker:\n{there}(with nats-server: {nats})\n"
        "Every other machine: the three files of its folder go to /etc/hall-edge, and into [mqtt] as ca, "
        "cert and key.\n"
        f"{folder}/ca.key can sign for anybody: keep it off the broker, and a copy of it in a safe place.",
    )
