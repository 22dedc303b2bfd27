"""Logins of cameras: read from a file that nobody else can read, used with accounts, shown nowhere."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from drivers.api import BadSettings
from drivers.camera import logins
from drivers.camera.accounts import Accounts
from drivers.camera.auth import Credentials

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


def test_two_refusals_end_it_for_a_while_for_all_behind_one_machine() -> None:
    accounts = Accounts(2100.0)
    assert accounts.may_log_in("recorder", "door", 0.0)
    accounts.refused("recorder", "door", 0.0)
    assert accounts.may_log_in("recorder", "door", 1.0)
    accounts.refused("recorder", "door", 1.0)
    assert not accounts.may_log_in("recorder", "door", 2.0)
    assert accounts.may_log_in("another", "door", 2.0)
    assert accounts.may_log_in("recorder", "hall", 2.0)
    assert not accounts.may_log_in("recorder", "door", 2100.0)
    assert accounts.may_log_in("recorder", "door", 2101.0)


def test_in_any_35_minutes_there_are_two_at_most() -> None:
    accounts, tried = Accounts(2100.0), []
    for now_s in range(0, 4 * 3600, 7):
        if accounts.may_log_in("recorder", "door", now_s):
            tried.append(now_s)
            accounts.refused("recorder", "door", now_s)
    assert all(sum(start <= at < start + 2100 for at in tried) <= 2 for start in tried)
    assert len(tried) >= 12


def test_one_that_is_accepted_forgets_those_that_were_refused() -> None:
    accounts = Accounts(2100.0)
    accounts.refused("recorder", "door", 0.0)
    accounts.accepted("recorder", "door")
    accounts.refused("recorder", "door", 1.0)
    assert accounts.may_log_in("recorder", "door", 2.0)


async def test_until_one_is_accepted_they_are_tried_one_by_one() -> None:
    accounts, at_once, most = Accounts(2100.0), 0, 0

    async def try_it() -> None:
        nonlocal at_once, most
        async with accounts.turn("recorder", "door"):
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0.001)
            at_once -= 1

    await asyncio.gather(*(try_it() for _ in range(5)))
    assert most == 1
    accounts.accepted("recorder", "door")
    await asyncio.gather(*(try_it() for _ in range(5)))
    assert most == 5
