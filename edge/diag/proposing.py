"""From what was found to lines of a configuration: pure. What a look cannot know stands as a comment."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from edge.diag.probing.found import Child, Finding
from edge.wire.plain import plain

_IDS = {
    "printer": "printer",
    "sdt": "id-reader",
    "bx5k": "board",
    "newland": "scanner",
    "bus68": "windows",
    "hid": "keys",
    "xfs4iot": "terminal",
}
_BITS_PER_BYTE = 10  # start, eight data, stop


def proposed(findings: Iterable[Finding]) -> str:
    """`[[device]]` tables of TOML, "" where there is nothing to propose. Every id is its own."""
    findings, counts = list(findings), Counter[str]()
    tables = ["\n".join(_table(each, counts)) for each in findings if each.driver in _IDS and each.url]
    if cameras := [each.place for each in findings if each.kind == "camera" and each.state == "found"]:
        tables.append("\n".join(_cameras(cameras)))
    return "\n\n".join(tables) + "\n" if tables else ""


def _table(finding: Finding, counts: Counter[str]) -> Iterator[str]:
    base = _IDS[finding.driver]
    counts[base] += 1
    name = base if counts[base] == 1 else f"{base}-{counts[base]}"
    if not finding.model:
        yield from _unknown(finding, name)
        return
    yield f"# {plain(str(finding.evidence))}"
    yield "[[device]]"
    yield f'id = "{name}"'
    if finding.driver == "bx5k":
        yield 'kind = "board"'
    yield f'driver = "{finding.driver}"'
    yield f'model = "{finding.model}"'
    yield f"url = {quoted(finding.url)}"
    yield from _settings(finding)
    for child in finding.children:
        yield from _child(child)


def _settings(finding: Finding) -> Iterator[str]:
    """What it told of them, and what the speed of its line decides."""
    settings = dict(finding.settings)
    _, has_speed, baud = finding.url.partition("?baud=")
    if finding.driver == "printer" and has_speed and baud.isdecimal():
        settings["line_bytes_per_s"] = int(baud) // _BITS_PER_BYTE
    if settings:
        yield ""
        yield "[device.settings]"
        yield from (f"{key} = {value}" for key, value in settings.items())


def _child(child: Child) -> Iterator[str]:
    """A comment until somebody says at which window it stands."""
    yield ""
    yield "# 写上窗口号，去掉井号 / say at which window it stands, and take the # away"
    yield "#[[device.child]]"
    yield f'#id = "{child.kind}-{child.address & 0x7F}"'
    yield f'#kind = "{child.kind}"'
    yield f"#address = 0x{child.address:02X}"
    yield '#window = ""'


def _unknown(finding: Finding, name: str) -> Iterator[str]:
    """A keyboard does not say what it is for."""
    yield f"# {plain(str(finding.evidence))}".rstrip()
    yield "# 选一个型号，去掉井号；hallctl scan --keys 20 可以看出是哪一个"
    yield "# Choose a model and take the # away; `hallctl scan --keys 20` tells which one it is."
    yield "#[[device]]"
    yield f'#id = "{name}"'
    yield '#driver = "hid"'
    yield '#model = "hid-pad-five"  # hid-caller-numpad, hid-buttons, hid-scanner'
    yield f"#url = {quoted(finding.url)}"


def _cameras(hosts: Iterable[str]) -> Iterator[str]:
    """A comment: where its stream is a camera tells only to who has its login."""
    yield "# 补上各摄像机的流地址和登录，去掉井号 / complete each stream and login, and take the # away"
    yield "#[[device]]"
    yield '#id = "cameras"'
    yield '#driver = "camera"'
    yield '#model = "rtsp-cameras"'
    yield '#url = "lan://"'
    for number, host in enumerate(hosts, 1):
        yield ""
        yield "#[[device.child]]"
        yield f'#id = "cam-{number}"'
        yield '#kind = "camera"'
        yield f"#url = {quoted(f'rtsp://{host}/')}"


def quoted(text: str) -> str:
    """A basic string of TOML, which is JSON's but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
