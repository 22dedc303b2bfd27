"""`hall-edge init`: asks, looks, writes, and says what is left to do."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from drivers.checking.problems import Problem
from drivers.checking.words import Text
from edge.check import listed
from edge.diag.probing.found import Finding
from edge.diag.probing.line import LONGEST_S
from edge.diag.probing.machine import Wanted, scan
from edge.diag.proposing import proposed
from edge.settings import ConfigError, load
from edge.setup.answers import Answers, Ask, BadAnswers, asked, read
from edge.setup.composing import composed
from edge.setup.writing import write_new

WRITTEN, NOT_WRITTEN = 0, 2

Say = Callable[[str], None]

_NOTHING = Text("有这些错误，没有写入任何内容", "with these, nothing is written")
_AGAIN = Text("请再回答一次", "please answer once more")
_REMEDIES = {
    errno.ENOSPC: "腾出磁盘空间再试 / make room on the disk and try again",
    errno.EACCES: "用 sudo 运行，或换一个目录 / run it with sudo, or name another folder",
    errno.ENOENT: "先建立这个目录 / make the folder first",
    errno.EROFS: "这个文件系统是只读的 / the file system is read-only",
}


class NotRight(Exception):
    """What would have been written does not pass the check."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))


def init(
    path: Path, answers_file: Path | None, ask: Ask, say: Say, *, ports: Sequence[str] = (), look: bool = True
) -> int:
    """`ports`: these alone are looked at; `look`: whether any device is. Exit status: 0 written, 2 not, and
    then nothing is changed."""

    def wrong(problems: Sequence[Problem], heading: Text = _AGAIN) -> None:
        for line in listed([(heading, problems)]):
            say(line)

    if path.exists() or path.is_symlink():
        say(f"✗ {path} 已经存在，没有改动 / exists and is left as it is")
        say("  要重新生成就先移走它 / move it away to have another written")
        return NOT_WRITTEN
    try:
        answers = asked(ask, wrong) if answers_file is None else read(answers_file)
        findings = _looked(answers, ports, say) if look else []
        write_new(path, composed(answers, proposed(findings)), _accept)
    except (BadAnswers, NotRight) as error:
        wrong(error.problems, _NOTHING)
        return NOT_WRITTEN
    except OSError as error:
        say(f"✗ {path}: {error.strerror or error}")
        say(f"  {_REMEDIES.get(error.errno or 0, '没有写入任何内容 / nothing was written')}")
        return NOT_WRITTEN
    for line in _left(path, findings):
        say(line)
    return WRITTEN


def _looked(answers: Answers, ports: Sequence[str], say: Say) -> list[Finding]:
    say(f"正在查看设备，约 {LONGEST_S:.0f} 秒 / looking which devices are there, about {LONGEST_S:.0f} s")
    return asyncio.run(scan(Wanted(tuple(ports), tuple(answers.hosts), cameras=not ports)))


def _accept(path: Path) -> None:
    """Raises NotRight: what a start would refuse, or a device that would stay out."""
    try:
        settings = load(path)
    except ConfigError as error:
        raise NotRight(error.problems) from None
    if problems := [problem for device in settings.devices for problem in device.all_problems()]:
        raise NotRight(problems)


def _left(path: Path, findings: Sequence[Finding]) -> Iterator[str]:
    """What a person has still to do."""
    devices = sum(bool(each.driver and each.url and each.model) for each in findings)
    yield f"✓ 已写好 {path}，设备 {devices} 台 / written, with devices: {devices}"
    yield "还要做的 / what is left:"
    if not any(each.driver == "printer" for each in findings):
        yield "  没有找到打印机，不能取号：接上后运行 hallctl scan"
        yield "  No printer was found, and without one there are no tickets: plug it in, then `hallctl scan`."
    for each in findings:
        if each.state in {"silent", "strange", "held", "failed"}:
            yield f"  {each.place}: {each.evidence}"
            yield f"    {each.next}"
    if any(each.kind == "input" or each.children for each in findings):
        yield "  文件里有带井号的设备：写上窗口和型号，去掉井号"
        yield "  Devices marked with # in the file want a window or a model; then take the marks away."
    yield "  核对业务和窗口 / look over services and windows"
    yield f"  hall-edge check {path}"
    yield "  systemctl enable --now hall-edge"
