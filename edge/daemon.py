"""The program that `hall-edge run` becomes: the daemon, without the command line's parser around it.

It is a process image of its own because typer and the command line's other needs stay loaded for ever once
they are imported: 2 MB of the 45 that a node may hold.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Never

from edge.leanly import one_typed_dict, without

if TYPE_CHECKING:
    from edge.settings import Settings

LogStyle = Literal["text", "json"]
# What each would be needed for, and what it takes. Who does need it gets it then.
RARE = (
    "zipfile",  # packages in archives: 0.2 MB
    # Packages' descriptions, which are mails, and files that packages bring along: 0.7 MB.
    "importlib.metadata._adapters",
    "importlib.resources.abc",
    # The syntax tree of a source: of a builtin's signature, of a class whose source is asked for, and of a
    # model whose fields are described by strings: 0.75 MB. Only the first works in a node: the others made a
    # class of it for themselves, and a node has no business with its own source.
    "ast",
    "pydantic._internal._docs_extraction",
    # TLS as asyncio makes it, to devices; that to a broker is paho's: 0.1 MB.
    "asyncio.sslproto",
    "ctypes",  # whether the kernel's clock is disciplined, and udev: 0.4 MB
    "difflib",  # which name was meant, where a configuration has a wrong one: 0.1 MB
    "fractions",  # models with such fields: 0.1 MB; with the medians of cameras' clocks it comes all the same
    "locale",  # how the output of a program is coded that is read as text: 0.15 MB; cameras' dates bring it
)
NOT_STARTED = 1
BAD_CONFIG = 2


def become(config: Path, *, allow_sim: bool, style: LogStyle, verbose: bool) -> Never:
    """Replace this process by the daemon; its process id, environment and open files stay as they are."""
    sys.stdout.flush()
    sys.stderr.flush()
    switches = [name for name, on in (("allow_sim", allow_sim), ("verbose", verbose)) if on]
    # -P: what is imported is what is installed, not what lies in the current directory. -OO without line
    # columns: docstrings, and the tables behind the carets of a traceback, are 2.5 MB. One arena of malloc
    # for all threads: they hardly allocate at once, and each arena keeps what it has freed. A threshold that
    # is set does not grow (mallopt(3), M_MMAP_THRESHOLD): else one message of 8 MiB, though refused, lets the
    # heap keep room for several.
    argv = [
        sys.executable,
        "-OO",
        "-X",
        "no_debug_ranges",
        "-P",
        "-m",
        __name__,
        str(config),
        style,
        *switches,
    ]
    own = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "131072", "PYTHONTZPATH": _zone_path()}
    os.execve(sys.executable, argv, own | os.environ)


def _zone_path() -> str:
    """Where zoneinfo looks. Unless it is told (zoneinfo, "Configuring the data sources"), it loads the whole
    record of how Python was built to find out, 0.6 MB, and keeps it."""
    from zoneinfo import TZPATH  # noqa: PLC0415 the daemon itself is told

    return os.pathsep.join(TZPATH)


def run(config: Path, *, allow_sim: bool, style: LogStyle, verbose: bool) -> int:
    """Run the daemon of this configuration until it is told to stop; the exit status."""
    load_modules()
    import asyncio  # noqa: PLC0415 `become` needs none of this

    from drivers.lean import lean  # noqa: PLC0415 it loads dataclasses, which `load_modules` has to
    from edge import app  # noqa: PLC0415 as above
    from edge.control import ControlError  # noqa: PLC0415
    from edge.log import setup  # noqa: PLC0415
    from edge.settings import load  # noqa: PLC0415
    from edge.store import StoreRefused  # noqa: PLC0415

    setup("DEBUG" if verbose else "INFO", style)
    settings = _settings(config, allow_sim=allow_sim)
    if settings is None:
        return BAD_CONFIG
    # What has been loaded by now, the drivers too; a module of many classes has done it itself.
    for module in [each for name, each in sys.modules.items() if name.startswith(("edge.", "drivers."))]:
        lean(vars(module))
    gc.collect()
    gc.freeze()  # what the start has built stays; the collector need not look at it again
    try:
        asyncio.run(app.run(settings, partial(load, config, allow_sim=allow_sim)))
    except StoreRefused as error:
        sys.stderr.write(f"✗ {error}\n")
        return NOT_STARTED
    except ControlError as error:
        sys.stderr.write(f"✗ {error}\n  {error.remedy_zh}\n  {error.remedy}\n")
        return NOT_STARTED
    return 0


def load_modules() -> None:
    """Import what a node runs, without what its libraries load for others."""
    # Python's own code in an archive is hardly ever there; importlib.metadata would load zipfile to see.
    sys.path[:] = [entry for entry in sys.path if not entry.endswith(".zip") or Path(entry).exists()]
    with without(RARE, absent=["bz2", "lzma"]):
        importlib.import_module("importlib.metadata")
        importlib.import_module("shutil")
        importlib.import_module("asyncio")
        with one_typed_dict():  # 90 of them say what a schema of pydantic's core is made of: 0.7 MB
            importlib.import_module("pydantic_core")
        importlib.import_module("edge.app")


def _settings(config: Path, *, allow_sim: bool) -> Settings | None:
    """The settings, or None where the node cannot start with them. What is wrong is told either way."""
    from edge.settings import ConfigError, load  # noqa: PLC0415 as above

    try:
        settings = load(config, allow_sim=allow_sim)
    except ConfigError:
        settings = None
    if settings is None or any(True for device in settings.devices for _ in device.all_problems()):
        from edge.check import check  # noqa: PLC0415 only where there is something to tell

        check(config, allow_sim=allow_sim, out=sys.stderr)
    return settings


if __name__ == "__main__":
    _config, _style, *_switches = sys.argv[1:]  # as `become` writes them
    sys.exit(
        run(
            Path(_config),
            allow_sim="allow_sim" in _switches,
            style="json" if _style == "json" else "text",
            verbose="verbose" in _switches,
        )
    )
