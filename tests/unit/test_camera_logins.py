"""Logins of cameras: read from a file that nobody else can read, used with accounts, shown nowhere."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from drivers.api import BadSettings
from drivers.camera import logins
from drivers.camera.accounts import Accounts, Withheld
from drivers.camera.auth import Credentials
from drivers.camera.errors import LookFailed
from drivers.messages import Instant

SECRET = "pass-w0rd-of-a-camera"


def a_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "cameras.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_logins_by_name(tmp_path: Path) -> None:
    path = a_file(tmp_path, f'[door]\nuser = "admin"\npassword = "{SECRET}"\n')
    assert logins.read(path) == {"door": Credentials("admin", SECRET)}
    assert SECRET not in repr(logins.read(path))


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ('[door]\nuser = "a"\npassword = "{}"', 0o644),
        ('[door]\nuser = "a"\npassword = "{}"', 0o640),
        ('[door]\nuser = "a"\npassword = {}', 0o600),
        ('[door]\nuser = "a"\nword = "{}"', 0o600),
        ('door = "{}"', 0o600),
        ('[door]\nuser = 1\npassword = "{}"', 0o600),
        ("# {}" + "x" * logins.MAX_BYTES, 0o600),
    ],
)
def test_a_file_that_will_not_do_is_refused_without_a_word_of_it(
    tmp_path: Path, text: str, mode: int
) -> None:
    path = a_file(tmp_path, text.replace("{}", SECRET), mode)
    with pytest.raises(BadSettings) as refused:
        logins.read(path)
    assert SECRET not in str(refused.value) + refused.value.remedy
    assert refused.value.remedy
    assert refused.value.__cause__ is None  # a parser's own words may quote the file


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="FileNotFoundError"):
        logins.read(tmp_path / "nothing.toml")


def test_systemd_gives_a_file_that_its_own_group_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_file(tmp_path, '[door]\nuser = "a"\npassword = "b"', 0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert set(logins.read(path)) == {"door"}
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "elsewhere"))
    with pytest.raises(BadSettings, match="others can read"):
        logins.read(path)


class Machine:
    """Refuses everybody, some moments later, and is tried by many at once."""

    def __init__(self, **others: Any) -> None:
        self.now = Instant(1_700_000_000.0, 1_000.0, clock_ok=True)
        self.kept = b""
        self.tried = self.saved = 0
        self.right = False
        self.others = others
        self.accounts = self.restarted()

    def restarted(self, **others: Any) -> Accounts:
        self.accounts = Accounts(2100.0, keep=self.keep, **(self.others | others))
        self.accounts.resume(self.kept, self.now)
        return self.accounts

    async def keep(self, data: bytes) -> None:
        self.kept, self.saved = data, self.saved + 1

    async def log_in(self, *, hangs_up: bool = False, babbles: bool = False) -> bool:
        """Whether it was tried."""
        try:
            async with self.accounts.attempt("recorder", "door", lambda: self.now) as attempt:
                self.tried += 1
                await asyncio.sleep(0.001)
                if hangs_up:
                    return True
                if babbles:
                    raise LookFailed("not_rtsp", "no text")
                attempt.accepted = self.right
        except Withheld as why:
            assert why.unheard is hangs_up
            return False
        return True

    async def crowd(self, size: int = 16) -> None:
        await asyncio.gather(*(self.log_in() for _ in range(size)))

    def passes(self, mono_s: float, wall_s: float | None = None) -> None:
        wall_s = self.now.wall_s + (mono_s if wall_s is None else wall_s)
        self.now = Instant(wall_s, self.now.mono_s + mono_s, clock_ok=True)


async def test_in_any_35_minutes_there_are_two_at_most() -> None:
    machine, tried = Machine(), []
    for _ in range(0, 4 * 3600, 7):
        if await machine.log_in():
            tried.append(machine.now.mono_s)
        machine.passes(7.0)
    assert all(sum(start <= at < start + 2100 for at in tried) <= 2 for start in tried)
    assert len(tried) >= 12


async def test_one_that_is_accepted_forgets_those_that_were_refused() -> None:
    machine = Machine()
    for machine.right in (False, True, False):
        assert await machine.log_in()
    assert await machine.log_in()


async def test_another_machine_and_another_login_count_for_themselves() -> None:
    machine = Machine()
    await machine.crowd()
    for host, login in (("another", "door"), ("recorder", "hall")):
        async with machine.accounts.attempt(host, login, lambda: machine.now) as attempt:
            attempt.accepted = True


@pytest.mark.parametrize("was_right", [False, True])
async def test_many_at_once_try_a_wrong_password_twice(was_right: bool) -> None:
    """Also where it was right until now, so that they did not wait for each other."""
    machine = Machine()
    machine.right = was_right
    await machine.crowd()
    machine.right, before = False, machine.tried if was_right else 0
    await machine.crowd()
    assert machine.tried - before == 2
    machine.passes(2099.0)
    assert not await machine.log_in()
    machine.passes(2.0)
    await machine.crowd()
    assert machine.tried - before == 4


async def test_a_right_password_is_kept_from_nobody_and_saved_for_nobody() -> None:
    machine = Machine()
    machine.right = True
    await machine.crowd()
    assert machine.tried == 16
    saved = machine.saved
    await machine.crowd()
    assert (machine.tried, machine.saved) == (32, saved)
    assert json.loads(machine.kept) == []


async def test_a_machine_that_hangs_up_instead_of_an_answer_has_refused() -> None:
    machine = Machine()
    assert [await machine.log_in(hangs_up=True) for _ in range(3)] == [True, True, False]


async def test_what_is_no_answer_is_no_refusal() -> None:
    machine = Machine()
    for _ in range(3):
        with pytest.raises(LookFailed):
            await machine.log_in(babbles=True)
    assert await machine.log_in()


async def test_one_under_way_when_the_hall_ends_may_have_been_refused() -> None:
    machine = Machine()
    task = asyncio.create_task(machine.log_in())
    await asyncio.sleep(0)
    kept = machine.kept
    await task
    machine.kept = kept
    machine.restarted()
    assert [await machine.log_in() for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("mono_s", "wall_s", "tried"),
    [
        (60.0, 60.0, False),
        (60.0, 7200.0, False),  # the wall clock was put forward
        (60.0, -7200.0, False),  # back
        (2101.0, -7200.0, True),
        (-900.0, 60.0, False),  # another boot, a minute later
        (-900.0, 2101.0, True),  # another boot, an hour later
        (-900.0, -7200.0, False),  # another boot, and a clock that has lost the time
    ],
)
async def test_refusals_are_remembered_over_a_restart_whatever_the_clocks_do(
    mono_s: float, wall_s: float, tried: bool
) -> None:
    machine = Machine()
    await machine.crowd()
    machine.passes(mono_s, wall_s)
    machine.restarted()
    assert await machine.log_in() is tried
    machine.passes(2100.0)  # never for longer than that
    assert await machine.log_in()


async def test_a_changed_file_of_logins_may_be_tried_at_once() -> None:
    machine = Machine(stamp=1)
    await machine.crowd()
    machine.restarted(stamp=1)
    assert not await machine.log_in()
    machine.restarted(stamp=2)
    await machine.crowd()
    assert machine.tried == 4


@pytest.mark.parametrize("kept", [b"x", b"1", b"[1]", b'[["a","b",0,1.0,1.0,0]]', b'[["a","b",1,NaN,1.0,0]]'])
def test_refusals_that_make_no_sense_are_said_to(kept: bytes) -> None:
    with pytest.raises(ValueError, match="no list of refusals"):
        Accounts(2100.0).resume(kept, Instant(1.0, 1.0, clock_ok=True))


def test_a_file_of_logins_has_another_stamp_once_it_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_file(tmp_path, '[door]\nuser = "a"\npassword = "b"')
    before = logins.stamp(path)
    assert logins.stamp(path) == before
    os.utime(path, ns=(0, before + 1))
    assert logins.stamp(path) == before + 1
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))  # made anew at each start
    assert logins.stamp(path) == 0
    assert logins.stamp(tmp_path / "nothing.toml") == 0
