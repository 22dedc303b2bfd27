"""What is left out of an import, and that it is left out of nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edge.leanly import without

NAME = "wave"  # a module of the standard library that nothing here imports


@pytest.fixture(autouse=True)
def _not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, NAME, raising=False)


def test_a_stand_in_can_be_imported_from() -> None:
    with without([NAME]):
        from wave import Wave_read, Wave_write  # noqa: PLC0415 only while it is left out
    assert NAME not in sys.modules
    with pytest.raises(ImportError, match=r"wave\.Wave_write is not loaded"):
        Wave_write("x")
    with pytest.raises(ImportError, match=r"wave\.Wave_read is not loaded"):
        _ = Wave_read.getnframes


def test_an_absent_module_is_as_not_installed() -> None:
    with without(absent=[NAME]), pytest.raises(ImportError):
        import wave  # noqa: F401, PLC0415 that it fails is the test
    import wave as real  # noqa: PLC0415 what comes after

    assert real.__spec__ is not None


def test_what_is_loaded_already_stays() -> None:
    import wave as real  # noqa: PLC0415 loaded before

    with without([NAME], absent=[NAME]):
        import wave as again  # noqa: PLC0415 only while it is left out
    assert sys.modules[NAME] is again is real


def test_a_failing_import_leaves_no_stand_in() -> None:
    with pytest.raises(ZeroDivisionError), without([NAME]):
        _ = 1 / 0
    assert NAME not in sys.modules


UNUSED = ("click", "dateutil", "numpy", "typer", "urllib.request")


def test_a_node_loads_none_of_what_it_leaves_out() -> None:
    """And those who want them in the same process get the real ones."""
    code = (
        "import sys, edge.app, edge.daemon\n"
        f"found = [name for name in {UNUSED!r} if name in sys.modules]\n"
        "assert not found, found\n"
        "assert {'sqlite_utils', 'aiomqtt'} <= set(sys.modules)\n"
        "import click, dateutil.parser, urllib.request\n"
        "assert click.Group and dateutil.parser.parse and urllib.request.getproxies\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
