"""How all devices of a hall were in the last days, on its page: strips, and the table of the same."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from edge.console.settings import ConsoleSettings
from edge.console.sums.follower import Follower
from tests.console.accounts_kit import served
from tests.console.days import Hall
from tests.console.test_pages_fleet import fill
from tests.report_kit import Node, keep, wall

NOW_S = wall("2026-10-14 13:00")  # a Wednesday
DEVICES = tuple(f"pad-{n}" for n in range(1, 31))


def went_away(node: Node, device: str, day: str, hours: float) -> None:
    for at, state in ((wall(f"{day} 10:00"), "backoff"), (wall(f"{day} 10:00") + 3600 * hours, "online")):
        node.at = at
        node.tell("device.changed", device=device, state=state, conditions=[])


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_worst_are_drawn_first_and_the_table_has_all(tmp_path: Path, lang: str) -> None:
    hall = Hall("county", "node-1", 1, DEVICES, seed=5)
    hall.open(date(2026, 10, 12), 1, NOW_S)
    went_away(hall.node, "pad-30", "2026-10-13", 3.5)
    store = keep(tmp_path / "hub.db", hall.node)
    with closing(Follower(store, ConsoleSettings().zone, lambda: NOW_S)) as follower:
        follower.catch_up()
    async with served(tmp_path) as pages:
        pages.clock.now = NOW_S
        fill(pages)
        pages.account("boss")
        text = (await (await pages.logged_in("boss")).get(f"/halls/county?lang={lang}")).text
    title = {"zh": "设备近 7 天", "en": "Devices, last 7 days"}[lang]
    chart = text[text.index(f"<strong>{title}</strong>") :]
    chart = chart[: chart.index("</figure>")]
    drawn = re.findall(r"<title>(pad-\d+): [\d.]+ %</title>", chart[: chart.index("</svg>")])
    assert len(drawn) == 24
    assert drawn[0] == "pad-30", "away longest"
    rows = re.findall(r'<th scope="row">(pad-\d+)</th>', chart)
    assert sorted(rows) == sorted(DEVICES)
    assert rows[:24] == drawn
    assert {"zh": "另有 6 个没有画出", "en": "6 more are not drawn"}[lang] in chart
    assert re.search(r"pad-30</th>(<td class=\"n\">[^<]*</td>){4}<td class=\"n\">1</td>", chart), "once away"
