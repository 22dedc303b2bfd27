"""hallctl, as a technician runs it, against a real control socket."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from edge.control import ControlServer
from edge.diag.cli import app
from edge.diag.words import Lang, Words, system_lang
from edge.wire import (
    Alert,
    Condition,
    DeviceStatus,
    NodeHealth,
    OutboxStatus,
    QueueStatus,
    Reply,
    Request,
    ServiceQueue,
    WarningState,
    WindowStatus,
)

Answer = Callable[[Request], Reply]


def status_data() -> dict[str, Any]:
    now = time.time()
    lost = Condition(code="link_lost", severity="error", since=now - 5730, detail="no such port\x1b[2J")
    odd = Condition(code="made_up", severity="warning", since=now)
    devices = [
        DeviceStatus(device="printer", state="online", since=now - 7265, last_heard=now - 2),
        DeviceStatus(device="bus-1", state="backoff", since=now - 5, restarts=4, conditions=(lost,)),
        DeviceStatus(device="caller-1", state="degraded", since=now, conditions=(odd,)),
    ]
    words = {
        "zh": "连接中断",
        "en": "the connection is lost",
        "remedy_zh": "检查连线",
        "remedy_en": "check the cable",
    }
    outbox = OutboxStatus(rows=3, bytes=4096, oldest_age_s=61, acked_seq=97, last_seq=100, dropped=0)
    window = WindowStatus(window="3", staff="1207", state="open", ticket="A012", phase="serving", waiting=5)
    tax = ServiceQueue(
        service="tax",
        waiting=2,
        issued=31,
        oldest_wait_s=301,
        held=4,
        booked=7,
        wait_p50_s=640,
        wait_p90_s=1190,
    )
    land = ServiceQueue(service="land", waiting=0, issued=0, oldest_wait_s=0)
    figures = {"told": 20, "mean_wait_s": 1200.0, "mae_s": 240.0, "p90_coverage": 0.9}
    queue = QueueStatus(day="2024-05-06", services=(tax, land)).model_copy(update=figures)
    return {
        "node": {"hall": "county", "node": "n1", "version": "0.1.0", "epoch": "ab" * 16, "since": now - 3600},
        "devices": [device.model_dump() for device in devices],
        "windows": [window.model_dump()],
        "queue": queue.model_dump(),
        "health": NodeHealth(at=now, load1=0.4, rss_mb=41.5, loop_lag_ms=3, outbox=outbox).model_dump(),
        "words": {"bus-1": {"link_lost": words}},
    }


class Daemon:
    """A control server in a thread of its own, which answers as the test says and keeps what it was asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked: list[Request] = []
        self.answer: Answer = lambda request: Reply(id=request.id, result="done", data=status_data())
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._started.wait(60)

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = ControlServer(self.path, self._handle)
        await server.start()
        self._started.set()
        await self._end.wait()
        await server.stop()

    async def _handle(self, request: Request, _client: str) -> Reply:
        self.asked.append(request)
        if request.verb == "wait":
            await self._end.wait()
        return self.answer(request)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path / "control.sock")
    yield daemon
    daemon.close()


def run(*args: str, lang: str = "C.UTF-8") -> Result:
    env = {"LANG": lang, "LC_ALL": "", "LC_MESSAGES": "", "COLUMNS": "160", "TERM": "dumb"}
    return CliRunner().invoke(app, list(args), env=env)


def ask(daemon: Daemon, *args: str, lang: str = "C.UTF-8") -> Result:
    return run(*args, "--socket", str(daemon.path), lang=lang)


# --- status ---
@pytest.mark.parametrize(
    ("lang", "open_", "line"),
    [
        ("C.UTF-8", 3, "3 open, 1 due, 1 overdue; first 2024-05-15 (2024-05-06/A003)"),
        ("zh_CN.UTF-8", 3, "在办 3，快到期 1，已超期 1；最先到期 2024-05-15（2024-05-06/A003）"),
        ("C.UTF-8", 0, "none open"),
        ("zh_CN.UTF-8", 0, "没有在办的项目"),
    ],
)
def test_projects_are_a_line_where_a_hall_has_lanes(daemon: Daemon, lang: str, open_: int, line: str) -> None:
    projects = {"open": open_, "due": 1, "overdue": 1, "next": "2024-05-06/A003", "next_due": "2024-05-15"}
    data = {**status_data(), "projects": projects}
    daemon.answer = lambda request: Reply(id=request.id, result="done", data=data)
    assert line in ask(daemon, "status", lang=lang).stdout
    daemon.answer = lambda request: Reply(id=request.id, result="done", data=status_data())
    out = ask(daemon, "status", lang=lang).stdout
    assert "projects" not in out and "快速通道" not in out


