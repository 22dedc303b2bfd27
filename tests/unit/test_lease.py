"""Of several consoles one leads, by no clock but its own; who leads no longer records nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from edge.console import lease as leases
from edge.console.engine import RecordError
from edge.console.lease import TAKE_OVER_S, VALID_S, Lease, LeaseLost, is_gone, myself
from edge.console.record import Record
from tests.integration.node import batch, event
from tests.stores import outside, store_url

pytestmark = pytest.mark.usefixtures("both_stores")
EPOCH = "e" * 32


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Record(store_url(tmp_path / "r.db")).close()
    return tmp_path / "r.db"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def two(path: Path, clock: Clock) -> Iterator[tuple[Lease, Lease]]:
    with contextlib.ExitStack() as stack:
        one, other = (
            stack.enter_context(contextlib.closing(Lease(store_url(path), clock))) for _ in range(2)
        )
        yield one, other


def test_one_leads_and_the_other_waits(two: tuple[Lease, Lease], clock: Clock) -> None:
    one, other = two
    assert one.take()
    for _ in range(20):
        clock.now += TAKE_OVER_S / 2
        assert one.renew()
        assert not other.take()
    assert (one.leads, other.leads) == (True, False)


def test_who_is_silent_is_followed_and_cannot_come_back(two: tuple[Lease, Lease], clock: Clock) -> None:
    one, other = two
    one.take()
    assert not other.take()
    clock.now += TAKE_OVER_S
    assert not other.take()
    clock.now += 0.1
    assert other.take()
    assert not one.renew()


def test_what_was_given_back_is_taken_at_once(two: tuple[Lease, Lease]) -> None:
    one, other = two
    one.take()
    assert not other.take()
    one.give_back()
    assert not one.leads
    assert other.take()
    assert not one.take()


def test_of_two_who_try_at_once_one_succeeds(
    two: tuple[Lease, Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other has looked before, and writes after."""
    one, other = two
    look = leases._look
    seen = other._run(look)
    assert one.take()
    monkeypatch.setattr(leases, "_look", lambda _db: seen)
    assert not other.take()
    monkeypatch.setattr(leases, "_look", look)
    one.give_back()
    seen = other._run(look)
    assert one.take()
    monkeypatch.setattr(leases, "_look", lambda _db: seen)
    assert not other.take()


def test_who_leads_no_longer_records_nothing(path: Path, two: tuple[Lease, Lease], clock: Clock) -> None:
    """Though it has not noticed yet."""
    one, other = two
    url = store_url(path)
    with Record(url, fence=one.check) as mine, Record(url, fence=other.check) as its:
        one.take()
        assert mine.apply([("h", "n", batch([event(EPOCH, 1)]))])["h", "n", EPOCH].last == 1
        with pytest.raises(LeaseLost):
            its.apply([("h", "n", batch([event(EPOCH, 2)]))])
        other.take()
        clock.now += TAKE_OVER_S + 1
        assert other.take()
        for write in (
            lambda: mine.apply([("h", "n", batch([event(EPOCH, 2)]))]),
            lambda: mine.mark_told([]),
            lambda: mine.mark_taken_back([]),
        ):
            with pytest.raises(LeaseLost):
                write()
        assert outside(path, "SELECT seq FROM event") == [(1,)]
        assert its.apply([("h", "n", batch([event(EPOCH, 2)]))])["h", "n", EPOCH].last == 2


def test_a_process_that_has_ended_is_known_to_have(path: Path, two: tuple[Lease, Lease]) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "from edge.console.lease import myself; print(myself()); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        holder = process.stdout.readline().strip()
        assert not is_gone(holder)
        process.kill()
        process.wait()
    assert is_gone(holder)
    two[0].take()
    outside(path, f"UPDATE lease SET holder = '{holder}'")
    assert two[1].take()


def test_of_other_machines_nothing_is_known() -> None:
    boot, space, pid, began, own = myself().split("/")
    other_space = "/".join((boot, "pid:[1]", pid, f"{began}1", own))
    other_boot = "/".join(("0" * 32, space, pid, f"{began}1", own))
    for holder in ("", "x", "a/b/c/d/e", "a/b/1/2/3", other_space, other_boot):
        assert not is_gone(holder)


def test_an_id_that_was_given_again_is_another_process() -> None:
    boot, space, pid, began, own = myself().split("/")
    assert pid == str(os.getpid())
    assert is_gone("/".join((boot, space, pid, f"{began}1", own)))


