"""The promises of `drivers.api`, one check each. A check raises NotConformant, or NotConformant's cause."""

from __future__ import annotations

import asyncio
import gc
import random
import tracemalloc
from collections.abc import Callable, Coroutine
from dataclasses import is_dataclass
from itertools import count
from typing import Any, get_args

from drivers.api import DriverError, DriverSpec, LinkLost
from drivers.conformance.context import RecordedCommand
from drivers.conformance.rig import LINES, SETTLE_S, Rig
from drivers.conformance.sick_checks import survives_a_sick_peer
from drivers.conformance.subject import NotConformant, PeerT, SettingsT, Stimulus, Subject
from drivers.conformance.warp import run_warped
from drivers.messages import Body, Order, Result
from drivers.transport.faults import Faults

LOSSY_SEEDS = range(20)  # so that each byte of a short greeting is lost in one of them
LOSS = 0.01  # chance of a byte to vanish: one frame in ten on a bus, far worse than any line in service
LOSSY_S = 60.0  # of a lossy line where loss need not be survived: several polls, so that some byte is lost
NOISE_PIECE = 1024
NOISE_PIECES = 256  # in all far more than any driver may hold
NOISE_GROWTH = 128 * 1024  # bytes that a driver and the rig may have grown meanwhile: half the noise
BACKOFF_S = 1.0  # the supervisor's first
MAX_FRAME = 256 * 1024  # a message of a machine that describes all its parts in one
MAX_QUEUE = 1024

Check = Callable[[Subject[Any, Any]], Coroutine[Any, Any, None]]


async def declares_limits(subject: Subject[SettingsT, PeerT]) -> None:
    """Every limit stands in the spec, and every condition tells cause and remedy."""
    spec = subject.driver().spec
    for problem in _spec_problems(spec):
        raise NotConformant(f"{spec.family}: {problem}")
    if not isinstance(subject.settings, spec.settings):
        raise NotConformant(f"{spec.family}: the settings are no {spec.settings.__name__}")
    for device, order in subject.orders:
        if type(order) not in spec.orders or device not in (subject.device, *subject.children):
            raise NotConformant(f"{spec.family}: {order} for {device} is not declared")


def _spec_problems(spec: DriverSpec) -> list[str]:
    params = getattr(spec.settings, "__dataclass_params__", None)
    codes = [condition.code for condition in spec.conditions]
    checks = {
        "no family": spec.family.isidentifier(),
        "no link that it can live on": bool(spec.links) and all(link.islower() for link in spec.links),
        "settings must be a frozen dataclass": is_dataclass(spec.settings) and bool(params and params.frozen),
        f"max_frame must be 1 to {MAX_FRAME}": 1 <= spec.max_frame <= MAX_FRAME,
        f"queue must be 1 to {MAX_QUEUE}": 1 <= spec.queue <= MAX_QUEUE,
        "heartbeat_s must be above 0 or None": spec.heartbeat_s is None or spec.heartbeat_s > 0,
        "orders must be members of Order": spec.orders <= set(get_args(Order)),
        "events must be members of Body": spec.events <= set(get_args(Body)),
        "a condition stands there twice": len(codes) == len(set(codes)),
    }
    wordless = [
        f"condition {condition.code!r} lacks its cause or remedy"
        for condition in spec.conditions
        if not all((condition.code, condition.zh, condition.en, condition.remedy_zh, condition.remedy_en))
    ]
    return [problem for problem, holds in checks.items() if not holds] + wordless


async def works_on_every_line(subject: Subject[SettingsT, PeerT]) -> None:
    """Ready, and every order DONE, on a line that is whole, a byte at a time, and slow."""
    for name, faults in LINES.items():
        async with Rig.run(subject, faults=faults) as rig:
            await rig.ready()
            for device, order in subject.orders:
                command = rig.context.order(order, device)
                await rig.finished(command)
                if not command.outcomes or command.outcomes[0].result is not Result.DONE:
                    raise NotConformant(f"{order} on a {name} line ended {command.outcomes}, not DONE")
            await asyncio.sleep(SETTLE_S)


async def tells_every_event_once(subject: Subject[SettingsT, PeerT]) -> None:
    """Exactly the events that the peer caused, on every line."""
    for name, faults in LINES.items():
        async with Rig.run(subject, faults=faults) as rig:
            await rig.ready()
            for stimulus in subject.stimuli:
                await _expect(rig, stimulus, f"on a {name} line")


async def waits_while_the_hall_is_busy(subject: Subject[SettingsT, PeerT]) -> None:
    """An event waits under back-pressure and is not lost; being cancelled meanwhile ends the run."""
    for stimulus in subject.stimuli:
        async with Rig.run(subject) as rig:
            await rig.ready()
            rig.context.hold()
            asyncio.get_running_loop().call_later(SETTLE_S, rig.context.release)
            await _expect(rig, stimulus, "after the hall was busy")
            rig.context.hold()
            await rig.act(stimulus)
            await asyncio.sleep(SETTLE_S)