def test_texts_under_names_are_told_one_a_line_in_one_language(daemon: Daemon) -> None:
    reasons = [
        {"code": 213, "zh": "业务不熟练", "en": "not skilled"},
        {"code": 214, "zh": "生硬", "en": "curt"},
    ]
    data = {"levels": {"2": reasons}, "windows": {"1": {"open": True, "opens": ""}}, "none": {}}
    daemon.answer = lambda request: Reply(id=request.id, result="done", data=data)
    lines = ask(daemon, "send", "rating.reasons", lang="zh_CN.UTF-8").stdout.splitlines()
    assert lines[1:] == [
        "  levels:",
        "    2:",
        "      code=213  业务不熟练",
        "      code=214  生硬",
        "  windows:",
        "    1: open=true",
        "  none: {}",
    ]


def test_restart_opens_one_device_afresh(daemon: Daemon) -> None:
    daemon.answer = lambda request: Reply(id=request.id, result="done")
    assert ask(daemon, "restart", "printer").exit_code == 0
    assert [(each.verb, each.args) for each in daemon.asked] == [("device.restart", {"device": "printer"})]


def test_a_list_of_things_is_told_one_a_line(daemon: Daemon) -> None:
    one = {"project": "2024-05-06/A003", "phase": "due", "done": [], "next": ["tax", "land"]}
    data = {"projects": [one, {**one, "project": "2024-05-07/A001"}]}
    daemon.answer = lambda request: Reply(id=request.id, result="done", data=data)
    lines = ask(daemon, "send", "project.list").stdout.splitlines()
    assert lines[1:] == [
        "  projects:",
        "    project=2024-05-06/A003  phase=due  next=tax land",
        "    project=2024-05-07/A001  phase=due  next=tax land",
    ]


def test_status_shows_devices_with_words_and_remedy(daemon: Daemon) -> None:
    result = ask(daemon, "status")
    assert result.exit_code == 0
    out = result.stdout
    row = next(each for each in out.splitlines() if "bus-1" in each)
    assert "offline, trying again" in row
    assert "the connection is lost (no such port" in row
    assert "1 h 35 min" in row
    assert "never" in row
    assert "restarts: 4" in out.splitlines()[out.splitlines().index(row) + 1]
    assert "remedy: check the cable" in out
    assert "\x1b" not in out, "what a device sent does not drive the terminal"
    printer = next(each for each in out.splitlines() if "printer" in each)
    assert "online" in printer
    assert "2 h 1 min" in printer
    assert " s ago" in printer
    assert "made_up" in out, "a code without words is shown as it is"


def test_status_shows_node_windows_queue_and_outbox(daemon: Daemon) -> None:
    out = ask(daemon, "status").stdout
    for said in (
        "county/n1  version 0.1.0  epoch abababab",
        "running for  1 h",
        "online 1 · offline, trying again 1 · degraded 1",
        "load 0.4, memory 41.5 MB, loop lag 3.0 ms",
        "waiting 3, oldest 1 min 1 s; acknowledged 97 of 100",
        "15–20 min",
        "cannot be said",
        "20 told and called today: mean wait 20 min, mean error 4 min, 90%",
        "A012 serving",
        "1207",
        "2024-05-06",
        "5 min 1 s",
    ):
        assert said in out


def test_status_speaks_chinese_where_the_system_does(daemon: Daemon) -> None:
    for result in (ask(daemon, "status", lang="zh_CN.UTF-8"), ask(daemon, "status", "--lang", "zh")):
        assert "离线，自动重试" in result.stdout
        assert "处理：检查连线" in result.stdout
        assert "A012 办理中" in result.stdout
        assert "1时 35分" in result.stdout
    assert "offline" in ask(daemon, "status", "--lang", "en", lang="zh_CN.UTF-8").stdout


