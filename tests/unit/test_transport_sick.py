"""A sick simulator: each sickness does what it says, begins and ends at any time, and is the same again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from drivers.api import Link, LinkLost
from drivers.conformance import run_warped
from drivers.transport import open_link
from drivers.transport.null import WRITE_TIMEOUT_S, pair
from drivers.transport.sick import MAX_NOISE, MAX_PIECES, WELL, Ills, Sick

QUESTION, ANSWER = b"how are you?", b"I am quite well."


class Peer:
    """Answers whatever it hears; says what it is told to say."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.link: Link | None = None

    async def run(self, link: Link) -> None:
        self.link = link
        while True:
            self.heard.append(await link.read())
            await link.write(ANSWER)

    async def say(self, data: bytes) -> None:
        assert self.link is not None
        await self.link.write(data)


@asynccontextmanager
async def line(sick: Sick[Peer]) -> AsyncIterator[Link]:
    near, far = pair()
    task = asyncio.create_task(sick.run(far))
    await asyncio.sleep(0)
    try:
        yield near
    finally:
        task.cancel()
        await asyncio.wait({task})


async def hear(link: Link, for_s: float = 1.0) -> list[bytes]:
    """What comes within so long, read by read."""
    heard: list[bytes] = []
    try:
        async with asyncio.timeout(for_s):
            while True:
                heard.append(await link.read())
    except TimeoutError:
        return heard


def answers(ills: Ills, *, times: int = 1, seed: int = 0) -> list[bytes]:
    """What a host hears that asks so often."""

    async def ask() -> list[bytes]:
        heard: list[bytes] = []
        async with line(Sick(Peer(), ills, seed)) as link:
            for _ in range(times):
                await link.write(QUESTION)
                heard += await hear(link)
        return heard

    return run_warped(ask())


def test_who_is_well_answers_as_ever() -> None:
    assert answers(WELL, times=3) == [ANSWER] * 3


def test_late() -> None:
    async def ask() -> None:
        sick = Sick(Peer(), Ills(late_s=5.0))
        async with line(sick) as link:
            await link.write(QUESTION)
            assert await hear(link, 4.9) == []
            assert await hear(link, 0.2) == [ANSWER]
            await sick.simulator.say(b"!")  # nobody asked: it is no answer
            assert await hear(link, 0.1) == [b"!"]

    run_warped(ask())


def test_split() -> None:
    heard = answers(Ills(split=True))
    assert 2 <= len(heard) <= MAX_PIECES
    assert b"".join(heard) == ANSWER


def test_noise() -> None:
    for heard in answers(Ills(noise=1.0), times=20):
        assert 1 <= len(heard.removesuffix(ANSWER)) <= MAX_NOISE
    assert {heard == ANSWER for heard in answers(Ills(noise=0.5), times=20)} == {True, False}


def test_echo() -> None:
    assert answers(Ills(echo=True)) == [QUESTION, ANSWER]


def test_bad_check() -> None:
    for heard in answers(Ills(bad_check=1.0), times=20):
        assert heard[:-1] == ANSWER[:-1]
        assert heard[-1] != ANSWER[-1]
    assert {heard == ANSWER for heard in answers(Ills(bad_check=0.5), times=20)} == {True, False}


def test_cut() -> None:
    assert answers(Ills(cut=1.0), times=2) == [ANSWER[:-1]] * 2
    assert {heard == ANSWER for heard in answers(Ills(cut=0.5), times=20)} == {True, False}


def test_mute() -> None:
    async def ask() -> None:
        sick = Sick(Peer(), Ills(mute=True, noise=1.0, twin_s=0.0))
        async with line(sick) as link:
            await link.write(QUESTION)
            assert await hear(link) == []
            await sick.simulator.say(b"!")
            assert await hear(link) == []
            assert sick.simulator.heard == [QUESTION]
            sick.ills = WELL
            await link.write(QUESTION)
            assert await hear(link) == [ANSWER]

    run_warped(ask())


def test_it_is_well_again_after_so_many_answers() -> None:
    for ills in (Ills(mute=True, answers=2), Ills(bad_check=1.0, answers=2), Ills(cut=1.0, answers=2)):
        heard = answers(ills, times=4)
        assert heard[-2:] == [ANSWER] * 2
        assert ANSWER not in heard[:-2]

    async def unasked() -> None:
        sick = Sick(Peer(), Ills(mute=True, answers=1))
        async with line(sick) as link:
            await sick.simulator.say(b"!")
            assert await hear(link) == []
            assert sick.ills != WELL  # it was no answer
            await link.write(QUESTION)
            assert await hear(link) == []
            assert sick.ills == WELL

    run_warped(unasked())


def test_the_answers_are_counted_on_all_lines_together() -> None:
    async def ask() -> list[bytes]:
        sick = Sick(Peer(), Ills(cut=1.0, answers=2))
        heard: list[bytes] = []
        async with line(sick) as one, line(sick) as other:
            for link in (one, other, one, other):
                await link.write(QUESTION)
                heard += await hear(link)
        return heard

    assert run_warped(ask()) == [ANSWER[:-1]] * 2 + [ANSWER] * 2


def test_twin() -> None:
    assert answers(Ills(twin_s=0.1), times=2) == [ANSWER] * 4

    async def unasked() -> None:
        sick = Sick(Peer(), Ills(twin_s=0.1))
        async with line(sick) as link:
            await sick.simulator.say(b"!")
            assert await hear(link) == [b"!"]  # the twin was not there

    run_warped(unasked())


async def test_drop_counts_from_when_it_falls_ill() -> None:
    sick = Sick(Peer())
    async with line(sick) as link:
        await link.write(QUESTION)
        assert await link.read() == ANSWER
        sick.ills = Ills(drop_after=2)
        for _ in range(2):
            await link.write(QUESTION)
            assert await link.read() == ANSWER
        with pytest.raises(LinkLost):
            await link.read()


def test_stuck_runs_a_write_into_its_deadline_until_it_is_cured() -> None:
    async def ask() -> None:
        sick = Sick(Peer())
        loop = asyncio.get_running_loop()
        async with line(sick) as link:
            sick.ills = Ills(stuck=True)
            before_s = loop.time()
            with pytest.raises(LinkLost) as stalled:
                await link.write(QUESTION)
            assert stalled.value.code == "line_stalled"
            assert loop.time() - before_s == pytest.approx(WRITE_TIMEOUT_S, abs=0.1)
            loop.call_later(1.0, setattr, sick, "ills", WELL)
            await link.write(QUESTION)
            assert await hear(link) == [ANSWER]
            assert sick.simulator.heard == [QUESTION]

    run_warped(ask())


def test_the_same_seed_is_the_same_sickness() -> None:
    ills = Ills(split=True, noise=0.5, bad_check=0.5)
    assert answers(ills, times=5, seed=7) == answers(ills, times=5, seed=7)
    assert answers(ills, times=5, seed=7) != answers(ills, times=5, seed=8)


async def test_a_url_may_ask_for_it() -> None:
    link = await open_link("sim://peer?sick=echo,twin", lambda _family, _options: Peer())
    await link.write(QUESTION)
    heard = b""
    while len(heard) < len(QUESTION + ANSWER * 2):
        heard += await link.read()
    assert heard == QUESTION + ANSWER * 2
    await link.close()
