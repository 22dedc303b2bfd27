"""What a link's URL may say, and what is said of one that cannot work."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from drivers.api import BadSettings, Link, Simulator
from drivers.transport import SCHEMES, check_url, open_link
from drivers.transport.faults import Faults
from drivers.transport.faults import parse as parse_faults
from drivers.transport.losses import CONDITIONS, lost, lost_by
from drivers.transport.query import Query
from drivers.transport.serial import parse as parse_serial
from drivers.transport.sick import Ills
from drivers.transport.sick import parse as parse_ills
from drivers.transport.tcp import parse as parse_tcp

GOOD = [
    "serial:///dev/ttyUSB0",
    "serial:///dev/serial/by-id/usb-1a86?baud=115200&parity=E&stop=2&rtscts=1&bits=7&xonxoff=1",
    "serial:///dev/ttyS0?write_timeout_s=10",
    "usblp:///dev/usb/lp0",
    "usblp:///dev/usb/lp0?write_timeout_s=10&fault=bytewise",
    "tcp://192.168.1.50:9100",
    "tcp://[::1]:9100?connect_timeout_s=1",
    "tls://192.168.1.60:443?ca=/etc/hall-edge/terminals.pem&name=atm-1",
    "host://192.168.1.60",
    "lan://",
    "lan://?connect_timeout_s=2",
    "host://192.168.1.60?tls=1&ca=/etc/hall-edge/terminals.pem",
    "sim://printer",
    "sim://bus68?windows=6&fault=bytewise,lossy&loss=0.05&seed=7",
    "sim://printer?sick=late,split,noise,echo,drop,stuck,mute,bad_check,cut,twin&late_s=0.5&answers=3",
    "serial:///dev/ttyUSB0?fault=slow&delay_s=0.5",
]

BAD = [  # and what the technician must be told
    ("http://printer", "unknown scheme 'http'"),
    ("", "unknown scheme ''"),
    ("serial://ttyUSB0", "no absolute path"),
    ("serial://", "no absolute path"),
    ("serial:///dev/ttyS0?baud=fast", "baud=fast"),
    ("serial:///dev/ttyS0?baud=0", "baud=0"),
    ("serial:///dev/ttyS0?baud=9600.5", "baud=9600.5"),
    ("serial:///dev/ttyS0?parity=X", "parity=X"),
    ("serial:///dev/ttyS0?rtscts=yes", "rtscts=yes"),
    ("serial:///dev/ttyS0?speed=9600", "unknown option speed"),
    ("serial:///dev/ttyS0?baud=9600&baud=9600", "given twice"),
    ("serial:///dev/ttyS0?baud", "bad query field"),
    ("serial:///dev/ttyS0?loss=0.1", "unknown option loss"),
    ("serial:///dev/ttyS0?fault=bytewise&loss=0.1", "unknown option loss"),
    ("serial:///dev/ttyS0?fault=sabotage", "fault=sabotage"),
    ("serial:///dev/ttyS0?fault=lossy&loss=2", "loss=2"),
    ("serial:///dev/ttyS0?fault=lossy&loss=nan", "loss=nan"),
    ("serial:///" + "x" * 2000, "longer than"),
    ("usblp://lp0", "no absolute path"),
    ("usblp:///dev/usb/lp0?baud=9600", "unknown option baud"),
    ("usblp:///dev/usb/lp0?write_timeout_s=0", "write_timeout_s=0"),
    ("tcp://printer", "no host and port"),
    ("tcp://printer:0", "no host and port"),
    ("tcp://printer:70000", "out of range"),
    ("tcp://:9100", "no host and port"),
    ("tcp://printer:9100/path", "no host and port"),
    ("tcp://printer:9100?ca=/etc/ca.pem", "unknown option ca"),
    ("tls://printer", "no host and port"),
    ("host://terminal:80", "not a host alone"),
    ("lan://terminal", "a machine of its own"),
    ("host://", "not a host alone"),
    ("host://terminal?ca=/etc/ca.pem", "unknown option ca"),
    ("sim://", "no family"),
    ("sim://printer?sick=cough", "sick=cough"),
    ("sim://printer?sick=late&late_s=61", "late_s=61"),
    ("sim://printer?sick=drop&drop_after=0", "drop_after=0"),
    ("serial:///dev/ttyS0?sick=late", "unknown option sick"),
]


@pytest.mark.parametrize("url", GOOD)
def test_a_good_url_is_accepted_without_opening_anything(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(("url", "reason"), BAD)
async def test_a_bad_url_is_refused_with_its_reason_and_what_would_be_right(url: str, reason: str) -> None:
    with pytest.raises(BadSettings) as checked:
        check_url(url)
    with pytest.raises(BadSettings) as opened:
        await open_link(url, simulate=_never)
    for error in (checked.value, opened.value):
        assert reason in str(error)
        assert error.remedy


def test_an_unknown_scheme_names_those_there_are() -> None:
    with pytest.raises(BadSettings) as error:
        check_url("usb://printer")
    assert SCHEMES
    for scheme in SCHEMES:
        assert f"{scheme}://" in error.value.remedy


async def test_simulators_are_refused_where_none_are_allowed() -> None:
    with pytest.raises(BadSettings, match="not allowed"):
        await open_link("sim://printer")


def test_serial_options_reach_the_settings() -> None:
    settings = parse_serial(Query("serial:///dev/ttyS1?baud=57600&parity=O&stop=2&bits=7&rtscts=1"))
    assert (settings.path, settings.baud, settings.bits) == ("/dev/ttyS1", 57600, 7)
    assert (settings.parity, settings.stop, settings.rtscts, settings.xonxoff) == ("O", 2, True, False)


def test_a_character_takes_its_start_parity_and_stop_bits_too() -> None:
    assert parse_serial(Query("serial:///dev/ttyS0?baud=9600")).character_s == pytest.approx(10 / 9600)
    seven = parse_serial(Query("serial:///dev/ttyS0?baud=1200&bits=7&parity=E&stop=2"))
    assert seven.character_s == pytest.approx(11 / 1200)


def test_tcp_options_reach_the_settings() -> None:
    settings = parse_tcp(Query("tcp://[fe80::1]:9100?write_timeout_s=7"))
    assert (settings.host, settings.port, settings.write_timeout_s) == ("fe80::1", 9100, 7.0)


def test_fault_options_reach_the_faults_and_leave_the_rest() -> None:
    query = Query("sim://x?fault=lossy,flip,unplug&loss=0.25&unplug_after=9&seed=3&paper=out")
    assert parse_faults(query) == Faults(loss=0.25, flip=0.01, unplug_after=9, seed=3)
    assert query.rest() == {"paper": "out"}


def test_without_a_fault_the_seed_is_the_simulators_own() -> None:
    query = Query("sim://x?seed=3")
    assert parse_faults(query) is None
    assert query.rest() == {"seed": "3"}


def test_sick_options_reach_the_ills_and_leave_the_rest() -> None:
    query = Query("sim://x?sick=late,bad_check,drop,twin&late_s=0.5&drop_after=9&seed=3&noise=0.5")
    assert parse_ills(query) == (Ills(late_s=0.5, bad_check=0.1, drop_after=9, twin_s=0.005), 3)
    assert query.rest() == {"noise": "0.5"}  # it is not sick with noise: the option is the simulator's own


def test_a_sickness_may_last_for_some_answers_only() -> None:
    query = Query("sim://x?sick=mute,cut&cut=1&answers=2")
    assert parse_ills(query) == (Ills(mute=True, cut=1.0, answers=2), 0)
    assert query.rest() == {}


def test_every_loss_is_told_in_both_languages_with_a_remedy() -> None:
    codes = [spec.code for spec in CONDITIONS]
    assert len(codes) == len(set(codes))
    for spec in CONDITIONS:
        assert all((spec.zh, spec.en, spec.remedy_zh, spec.remedy_en))
        loss = lost("tcp://x:1", spec.code, "detail")
        assert (loss.code, loss.remedy) == (spec.code, spec.remedy_en)
        assert str(loss) == f"tcp://x:1: {spec.en} (detail)"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(2, "No such file or directory"), "port_missing"),
        (OSError(13, "Permission denied"), "port_denied"),
        (OSError(11, "Resource temporarily unavailable"), "port_busy"),
        (OSError(19, "No such device"), "unplugged"),
        (OSError(5, "Input/output error"), "unplugged"),
        (OSError(111, "Connection refused"), "peer_refused"),
        (OSError(113, "No route to host"), "peer_unreachable"),
        (OSError("no number"), "link_lost"),
        (OSError(9999, "unheard of"), "link_lost"),
    ],
)
def test_an_error_of_the_system_has_its_cause(error: OSError, code: str) -> None:
    assert lost_by("serial:///dev/ttyS0", error).code == code


def _never(family: str, params: Mapping[str, str]) -> Simulator:
    raise AssertionError("no simulator is made for a bad URL")


class _Parrot:
    """Says back what it hears."""

    async def run(self, link: Link) -> None:
        while True:
            await link.write(await link.read())


async def test_open_link_gives_the_simulator_its_family_and_options_and_wraps_the_faults() -> None:
    asked: list[tuple[str, Mapping[str, str]]] = []

    def simulate(family: str, params: Mapping[str, str]) -> Simulator:
        asked.append((family, dict(params)))
        return _Parrot()

    link = await open_link("sim://printer?paper=low&fault=bytewise", simulate)
    await link.write(b"abc")
    assert [await link.read() for _ in range(3)] == [b"a", b"b", b"c"]
    assert asked == [("printer", {"paper": "low"})]
    await link.close()
