"""What is left out of an import, and that it is left out of nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from edge import daemon
from edge.leanly import one_typed_dict, without

NAME = "wave"  # a module of the standard library that nothing here imports


@pytest.fixture(autouse=True)
def _not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, NAME, raising=False)


def test_a_stand_in_loads_what_is_used_of_it() -> None:
    with without([NAME]):
        import wave as stand_in  # noqa: PLC0415 only while it is left out
        from wave import Error, Wave_read  # noqa: PLC0415
    assert NAME not in sys.modules
    assert stand_in.__doc__ is None
    assert NAME not in sys.modules, "what every module has is no use of it"
    with pytest.raises(FileNotFoundError):
        Wave_read("/nowhere/at.wav")
    import wave as real  # noqa: PLC0415 what is loaded by now

    assert stand_in.Wave_read is real.Wave_read is not Wave_read
    assert Wave_read.getnframes is real.Wave_read.getnframes
    assert isinstance(real.Error(), Error)
    assert not isinstance(ValueError(), Error)


def test_a_use_while_it_is_left_out_loads_it() -> None:
    with without([NAME]):
        from wave import Wave_read  # noqa: PLC0415 only while it is left out

        assert callable(Wave_read.getnframes)
        import wave as real  # noqa: PLC0415 what is loaded by now
    assert sys.modules[NAME] is real
    assert real.__spec__ is not None


def test_a_class_made_of_a_part_has_nothing_of_it_and_loads_nothing() -> None:
    with without([NAME]):
        from wave import Wave_read  # noqa: PLC0415 only while it is left out

        class Mine(Wave_read):
            pass

    assert Mine.__mro__ == (Mine, object)
    assert NAME not in sys.modules


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


def test_one_typed_dict_is_called_as_each_would_be() -> None:
    with one_typed_dict():
        from typing_extensions import TypedDict as One  # noqa: PLC0415 only within it

        class Base(One, total=False):
            a: int

        class Derived(Base):
            b: int

    assert len({Base, Derived}) == 1
    assert Derived(a=1, b=2) == {"a": 1, "b": 2}
    from typing_extensions import TypedDict, is_typeddict  # noqa: PLC0415 what comes after

    class Real(TypedDict):
        a: int

    assert is_typeddict(Real)
    assert not is_typeddict(Base)


DEMO = (
    Path(__file__).parents[2] / "config" / "demo.toml"
)  # has a device of each driver, and none is plugged in
PLACES = {
    name: "mqtt://127.0.0.1:1883" if name == "HALL_BROKER" else "4711" if "PORT" in name else "/dev/pts/2"
    for name in re.findall(r"\$\{(\w+)\}", DEMO.read_text(encoding="utf-8"))
}
LEFT_OUT = (
    *(set(daemon.RARE) - {"importlib.metadata._adapters"}),
    *("_ast", "click", "dateutil", "email.message", "numpy", "pluggy", "tempfile", "typer", "urllib.request"),
)


OF_CAMERAS = ("fractions", "locale")  # the demonstration's cameras need them, for their clocks


def test_a_node_loads_none_of_what_it_leaves_out() -> None:
    """Its settings are read, which loads a driver and looks what else is installed; and those who want what
    was left out in the same process get the real ones."""
    code = (
        "import sys\n"
        "from edge.daemon import load_modules\n"
        "load_modules()\n"
        f"found = [name for name in {LEFT_OUT!r} if name in sys.modules]\n"
        "assert not found, found\n"
        "from pathlib import Path\n"
        "from edge.settings import load\n"
        f"devices = load(Path({str(DEMO)!r}), env={PLACES!r}).devices\n"
        "assert not [problem for device in devices for problem in device.all_problems()]\n"
        f"found = {set(LEFT_OUT) - set(OF_CAMERAS)!r} & set(sys.modules)\n"
        "assert not found, found\n"
        "assert {'asyncio', 'sqlite_utils', 'aiomqtt'} <= set(sys.modules)\n"
        "from edge.clock import SystemClock\n"
        "assert SystemClock(trust_rtc=False).now().clock_ok in (True, False)\n"
        "import locale, subprocess\n"
        "assert subprocess.run(['echo', '号'], capture_output=True, text=True).stdout == '号\\n'\n"
        "assert locale.getencoding()\n"
        "import click, dateutil.parser, inspect, urllib.request\n"
        "from importlib.metadata import metadata\n"
        "assert click.Group and dateutil.parser.parse and urllib.request.getproxies\n"
        "assert metadata('hall-edge')['Name'] == 'hall-edge'\n"
        "assert str(inspect.signature(str.strip)) == '(self, chars=None, /)'\n"
    )
    subprocess.run([sys.executable, "-P", "-c", code], check=True, cwd=Path(__file__).parents[2])