def test_a_process_that_we_may_not_see_has_not_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where each console is in a user namespace of its own, and sees no other's /proc."""
    holder = myself()
    monkeypatch.setattr(leases, "_PROC", tmp_path)
    assert not is_gone(holder)


async def until(says: str, caplog: pytest.LogCaptureFixture, times: int = 1) -> None:
    deadline = time.monotonic() + 60
    while caplog.text.count(says) < times:
        assert time.monotonic() < deadline, f"{says!r} was not said in time"
        await asyncio.sleep(0.02)


async def test_the_work_follows_the_lease(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told once on loss and once on taking; the end gives it back."""
    caplog.set_level(logging.INFO, "edge.console.lease")
    for name in ("LOOK_S", "RENEW_S"):
        monkeypatch.setattr(leases, name, 0.05)
    at_work: list[str] = []

    async def work(name: str) -> None:
        at_work.append(name)
        try:
            await asyncio.Event().wait()
        finally:
            at_work.remove(name)

    with contextlib.ExitStack() as stack:
        one, other = (stack.enter_context(contextlib.closing(Lease(store_url(path)))) for _ in range(2))
        first = asyncio.create_task(one.run(lambda: work("one")))
        await until("leads: records", caplog)
        second = asyncio.create_task(other.run(lambda: work("other")))
        await until("another console leads", caplog)
        assert at_work == ["one"]
        first.cancel()
        await asyncio.wait({first})
        await until("leads: records", caplog, 2)
        await asyncio.sleep(0)  # that is said just before the work begins
        assert at_work == ["other"]
        outside(path, "UPDATE lease SET term = term + 1, holder = 'somebody/else'")
        await until("leads no longer", caplog)
        assert at_work == []
        await until("another console leads", caplog, 2)
        await asyncio.sleep(0.3)
        assert caplog.text.count("another console leads") == 2
        second.cancel()
        await asyncio.wait({second})
    assert outside(path, "SELECT holder FROM lease") == [("somebody/else",)]


async def test_what_is_being_taken_while_the_console_ends_is_given_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = threading.Event(), threading.Event()
    with contextlib.closing(Lease(store_url(path))) as one:
        take = one.take

        def slow() -> bool:
            begun.set()
            assert may_end.wait(60)
            return take()

        monkeypatch.setattr(one, "take", slow)
        running = asyncio.create_task(one.run(lambda: asyncio.sleep(3600)))
        assert await asyncio.to_thread(begun.wait, 60)
        running.cancel()
        threading.Timer(0.1, may_end.set).start()
        await asyncio.wait({running})
    assert outside(path, "SELECT holder FROM lease") == [("",)]


async def test_a_record_that_cannot_be_used_ends_the_work_and_not_the_console(
    path: Path, clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "edge.console.lease")
    for name in ("LOOK_S", "RENEW_S"):
        monkeypatch.setattr(leases, name, 0.02)
    with contextlib.closing(Lease(store_url(path), clock)) as one:
        running = asyncio.create_task(one.run(lambda: asyncio.sleep(3600)))
        await until("leads: records", caplog)

        def broken(_work: object) -> bool:
            raise RecordError("away")

        with monkeypatch.context() as patch:
            patch.setattr(one, "_run", broken)
            clock.now += VALID_S + 1.0
            await until("leads no longer", caplog)
            await until("who leads cannot be seen", caplog)
        await until("leads: records", caplog, 2)  # at once: it was ours
        running.cancel()
        await asyncio.wait({running})
    assert caplog.text.count("leads no longer") == 1
    assert outside(path, "SELECT holder FROM lease") == [("",)]


@pytest.mark.parametrize("both_stores", ["postgresql"], indirect=True)
def test_a_leader_that_stopped_within_a_batch_is_taken_over_from(
    two: tuple[Lease, Lease], path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the statements of a batch PostgreSQL waits for its client for good, and the locks stand."""
    one, other = two
    assert one.take()
    assert not other.take()
    monkeypatch.setattr(leases, "TAKE_OVER_S", 0.2)
    stopped = psycopg.connect(store_url(path))
    with contextlib.closing(stopped), pytest.raises(psycopg.OperationalError), stopped.pipeline():
        stopped.execute("SELECT term FROM lease FOR SHARE")
        stopped.pgconn.send_flush_request()  # and not the end of the batch
        stopped.pgconn.flush()
        time.sleep(0.3)  # of the server's own clock
        clock.now += 1.0
        assert other.take()
        stopped.execute("SELECT 1").fetchall()