def test_status_as_json_is_the_reply(daemon: Daemon) -> None:
    reply = Reply.model_validate_json(ask(daemon, "status", "--json").stdout)
    assert reply.data["node"]["hall"] == "county"


def test_a_node_without_queue_windows_or_health_is_shown(daemon: Daemon) -> None:
    node = status_data()["node"]
    daemon.answer = lambda request: Reply(id=request.id, result="done", data={"node": node})
    result = ask(daemon, "status")
    assert (result.exit_code, "county/n1" in result.stdout) == (0, True)


def test_a_daemon_of_another_version_is_said_to_be_one(daemon: Daemon) -> None:
    daemon.answer = lambda request: Reply(id=request.id, result="done", data={"devices": [{"name": "x"}]})
    result = ask(daemon, "status")
    assert (result.exit_code, "another version" in result.stderr) == (1, True)


# --- alerts ---
def alert(key: str, severity: str, warning: WarningState | None = None) -> dict[str, Any]:
    said = {
        "zh": f"{key} 不对",
        "en": f"{key} is wrong\x1b[2J",
        "remedy_zh": "处理它",
        "remedy_en": "see to it",
    }
    since = time.time() - 5730  # told in minutes, which half of one does not change
    told = {"key": key, "severity": severity, "since": since, "detail": "31 minutes", "warning": warning}
    return Alert.model_validate({**said, **told}).model_dump()


LEFT = WarningState(kind="wait", about="tax", level="amber", value=31, to="duty", escalated=True)
TAKEN = LEFT.model_copy(
    update={"acknowledged_by": "Zhang", "acknowledged_at": time.time(), "note": "window 3"}
)


def with_alerts(daemon: Daemon, *alerts: dict[str, Any]) -> None:
    data = status_data() | {"alerts": list(alerts)}
    daemon.answer = lambda request: Reply(id=request.id, result="done", data=data)


def test_alerts_are_listed_the_grave_ones_first_with_what_to_do(daemon: Daemon) -> None:
    with_alerts(
        daemon,
        alert("wait-tax", "warning", TAKEN),
        alert("wait-social", "warning", LEFT),
        alert("device-p", "error"),
    )
    result = ask(daemon, "alerts")
    assert result.exit_code == 0
    out = result.stdout
    assert out.index("device-p") < out.index("wait-tax")
    for said in ("device-p is wrong", "(31 minutes)", "remedy: see to it", "1 h 35 min", "grave", "to duty"):
        assert said in out
    assert out.count("escalated") == 1, "of the one that nobody sees to"
    assert "Zhang sees to it" in out
    assert "window 3" in out
    assert "\x1b" not in out
    assert "处理：处理它" in ask(daemon, "alerts", "--lang", "zh").stdout


def test_status_says_how_many_alerts_there_are(daemon: Daemon) -> None:
    assert "alerts       none" in ask(daemon, "status").stdout
    with_alerts(daemon, alert("wait-tax", "warning", LEFT), alert("a", "warning", TAKEN), alert("b", "error"))
    assert "3; warnings 2, not acknowledged 1: hallctl alerts" in ask(daemon, "status").stdout


def test_no_alerts_and_alerts_as_json(daemon: Daemon) -> None:
    assert ask(daemon, "alerts").stdout == "none\n"
    with_alerts(daemon, alert("wait-tax", "warning", LEFT))
    (found,) = json.loads(ask(daemon, "alerts", "--json").stdout)["data"]["alerts"]
    assert (found["key"], found["warning"]["level"]) == ("wait-tax", "amber")


def test_a_warning_is_acknowledged_by_somebody(daemon: Daemon) -> None:
    assert ask(daemon, "alerts", "--ack", "wait-tax", "--by", "张三", "--note", "增开窗口").exit_code == 0
    asked = daemon.asked[-1]
    assert (asked.verb, asked.args) == (
        "alert.acknowledge",
        {"key": "wait-tax", "by": "张三", "note": "增开窗口"},
    )


