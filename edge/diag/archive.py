"""A backup's file: a compressed tar of a list with SHA-256, the database and the configuration.

Made as a whole or not at all; read with distrust, since it comes from a stick or a share.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drivers.checking.words import Text

FORMAT = 1
LIST, STORE, CONFIG, SECRETS = "manifest.json", "hall.db", "config", "secrets"
MAX_LIST = 256 * 1024  # bytes: a thousand files
MAX_FILES = 1000
PIECE = 1 << 20
PLAIN = {".toml", ".csv"}  # of a configuration; whatever else lies beside it may be a secret
MAX_FILE = 16 << 20  # bytes of a file of the configuration

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ArchiveRefused(Exception):
    """This file cannot be made, or not be used: why, and what to do."""

    def __init__(self, said: Text, remedy: Text) -> None:
        super().__init__(f"{said}. {remedy}")
        self.said, self.remedy = said, remedy


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Member(_Strict):
    name: Annotated[str, Field(max_length=512)]
    bytes: Annotated[int, Field(ge=0)]
    sha256: Sha256


class Manifest(_Strict):
    """What a backup says of itself."""

    format: int
    version: str
    made: float
    epoch: str
    last_seq: int
    schema_version: int
    secrets: bool
    files: Annotated[tuple[Member, ...], Field(max_length=MAX_FILES)]


BROKEN = Text(
    "换一份备份，或从原处重新拷贝", "Take another backup, or copy this one anew from where it was made"
)


@contextmanager
def room_beside(path: Path) -> Iterator[Path]:
    """A folder of one's own on the disk of `path`, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def members(config: Path | None, *, secrets: bool) -> Iterator[tuple[str, Path]]:
    """(name in the archive, file) of all that belongs to this configuration: the files in and below its
    folder."""
    if config is None:
        return
    for path in sorted(config.parent.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_FILE:
            continue
        plain = path.suffix in PLAIN
        if plain or secrets:
            yield f"{CONFIG if plain else SECRETS}/{path.relative_to(config.parent)}", path


def pack(target: Path, files: list[tuple[str, Path]], about: Manifest) -> Manifest:
    """Into `target`, mode 0600, once all of it is on the disk. Raises OSError, and has then left nothing."""
    listed = about.model_copy(update={"files": tuple(_member(name, path) for name, path in files)})
    with _whole_or_none(target) as file, tarfile.open(fileobj=file, mode="w:gz", compresslevel=5) as tar:
        _add_list(tar, listed)
        for name, path in files:
            tar.add(path, arcname=name, recursive=False)
    return listed


def whole(target: Path, data: bytes) -> None:
    """Likewise, of what is at hand."""
    with _whole_or_none(target) as file:
        file.write(data)


@contextmanager
def _whole_or_none(target: Path) -> Iterator[IO[bytes]]:
    """What is written is at `target` once it is synced; what goes wrong before leaves what was there."""
    fd, draft = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)  # 0600
    try:
        with os.fdopen(fd, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _add_list(tar: tarfile.TarFile, about: Manifest) -> None:
    text = about.model_dump_json(indent=1).encode()
    info = tarfile.TarInfo(LIST)
    info.size, info.mtime, info.mode = len(text), int(time.time()), 0o600
    tar.addfile(info, io.BytesIO(text))


def _member(name: str, path: Path) -> Member:
    return Member(name=name, bytes=path.stat().st_size, sha256=digest(path))


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(source: Path, folder: Path) -> Manifest:
    """All of it into `folder`, each file compared with the list. Raises ArchiveRefused, OSError."""
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            about = _list(tar)
            wanted = {member.name: member for member in about.files}
            for info in tar:
                if info.name != LIST:
                    _take(tar, info, wanted, folder)
    except (tarfile.TarError, EOFError, ValueError, zlib.error, gzip.BadGzipFile) as error:
        raise ArchiveRefused(
            Text(f"{source} 不是完整的备份", f"{source} is no whole backup ({error})"), BROKEN
        ) from error
    if wanted:
        missing = ", ".join(sorted(wanted)[:3])
        raise ArchiveRefused(Text(f"备份里缺少 {missing}", f"the backup lacks {missing}"), BROKEN)
    return about


def _list(tar: tarfile.TarFile) -> Manifest:
    info = tar.next()
    file = tar.extractfile(info) if info and info.name == LIST and info.size <= MAX_LIST else None
    if file is None:
        raise tarfile.ReadError("it has no list")
    try:
        about = Manifest.model_validate_json(file.read(MAX_LIST))
    except ValidationError as error:
        raise tarfile.ReadError("its list cannot be read") from error
    if about.format > FORMAT:
        raise ArchiveRefused(
            Text(
                f"备份由较新的版本 {about.version} 制作", f"it was made by a later version, {about.version}"
            ),
            Text("安装那个版本或更新的版本再恢复", "Install that version or a later one, then restore"),
        )
    return about


def _take(tar: tarfile.TarFile, info: tarfile.TarInfo, wanted: dict[str, Member], folder: Path) -> None:
    """One file: a name that is on the list, not yet seen, and goes nowhere but below `folder`."""
    name = PurePosixPath(info.name)
    member = wanted.pop(info.name, None)
    known = name.parts[:1] in {(STORE,), (CONFIG,), (SECRETS,)}
    if member is None or not known or name.is_absolute() or ".." in name.parts or not info.isreg():
        raise ArchiveRefused(
            Text(f"备份里不该有 {info.name!r}", f"{info.name!r} does not belong into it"), BROKEN
        )
    if info.size != member.bytes:
        raise ArchiveRefused(
            Text(f"{info.name} 与清单不符", f"{info.name} is not what the list says"), BROKEN
        )
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    file = tar.extractfile(info)
    assert file is not None  # it is a regular file
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        shutil.copyfileobj(file, out, PIECE)
    if digest(place) != member.sha256:
        raise ArchiveRefused(
            Text(f"{info.name} 与清单不符", f"{info.name} is not what the list says"), BROKEN
        )
