"""What can be wrong, with cause and remedy, as docs/repair.md has it: its tables are made of these.

`python -m edge.handbook docs/repair.md` writes them anew (`make handbook`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from drivers.api import ConditionSpec
from drivers.registry import LINK_CONDITIONS, Registry
from edge.certificates import CA, OWN
from edge.certificates import WORDS as CERTIFICATE_WORDS
from edge.console.followup_due import FOLLOWUP_WORDS
from edge.console.links import BROKEN_WORDS
from edge.console.own_alerts import CHAIN_BROKEN
from edge.device import LINE_CONDITIONS
from edge.diag.judging import causes
from edge.diag.refusals import AWAY, REFUSALS
from edge.kiosks import CONDITIONS as KIOSK_CONDITIONS
from edge.present import FULL_WORDS, STORE_FULL
from edge.rules.camera_words import FAULT_WORDS, TOGETHER_WORDS, Words
from edge.rules.supervision_limits import DEFAULTS
from edge.rules.supervision_words import WORDS
from edge.upstream.part import AWAY_WORDS, DIFFER_WORDS, PAYMENTS_DIFFER, SERVICES_AWAY

SEVERITY = {"error": "故障 error", "warning": "警告 warning", "info": "提示 info"}
_LEFT_OPEN = re.compile(r"\{\w+\}")  # what a sentence is filled with where it is said
_ROW = re.compile(r"^\| `.*\n", re.MULTILINE)
_HEAD = re.compile(r"^\|[-|]+\|\n", re.MULTILINE)


def tables() -> dict[str, list[str]]:
    """The rows under each heading."""
    registry = Registry()
    families = {f"Conditions: {name}": registry.driver(name).spec.conditions for name in registry.families()}
    by_line = {spec.code for spec in LINK_CONDITIONS}
    specs: dict[str, Iterable[ConditionSpec]] = {
        **families,
        "Conditions: the line": LINK_CONDITIONS,
        "Conditions: kiosks": KIOSK_CONDITIONS,
        "Conditions: any device": [spec for code, spec in LINE_CONDITIONS.items() if code not in by_line],
        "Alerts": _alerts(),
        "Faults of cameras": _of_cameras(FAULT_WORDS),
        "Many cameras at once": _of_cameras(TOGETHER_WORDS),
    }
    made = {heading: [condition(spec) for spec in each] for heading, each in specs.items()}
    return made | {
        "Warnings": list(_warnings()),
        "What diag finds": list(_causes()),
        "Why a broker is not reached": list(_refusals()),
    }


def condition(spec: ConditionSpec) -> str:
    cause, remedy = f"{spec.zh}<br>{spec.en}", f"{spec.remedy_zh}<br>{spec.remedy_en}"
    return f"| `{spec.code}` | {SEVERITY[spec.severity]} | {cause} | {remedy} |"


def _alerts() -> Iterator[ConditionSpec]:
    yield ConditionSpec(STORE_FULL, "error", **FULL_WORDS)
    yield ConditionSpec(OWN, "warning", **CERTIFICATE_WORDS[OWN])
    yield ConditionSpec(CA, "warning", **CERTIFICATE_WORDS[CA])
    yield ConditionSpec(SERVICES_AWAY, "warning", **AWAY_WORDS)
    yield ConditionSpec(PAYMENTS_DIFFER, "warning", **DIFFER_WORDS)
    yield ConditionSpec(CHAIN_BROKEN, "error", **BROKEN_WORDS)
    for key, (severity, words) in FOLLOWUP_WORDS.items():
        yield ConditionSpec(key, severity, **words)


def _of_cameras(words: Mapping[str, Words]) -> Iterator[ConditionSpec]:
    for code, each in words.items():
        yield ConditionSpec(code, each.severity, each.zh, each.en, each.remedy_zh, each.remedy_en)


def _warnings() -> Iterator[str]:
    for kind, words in WORDS.items():
        rule = DEFAULTS[kind]
        given = {"name": "…", "limit": f"{rule.amber:g}", "stops": "…"}
        what = f"{words.zh.format(**given)}<br>{words.en.format(**given)}"
        limits = " | ".join(f"{limit:g}" for limit in (rule.amber, rule.red, rule.clear))
        yield f"| `{kind}` | {what} | {words.remedy_zh}<br>{words.remedy_en} | {limits} |"


def _causes() -> Iterator[str]:
    for cause in causes.ALL:
        texts = f"{cause.what.zh}<br>{cause.what.en} | {cause.next.zh}<br>{cause.next.en}"
        yield f"| `{cause.code}` | {_LEFT_OPEN.sub('…', texts)} |"


def _refusals() -> Iterator[str]:
    for each in (*REFUSALS, AWAY):
        yield f"| `{each.code}` | {each.what.zh}<br>{each.what.en} | {each.next.zh}<br>{each.next.en} |"


def rows(text: str, heading: str) -> list[str]:
    """Those of the tables between this heading and the next."""
    return [row.rstrip("\n") for row in _ROW.findall(_section(text, heading)[0])]


def written(text: str, made: Mapping[str, list[str]]) -> str:
    """`text` with these rows under their headings, where a table's two lines of head stand already. Raises
    ValueError where they do not."""
    for heading, each in made.items():
        found = _section(text, heading)
        bare = _ROW.sub("", found[0])
        new, count = _HEAD.subn(_after("".join(f"{row}\n" for row in each)), bare, count=1)
        if not count:
            raise ValueError(f"no table under {heading!r}")
        text = text[: found.start()] + new + text[found.end() :]
    return text


def _after(rows: str) -> Callable[[re.Match[str]], str]:
    return lambda head: head[0] + rows


def _section(text: str, heading: str) -> re.Match[str]:
    found = re.search(rf"^#+ {re.escape(heading)}\n.*?(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    if not found:
        raise ValueError(f"no section {heading!r}")
    return found


def main() -> None:
    paper = Path(sys.argv[1])
    paper.write_text(written(paper.read_text(encoding="utf-8"), tables()), encoding="utf-8")


if __name__ == "__main__":
    main()