async def carries_on_when_nothing_is_kept(subject: Subject[SettingsT, PeerT]) -> None:
    """NotKept is no fault of the device: the run goes on, and what is done again later is told once."""
    for stimulus in subject.stimuli:
        async with Rig.run(subject) as rig:
            await rig.ready()
            rig.context.keeps_nothing = True
            await rig.act(stimulus)
            await asyncio.sleep(SETTLE_S)
            if rig.task.done():
                error = await rig.driver_error(0, "nothing could be kept")
                raise NotConformant(f"raised {error!r} because the hall could not keep an event") from error
            rig.context.keeps_nothing = False
            await _expect(rig, stimulus, "once the hall could keep it again")


async def _expect(rig: Rig[SettingsT, PeerT], stimulus: Stimulus[PeerT], when: str) -> None:
    context, before = rig.context, len(rig.context.events)
    await rig.act(stimulus)
    await rig.until(lambda: len(context.events) - before >= len(stimulus.events), rig.subject.order_s)
    await asyncio.sleep(SETTLE_S)
    if (told := context.events[before:]) != list(stimulus.events):
        raise NotConformant(f"told {told} {when}, not {list(stimulus.events)}")


async def survives_a_lossy_line(subject: Subject[SettingsT, PeerT]) -> None:
    """Ready in spite of lost bytes, after a restart if need be, and every order ends."""
    if subject.reliable_line:
        await _recovers_from_loss(subject)
        return
    for seed in LOSSY_SEEDS:
        peer, loop = subject.simulator(), asyncio.get_running_loop()
        end_s = loop.time() + subject.ready_s
        for run in count():
            faults = Faults(loss=LOSS, seed=seed * 1000 + run)
            if await _serves(subject, peer, faults, end_s - loop.time()):
                break
            await asyncio.sleep(BACKOFF_S)


async def _serves(subject: Subject[SettingsT, PeerT], peer: PeerT, faults: Faults, limit_s: float) -> bool:
    """Whether this run became ready; then every order has ended too. False: it may be restarted."""
    async with Rig.run(subject, peer=peer, faults=faults) as rig:
        if await rig.until(lambda: rig.context.is_ready, max(limit_s, 0.0)):
            for device, order in subject.orders:
                await rig.finished(rig.context.order(order, device))
            return True
        if not rig.task.done():
            raise NotConformant(f"not ready within {subject.ready_s} s on a lossy line")
        await rig.recoverable("loss")
        return False


async def _recovers_from_loss(subject: Subject[SettingsT, PeerT]) -> None:
    """Each run goes on or raises what a new line cures, and on a whole line all is well again."""
    for seed in LOSSY_SEEDS:
        peer = subject.simulator()
        async with Rig.run(subject, peer=peer, faults=Faults(loss=LOSS, seed=seed)) as rig:
            await asyncio.wait({rig.task}, timeout=LOSSY_S)
            if rig.task.done():
                await rig.recoverable("loss")
        await _works_again(subject, peer)


async def survives_garbage(subject: Subject[SettingsT, PeerT]) -> None:
    """Noise, before it is ready and after: it goes on, or raises what a new line cures; it does not grow."""
    rng = random.Random("noise")
    peer = subject.simulator()
    with _Growth() as growth:
        noise = (rng.randbytes(NOISE_PIECE) for _ in range(NOISE_PIECES))
        async with Rig.run(subject, peer=peer, noise=noise) as rig:
            await asyncio.wait({rig.task, rig.noise_over}, return_when=asyncio.FIRST_COMPLETED)
            await rig.until(lambda: rig.context.is_ready, subject.ready_s)
            await asyncio.sleep(SETTLE_S)
            if rig.task.done():
                await rig.recoverable("noise")
            else:
                growth.check()
    async with Rig.run(subject, peer=peer) as rig:
        await rig.ready()
        for _ in range(4):
            await rig.babble(rng.randbytes(NOISE_PIECE))
            await asyncio.sleep(SETTLE_S)
        if rig.task.done():
            await rig.recoverable("noise")
    await _works_again(subject, peer)


async def _works_again(subject: Subject[SettingsT, PeerT], peer: PeerT) -> None:
    async with Rig.run(subject, peer=peer) as rig:
        await rig.ready()
        for device, order in subject.orders:
            await rig.finished(rig.context.order(order, device))


class _Growth:
    """Memory that Python has gained meanwhile."""

    def __enter__(self) -> _Growth:
        self._tracing = tracemalloc.is_tracing()
        if not self._tracing:
            tracemalloc.start()
        gc.collect()
        self._before = tracemalloc.get_traced_memory()[0]
        return self

    def check(self) -> None:
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - self._before
        if grown > NOISE_GROWTH:
            raise NotConformant(f"holds {grown} bytes after {NOISE_PIECES * NOISE_PIECE} bytes of noise")

    def __exit__(self, *_: object) -> None:
        if not self._tracing:
            tracemalloc.stop()