# --- send ---
@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("n=12", 12),
        ("n=-1.5e2", -150.0),
        ("n=012", "012"),
        ('n="12"', "12"),
        ("n=true", True),
        ("n=false", False),
        ("n=True", "True"),
        ("n=null", "null"),
        ("n=", ""),
        ("n=a=b", "a=b"),
        ("n=1e999", "1e999"),
        ("n=" + "9" * 5000, "9" * 5000),
        ('n="open', '"open'),
        ("n=请", "请"),
        ("n=[213,-1]", [213, -1]),
        ("n=[]", []),
        ("n=[1e999]", "[1e999]"),
        ("n=[012]", "[012]"),
        ("n=[1,]", "[1,]"),
        ('n=["a"]', '["a"]'),
        ("n=[" + "9" * 5000 + "]", "[" + "9" * 5000 + "]"),
    ],
)
def test_values_are_numbers_truth_lists_of_numbers_or_text(daemon: Daemon, pair: str, value: object) -> None:
    assert ask(daemon, "send", "echo", pair).exit_code == 0
    assert daemon.asked[-1].args == {"n": value}
    assert type(daemon.asked[-1].args["n"]) is type(value)


@pytest.mark.parametrize(("said", "status"), [("done", 0), ("rejected", 1), ("failed", 1), ("unknown", 3)])
def test_the_exit_status_tells_the_result(daemon: Daemon, said: Any, status: int) -> None:
    daemon.answer = lambda request: Reply(
        id=request.id,
        result=said,
        code="why",
        zh="原因",
        en="because\x1b[2J",
        data={"ticket": "A012", "n": [1]},
    )
    result = ask(daemon, "send", "ticket.take", "service=tax")
    assert result.exit_code == status
    assert result.stdout.startswith(f"{said}  why  because")
    assert "\x1b" not in result.stdout
    assert "ticket: A012" in result.stdout
    assert "n: [1]" in result.stdout
    assert ("--id" in result.stdout) == (said == "unknown")
    assert "原因" in ask(daemon, "send", "x", "--lang", "zh").stdout
    as_json = json.loads(ask(daemon, "send", "x", "--json").stdout)
    assert (as_json["result"], as_json["code"]) == (said, "why")


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_what_is_a_persons_own_is_never_printed(daemon: Daemon, options: list[str]) -> None:
    data = {"session": "s", "kind": "resident", "personal": {"name": "样卡甲", "number": "0" * 17 + "X"}}
    daemon.answer = lambda request: Reply(id=request.id, result="done", data=data)
    out = ask(daemon, "send", "card.read", "device=r", "session=s", *options).stdout
    assert "样卡甲" not in out
    assert "0" * 17 not in out
    assert '"***"' in out, "three characters of a name"
    assert "*" * 18 in out
    assert "resident" in out
    daemon.answer = lambda request: Reply(id=request.id, result="done", data={"personal": ["样卡甲"]})
    assert "样卡甲" not in ask(daemon, "send", "card.read", *options).stdout, "whatever it is"


def test_a_time_out_is_unknown_and_can_be_asked_again_under_its_id(daemon: Daemon) -> None:
    result = ask(daemon, "send", "wait", "--timeout", "0.1")
    assert result.exit_code == 3
    again = result.stdout.split("--id ")[1].strip()
    assert ask(daemon, "send", "echo", "--id", again).exit_code == 0
    assert [request.id for request in daemon.asked] == [again, again]


# --- reload ---
def test_reload_tells_what_was_restarted(daemon: Daemon) -> None:
    daemon.answer = lambda request: Reply(
        id=request.id, result="done", zh="重启了 bus", en="restarted: bus", data={"restarted": ["bus"]}
    )
    result = ask(daemon, "reload")
    assert (result.exit_code, daemon.asked[-1].verb, daemon.asked[-1].args) == (0, "node.reload", {})
    assert "done  restarted: bus" in result.stdout
    assert 'restarted: ["bus"]' in result.stdout
    assert "已完成  重启了 bus" in ask(daemon, "reload", "--lang", "zh").stdout
    assert json.loads(ask(daemon, "reload", "--json").stdout)["data"] == {"restarted": ["bus"]}


