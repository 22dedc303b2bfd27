"""What the journal has of a device that is lost and comes back, of every family: the loss once, the return
once, each findable by the device and by the code."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.conformance import run_warped
from drivers.transport.sick import WELL, Ills
from tests.diag import seeds
from tests.diag.test_seeds import FAMILIES
from tests.diag.world import World, world
from tests.journal_kit import JournalSocket, journaled

pytestmark = pytest.mark.usefixtures("recordings")
AWAY_S = 400.0  # more than six tries
BACK_S = 120.0  # a rest is at most 72 s
SILENT = ("printer", "bx5k", "sdt", "newland", "heartbeat", "xfs4iot")  # are asked: silence is a loss


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[JournalSocket]:
    root = logging.getLogger()
    before = list(root.handlers), root.level
    with (tmp_path / "err").open("w") as stream, journaled(stream, tmp_path / "journal") as found:
        yield found
    root.handlers[:], root.level = before


async def lost_and_back(family: str, lose: Callable[[World], None], heal: Callable[[World], None]) -> int:
    """How often it was tried to reach it meanwhile."""
    async with world(
        family,
        model=seeds.MODELS.get(family, ""),
        settings=seeds.SETTINGS.get(family, {}),
        children=seeds.CHILDREN.get(family, ()),
        options=seeds.OPTIONS.get(family, ""),
    ) as at:
        await at.live(seeds.SETTLED_S)
        assert at.devices.status(family).state == "online"
        logging.getLogger("told").info("lost now")
        before = at.door.tries
        lose(at)
        await at.live(AWAY_S)
        assert at.devices.status(family).state != "online"
        heal(at)
        await at.live(BACK_S)
        assert at.devices.status(family).state == "online"
        return at.door.tries - before


def since_lost(journal: JournalSocket) -> list[dict[str, str]]:
    told = journal.entries()
    return told[[each["LOGGER"] for each in told].index("told") + 1 :]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_line_that_cannot_be_opened(family: str, journal: JournalSocket) -> None:
    tries = run_warped(lost_and_back(family, World.pull, lambda at: setattr(at.door, "open", True)))
    assert tries > 6
    lost, back = since_lost(journal)
    assert lost.items() >= {"DEVICE": family, "CODE": "unplugged", "PRIORITY": "4"}.items()
    assert back.items() >= {"DEVICE": family, "CODE": "unplugged", "PRIORITY": "6"}.items()
    assert back["MESSAGE"].startswith("device: online ")
    assert float(back["AWAY_S"]) > AWAY_S


@pytest.mark.parametrize("family", SILENT)
def test_a_device_that_does_not_answer(family: str, journal: JournalSocket) -> None:
    tries = run_warped(
        lost_and_back(
            family,
            lambda at: setattr(at.sick, "ills", Ills(mute=True)),
            lambda at: setattr(at.sick, "ills", WELL),
        )
    )
    assert tries >= 3
    lost, back = since_lost(journal)
    assert (lost["DEVICE"], back["DEVICE"]) == (family, family)
    assert lost["CODE"] == back["CODE"]
    assert (lost["PRIORITY"], back["PRIORITY"]) == ("4", "6")


def test_a_condition_is_told_when_it_comes_and_when_it_is_over(journal: JournalSocket) -> None:
    async def story() -> None:
        async with world("printer", model=seeds.MODELS["printer"]) as at:
            await at.live(seeds.SETTLED_S)
            for paper in ("out", "ok") * 2:
                at.sim.set_paper(paper)
                await at.live(60.0)

    run_warped(story())
    told = [each for each in journal.entries() if each.get("CODE") == "paper_out"]
    assert [each["PRIORITY"] for each in told] == ["4", "6"] * 2
    assert [each["MESSAGE"].startswith("device: over: ") for each in told] == [False, True] * 2
