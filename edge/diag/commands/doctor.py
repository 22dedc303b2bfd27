"""A file for who helps: `doctor`."""

from __future__ import annotations

import asyncio
import io
import json
import tarfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from edge.control import DEFAULT_SOCKET
from edge.diag.archive import whole
from edge.diag.bundle import allow, gather
from edge.diag.commands import verify
from edge.diag.commands.common import JsonOption, SocketOption
from edge.diag.speaking import LangOption, spoken
from edge.diag.trouble import Trouble, of_file
from edge.diag.words import both
from edge.store import StoreRefused
from edge.store.audit import audit_all
from edge.wire.plain import plain


def doctor(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What is made; it must not be there yet.")],
    *,
    store: Annotated[Path, typer.Option(help="The node's database.")] = verify.STORE,
    config: Annotated[Path, typer.Option(help="The node's configuration.")] = verify.CONFIG_FILE,
    socket: SocketOption = DEFAULT_SOCKET,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Gather what helps to find a fault from afar: states, versions, lengths. No name, no number, no secret.

    Exit status: 0 made, 2 it could not be.
    """
    words = spoken(lang)
    try:
        if file.exists():
            raise Trouble(both("is_there", file), both("choose_another"))
        data = packed(gathered(store, config, socket))
        whole(file, data)
    except OSError as error:
        raise of_file(error, both("another_place"), file) from error
    if as_json:
        typer.echo(json.dumps({"file": str(file), "bytes": len(data)}, ensure_ascii=False))
        return
    size = f"{len(data) >> 10} KiB"
    zh = f"{file}（{size}）：只有状态、版本、长度；没有姓名、证件号、口令，可以发出"
    en = (
        f"{file} ({size}): states, versions, lengths; no person's name or number, no password: it may be sent"
    )
    typer.echo(plain(words.pick(zh, en)))


def gathered(store: Path, config: Path, socket: Path) -> dict[str, Any]:
    """Everything, by the name of its file."""
    daemon = asyncio.run(gather.of_daemon(socket))
    devices = (daemon["status"] or {}).get("devices", ())
    return {
        "versions": gather.versions(),
        "configuration": gather.configuration(config),
        **daemon,
        "verify": _verified(store, config),
        "services": gather.services(),
        "journal": gather.journal({each["device"] for each in devices}),
        "disks": gather.disks([store.parent, verify.LOGS]),
        "ports": gather.ports(),
    }


def _verified(store: Path, config: Path) -> Any:
    try:
        walks = audit_all(store)
    except StoreRefused as error:
        return {"refused": type(error).__name__}
    findings = list(verify.look(store, config, quick=True))
    return allow.pick(verify.as_data(walks, findings), allow.VERIFIED)


def packed(pieces: dict[str, Any]) -> bytes:
    """A JSON file for each, in a compressed tar."""
    out, now = io.BytesIO(), int(time.time())
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, piece in pieces.items():
            text = json.dumps(piece, ensure_ascii=False, indent=1).encode()
            info = tarfile.TarInfo(f"doctor/{name}.json")
            info.size, info.mtime, info.mode = len(text), now, 0o600
            tar.addfile(info, io.BytesIO(text))
    return out.getvalue()
