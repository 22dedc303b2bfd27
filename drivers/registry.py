"""From a device's configuration to a loaded driver, or the reasons why not.

Protocol families come from the entry points "hall_edge.drivers". Our own are always there; a third party's
code is imported only when the configuration allows it by name. Whatever is wrong with one device, be it its
settings, its model or the import of its driver, is that device's alone: it is raised as `BadDevice`.
"""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module, metadata
from importlib.metadata import EntryPoint
from pathlib import Path
from types import GenericAlias
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import to_json

from drivers.api import BadSettings, Driver, DriverSpec, Link, Simulator
from drivers.checking.problems import BadDevice, Problem, did_you_mean, explain
from drivers.checking.values import mask, show
from drivers.checking.words import NOTHING, Text
from drivers.profiles import BUILT_IN, Profiles, merge
from drivers.said import Ear, PieceEar
from drivers.transport import losses
from drivers.transport.ports import Change, MissedChanges, Node, Port, Watch

__all__ = [
    "GROUP",
    "LINK_CONDITIONS",
    "SIMULATED",
    "Change",
    "Loaded",
    "MissedChanges",
    "Node",
    "Port",
    "Registry",
    "Watch",
    "check_settings",
    "check_url",
    "installed",
    "settings_schema",
    "watch_ports",
]

GROUP = "hall_edge.drivers"
SIMULATED = "sim"  # the scheme of a simulator at the far end of a null modem
PRETENDED = frozenset({SIMULATED, "input", "wav"})  # schemes with no real device at their end
_OUR_PACKAGE = "drivers"  # where the families live that need no allowance
_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

LINK_CONDITIONS = losses.CONDITIONS  # what may be wrong with any device's line

log = logging.getLogger(__name__)

Simulate = Callable[[str, Mapping[str, str]], Simulator]
Said = Callable[[bytes, bool], str]


def watch_ports() -> Watch:
    """Changes of device nodes. Raises OSError where udev does not run, ImportError without libudev."""
    from drivers.transport import udev  # noqa: PLC0415 pyudev is loaded where a device can be plugged in

    return udev.Watch()


