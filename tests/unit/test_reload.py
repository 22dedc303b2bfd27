"""The file read again over devices at work: what is restarted, what is refused, and in which order."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from drivers.checking.problems import Problem
from drivers.checking.words import Text
from drivers.registry import Loaded
from edge import supervisor as supervisor_module
from edge.ids import new_id
from edge.reload import MAX_LISTED, Reload
from edge.settings import ConfigError, DeviceConfig, Settings, load
from edge.wire import MAX_PAYLOAD, Reply
from tests.unit.hall_kit import until
from tests.unit.registry_kit import WHOLE, entry_points, write
from tests.unit.supervision import FakeConfig, FakeLoaded, Hall, running, settle

BAD = Problem("device[0].url", '"x"', Text("不是网址", "is not a URL"), Text("写全", "write it out"))


def device(name: str, *problems: Problem) -> tuple[DeviceConfig, FakeLoaded]:
    loaded = FakeLoaded()
    return DeviceConfig(name, None if problems else cast("Loaded", loaded), problems=problems), loaded


@dataclass
class Scene:
    hall: Hall
    settings: Settings
    load: Callable[[], Settings] = field(init=False)
    adopted: list[Settings] = field(default_factory=list)
    reload: Reload = field(init=False)

    def __post_init__(self) -> None:
        self.load = lambda: self.settings
        self.reload = Reload(
            settings=self.settings,
            load=self._read,
            devices=self.hall.supervisor,
            adopt=self.adopted.append,
        )

    def _read(self) -> Settings:
        return self.load()

    async def read(self, new: Settings | Exception) -> Reply:
        def give() -> Settings:
            if isinstance(new, Exception):
                raise new
            return new

        self.load = give
        reply = await self.reload.reload(new_id())
        await settle()
        return reply

    def having(self, *devices: DeviceConfig, **other: Any) -> Settings:
        return replace(self.settings, devices=devices, config_hash=new_id(), **other)


@asynccontextmanager
async def scene(folder: Path, *devices: DeviceConfig) -> AsyncIterator[Scene]:
    whole = load(write(folder / "hall.toml", WHOLE), env={}, entry_points=entry_points())
    async with running(*cast("tuple[FakeConfig, ...]", devices)) as hall:
        yield Scene(hall, replace(whole, devices=devices))


def words(reply: Reply, name: str) -> list[str]:
    """The Chinese and the English of a list in the answer, one after the other."""
    return [text for each in reply.data[name] for text in (each["zh"], each["en"])]


async def test_a_device_that_has_changed_is_restarted_and_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "edge.reload")
    (a, a_was), (b, b_is), (new_a, a_is) = device("a"), device("b"), device("a")
    async with scene(tmp_path, a, b) as at:
        new = at.having(new_a, b)
        reply = await at.read(new)
        assert (reply.result, reply.data) == ("done", {"restarted": ["a"], "config_hash": new.config_hash})
        assert (a_was.links[0].closed, a_is.opens, at.hall.now("a").state) == (1, 1, "online")
        assert (b_is.opens, b_is.links[0].closed) == (1, 0)
        assert at.adopted == [new]
        assert "重启了 a" in reply.zh
        assert [r.getMessage() for r in caplog.records] == ["the new configuration is taken up, restarted: a"]
        again = await at.read(new)
        assert (again.result, again.en) == ("done", "the configuration is the same")
        assert (again.data["restarted"], a_is.opens) == ([], 1)


async def test_a_misconfigured_device_comes_online_once_the_file_is_right_and_goes_as_it_came(
    tmp_path: Path,
) -> None:
    wrong, (right, loaded) = device("a", BAD)[0], device("a")
    async with scene(tmp_path, wrong) as at:
        assert at.hall.now("a").state == "misconfigured"
        assert (await at.read(at.having(wrong))).data["restarted"] == []
        assert (await at.read(at.having(right))).data["restarted"] == ["a"]
        assert (at.hall.now("a").state, at.hall.codes("a"), loaded.opens) == ("online", [], 1)
        reply = await at.read(at.having(wrong))
        assert (at.hall.now("a").state, loaded.links[0].closed) == ("misconfigured", 1)
        assert (reply.result, reply.data["restarted"]) == ("done", ["a"])
        assert words(reply, "problems") == [
            'device[0].url = "x"：不是网址；写全',
            'device[0].url = "x": is not a URL; write it out',
        ]


async def test_a_file_with_errors_is_refused_with_every_one_and_nothing_changes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (a, a_is), problem = device("a"), Problem("hall.name", "", Text("缺少这一项", "is missing"))
    async with scene(tmp_path, a) as at:
        reply = await at.read(ConfigError((problem,), (device("a", BAD)[0],)))
        assert (reply.result, reply.code) == ("rejected", "bad_config")
        assert words(reply, "problems")[:2] == ["hall.name：缺少这一项", "hall.name: is missing"]
        assert len(words(reply, "problems")) == 4
        assert (a_is.links[0].closed, at.adopted) == (0, [])
        (line,) = [r.getMessage() for r in caplog.records if r.name == "edge.reload"]
        assert "hall.name: is missing; device[0].url" in line


async def test_what_needs_a_restart_is_refused_with_the_list_of_it(tmp_path: Path) -> None:
    (a, a_is), (new_a, _) = device("a"), device("a")
    async with scene(tmp_path, a) as at:
        reply = await at.read(at.having(new_a, device("b", BAD)[0], printer="b"))
        assert (reply.result, reply.code) == ("rejected", "needs_restart")
        assert words(reply, "needs_restart") == [
            'printing.printer 从 "slips" 改为 "b"',
            'printing.printer was "slips" and is "b"',
            "设备 b 是新增的",
            "device b is new",
        ]
        assert len(reply.data["problems"]) == 1
        assert (a_is.links[0].closed, at.adopted) == (0, [])
        assert (await at.read(at.having(new_a))).data["restarted"] == ["a"], "what was refused left no trace"


async def test_however_much_is_wrong_the_answer_fits_a_message(tmp_path: Path) -> None:
    long = tuple(Problem(f"hall.{n}" + "键" * 9999, "", Text.same("错" * 9999)) for n in range(1000))
    async with scene(tmp_path) as at:
        reply = await at.read(ConfigError(long))
        assert len(reply.model_dump_json().encode()) < MAX_PAYLOAD
        assert len(reply.data["problems"]) == MAX_LISTED + 1
        assert reply.data["problems"][-1]["en"] == f"and {1000 - MAX_LISTED} more, see hall-edge check"


async def test_reloads_come_one_after_the_other(tmp_path: Path) -> None:
    (a, _), (b, b_is), (c, c_is) = device("a"), device("a"), device("a")
    reading, go = threading.Semaphore(0), threading.Semaphore(0)
    async with scene(tmp_path, a) as at:
        files = [at.having(b), at.having(c)]
        left = iter(files)

        def slow() -> Settings:
            reading.release()
            assert go.acquire(timeout=60)
            return next(left)

        at.load = slow
        both = [asyncio.create_task(at.reload.reload(new_id())) for _ in range(2)]
        assert await asyncio.to_thread(reading.acquire, timeout=60)
        await settle()
        assert not reading.acquire(blocking=False), "the second waits for the first"
        go.release(2)
        assert [reply.data["restarted"] for reply in await asyncio.gather(*both)] == [["a"], ["a"]]
        await settle()
        assert at.adopted == files
        assert (b_is.opens, [link.closed for link in b_is.links]) in ((0, []), (1, [1]))
        assert (c_is.opens, at.hall.now("a").state) == (1, "online")


async def test_a_signal_reloads_and_an_error_of_our_own_is_not_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    read = asyncio.Event()
    loop, reads = asyncio.get_running_loop(), []

    def failures() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.exc_info]

    async with scene(tmp_path) as at:

        def broken() -> Settings:
            reads.append(1)
            loop.call_soon_threadsafe(read.set)
            raise ZeroDivisionError

        at.load = broken
        serving = asyncio.create_task(at.reload.run())
        for times in (1, 2):
            for _ in range(5):
                at.reload.ask()
            async with asyncio.timeout(60):
                await read.wait()
            read.clear()
            assert len(reads) == times, "signals that come at once are one"
            await until("told", lambda times=times: len(failures()) == times)
        serving.cancel()
        await asyncio.wait({serving})
        assert serving.cancelled()
    assert failures() == ["the reload failed"] * 2


async def test_during_a_stop_it_is_refused(tmp_path: Path) -> None:
    (a, _), (new_a, a_is) = device("a"), device("a")
    async with scene(tmp_path, a) as at:
        pass
    for new in (at.having(new_a), at.settings):
        reply = await at.read(new)
        assert (reply.result, reply.code) == ("rejected", "stopping")
        assert reply.zh
    assert (a_is.opens, at.adopted) == (0, [])


async def test_a_driver_that_does_not_end_is_told_and_all_else_is_taken_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "STOP_TIMEOUT_S", 0.05)
    (a, a_was), (b, _), (new_a, _), (new_b, b_is) = (device(name) for name in "abab")
    released = asyncio.Event()

    async def resist(*_: object) -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue
        raise asyncio.CancelledError

    a_was.puppet.script = resist
    async with scene(tmp_path, a, b) as at:
        reply = await at.read(at.having(new_a, new_b))
        assert (reply.result, reply.code) == ("failed", "driver_stuck")
        assert reply.data["restarted"] == ["b"]
        assert "a 的原驱动" in reply.zh
        assert (b_is.opens, len(at.adopted)) == (1, 1)
        released.set()
