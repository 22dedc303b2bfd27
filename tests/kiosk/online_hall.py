"""A kiosk before the real daemon with its printer, reader and scanner, and on the other side a sandbox of the
services of any hour."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import Card, made_up_number, resident
from edge.upstream.sandbox.bank import Payment
from edge.upstream.sandbox.service import Service
from kiosk_ui.actions import Language
from kiosk_ui.i18n import tr
from tests.kiosk.process_kit import Driven, driven, memory_has
from tests.node_kit import Node, config_text, hall_at, noon_zone
from tests.upstream.kit import sandbox

NOBODY = "mqtt://127.0.0.1:9"  # no broker: a hall works without
CONFIG = (
    config_text(printer_settings="job_timeout_s = 20")
    + """
[[kiosk]]
id = "kiosk-1"

[[device]]
id = "scanner"
driver = "newland"
model = "newland-serial"
url = "serial://${HALL_TTY_SCANNER}?baud=9600"

[[device]]
id = "id-reader"
driver = "sdt"
model = "sdt-serial"
url = "serial://${HALL_TTY_READER}?baud=115200"

[upstream]
url = "UPSTREAM"
timeout_s = TIMEOUT
"""
)
CARD: Card = resident()
NAME, NUMBER = CARD.parts[0][0], made_up_number()
MASKED = f"{NAME[0]}*{NAME[-1]}", f"{NUMBER[:3]}{'*' * 11}{NUMBER[-4:]}"


@dataclass
class At:
    """Before the kiosk, in one's own language and by one's own way."""

    folder: Path
    node: Node
    kiosk: Driven
    service: Service
    url: str
    by: str
    language: Language

    async def press(self, *controls: str) -> dict[str, Any]:
        return await (self.kiosk.tap if self.by == "touch" else self.kiosk.key)(*controls)

    @property
    def first(self) -> tuple[str, ...]:
        """What one touches first."""
        return ("language",) if self.language == "en" else ()

    async def begin(self) -> None:
        await self.press(*self.first, "open-online")
        await self.reads("sandbox")

    async def reads(self, key: str, **values: object) -> dict[str, Any]:
        """Until the page says so."""
        words = tr(self.language, key, **values)
        return await self.kiosk.until(lambda found: words in found["text"] and not found["working"])

    async def said(self, key: str) -> None:
        await self.reads(key)
        await self.press("ok")

    async def card(self, control: str) -> None:
        """Asked for, it is laid on the reader, and taken away again once it was read."""
        await self.press(control)
        reader = next(iter(self.node.rig.of(SdtSim).values()))
        reader.put_card(CARD)
        await self.kiosk.until(lambda found: found["personal"][1] or found["said"])
        reader.take_card()
        assert (await self.kiosk.look())["personal"] == [*MASKED]

    async def at(self, screen: str) -> dict[str, Any]:
        return await self.kiosk.until(lambda found: found["screen"] == screen and not found["working"])

    async def has_readers(self) -> bool:
        told = (await self.node.ask("kiosk.view")).data
        return bool(told["card_readers"] and told["scanners"] and told["online"]["up"])

    async def payment(self) -> Payment:
        """The one that is under way there."""
        return self.service.bank.all()[-1]

    @property
    def paper(self) -> str:
        return "\n".join("\n".join(slip.text) for slip in self.node.slips)


def made_up() -> Service:
    """Whose day is the hall's."""
    return Service(zone=noon_zone())


@asynccontextmanager
async def hall(
    folder: Path,
    by: str = "touch",
    language: Language = "zh",
    service: Service | None = None,
    timeout_s: float = 3.0,
) -> AsyncIterator[At]:
    service = service or made_up()
    async with sandbox(service) as url:
        config = CONFIG.replace("UPSTREAM", url).replace("TIMEOUT", str(timeout_s))
        async with (
            hall_at(folder, NOBODY, hub=None, config=config) as node,
            driven(node.socket, folder) as kiosk,
        ):
            await kiosk.until(lambda found: "测试大厅" in found["text"])
            await kiosk.tap("wake")
            await kiosk.until(lambda found: "open-online" in found["ids"])
            at = At(folder, node, kiosk, service, url, by, language)
            await until(at.has_readers)
            yield at


async def until(holds: Callable[[], Awaitable[object]], limit_s: float = 60.0) -> None:
    async with asyncio.timeout(limit_s):
        while not await holds():  # noqa: ASYNC110 the kiosk sets no Event for a test
            await asyncio.sleep(0.05)


async def no_trace(at: At) -> None:
    """K9, K10: of who was there nothing is left, neither in a memory nor on the glass nor in a file."""
    await at.kiosk.say("do finish")
    assert (await at.kiosk.look())["personal"] == ["", ""]
    await until(lambda: drawn_afresh(at.kiosk))
    traces = [text.encode(code) for text in (NUMBER, NAME) for code in ("utf-8", "utf-16-le", "utf-32-le")]
    for pid in (at.kiosk.process.pid, at.node.daemon.pid):
        assert memory_has(pid, *traces) == set()
    files = {path.name: path.read_bytes() for path in at.folder.rglob("*") if path.is_file()}
    assert {"hall.db", "daemon.log", "kiosk.log"} <= set(files)
    assert [(where, trace) for where, data in files.items() for trace in traces if trace in data] == []
    assert NUMBER not in at.paper and NAME not in at.paper


async def drawn_afresh(kiosk: Driven) -> bool:
    glass = await kiosk.say("glass")
    return bool(glass["shown"] == glass["wanted"])


async def declare(at: At) -> None:
    """Until the sum is on the page."""
    await at.begin()
    await at.card("open-tax")
    found = await at.at("tax")
    owed = next(each for each in found["ids"] if each.startswith("tax-"))
    if "next" not in found["ids"]:
        await at.press(owed)
    await at.press("next")
    await at.at("tax_check")
    await at.press("declare")
    await at.at("tax_sum")
