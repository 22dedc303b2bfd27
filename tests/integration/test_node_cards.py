"""Identity cards through the real daemon: to the session that asked, and to nothing else on the machine."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import PHOTO, Card, made_up_number, permit, resident
from edge.control import ControlClient
from edge.ids import new_id
from edge.wire import PERSONAL, Reply, Topics, reply_topic
from tests.card_kit import DEVICE, HALL, NODE, Kiosk, kiosk_at
from tests.integration.brokers import Observer, observing, running

FIND, READ = (0x20, 0x01), (0x30, 0x01)
TOPICS = Topics(HALL, NODE)


def fast() -> SdtSim:
    return SdtSim(find_s=0.02, select_s=0.02, read_s=0.3)


@asynccontextmanager
async def hall(folder: Path) -> AsyncIterator[tuple[Kiosk, Observer]]:
    """With everything logged that can be, and somebody who hears all of MQTT."""
    with running("mosquitto", folder) as broker:
        async with (
            observing(broker.broker, "#") as seen,
            kiosk_at(folder, broker.url, fast(), "--verbose") as kiosk,
        ):
            told = TOPICS.device(DEVICE)  # once it hears commands: the broker keeps none for it
            await seen.until(lambda: bool(seen.on(told)))
            yield kiosk, seen


def traces(cards: Iterable[Card]) -> list[bytes]:
    """What would give a card away, in the encodings in which it could stand somewhere."""
    said = [card.parts[at][0] for card in cards for at in (0, 4, 5)]
    found = [text.encode(coding) for text in said for coding in ("utf-8", "utf-16-le", "unicode_escape")]
    return [*found, *(text.encode("utf-16-le").hex(" ").encode() for text in said), PHOTO[:64]]


async def check_nowhere(kiosk: Kiosk, seen: Observer, cards: Iterable[Card]) -> None:
    """Neither in a file of the node, the log and the store's among them, nor in any message."""
    await seen.quiet(0.5)
    wrong = traces(cards)
    files = [path for path in kiosk.folder.rglob("*") if path.is_file()]
    assert {"hall.db", "daemon.log"} <= {path.name for path in files}
    told = {path.name: path.read_bytes() for path in files}
    told |= {f"{message.topic} {n}": message.payload for n, message in enumerate(seen.messages)}
    assert [(where, trace) for where, data in told.items() for trace in wrong if trace in data] == []


async def until(true: Callable[[], bool], limit_s: float = 60.0) -> None:
    async with asyncio.timeout(limit_s):
        while not true():  # noqa: ASYNC110 a simulator sets no Event
            await asyncio.sleep(0.01)


async def test_a_card_goes_to_the_session_that_asked_and_nowhere_else(tmp_path: Path) -> None:
    async with hall(tmp_path) as (kiosk, seen):
        assert FIND not in kiosk.sim.asked, "nobody asks"
        asking = asyncio.create_task(kiosk.read("s-1"))
        await until(lambda: FIND in kiosk.sim.asked)
        kiosk.sim.put_card(resident())
        reply = await asking
        assert (reply.result, reply.data["session"], reply.data["kind"]) == ("done", "s-1", "resident")
        assert reply.data[PERSONAL]["name"] == resident().parts[0][0]
        assert reply.data[PERSONAL]["number"] == made_up_number()
        assert "personal" not in repr(reply)
        async with ControlClient(kiosk.socket) as client:
            args = {"device": DEVICE, "session": "s-2", "within_s": 1.0}
            again = await client.request("card.read", args, id=reply.id)
            assert (again.result, again.code) == ("failed", "no_card"), "a repeat is no way to an old answer"
        kiosk.sim.put_card(permit())
        assert (await kiosk.read("s-3")).data["kind"] == "permit"
        kiosk.sim.put_card(resident().spoilt(5, made_up_number()[:-1] + "0"))
        wrong = await kiosk.read("s-4")
        assert (wrong.result, wrong.code) == ("failed", "check_digit")
        assert "再放一次" in wrong.zh
        assert wrong.en
        await kiosk.daemon.stop()
        log = kiosk.daemon.said()
        assert "card.read: done" in log
        assert "session=s-1" in log
        await check_nowhere(kiosk, seen, [resident(), permit()])


@pytest.mark.few
async def test_over_mqtt_nothing_is_read(tmp_path: Path) -> None:
    async with hall(tmp_path) as (kiosk, seen):
        kiosk.sim.put_card(resident())
        for verb in ("card.read", "code.read"):
            request_id = new_id()
            where = reply_topic("local-0", request_id)  # by the name of somebody on the socket
            asked = {
                "id": request_id,
                "verb": verb,
                "reply_to": where,
                "args": {"device": DEVICE, "session": "s"},
            }
            await seen.connection.publish(TOPICS.command(verb), json.dumps(asked).encode())
            await seen.until(lambda where=where: bool(seen.on(where)))  # type: ignore[misc]
            reply = Reply.model_validate_json(seen.on(where)[-1])
            assert (reply.result, reply.code) == ("rejected", "local_only")
            assert reply.zh
        assert FIND not in kiosk.sim.asked
        await check_nowhere(kiosk, seen, [resident()])


async def test_a_connection_that_ends_ends_its_reading(tmp_path: Path) -> None:
    async with hall(tmp_path) as (kiosk, seen):
        asking = asyncio.create_task(kiosk.read("s-1", 60.0))
        await until(lambda: FIND in kiosk.sim.asked)
        busy = await kiosk.read("s-2")
        assert (busy.result, busy.code) == ("rejected", "busy")
        asking.cancel()
        await asyncio.wait({asking})
        await until(lambda: "card.read: withdrawn" in kiosk.daemon.said())
        finds = Counter(kiosk.sim.asked)[FIND]
        kiosk.sim.put_card(resident())
        await asyncio.sleep(1.0)
        assert Counter(kiosk.sim.asked)[FIND] <= finds + 1, "one may have been on its way"
        assert READ not in kiosk.sim.asked
        asking = asyncio.create_task(kiosk.read("s-3", 60.0))
        await kiosk.sim.reading.wait()
        asking.cancel()  # in the middle of a card
        await asyncio.wait({asking})
        kiosk.sim.put_card(permit())
        assert (await kiosk.read("s-4")).data["kind"] == "permit", "never the card of the one before"
        await check_nowhere(kiosk, seen, [resident(), permit()])