def test_reload_tells_why_not_a_reason_a_line_in_one_language(daemon: Daemon) -> None:
    reasons = [
        {"zh": "hall.name 改了", "en": "hall.name\x1b[2J has changed"},
        {"zh": "设备 b 是新增的", "en": "device b is new"},
    ]
    daemon.answer = lambda request: Reply(
        id=request.id,
        result="rejected",
        code="needs_restart",
        zh="要重启",
        en="restart",
        data={"needs_restart": reasons},
    )
    result = ask(daemon, "reload")
    assert result.exit_code == 1
    first, heading, *lines = result.stdout.splitlines()
    assert (first, heading) == ("rejected  needs_restart  restart", "  needs_restart:")
    assert "\x1b" not in result.stdout
    assert [line[:13] for line in lines] == ["    hall.name", "    device b "]
    chinese = ask(daemon, "reload", "--lang", "zh").stdout
    assert "    设备 b 是新增的\n" in chinese
    assert "device b" not in chinese


def test_an_id_may_be_written_with_dashes(daemon: Daemon) -> None:
    ask(daemon, "send", "echo", "--id", "01234567-89AB-cdef-0123-456789abcdef")
    assert daemon.asked[-1].id == "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "args",
    [
        ["send"],
        ["send", "Bad Verb"],
        ["send", "echo", "novalue"],
        ["send", "echo", "=1"],
        ["send", "echo", "a=1", "a=2"],
        ["send", "echo", "--id", "7"],
        ["send", "echo", "--timeout", "0"],
        ["send", "echo", *(f"k{n}=1" for n in range(33))],
        ["status", "--lang", "fr"],
        ["alerts", "--ack", "wait-tax"],
        ["alerts", "--by", "Zhang"],
        ["alerts", "--note", "done"],
        ["dance"],
    ],
)
def test_wrong_usage_is_exit_status_2_and_sends_nothing(daemon: Daemon, args: list[str]) -> None:
    result = ask(daemon, *args)
    assert (result.exit_code, daemon.asked) == (2, [])
    assert result.stderr


def test_what_is_too_long_is_refused(daemon: Daemon) -> None:
    result = ask(daemon, "send", "echo", "text=" + "x" * 20_000)
    assert (result.exit_code, daemon.asked) == (1, [])
    assert "too_long" in result.stdout


@pytest.mark.parametrize("command", [["status"], ["send", "echo"], ["reload"]])
def test_no_daemon_is_exit_status_2_with_cause_and_remedy(tmp_path: Path, command: list[str]) -> None:
    result = run(*command, "--socket", str(tmp_path / "none.sock"))
    assert result.exit_code == 2
    assert "no daemon answers at" in result.stderr
    assert "systemctl status hall-edge" in result.stderr
    assert "服务在运行吗" in run(*command, "--socket", str(tmp_path / "none.sock"), lang="zh_CN").stderr


# --- words ---
def test_every_command_and_option_is_explained() -> None:
    command = get_command(app)
    assert command.help
    listed: dict[str, Any] = command.commands  # type: ignore[attr-defined]
    commands = {name: later.loaded for name, later in listed.items()}
    listening = {"watch", "tail", "sniff", "replay"}
    others = {"status", "alerts", "send", "reload", "restart", "scan", "sim", "verify", "broker"}
    others |= {"backup", "restore", "diag", "doctor"}
    assert set(commands) == others | listening
    for each in [command, *commands.values(), *commands["broker"].commands.values()]:
        assert each.help
        assert all(param.help for param in each.params if param.name != "help")


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, Lang.ZH),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, Lang.EN),
        ({"LANG": "C", "LC_MESSAGES": "zh_TW"}, Lang.ZH),
        ({}, Lang.EN),
    ],
)
def test_the_language_is_the_locales(environ: dict[str, str], lang: Lang) -> None:
    assert system_lang(environ) is lang


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0 s"),
        (0.9, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3725, "1 h 2 min"),
        (3605, "1 h"),
        (90061, "1 d 1 h"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: float, said: str) -> None:
    assert Words(Lang.EN).duration(seconds) == said
