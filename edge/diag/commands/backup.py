"""What a node keeps, copied and put back: `backup` and `restore`."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from drivers.checking.words import Text
from edge import __version__
from edge.diag import archive
from edge.diag.archive import ArchiveRefused
from edge.diag.commands.common import JsonOption
from edge.diag.commands.verify import CONFIG_FILE
from edge.diag.commands.verify import STORE as NODE_STORE
from edge.diag.speaking import LangOption, spoken
from edge.diag.trouble import Trouble, of_file
from edge.diag.words import both
from edge.diag.words_store import refused
from edge.store import StoreInUse, StoreRefused
from edge.store.backup import copy_running, renew, replace, stopped
from edge.wire.plain import plain

StoreOption = Annotated[Path, typer.Option(help="The node's database.")]


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What is made; it must not be there yet.")],
    *,
    store: StoreOption = NODE_STORE,
    config: Annotated[
        Path, typer.Option(help="The node's configuration; its folder is taken.")
    ] = CONFIG_FILE,
    with_secrets: Annotated[bool, typer.Option(help="Also passwords and keys, which lie beside it.")] = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Copy what this node keeps, and its configuration, into one file, also while the daemon runs.

    Exit status: 0 made, 2 it could not be, and then there is no file.
    """
    words = spoken(lang)
    with _said():
        if file.exists():
            raise Trouble(both("is_there", file), both("choose_another"))
        if not store.is_file():
            raise Trouble(both("no_store", store), both("name_store"))
        with archive.room_beside(file) as room:
            copied = copy_running(store, room / archive.STORE)
            files = [(archive.STORE, room / archive.STORE)]
            files += archive.members(config if config.is_file() else None, secrets=with_secrets)
            about = archive.pack(
                file,
                files,
                archive.Manifest(
                    format=archive.FORMAT, version=__version__, made=time.time(), epoch=copied.epoch,
                    last_seq=copied.last_seq, schema_version=copied.schema, secrets=with_secrets, files=(),
                ),
            )  # fmt: skip
    last, count, size = about.last_seq, len(about.files), f"{file.stat().st_size >> 10} KiB"
    if as_json:
        told = {
            "file": str(file),
            "epoch": about.epoch,
            "last_seq": last,
            "files": [each.name for each in about.files],
        }
        told |= {"bytes": file.stat().st_size, "configuration": config.is_file(), "secrets": with_secrets}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    zh, en = (
        f"{file}：到序号 {last} 为止，{count} 个文件，{size}",
        f"{file}: up to seq {last}, {count} files, {size}",
    )
    typer.echo(plain(words.pick(zh, en)))
    if not config.is_file():
        typer.echo(plain(words.pick(f"没有 {config}，备份里没有配置", f"there is no {config}: it has no "
                                    "configuration")), err=True)  # fmt: skip
    if not with_secrets:
        typer.echo(words.pick("口令和密钥不在里面（--with-secrets 才有）",
                              "passwords and keys are not in it (they are with --with-secrets)"))  # fmt: skip


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `hallctl backup` has made.")],
    *,
    store: StoreOption = NODE_STORE,
    config: Annotated[
        Path | None, typer.Option(help="Put its configuration into this folder too; what is there is kept.")
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Put a backup in the place of what this node keeps. The daemon must not run; the old database is kept.

    Exit status: 0 done, 2 refused, and then nothing has changed.
    """
    words = spoken(lang)
    kept = store.with_name(f"{store.name}.before-{time.strftime('%Y%m%d-%H%M%S')}")
    with _said():
        if not store.parent.is_dir():
            raise Trouble(both("no_folder", store.parent), both("name_store"))
        with stopped(store), archive.room_beside(store) as room:
            about = archive.unpack(file, room)
            epoch = renew(room / archive.STORE)
            _own(room / archive.STORE, store.parent)
            told = store.exists()
            replace(store, room / archive.STORE, kept)
            put = _put_config(room, config) if config else []
    if as_json:
        now = {"made": about.made, "epoch": epoch, "kept": str(kept) if told else None}
        typer.echo(json.dumps(now | {"written": [str(path) for path in put]}, ensure_ascii=False))
        return
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(about.made))
    lines = [
        (f"已恢复 {when} 的备份，新的编号段 {epoch[:8]}", f"restored that of {when}; new epoch {epoch[:8]}"),
        *([(f"原来的数据库在 {kept}", f"the database that was there is {kept}")] if told else []),
        *((f"写入 {path}", f"written {path}") for path in put),
        ("备份之后的记录不在本节点，中心已收到的不受影响；当天备份之后取的号会再次发出，请在现场收回旧号",
         "what happened since is not at this node, and what the hub has of it stays there; numbers taken "
         "since on the same day are issued again: take those tickets back"),
        ("现在启动：systemctl start hall-edge", "start it now: systemctl start hall-edge"),
    ]  # fmt: skip
    for zh, en in lines:
        typer.echo(plain(words.pick(zh, en)))


def _own(path: Path, folder: Path) -> None:
    """The daemon's, where it is root who restores."""
    owner = folder.stat()
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid)


def _put_config(room: Path, folder: Path) -> list[Path]:
    """Each file that differs from what is there, which is kept beside it."""
    put = list[Path]()
    for kind, mode in ((archive.CONFIG, 0o644), (archive.SECRETS, 0o600)):
        for path in sorted((room / kind).rglob("*")):
            if not path.is_file():
                continue
            place = folder / path.relative_to(room / kind)
            if place.exists():
                if archive.digest(place) == archive.digest(path):
                    continue
                shutil.copy2(place, place.with_name(f"{place.name}.before-restore"))
            place.parent.mkdir(parents=True, exist_ok=True)
            draft = place.with_name(f".{place.name}.new")
            shutil.copyfile(path, draft)
            draft.chmod(mode)
            draft.replace(place)
            put.append(place)
    return put


@contextmanager
def _said() -> Iterator[None]:
    """What goes wrong is raised as Trouble, with its remedy."""
    try:
        yield
    except ArchiveRefused as error:
        raise Trouble(error.said, error.remedy) from error
    except StoreInUse as error:
        raise Trouble(Text("服务正在运行", error.reason), both("stop_first")) from error
    except StoreRefused as error:
        raise refused(error) from error
    except sqlite3.Error as error:
        raise Trouble(both("not_copied", error), both("room")) from error
    except OSError as error:
        raise of_file(error, both("room")) from error