def installed() -> Iterable[EntryPoint]:
    """The driver families that the installed distributions declare."""
    return metadata.entry_points(group=GROUP)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A driver ready to run: make one `driver()` for each life of the device, on a link from `open()`."""

    spec: DriverSpec
    driver: type[Driver[Any]]
    settings: Any  # an instance of spec.settings
    url: str
    title: Text  # of its model
    _simulate: Simulate = field(repr=False, compare=False)
    _said: Callable[[], Said] = field(repr=False, compare=False)

    @property
    def port(self) -> Port | None:
        """Of its URL: the device node that it means, None for a line that has none."""
        from drivers.transport import port_of  # noqa: PLC0415 see open

        return port_of(self.url)

    async def open(self, node: str = "") -> Link:
        """`node` as `port.find()` has said. Raises LinkLost, or BadSettings for a URL that is refused."""
        from drivers.transport import open_link  # noqa: PLC0415 pyserial is loaded by who opens a line

        return await open_link(self.url, simulate=self._simulate, node=node)

    def said(self, data: bytes, out: bool) -> str:
        """What bytes on its line mean, in a few words; "" where the family tells nothing of them."""
        return self._said()(data, out)


class Registry:
    """`allow` names the third parties' families that may be imported; `models` are further directories of
    model files, of which the last that has a name wins; `allow_sim` lets simulators and faulty links stand in
    for devices, which no hall in service wants."""

    def __init__(
        self,
        *,
        allow: Collection[str] = (),
        models: Sequence[Path] = (),
        allow_sim: bool = False,
        entry_points: Callable[[], Iterable[EntryPoint]] = installed,
    ) -> None:
        self._allow = frozenset(allow)
        self._profiles = Profiles((BUILT_IN, *models))
        self._allow_sim = allow_sim
        self._found: dict[str, list[EntryPoint]] = {}
        for point in entry_points():
            self._found.setdefault(point.name, []).append(point)
        self._drivers: dict[str, type[Driver[Any]]] = {}

    def families(self) -> list[str]:
        """Every family that a device may name: ours and those allowed."""
        return sorted(name for name, found in self._found.items() if self._may_load(name, found))

    def driver(self, family: str) -> type[Driver[Any]]:
        """The family's driver class, imported on first use. Raises BadDevice."""
        if family not in self._drivers:
            self._drivers[family] = _load(self._entry_point(family))
        return self._drivers[family]

    def resolve(self, driver: str, model: str, url: str, settings: Mapping[str, Any]) -> Loaded:
        """A device's driver with checked settings. `model` is "" where no profile is used.

        Raises BadDevice with every problem that can be told at once.
        """
        spec = self.driver(driver).spec
        problems = check_url(url, spec, allow_sim=self._allow_sim)
        try:
            defaults, title = self._defaults(driver, model)
        except BadDevice as error:
            raise BadDevice([*problems, *error.problems]) from None
        checked, found = check_settings(spec.settings, merge(defaults, settings))
        problems += [_blame(problem, model, defaults, settings) for problem in found]
        if problems:
            raise BadDevice(problems)
        return Loaded(
            spec, self.driver(driver), checked, url, title, self.simulate, partial(self.said, driver)
        )

    def simulate(self, family: str, params: Mapping[str, str]) -> Simulator:
        """The family's simulator: `simulator(params)` of the module `sim` beside its driver's.

        Raises BadSettings where there is none.
        """
        try:
            point = self._entry_point(family)
            module = import_module(point.module.rpartition(".")[0] + ".sim")
        except (BadDevice, ImportError) as error:
            raise BadSettings(f"no simulator of {family!r}: {error}") from error
        simulator: Simulator = module.simulator(params)
        return simulator

    def said(self, family: str) -> Said:
        """What the family's bytes mean: `said(data, out)` of the module `said` beside its driver's."""
        name = self._entry_point(family).module.rpartition(".")[0] + ".said"
        try:
            said: Said = import_module(name).said
        except ImportError:
            return lambda _data, _out: ""
        return said

    def ear(self, family: str, out: bool) -> Ear:
        """One that hears what passes in one direction of a line of the family. Raises BadDevice where
        there is no such family."""
        name = self._entry_point(family).module.rpartition(".")[0] + ".said"
        try:
            made: Callable[[bool], Ear] | None = getattr(import_module(name), "ear", None)
        except ImportError:
            made = None
        said = self.said(family)
        return made(out) if made else PieceEar(lambda data: said(data, out))

    def _defaults(self, driver: str, model: str) -> tuple[Mapping[str, Any], Text]:
        """Of a model, with its title."""
        if not model:
            return {}, NOTHING
        profile = self._profiles.get(model)
        if profile.driver != driver:
            reason = Text(
                f"型号 {model} 用的是驱动 {profile.driver}", f"the model {model} speaks {profile.driver}"
            )
            hint = Text(f'写 driver = "{profile.driver}"', f'write driver = "{profile.driver}"')
            raise BadDevice([Problem("driver", show(driver), reason, hint)])
        return profile.settings, Text(profile.title.zh, profile.title.en)

    def _may_load(self, name: str, found: list[EntryPoint]) -> bool:
        return name in self._allow or any(_is_ours(point) for point in found)

    def _entry_point(self, family: str) -> EntryPoint:
        found = self._found.get(family, [])
        ours = [point for point in found if _is_ours(point)]
        candidates = ours or found  # nobody takes the place of a family of ours
        if not candidates:
            reason = Text("没有安装这个驱动", "no such driver is installed")
            raise BadDevice([Problem("driver", show(family), reason, did_you_mean(family, self.families()))])
        if not self._may_load(family, found):
            reason = Text("第三方驱动未获允许", "this third party's driver is not allowed")
            hint = Text(f'[drivers] allow 里加上 "{family}"', f'add "{family}" to [drivers] allow')
            raise BadDevice([Problem("driver", show(family), reason, hint)])
        if len({point.value for point in candidates}) > 1:
            both = ", ".join(sorted(point.value for point in candidates))
            reason = Text(f"有几个安装包提供同名驱动：{both}", f"several packages provide it: {both}")
            hint = Text("只留一个，卸载其余的", "keep one, uninstall the others")
            raise BadDevice([Problem("driver", show(family), reason, hint)])
        return candidates[0]


def _is_ours(point: EntryPoint) -> bool:
    return point.module.partition(".")[0] == _OUR_PACKAGE


def _load(point: EntryPoint) -> type[Driver[Any]]:
    try:
        loaded = point.load()
    except Exception as error:  # a third party's module may raise anything; only its devices suffer
        log.warning("driver %s: %s did not load", point.name, point.value, exc_info=True)
        cause = f"{type(error).__name__}: {error}"
        reason = Text(f"驱动载入失败：{cause}", f"the driver did not load: {cause}")
        hint = Text("重装或升级这个驱动的安装包", f"reinstall or update the package of {point.module}")
        raise BadDevice([Problem("driver", show(point.name), reason, hint)]) from error
    if fault := _not_a_driver(loaded, point.name):
        reason = Text(f"{point.value} 不是驱动：{fault}", f"{point.value} is not a driver: {fault}")
        hint = Text("请驱动的作者对照 drivers/api.py", "its author should compare it with drivers/api.py")
        raise BadDevice([Problem("driver", show(point.name), reason, hint)])
    driver: type[Driver[Any]] = loaded
    return driver


