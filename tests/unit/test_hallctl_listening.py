"""A node listened to: `hallctl tail`, `sniff` and `replay`, against a real control socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.diag import tape
from edge.diag.hearing import Hearing
from edge.diag.tape import FORMAT, VERSION, Head, Piece
from edge.wire import Reply, Request
from tests.unit.test_hallctl import Daemon, ask, run

KEY = "ff 68 03 03 68 81 11 03 95 16"  # a press of a rating pad
SPOILT = "ff 68 03 03 68 81 11 03 96 16"
LONG_S = "30"  # the daemon ends it before


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path / "control.sock")
    yield daemon
    daemon.close()


def piece(seq: int, data: str, *, out: bool = False, size: int = 0, said: str = "") -> dict[str, Any]:
    way = "out" if out else "in"
    return {
        "seq": seq,
        "at": 1e9 + seq,
        "dir": way,
        "hex": data,
        "size": size or len(data.split()),
        "said": said,
    }


def ended(request: Request) -> Reply:
    """What ends a command that listens: nobody waits for a time."""
    return Reply(id=request.id, result="rejected", code="the_end")


def line_of(
    daemon: Daemon, *rounds: list[dict[str, Any]], private: bool = False, family: str = "bus68"
) -> None:
    """A bus whose answers to `device.frames` are these, one after the other; then it is no more."""
    left = list(rounds)

    def answer(request: Request) -> Reply:
        if not left:
            return ended(request)
        found = left.pop(0)
        seq = found[-1]["seq"]
        data = {"device": "pad-3", "line": "bus-1", "family": family, "lengths_only": private}
        return Reply(id=request.id, result="done", data={**data, "seq": seq, "frames": found})

    daemon.answer = answer


def test_a_line_is_shown_with_what_it_means_and_what_is_no_frame_is_marked(daemon: Daemon) -> None:
    wrong = "✗ check byte 96, computed 95"
    line_of(
        daemon,
        [piece(1, KEY, said="81: rating 03")],
        [piece(2, SPOILT, said=wrong), piece(5, "a0 90 05 a1 00 00 a4", out=True)],
    )
    result = ask(daemon, "sniff", "pad-3", "--for", LONG_S)
    assert (result.exit_code, "the_end" in result.stdout) == (1, True)
    lines = [line.split(" ", 1)[1] for line in result.stdout.splitlines() if line[2:3] == ":"]
    assert lines[0].split("  ")[0] == f"← {KEY}" and lines[0].endswith("81: rating 03")
    assert lines[1].endswith(wrong)
    assert lines[2].startswith("→ a0 90") and lines[2].endswith("strip 05: show")
    assert [request.args.get("since") for request in daemon.asked[:3]] == [0, 1, 5]


def test_a_frame_that_comes_in_two_pieces_is_one_also_where_each_alone_is_none(daemon: Daemon) -> None:
    first = piece(1, KEY[:14])
    second = {**piece(2, KEY[15:], said="✗ noise"), "at": first["at"] + 0.03}
    line_of(daemon, [first, second])
    out = ask(daemon, "sniff", "pad-3", "--for", LONG_S).stdout
    assert "81: rating 03" in out and "✗" not in out


def test_what_a_third_partys_line_means_is_told_by_the_daemon(daemon: Daemon) -> None:
    line_of(daemon, [piece(1, "02", said="shows 12")], family="acme_digits")
    assert "shows 12" in ask(daemon, "sniff", "x", "--for", LONG_S).stdout


def test_what_was_missed_is_told(daemon: Daemon) -> None:
    line_of(daemon, [piece(1, KEY)], [piece(9, KEY)])
    assert "7 pieces between were missed" in ask(daemon, "sniff", "pad-3", "--for", LONG_S).stdout


def test_a_daemon_that_counts_anew_has_missed_nothing(daemon: Daemon) -> None:
    line_of(daemon, [piece(40, KEY)], [piece(1, KEY)], [piece(2, KEY)])
    assert "missed" not in ask(daemon, "sniff", "pad-3", "--for", LONG_S).stdout


def test_of_a_private_line_lengths_are_shown_and_written(daemon: Daemon, tmp_path: Path) -> None:
    line_of(daemon, [piece(1, "", size=18)], private=True)
    file = tmp_path / "card.tape"
    result = ask(daemon, "sniff", "pad-3", "--for", LONG_S, "--out", str(file), lang="zh_CN.UTF-8")
    assert "只有长度" in result.stderr and "（18 字节，内容不保留）" in result.stdout
    head, pieces = tape.read(file)
    assert head.lengths_only and [(each.hex, each.size) for each in pieces] == [("", 18)]
    replayed = run("replay", str(file))
    assert replayed.exit_code == 0 and "nothing to decode" in replayed.stderr


def test_what_was_sniffed_is_heard_again_by_the_codec(daemon: Daemon, tmp_path: Path) -> None:
    """A frame that begins, and goes on a second later, is none: that is counted, and ends with 1."""
    half, rest = KEY[:8], KEY[9:]
    line_of(
        daemon, [piece(1, KEY), piece(2, "a0 90 05 a1 00 00 a4", out=True)], [piece(3, half), piece(4, rest)]
    )
    file = tmp_path / "bus.tape"
    sniffed = ask(daemon, "sniff", "pad-3", "--for", LONG_S, "--out", str(file))
    assert f"{file}: 4 pieces" in sniffed.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    replayed = run("replay", str(file))
    assert (replayed.exit_code, replayed.stdout.count("81: rating 03")) == (1, 1), (
        "a second between the halves"
    )
    assert "2 good frames, 3 bad" in replayed.stderr and "strip 05: show" in replayed.stdout
    again = ask(daemon, "sniff", "pad-3", "--out", str(file))
    assert (again.exit_code, "left alone" in again.stderr) == (2, True)
    as_json = [json.loads(line) for line in run("replay", str(file), "--json").stdout.splitlines()]
    assert [each["said"] for each in as_json[:2]] == [["81: rating 03"], ["strip 05: show"]]


def test_a_device_that_there_is_not_is_refused_in_the_daemons_words(daemon: Daemon) -> None:
    daemon.answer = lambda request: Reply(
        id=request.id, result="rejected", code="unknown_device", en="no device 'x'"
    )
    result = ask(daemon, "sniff", "x", "--for", "5")
    assert (result.exit_code, "no device 'x'" in result.stdout) == (1, True)


@pytest.mark.parametrize("command", [["tail"], ["sniff", "x"]])
def test_without_a_daemon_it_ends_with_the_remedy(tmp_path: Path, command: list[str]) -> None:
    result = run(*command, "--socket", str(tmp_path / "none.sock"))
    assert (result.exit_code, "systemctl status" in result.stderr) == (2, True)


def test_one_that_goes_away_is_told_once_and_when_it_is_back(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.diag.following.AGAIN_S", 0.01)
    told = iter(["done", "unknown", "unknown", "done", "done", "rejected"])

    def answer(request: Request) -> Reply:
        result: Any = next(told)
        return Reply(id=request.id, result=result, en="gone", data={"seq": 0, "events": []})

    daemon.answer = answer
    result = ask(daemon, "tail", "--source", "events", "--for", LONG_S)
    assert result.stderr.count("it is away") == 1
    assert result.stderr.count("it is back") == 1


ROUNDS = 5  # questions, at least two for each source


def happened(request: Request) -> Reply:
    since = request.args.get("since") or 0
    items: list[dict[str, Any]]
    if request.verb == "node.log":
        name, items = (
            "lines",
            [{"seq": 1, "at": 1e9 + 2, "level": "WARNING", "text": "device: lost\x1b[2J device=pad-3"}],
        )
    else:
        name = "events"
        items = [
            {"seq": 1, "at": 1e9 + 1, "kind": "ticket.issued", "ticket": "A001", "by": "node", "epoch": "e"},
            {"seq": 2, "at": 1e9 + 3, "kind": "window.opened", "window": "3", "by": "pad-3"},
        ]
    found = [item for item in items if item["seq"] > since]
    return Reply(id=request.id, result="done", data={"seq": items[-1]["seq"], name: found})


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ([], ["ticket.issued ticket=A001", "device: lost", "window.opened"]),
        (["--kind", "ticket"], ["ticket.issued ticket=A001"]),
        (["--source", "log"], ["device: lost"]),
        (["--device", "pad-3"], ["device: lost", "window.opened"]),
        (["--grep", "A001"], ["ticket.issued"]),
    ],
)
def test_what_happens_is_shown_in_order_of_time_and_may_be_chosen(
    daemon: Daemon, options: list[str], shown: list[str]
) -> None:
    daemon.answer = lambda request: happened(request) if len(daemon.asked) < ROUNDS else ended(request)
    lines = [
        line
        for line in ask(daemon, "tail", *options, "--for", LONG_S).stdout.splitlines()
        if line[2:3] == ":"
    ]
    assert len(lines) == len(shown), "each once, however often the node is asked"
    assert all(text in line for text, line in zip(shown, lines, strict=True))
    assert "\x1b" not in "".join(lines)


# --- the file ---
HEAD = Head(format=FORMAT, version=VERSION, device="pad-3", line="bus-1", family="bus68", at=1e9)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["what is this"], "1: "),
        ([HEAD.model_dump_json().replace('"version":1', '"version":2')], "1: version"),
        ([HEAD.model_dump_json(), '{"at": 1, "dir": "up", "size": 1}'], "2: dir"),
        ([HEAD.model_dump_json(), '{"at": 1, "dir": "in", "size": 1, "hex": "zz"}'], "2: hex"),
        ([HEAD.model_dump_json(), "x" * (tape.MAX_LINE + 1)], "2: longer than"),
        ([], "1: "),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(tmp_path: Path, lines: list[str], why: str) -> None:
    file = tmp_path / "bad.tape"
    file.write_text("".join(f"{line}\n" for line in lines))
    result = run("replay", str(file))
    assert (result.exit_code, why in result.stderr) == (2, True), result.stderr


def test_a_last_line_that_was_cut_by_a_power_loss_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "cut.tape"
    with tape.Writing(file, HEAD) as writing:
        writing.write(Piece(at=1.0, dir="in", hex=KEY, size=10))
    file.write_bytes(file.read_bytes() + b'{"at": 2, "dir"')
    assert len(list(tape.read(file)[1])) == 1


def test_a_file_that_cannot_be_written_is_said_and_ends_it(daemon: Daemon, tmp_path: Path) -> None:
    line_of(daemon, [piece(1, KEY)])
    result = ask(daemon, "sniff", "pad-3", "--for", LONG_S, "--out", str(tmp_path / "none" / "bus.tape"))
    assert (result.exit_code, "cannot be written: No such file" in result.stderr) == (1, True)


def test_a_file_that_is_full_takes_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape, "MAX_BYTES", 300)
    with tape.Writing(tmp_path / "full.tape", HEAD) as writing:
        writing.write(Piece(at=1.0, dir="in", hex="00", size=1))
        with pytest.raises(tape.TapeFull):
            for _ in range(5):
                writing.write(Piece(at=1.0, dir="in", hex="00", size=1))
    assert (tmp_path / "full.tape").stat().st_size <= 300


def test_after_a_gap_nothing_goes_on_that_had_begun() -> None:
    hearing = Hearing("bus68")
    assert hearing.hear(Piece(at=1.0, dir="in", hex=KEY[:8], size=3)) == []
    assert hearing.hear(Piece(at=1.0, dir="in", hex=KEY, size=10, missed=3)) == ["81: rating 03"]
    assert hearing.hear(Piece(at=1.1, dir="in", hex=KEY[:8], size=200)) == [], "its rest was not kept"
    assert hearing.hear(Piece(at=1.1, dir="in", hex=KEY, size=10)) == ["81: rating 03"]
    assert hearing.counts["bad"] == 0


def test_a_family_that_there_is_not_is_said(tmp_path: Path) -> None:
    file = tmp_path / "odd.tape"
    with tape.Writing(file, HEAD.model_copy(update={"family": "made_up"})):
        pass
    result = run("replay", str(file))
    assert (result.exit_code, "made_up" in result.stderr) == (2, True)
    assert run("replay", str(file), "--family", "bus68").exit_code == 0
