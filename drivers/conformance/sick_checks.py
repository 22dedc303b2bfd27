"""The check with peers that are sick (`drivers.transport.sick`): while it lasts, and once it is over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from dataclasses import replace
from typing import cast

from drivers.api import LinkLost
from drivers.conformance.rig import SETTLE_S, Rig
from drivers.conformance.subject import NotConformant, PeerT, SettingsT, Stimulus, Subject
from drivers.messages import Result
from drivers.transport.sick import WELL, Ills, Sick

ILLS = {
    "late": Ills(late_s=0.3),  # later than many an answer is waited for
    "very late": Ills(late_s=3.0),  # it comes while the next question waits
    "split": Ills(split=True),
    "noisy": Ills(noise=0.3),
    "echoing": Ills(echo=True),
    "dropped": Ills(drop_after=3),
    "stuck": Ills(stuck=True),
    "mute": Ills(mute=True),
    "miscounting": Ills(bad_check=0.3),
    "cut short": Ills(cut=0.3),
    "twin": Ills(twin_s=0.005),
}
# Lines such as TCP lose and change no byte and have two ends: a peer there makes no noise, no wrong check and
# no echo, cuts nothing short, and has no twin.
ON_A_RELIABLE_LINE = frozenset({"late", "very late", "split", "dropped", "stuck", "mute"})


async def survives_a_sick_peer(subject: Subject[SettingsT, PeerT]) -> None:
    """Sick from the start, or at work: it goes on or raises what a new line cures, every order ends, no event
    is told twice; and cured, every order is DONE again."""
    for name, ills in ILLS.items():
        if subject.reliable_line and name not in ON_A_RELIABLE_LINE:
            continue
        for from_the_start in (True, False):
            try:
                await _fall_ill(subject, ills, from_the_start)
            except NotConformant as failure:
                failure.add_note(f"the peer was {name}, {'from the start' if from_the_start else 'at work'}")
                raise


async def _fall_ill(subject: Subject[SettingsT, PeerT], ills: Ills, from_the_start: bool) -> None:
    peer = Sick(subject.simulator(), ills if from_the_start else WELL)
    sick = replace(
        cast("Subject[SettingsT, Sick[PeerT]]", subject),  # both of its parts are made to fit here
        simulator=lambda: peer,
        renew=lambda sick: subject.renew(sick.simulator),
        stimuli=[_at_heart(stimulus) for stimulus in subject.stimuli],
    )
    async with Rig.run(sick) as rig:
        if from_the_start:
            await rig.until(lambda: rig.context.is_ready, subject.ready_s)
        else:
            await rig.ready()
            peer.ills = ills
        await _endure(rig)
        peer.ills = WELL
        await asyncio.wait({rig.task}, timeout=subject.ready_s)
        if not rig.task.done():
            await _all_done(rig)
            return
        await rig.recoverable("its peer was sick")
    async with Rig.run(sick) as rig:
        await _all_done(rig)


def _at_heart(stimulus: Stimulus[PeerT]) -> Stimulus[Sick[PeerT]]:
    """The same, done at the simulator within; the line may be lost under it, or take no more."""

    async def act(peer: Sick[PeerT]) -> None:
        with contextlib.suppress(LinkLost, TimeoutError):
            async with asyncio.timeout(SETTLE_S):
                result = stimulus.act(peer.simulator)
                if isinstance(result, Awaitable):
                    await result

    return Stimulus(act, stimulus.events)


async def _endure(rig: Rig[SettingsT, Sick[PeerT]]) -> None:
    """Orders end, and events are told once at most, until the run ends."""
    for device, order in rig.subject.orders:
        await rig.finished(rig.context.order(order, device))
    for stimulus in rig.subject.stimuli:
        if rig.task.done():
            return
        before = len(rig.context.events)
        await rig.act(stimulus)
        await asyncio.sleep(SETTLE_S)
        told = rig.context.events[before:]
        if any(told.count(event) > stimulus.events.count(event) for event in told):
            raise NotConformant(f"told {told}, where {list(stimulus.events)} happened")


async def _all_done(rig: Rig[SettingsT, Sick[PeerT]]) -> None:
    await rig.ready()
    for device, order in rig.subject.orders:
        rig.subject.renew(rig.peer)
        command = rig.context.order(order, device)
        await rig.finished(command)
        if not command.outcomes or command.outcomes[0].result is not Result.DONE:
            raise NotConformant(f"once the peer was cured, {order} ended {command.outcomes}, not DONE")