async def raises_link_lost(subject: Subject[SettingsT, PeerT]) -> None:
    """The line is gone, idle or with an order in hand: LinkLost, and the order is UNKNOWN."""
    async with Rig.run(subject) as rig:
        await rig.ready()
        await rig.unplug()
        await _lost(rig)
    for device, order in subject.orders:
        async with Rig.run(subject) as rig:
            command = await _in_hand(rig, device, order)
            before = len(command.outcomes)
            await rig.unplug()
            await _lost(rig)
            _check_outcomes(command.outcomes[before:], order, "when the line was lost")


async def _lost(rig: Rig[SettingsT, PeerT]) -> None:
    error = await rig.driver_error(rig.subject.lost_s, "the line was lost")
    if not isinstance(error, LinkLost):
        raise NotConformant(f"raised {error!r} when the line was lost, not LinkLost") from error


async def _in_hand(rig: Rig[SettingsT, PeerT], device: str, order: Order) -> RecordedCommand:
    """An order that the driver has taken and that the peer will not answer."""
    await rig.ready()
    rig.tap.muted = True
    command = rig.context.order(order, device)
    if not await rig.until(lambda: command.taken, rig.subject.order_s):
        raise NotConformant(f"{order} was never taken")
    return command


def _check_outcomes(outcomes: list[Any], order: Order, when: str) -> None:
    for outcome in outcomes:
        if outcome.result not in (Result.UNKNOWN, Result.REJECTED):
            raise NotConformant(f"{order} ended {outcome.result} {when}: nobody can know that")


async def stops_at_once(subject: Subject[SettingsT, PeerT]) -> None:
    """Cancelled before it is ready, idle, and with an order in hand, it ends and leaves nothing behind."""
    async with Rig.run(subject, mute=True):
        await asyncio.sleep(0)
    async with Rig.run(subject, mute=True):
        await asyncio.sleep(SETTLE_S)
    async with Rig.run(subject) as rig:
        await rig.ready()
        await rig.stop()
    for device, order in subject.orders:
        async with Rig.run(subject) as rig:
            command = await _in_hand(rig, device, order)
            before = len(command.outcomes)
            await rig.stop()
            _check_outcomes(command.outcomes[before:], order, "when the run was stopped")


async def never_invents_an_outcome(subject: Subject[SettingsT, PeerT]) -> None:
    """To a peer that fell silent every order ends in time, as UNKNOWN or REJECTED."""
    for device, order in subject.orders:
        async with Rig.run(subject) as rig:
            command = await _in_hand(rig, device, order)
            await rig.finished(command)
            if rig.task.done():
                await rig.recoverable("the peer fell silent")
            if type(order) not in subject.unanswered:
                _check_outcomes(command.outcomes, order, "though the peer was silent")


async def is_alive_by_evidence(subject: Subject[SettingsT, PeerT]) -> None:
    """`alive` follows the peer, not a timer; its silence is told. For drivers that declare a heartbeat."""
    heartbeat_s = subject.driver().spec.heartbeat_s
    if heartbeat_s is None:
        return
    silence_s = 5 * heartbeat_s if subject.silence_s is None else subject.silence_s
    async with Rig.run(subject) as rig:
        await rig.ready()
        before = rig.context.alive_count
        await asyncio.sleep(4 * heartbeat_s)
        if rig.context.alive_count - before < 2:  # noqa: PLR2004 four were due
            raise NotConformant(f"declares a heartbeat of {heartbeat_s} s and does not keep it")
        rig.tap.muted = True
        await asyncio.sleep(heartbeat_s)  # for what was already on its way
        await _tells_silence(rig, silence_s)
    async with Rig.run(subject, mute=True) as rig:
        await _tells_silence(rig, silence_s)
        if rig.context.is_ready:
            raise NotConformant("ready although the peer never said a word")


async def _tells_silence(rig: Rig[SettingsT, PeerT], silence_s: float) -> None:
    before = rig.context.alive_count
    await asyncio.sleep(silence_s)
    if rig.context.alive_count != before:
        raise NotConformant("alive although the peer is silent")
    if rig.task.done():
        await rig.recoverable("the peer fell silent")
    elif not rig.context.conditions:
        raise NotConformant(f"the peer is silent for {silence_s} s and nothing is told")


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        declares_limits,
        works_on_every_line,
        tells_every_event_once,
        waits_while_the_hall_is_busy,
        carries_on_when_nothing_is_kept,
        survives_a_lossy_line,
        survives_garbage,
        raises_link_lost,
        stops_at_once,
        never_invents_an_outcome,
        is_alive_by_evidence,
        survives_a_sick_peer,
    )
}


def check_driver(subject: Subject[SettingsT, PeerT]) -> None:
    """All checks. Raises an ExceptionGroup of NotConformant, one for each promise that is not kept."""
    failures = []
    for name, check in CHECKS.items():
        try:
            run_warped(check(subject))
        except (NotConformant, DriverError) as failure:
            failure.add_note(f"in {name}: {(check.__doc__ or '').splitlines()[0]}")
            failures.append(failure)
    if failures:
        raise ExceptionGroup(f"{subject.driver().spec.family} does not conform", failures)
