"""What a terminal that speaks XFS4IoT tells, and how soon."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from drivers.api import Identity, LinkLost
from drivers.messages import CheckHealth, Outcome, Result
from drivers.transport.sick import Ills
from drivers.xfs4iot.driver import TerminalDriver
from drivers.xfs4iot.settings import TerminalSettings
from drivers.xfs4iot.sim import Edition, TerminalSim
from tests.protocol.doubles_xfs4iot import bench
from tests.protocol.test_conformance_xfs4iot import LATER
from tests.warped import warped

EDITIONS: dict[Edition, TerminalSettings] = {"2021-1": TerminalSettings(), "3.0": LATER}
SOON_S = 1.0  # for what a service tells by itself
POLLED_S = 12.0  # for what is only told when it is asked


@pytest.mark.parametrize("edition", EDITIONS)
@warped
async def test_a_healthy_terminal_says_who_it_is_and_how(edition: Edition) -> None:
    async with bench(TerminalSim(edition=edition), EDITIONS[edition]) as b:
        await b.ready()
        assert b.ctx.own.identities == [Identity("Acme CardReader 42", "1.0.12.05", "1.0.1.2")]
        assert b.attributes == {
            "printer": "ok",
            "card_reader": "empty",
            "paper": "full",
            "door": "closed",
            "vendor": "ACME ATM Hardware GmbH",
            "services": "Auxiliaries, CardReader, Printer",
        }
        await b.shows()


@warped
async def test_asked_at_once_it_answers_for_all_its_services_or_not() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.set_paper("low")
        before_s = b.now_s
        well = b.ctx.order(CheckHealth())
        await b.until(lambda: bool(well.outcomes))
        assert well.outcomes == [Outcome(Result.DONE)]
        assert b.now_s - before_s < SOON_S, "not only when its turn comes"
        b.sim.hang()
        hung = b.ctx.order(CheckHealth())
        await b.until(lambda: bool(hung.outcomes))
        assert hung.outcomes == [Outcome(Result.UNKNOWN, "service_silent")]


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    ("spoil", "mend", "code", "attributes"),
    [
        (lambda s: s.set_paper("low"), lambda s: s.set_paper("full"), "paper_low", {"paper": "low"}),
        (lambda s: s.set_paper("out"), lambda s: s.set_paper("full"), "paper_out", {"paper": "out"}),
        (lambda s: s.set_paper("jammed"), lambda s: s.set_paper("full"), "paper_jammed", {"paper": "jammed"}),
        (
            lambda s: s.set_paper("out", "tray7"),
            lambda s: s.set_paper("full", "tray7"),
            "paper_out",
            {"paper": "out"},
        ),
        (lambda s: s.jam(), lambda s: s.jam(False), "paper_jammed", {"paper": "full"}),
        (lambda s: s.stick_card(), lambda s: s.take_card(), "card_stuck", {"card_reader": "jammed"}),
        (
            lambda s: s.set_chip("inoperable"),
            lambda s: s.set_chip("ok"),
            "card_reader_fault",
            {"card_reader": "empty"},
        ),
        (lambda s: s.set_door("open"), lambda s: s.set_door("locked"), "door_open", {"door": "open"}),
        (
            lambda s: s.set_door("tampered"),
            lambda s: s.set_door("locked"),
            "door_tampered",
            {"door": "tampered"},
        ),
        *(
            (
                lambda s, state=state: s.set_device("CardReader", state),
                lambda s: s.set_device("CardReader", "online"),
                code,
                {"card_reader": word},
            )
            for state, code, word in [
                ("hardwareError", "hardware_error", "hardware_error"),
                ("userError", "user_error", "user_error"),
                ("fraudAttempt", "fraud_attempt", "fraud_attempt"),
                ("potentialFraud", "fraud_suspected", "potential_fraud"),
                ("offline", "out_of_service", "offline"),
                ("powerOff", "out_of_service", "power_off"),
                ("starting", "starting", "starting"),
            ]
        ),
        (
            lambda s: s.out_of_service(),
            lambda s: s.out_of_service(False),
            "out_of_service",
            {"printer": "offline"},
        ),
    ],
)
@warped
async def test_what_goes_wrong_is_told_at_once_and_taken_back(
    edition: Edition,
    spoil: Callable[[TerminalSim], None],
    mend: Callable[[TerminalSim], None],
    code: str,
    attributes: dict[str, str],
) -> None:
    async with bench(TerminalSim(edition=edition), EDITIONS[edition]) as b:
        await b.ready()
        spoil(b.sim)
        assert await b.shows(code) < SOON_S
        assert attributes.items() <= b.attributes.items()
        mend(b.sim)
        assert await b.shows() < SOON_S
        assert (b.attributes["paper"], b.attributes["door"], b.attributes["printer"]) == (
            "full",
            "closed",
            "ok",
        )


@warped
async def test_an_event_that_says_one_thing_leaves_the_rest_as_it_was() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.set_paper("low")
        b.sim.jam()
        b.sim.set_device("Printer", "hardwareError")
        await b.shows("paper_low", "paper_jammed", "hardware_error")
        b.sim.set_device("Printer", "online")
        await b.shows("paper_low", "paper_jammed")


@warped
async def test_what_no_event_tells_is_seen_by_asking() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.toner = "out"
        assert await b.shows("toner_out") <= POLLED_S
        b.sim.toner = "low"
        assert await b.shows("toner_low") <= POLLED_S
        b.sim.refuses["Printer"] = "deviceNotReady"
        await b.shows("toner_low", "command_failed")
        assert b.detail("command_failed") == "Printer: deviceNotReady"
        b.sim.refuses["Printer"] = "fraudAttempt"
        await b.shows("toner_low", "fraud_attempt")
        b.sim.refuses.clear()
        b.sim.toner = "full"
        await b.shows()


@warped
async def test_the_last_citizen_is_when_a_card_or_a_receipt_was_moved() -> None:
    async with bench() as b:
        await b.ready()
        assert "last_citizen" not in b.attributes
        b.sim.put_card()
        await b.until(lambda: "last_citizen" in b.attributes)
        first = b.attributes["last_citizen"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first)
        await b.ctx.clock.sleep(20)
        assert b.attributes["last_citizen"] == first
        b.sim.print_receipt()
        await b.until(lambda: b.attributes["last_citizen"] > first)


@warped
async def test_a_card_that_stays_is_left_behind() -> None:
    async with bench(settings=TerminalSettings(card_limit_s=120)) as b:
        await b.ready()
        b.sim.put_card()
        assert 120 <= await b.until(lambda: "card_left" in b.ctx.own.conditions, 200) <= 131
        b.sim.take_card()
        assert await b.shows() < SOON_S


@warped
async def test_a_service_that_it_should_have_is_missed() -> None:
    async with bench(TerminalSim(services=("Printer",))) as b:
        await b.shows("service_missing")
        assert b.detail("service_missing") == "CardReader"
        assert b.attributes["services"] == "Printer"


@warped
async def test_a_service_for_a_part_that_is_not_there_is_missed_too() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.set_device("CardReader", "noDevice")
        await b.shows("service_missing")
    async with bench(settings=TerminalSettings(expects=())) as b:
        await b.ready()
        b.sim.set_device("CardReader", "noDevice")
        await b.until(lambda: b.attributes["card_reader"] == "no_device")
        await b.shows()


@warped
async def test_a_terminal_without_any_service_cannot_be_watched() -> None:
    async with bench(TerminalSim(services=())) as b:
        error = await b.ends()
        assert getattr(error, "code", "") == "service_missing"


# --- silence ---
@warped
async def test_a_dead_terminal_is_seen_within_20_seconds() -> None:
    """At the worst moment: just after it has answered."""
    async with bench() as b:
        await b.ready()
        asked = b.sim.asked.count("Common.Status")
        await b.until(lambda: b.ctx.alive_count > 0 and b.sim.asked.count("Common.Status") >= asked + 3)
        died_s = b.now_s
        b.sim.hang()
        error = await b.ends()
        assert isinstance(error, LinkLost)
        assert error.code == "service_silent"
        assert b.now_s - died_s <= 20


@warped
async def test_a_terminal_whose_lines_break_is_seen_at_once() -> None:
    async with bench() as b:
        await b.ready()
        for line in b.ports.lines:
            await line.far.close()
        broke_s = b.now_s
        assert isinstance(await b.ends(), LinkLost)
        assert b.now_s - broke_s < SOON_S


@warped
async def test_since_when_it_is_away_is_told_until_it_is_back() -> None:
    driver = TerminalDriver()
    async with bench(driver=driver) as b:
        await b.ready()
        assert "offline_since" not in b.attributes
        b.sim.hang()
        await b.ends()
        since = b.attributes["offline_since"]
    async with bench(driver=driver, at={}) as b:  # not even a port is open
        await b.ends()
        assert b.attributes["offline_since"] == since
    async with bench(driver=driver) as b:
        await b.ready()
        assert "offline_since" not in b.attributes


@warped
async def test_a_terminal_that_was_never_there_is_away_since_no_time() -> None:
    async with bench(at={}) as b:
        await b.ends()
        assert "offline_since" not in b.attributes


@warped
async def test_one_service_that_hangs_is_told_while_the_others_go_on_and_comes_back_by_itself() -> None:
    async with bench() as b:
        await b.ready()
        b.sim.hang("Printer")
        assert await b.shows("service_silent") <= 20
        assert b.detail("service_silent").startswith("Printer: no answer to Common.Status")
        b.sim.set_door("open")
        assert await b.shows("service_silent", "door_open") < SOON_S
        b.sim.set_door("locked")
        b.sim.hang("Printer", on=False)
        await b.shows()
        assert b.attributes["printer"] == "ok"


@warped
async def test_a_late_answer_is_one() -> None:
    async with bench() as b:
        await b.ready()
        b.sick.ills = Ills(late_s=3.0)
        await b.ctx.clock.sleep(60)
        await b.shows()
