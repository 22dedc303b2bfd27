"""From a card that is laid on the reader to its fields at the session that asked, through the real daemon."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import resident
from edge.wire import PERSONAL
from tests.bench.model import Figure, Result, Series
from tests.card_kit import BAUD, kiosk_at
from tests.integration.brokers import running

LIMIT_MS = 2500.0
POLL_S = 0.3  # from one look for a card to the next, by the module's documents
REQUEST_BYTES = 10
REPLY_BYTES = 15 + 19 + 1295  # found, selected, the card
PATIENCE_S = 20.0


def floor_s(sim: SdtSim) -> float:
    """What no program can be faster than: the reader's own time, and requests and replies on the line."""
    line_s = (3 * REQUEST_BYTES + REPLY_BYTES) * 10 / BAUD
    return sim.find_s + sim.select_s + sim.read_s + line_s


async def measure(folder: Path, cards: int) -> Result:
    """`cards` one after the other, each laid on at a random moment of the search."""
    folder.mkdir(parents=True)
    series, chance, sim = Series("card laid on → fields in the session"), random.Random(3), SdtSim()
    with running("nats", folder) as broker:
        async with kiosk_at(folder / "node", broker.url, sim) as kiosk:
            for number in range(cards):
                sim.take_card()
                card = resident(name=f"样卡{number}")
                looks = len(sim.asked)
                asking = asyncio.create_task(kiosk.read(f"bench-{number}", PATIENCE_S))
                async with asyncio.timeout(PATIENCE_S):
                    while len(sim.asked) < looks + 2:  # noqa: ASYNC110 a simulator sets no Event
                        await asyncio.sleep(0.01)
                await asyncio.sleep(chance.uniform(0, 2 * POLL_S))
                began_s = asyncio.get_running_loop().time()
                sim.put_card(card)
                reply = await asking
                series.values_s.append(asyncio.get_running_loop().time() - began_s)
                if reply.result != "done" or reply.data[PERSONAL]["name"] != card.parts[0][0]:
                    raise RuntimeError(f"card {number} was not read: {reply.result} {reply.code}")
    return _result(series, sim)


def _result(series: Series, sim: SdtSim) -> Result:
    floor_ms, name = 1000 * floor_s(sim), "reader's own time and the line"
    times = f"find {sim.find_s * 1000:.0f}, select {sim.select_s * 1000:.0f}, read {sim.read_s * 1000:.0f} ms"
    return Result(
        "Identity card → fields in the session",
        (
            Figure("card → fields, p50", "ms", series.p50, floor_ms, name),
            Figure("card → fields, p99", "ms", series.p99, floor_ms, name, below=LIMIT_MS),
        ),
        (series,),
        (
            f"floor, computed: {times} (assumed: the documents give time-outs only) and "
            f"{3 * REQUEST_BYTES + REPLY_BYTES} bytes at {BAUD} baud",
            f"a card is looked for every {POLL_S * 1000:.0f} ms: half of that on average is not in the floor",
            "one connection for each session, as a kiosk has it; the connection is open when the card comes",
        ),
    )
