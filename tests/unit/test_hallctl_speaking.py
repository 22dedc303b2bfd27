"""What every command of hallctl does alike: help and errors in the language of who asks, JSON for a program.
All commands are walked over, so that a new one is tried too."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command
from typer.testing import CliRunner, Result

from edge.diag.cli import COMMANDS, app
from edge.diag.helping import paragraphs
from edge.diag.tape import FORMAT, VERSION, Head, Piece, Writing
from edge.diag.words_help import HELP
from edge.diag.words_usage import USAGE
from edge.store import Store
from edge.wire import Reply, Request
from tests.store_kit import draft
from tests.unit.test_hallctl import Daemon, status_data
from tests.unit.test_hallctl_listening import KEY, ended, piece

LANGS = ("zh", "en")
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
ENGLISH = re.compile(r"\b[a-z]{2,} (?:[a-z]+ )*[a-z]{2,}\b")
NAMES = ("hallctl replay", "hallctl backup", "hallctl sniff", "hallctl scan")  # stand in sentences of both


def commands() -> Iterator[tuple[tuple[str, ...], TyperCommand | TyperGroup]]:
    """Each with the words by which it is called; the whole first, groups before what is in them."""

    def walk(path: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
        command = getattr(command, "loaded", command)
        yield path, command
        for name, each in getattr(command, "commands", {}).items():
            yield from walk((*path, name), each)

    return walk((), cast(Any, get_command(app)))


ALL = dict(commands())
LEAVES = [" ".join(path) for path, command in ALL.items() if not hasattr(command, "commands")]
# So that each ends well, where a daemon and files are at hand.
DONE = {
    "status": "",
    "watch": "",
    "tail": "--for 30",
    "sniff": "pad-3 --for 30",
    "alerts": "",
    "diag": "--socket {folder}/none.sock --config {folder}/none.toml",
    "reload": "",
    "restart": "printer",
    "send": "window.call window=3",
    "verify": "--store {folder}/hall.db --config {folder}/none.toml",
    "backup": "{folder}/made.tar.gz --store {folder}/hall.db --config {folder}/none.toml",
    "restore": "{folder}/kept.tar.gz --store {folder}/hall.db",
    "doctor": "{folder}/made.tar.gz --store {folder}/hall.db --config {folder}/none.toml",
    "scan": "--port {folder}/no-port --no-cameras",
    "replay": "{folder}/tape.jsonl",
    "sim": "made_up",
    "broker provision": "{folder}/ca --host broker.example",
    "broker list": "{folder}/ca",
    "broker renew": "{folder}/ca",
    "broker revoke": "{folder}/ca t1",
}
# What ends otherwise: the daemon refuses to go on; there is none; nothing is found; no such family.
ENDS = {"tail": 1, "sniff": 1, "diag": 2, "scan": 1, "sim": 2}
# So that each meets something that is not there, or may not be.
AMISS = {
    **{name: f"{DONE[name]} --socket {{folder}}/none.sock" for name in
       ("status", "watch", "tail", "sniff", "alerts", "reload", "restart", "send")},
    "diag": "--level external",
    "verify": "--store {folder}/none.db",
    "backup": "{folder}/made.tar.gz --store {folder}/none.db",
    "restore": "{folder}/none.tar.gz --store {folder}/hall.db",
    "doctor": "{folder}/no/made.tar.gz --store {folder}/none.db --config {folder}/none.toml",
    "scan": "--listen many",
    "replay": "{folder}/hall.db",
    "sim": "made_up",
    "broker provision": "{folder}/new --host broker.example --node UPPER/x",
    "broker list": "{folder}/none",
    "broker renew": "{folder}/none",
    "broker revoke": "{folder}/ca nobody",
}  # fmt: skip


def run(line: str, lang: str = "en", *, socket: Path | None = None) -> Result:
    locale = {"zh": "zh_CN.UTF-8", "en": "C.UTF-8"}[lang]
    env = {"LANG": locale, "LC_ALL": "", "LC_MESSAGES": "", "COLUMNS": "100", "TERM": "dumb"}
    given = shlex.split(line)
    if socket and "--socket" not in given and given[0] in {*list(DONE)[:9], "doctor"}:
        given += ["--socket", str(socket)]
    return CliRunner().invoke(app, given, env=env, prog_name="hallctl")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node's database, a backup of it, a recording and an authority."""
    folder = tmp_path_factory.mktemp("hallctl")

    async def fill() -> None:
        store = await Store.open(folder / "hall.db")
        await store.append([draft()])
        await store.close()

    asyncio.run(fill())
    head = Head(format=FORMAT, version=VERSION, device="pad-3", line="bus-1", family="bus68",
                lengths_only=False, at=1e9)  # fmt: skip
    with Writing(folder / "tape.jsonl", head) as tape:
        tape.write(Piece.model_validate(piece(1, KEY)))
    assert run(f"backup {folder}/kept.tar.gz --store {folder}/hall.db --config {folder}/none").exit_code == 0
    made = run(f"broker provision {folder}/ca --host broker.example --technician t1")
    assert made.exit_code == 0, made.output
    return folder


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """It answers twice to who listens, then refuses: that ends it."""
    daemon = Daemon(tmp_path / "control.sock")
    listened = list[str]()

    def answer(request: Request) -> Reply:
        data: dict[str, Any] = {"seq": 1}
        if request.verb in {"device.frames", "node.events", "node.log"}:
            listened.append(request.verb)
            if listened.count(request.verb) > 1:
                return ended(request)
            frames = [piece(1, KEY)]
            line = {"seq": 1, "at": 1e9, "level": "INFO", "text": "device: online"}
            data |= {"family": "bus68", "frames": frames, "events": [], "lines": [line]}
        return Reply(
            id=request.id, result="done", data=data | (status_data() if request.verb == "status" else {})
        )

    daemon.answer = answer
    yield daemon
    daemon.close()