def _not_a_driver(loaded: object, family: str) -> str:
    """What the loaded object lacks, "" for a driver."""
    spec = getattr(loaded, "spec", None)
    if not isinstance(loaded, type) or not callable(getattr(loaded, "run", None)):
        return "no class with a method run(link, ctx)"
    if not isinstance(spec, DriverSpec):
        return "spec is not a DriverSpec"
    if spec.family != family:
        return f"spec.family is {spec.family!r}, its entry point {family!r}"
    if not dataclasses.is_dataclass(spec.settings):
        return "spec.settings is not a dataclass"
    return ""


def _blame(problem: Problem, model: str, defaults: Mapping[str, Any], own: Mapping[str, Any]) -> Problem:
    """Put a setting that only the model's file holds under that file's name."""
    setting = re.split(r"[.\[]", problem.key.removeprefix("settings."), maxsplit=1)[0]
    if setting in defaults and setting not in own:
        return problem.under(f"model ({model}.toml)")
    return problem


# --- settings ---
@cache
def _adapter(settings: type) -> TypeAdapter[Any]:
    """Of a tuple of one: pydantic takes a configuration for a plain dataclass only through what holds it."""
    one: Any = GenericAlias(tuple, (settings,))
    return TypeAdapter(one, config=_STRICT)


def settings_schema(settings: type) -> dict[str, Any]:
    """JSON Schema of a family's settings, its own "$defs" beside it."""
    whole = _adapter(settings).json_schema()
    return {"$defs": whole.get("$defs", {}), **whole["prefixItems"][0]}


def check_settings(settings: type, values: Mapping[str, Any]) -> tuple[Any, tuple[Problem, ...]]:
    """(an instance, ()) or (None, every problem), each under "settings".

    Strict, since TOML has types: "9600" is no number. It passes through JSON, so that a list of TOML can
    become a tuple.
    """
    try:
        return _adapter(settings).validate_json(to_json([values], inf_nan_mode="constants"))[0], ()
    except ValidationError as error:
        return None, explain(error, _adapter(settings).json_schema(), strip=1, prefix="settings")
    except BadSettings as error:
        return None, (Problem("settings", "", Text.same(str(error)), Text.same(error.remedy)),)
    except Exception as error:  # a third party's settings class may raise anything; only its devices suffer
        log.warning("settings %s cannot be read", settings.__qualname__, exc_info=True)
        cause = f"{type(error).__name__}: {error}"
        reason = Text(f"驱动的设置类出错：{cause}", f"the driver's settings class failed: {cause}")
        return None, (Problem("settings", "", reason),)


# --- URL ---
def check_url(url: str, spec: DriverSpec, *, allow_sim: bool) -> list[Problem]:
    """What is wrong with a device's URL before anything is opened."""
    from drivers.transport import check_url as check_link  # noqa: PLC0415 see Loaded.open

    parts = _split(url)
    if not parts.scheme or "://" not in url:
        return [_bad_url(url, Text("不是网址", "is not a URL"), _schemes(spec))]
    if parts.scheme != SIMULATED and parts.scheme not in spec.links:
        reason = Text(
            f"驱动 {spec.family} 不能用 {parts.scheme}://", f"{spec.family} cannot live on {parts.scheme}://"
        )
        return [_bad_url(url, reason, _schemes(spec))]
    if parts.scheme == SIMULATED and parts.netloc != spec.family:
        reason = Text("这不是本驱动的模拟设备", "simulates another family")
        return [_bad_url(url, reason, Text.same(f"{SIMULATED}://{spec.family}"))]
    try:
        check_link(url)
    except BadSettings as error:
        return [_bad_url(url, Text.same(mask(str(error))), Text.same(error.remedy))]
    if not allow_sim and _is_pretended(parts):
        return [_bad_url(url, _NO_PRETENCE, _REAL_URL)]
    return []


_NO_PRETENCE = Text(
    "运行中的大厅不用模拟设备和人为故障", "a hall in service has no simulators and no made-up faults"
)
_REAL_URL = Text(
    "写真实设备的地址；试验时加 --allow-sim", "give the real device's URL; to try things out, --allow-sim"
)


def _is_pretended(parts: SplitResult) -> bool:
    return parts.scheme in PRETENDED or "fault" in parse_qs(parts.query, keep_blank_values=True)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # a bracket of IPv6 left open
        return urlsplit("")


def _schemes(spec: DriverSpec) -> Text:
    schemes = [f"{scheme}://…" for scheme in sorted(spec.links)]
    return Text(" 或 ".join(schemes), " or ".join(schemes))


def _bad_url(url: str, reason: Text, hint: Text) -> Problem:
    return Problem("url", show(url), reason, hint)