def told(result: Result) -> list[Any]:
    """All that is printed, which is JSON and nothing else."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_command_is_tried() -> None:
    assert set(LEAVES) == set(DONE) == set(AMISS)


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_takes_json_and_a_language(name: str) -> None:
    options = {option for each in ALL[tuple(name.split())].params for option in each.opts}
    assert {"--json", "--lang"} <= options


@pytest.mark.parametrize("name", LEAVES)
def test_what_is_printed_for_a_program_is_json(name: str, daemon: Daemon, folder: Path) -> None:
    line = DONE[name].format(folder=folder)
    (folder / "made.tar.gz").unlink(missing_ok=True)
    result = run(f"{name} {line} --json", socket=daemon.path)
    assert not result.exception or isinstance(result.exception, SystemExit), result.exception
    assert told(result), result.stderr
    assert result.exit_code == ENDS.get(name, 0)


@pytest.mark.parametrize("name", LEAVES)
def test_what_is_amiss_is_told_with_cause_and_remedy_in_each_language(name: str, folder: Path) -> None:
    line = f"{name} {AMISS[name].format(folder=folder)}"
    (found,) = told(result := run(f"{line} --json"))
    assert found["status"] == result.exit_code == 2
    error = found["error"]
    assert error.keys() == {"zh", "en", "remedy_zh", "remedy_en"}
    assert not CHINESE.search(error["en"] + error["remedy_en"])
    assert CHINESE.search(error["zh"]) and CHINESE.search(error["remedy_zh"])
    assert error["remedy_en"]
    for lang in LANGS if name != "watch" else ():  # which wants a terminal first
        for said in (run(line, lang), run(f"{line} --lang {lang}", "en" if lang == "zh" else "zh")):
            assert (said.exit_code, said.stdout) == (2, "")
            assert said.stderr.splitlines()[0] == error[lang]
            assert error[f"remedy_{lang}"] in said.stderr


@pytest.mark.parametrize("lang", LANGS)
def test_the_language_may_stand_before_the_command(lang: str, folder: Path, daemon: Daemon) -> None:
    other = "en" if lang == "zh" else "zh"
    status = f"status --socket {daemon.path}"
    for line in (status, f"broker list {folder}/ca", f"verify --store {folder}/none.db", "status --help"):
        asked, said = run(line, lang), run(f"--lang {lang} {line}", other)
        assert (said.exit_code, said.output) == (asked.exit_code, asked.output)
        assert bool(CHINESE.search(said.output)) is (lang == "zh")


@pytest.mark.parametrize("name", LEAVES)
def test_a_wrong_command_line_is_told_so(name: str) -> None:
    (found,) = told(result := run(f"{name} --json --no-such-option"))
    assert found["status"] == result.exit_code == 2
    assert "--no-such-option" in found["error"]["en"]
    assert CHINESE.search(found["error"]["zh"]) and not ENGLISH.search(found["error"]["zh"])
    assert found["error"]["remedy_en"].startswith(f"hallctl {name} --help")


@pytest.mark.parametrize("path", ALL, ids=lambda path: " ".join(path) or "hallctl")
@pytest.mark.parametrize("lang", LANGS)
def test_help_is_in_one_language(path: tuple[str, ...], lang: str) -> None:
    result = run(f"{' '.join(path)} --help", lang)
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    for name in (" ".join(("hallctl", *path)), *NAMES):
        text = text.replace(name, "")
    wrong = {"zh": ENGLISH, "en": CHINESE}[lang].findall(re.sub(r"<[^>]*>|\[[^]]*\]", "", text))
    assert wrong == []
    assert all(cast(Any, each).help for each in ALL[path].params)
    assert text.startswith({"zh": "用法：", "en": "Usage: "}[lang])


def test_what_is_translated_is_said_somewhere() -> None:
    said = {"Show this message and exit.", *(listed.brief for listed in COMMANDS.values())}
    for command in ALL.values():
        said |= {*paragraphs(command.help or ""), *(str(cast(Any, each).help) for each in command.params)}
    assert set(HELP) <= said


def test_alone_it_says_what_it_can_do() -> None:
    for line in ("", "broker"):
        assert run(line).exit_code == 0
        assert "Commands:" in run(line).stdout


@pytest.mark.parametrize(
    ("line", "zh"),
    [
        ("frob", "没有命令 frob"),
        ("statu", "没有命令 statu；是不是 'status', 'restart'"),
        ("status --sockt x", "没有选项 --sockt；是不是 --json, --socket"),
        ("status --socket", "选项 --socket 后面要写值"),
        ("restart", "缺少参数 device"),
        ("restart a b", "多了参数 b"),
        ("tail --last 500", "'--last' 的值不对：最多 100"),
        ("tail --last many", "'--last' 的值不对：不是数字"),
        ("status --lang fr", "'--lang' 的值不对：fr 不在 'zh', 'en' 之中"),
        ("send x a", "'a' 不是 KEY=VALUE 的写法"),
        ("send x a=1 a=2", "'a' 写了两次"),
        ("send x --id 7", "--id 的值不对：'7' 不是 UUID"),
        ("alerts --ack x", "--ack 和 --by 要一起用，--note 也要和它们一起"),
        ("diag --level external", "全部设备只能查 internal；别的级别要写明一台"),
        ("diag x --level interactive --json --lang zh", "要人回答时不能用 --json"),
        ("sim printer --pty a --tcp 1", "--pty、--tcp、--port 只能用一个"),
        ("--broker mqtt://h verify", "verify 看的是本机，不能用 --broker"),
        ("--broker mqtt://h status", "还要用 --hall 和 --node 说明是哪个节点"),
        ("--hall h status",
         "--hall, --node, --as, --ca, --cert, --key, --password-file 要和 --broker 一起用"),
        ("--broker mqtt://h --hall H --node n status",
         "--hall 的值不对：'H'：只能有小写字母、数字、- 和 _，最多 64 个"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_command_line_is_said_in_chinese(line: str, zh: str) -> None:
    result = run(line, "zh")
    said = told(result)[0]["error"]["zh"] if "--json" in line else result.stderr.splitlines()[0]
    assert (result.exit_code, said) == (2, zh)


def test_what_nobody_has_words_for_stays_as_it_is() -> None:
    assert USAGE.zh("a library's new complaint") == "a library's new complaint"
    assert USAGE.zh("Invalid value: a library's new complaint") == "a library's new complaint"
