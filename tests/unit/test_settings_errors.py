"""A configuration with errors outside its devices: all are told, with their keys, and stop the start."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drivers.checking.problems import Problem
from edge.settings import ConfigError, Settings, load
from tests.unit.registry_kit import HEAD, WHOLE, entry_points, replaced, write

PRIORITY = '[[priority]]\nid = "elder"\nname = "老年人"\n'
BOTH = "strict = true\ncredit_min = 15\n"
ROW = '[[roster]]\ndays = ["workdays"]\nhours = ["08:30-12:00"]\n'
ROSTER = ROW + 'windows = ["1"]\n' + ROW


def day(days: str, hours: str = '"08:00-12:00"') -> str:
    return f"[[roster]]\ndays = [{days}]\nhours = [{hours}]\n"


def roster(days: str, others: str) -> str:
    """Two rows of hours that meet, where their days do."""
    return day(days) + day(others, '"11:00-13:00"')


def read(tmp_path: Path, text: str, **env: str) -> Settings:
    return load(write(tmp_path / "hall.toml", text), env=env, entry_points=entry_points())


def stops(tmp_path: Path, text: str, **env: str) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text, **env)
    return list(caught.value.problems)


# --- what stops the start ---
@pytest.mark.parametrize(
    "case",
    [
        ('id = "demo"\n', "", "hall.id", "is missing", "for example tax-1"),
        ('id = "demo"', 'id = "Demo Hall"', "hall.id", "not written", "matches"),
        (
            'id = "demo"',
            'id = "demo"\ntimezone = "Asia/Shangai"',
            "hall.timezone",
            "no time zone",
            "Asia/Shanghai?",
        ),
        ('id = "demo"', 'id = "demo"\ntimezone = "../etc"', "hall.timezone", "no time zone", "example"),
        ('id = "demo"', 'id = "demo"\ntimezone = "Asia"', "hall.timezone", "no time zone", "Asia/"),
        (
            'id = "demo"',
            'id = "demo"\nrating_limit_s = 1',
            "hall.rating_limit_s",
            "too small",
            "from 5 up to 600",
        ),
        (
            'id = "demo"',
            'id = "demo"\nlogin_requird = true',
            "hall.login_requird",
            "no such",
            "login_required?",
        ),
        ('id = "demo"', 'id = "demo"\ncall_hold_s = 0', "hall.call_hold_s", "too small", "from 1 up to 60"),
        ('id = "demo"', 'id = "demo"\nannounce_times = 9', "hall.announce_times", "too large", "3"),
        ('id = "demo"', 'id = "demo"\novertake_most = 0', "hall.overtake_most", "too small", "from 1"),
        ("[mqtt]", ROSTER + "[mqtt]", "roster[1].hours[0]", "overlaps roster[0] 08:30-12:00", "one row"),
        (
            'services = ["tax", "social"]',
            'services = ["tax"]',
            "service[1].id",
            "no window has",
            "[[window]]",
        ),
        (
            'services = ["tax", "social"]',
            'services = ["tax", "social", "*"]',
            "window[0].services[2]",
            "alone",
            "*",
        ),
        ("[mqtt]", roster('"workdays"', '"mon"') + "[mqtt]", "roster[1].hours[0]", "overlaps", ""),
        (
            "[mqtt]",
            roster('"sun", "2027-02-10"', '"2027-02-10"') + "[mqtt]",
            "roster[1].hours[0]",
            "over",
            "",
        ),
        ("[mqtt]", day('"freitag"') + "[mqtt]", "roster[0].days[0]", "no kind of day", "workdays"),
        ("[mqtt]", day('"2027-02-30"') + "[mqtt]", "roster[0].days[0]", "no kind of day", "2027-02-10"),
        ("[mqtt]", day('"20270210"') + "[mqtt]", "roster[0].days[0]", "no kind of day", "2027-02-10"),
        ("[mqtt]", day('"mon"', '"17:00-08:00"') + "[mqtt]", "roster[0].hours[0]", "does not end", "08:30"),
        (
            "[mqtt]",
            day('"mon"', '"08:00-10:00", "09:00-11:00"') + "[mqtt]",
            "roster[0].hours[1]",
            "overlaps 08:00-10:00",
            "",
        ),
        ("[mqtt]", ROW + 'windows = ["9"]\n[mqtt]', "roster[0].windows[0]", "not there", ""),
        (
            "[mqtt]",
            ROW + 'windows = ["2"]\nservices = ["social"]\n[mqtt]',
            "roster[0].services[0]",
            "is of none of its windows",
            "",
        ),
        ("[mqtt]", ROW + 'services = ["taxx"]\n[mqtt]', "roster[0].services[0]", "not there", "tax?"),
        ("[mqtt]", PRIORITY + "[mqtt]", "priority[0]", "one of strict and credit_min", "credit_min = 15"),
        ("[mqtt]", PRIORITY + BOTH + "[mqtt]", "priority[0]", "one of strict and credit_min", "= 15"),
        ("[mqtt]", 2 * (PRIORITY + "strict = true\n") + "[mqtt]", "priority[1].id", "has it already", ""),
        ("[mqtt]", '[voice]\nquiet = ["9:00-10:00"]\n[mqtt]', "voice.quiet[0]", "no span", "12:00-13:00"),
        ("[mqtt]", '[voice]\nquiet = ["09:00-24:01"]\n[mqtt]', "voice.quiet[0]", "no span", "12:00"),
        ("[mqtt]", '[voice]\nquiet = ["09:00-09:00"]\n[mqtt]', "voice.quiet[0]", "no span", "12:00-13:00"),
        ("[mqtt]", '[voice]\nvolumes = { "8" = 50 }\n[mqtt]', "voice.volumes.8", "no time of day", "08:00"),
        ("[mqtt]", '[voice]\nvolumes = { "08:00" = 101 }\n[mqtt]', "voice.volumes.08:00", "too large", "100"),
        ("[mqtt]", "[boards]\ncolumns = 4\n[mqtt]", "boards.columns", "too small", "from 8 up to 96"),
        ("[mqtt]", '[boards]\nnotice = "a\\nb"\n[mqtt]', "boards.notice", "not written", ""),
        ('name = "示范大厅"', 'name = ""', "hall.name", "too short", "at least 1"),
        ('store = "hall.db"', 'store = ""', "node.store", "is no path", "/var/lib"),
        ('store = "hall.db"', 'store = "${NOWHERE}/x"', "node.store", "no variable NOWHERE", "set it"),
        ('store = "hall.db"', 'store = "$HOME/x"', "node.store", "$ that names no variable", "${NAME}"),
        ('store = "hall.db"', "store = 5", "node.store", "wrong type", "text in quotes"),
        ('store = "hall.db"', 'store = "x"\nmetrics_port = 70000', "node.metrics_port", "too large", "65535"),
        ('store = "hall.db"', 'store = "x"\nmax_mb = "1024"', "node.max_mb", "wrong type", "a whole number"),
        (
            'store = "hall.db"',
            'store = "x"\nmax_mb = 99999999999999999999999',
            "node.max_mb",
            "too large",
            "65536",
        ),
        (
            'store = "hall.db"',
            'store = "x"\nkeep_days = 1979-05-27',
            "node.keep_days",
            "wrong type",
            "a whole number",
        ),
        ('["mqtt://127.0.0.1:1883"]', "[]", "mqtt.brokers", "too few", "at least 1"),
        ('["mqtt://127.0.0.1:1883"]', '"mqtt://h"', "mqtt.brokers", "wrong type", "a list"),
        ("mqtt://127.0.0.1:1883", "tcp://h", "mqtt.brokers[0]", "no broker's address", "mqtt://"),
        ("mqtt://127.0.0.1:1883", "mqtt://", "mqtt.brokers[0]", "no broker's address", "mqtt://"),
        ("mqtt://127.0.0.1:1883", "mqtt://h:0", "mqtt.brokers[0]", "no address", "mqtt://"),
        ("mqtt://127.0.0.1:1883", "mqtt://h:x", "mqtt.brokers[0]", "no address", "mqtt://"),
        ("mqtt://127.0.0.1:1883", "mqtt://[::1", "mqtt.brokers[0]", "no address", "mqtt://"),
        ("mqtt://127.0.0.1:1883", "mqtt://h/topic", "mqtt.brokers[0]", "after its port", "mqtt://h"),
        ("mqtt://127.0.0.1:1883", "mqtt://h:${PORT}", "mqtt.brokers[0]", "no variable PORT", "set it"),
        ("brokers", 'ack = "hubb"\nbrokers', "mqtt.ack", "choices", "did you mean hub?"),
        ("brokers", 'cert = "x"\nbrokers', "mqtt", "one of cert and key", "both"),
        ("brokers", 'ca = "x"\nbrokers', "mqtt", "no mqtts:// broker", "mqtts://"),
        ("brokers", 'password_file = "x"\nbrokers', "mqtt", "without a username", "username"),
        ("brokers", 'password = "hunter2"\nbrokers', "mqtt.password", "no such", "password_file?"),
        ('allow = ["slip", "line"]', 'alow = ["slip", "line"]', "drivers.alow", "no such", "allow?"),
        ('prefix = "A"', 'prefix = "a"', "service[0].prefix", "not written", "for example A"),
        ('prefix = "A"', 'prefix = "ABC"', "service[0].prefix", "not written", "for example A"),
        ('prefix = "A"', 'prefix = "B"', "service[1].prefix", "service[0] has it already", ""),
        ('id = "social"', 'id = "tax"', "service[1].id", "service[0] has it already", ""),
        (
            'services = ["tax"]',
            'services = ["taxx"]',
            "window[1].services[0]",
            "is no service",
            "did you mean tax?",
        ),
        ('services = ["tax"]', 'services = ["tax", "tax"]', "window[1].services[1]", "twice", ""),
        ('services = ["tax"]', "services = []", "window[1].services", "too few", "at least 1"),
        ('id = "2"', 'id = "1"', "window[1].id", "window[0] has it already", ""),
        ('printer = "slips"', 'printer = "slip"', "printing.printer", "is no device", "did you mean slips?"),
        ('printer = "slips"', 'printer = "bus"', "printing.printer", "cannot print", "slips"),
        ("[hall]", "[hal]\nx = 1\n[hall]", "hal", "no such table", "did you mean hall?"),
        ("[[service]]", "[[services]]\n[[service]]", "services", "no such table", "did you mean service?"),
    ],
)
def test_an_error_outside_the_devices_stops_the_start(
    tmp_path: Path, case: tuple[str, str, str, str, str]
) -> None:
    old, new, key, reason, hint = case
    found = {problem.key: problem for problem in stops(tmp_path, replaced(old, new))}
    assert key in found
    assert reason in found[key].reason.en
    assert hint in found[key].hint.en
    assert found[key].reason.zh != found[key].reason.en
    assert "hunter2" not in str(found[key])


def test_credentials_in_a_brokers_address_are_refused_and_not_shown(tmp_path: Path) -> None:
    text = replaced("mqtt://127.0.0.1:1883", "mqtt://me:hunter2@127.0.0.1:1883")
    (problem,) = stops(tmp_path, text)
    assert "holds credentials" in problem.reason.en
    assert "password_file" in problem.hint.en
    assert problem.value == '"mqtt://me:***@127.0.0.1:1883"'


@pytest.mark.parametrize("table", ["hall", "node", "mqtt", "service", "window", "device"])
def test_a_table_of_the_wrong_kind(tmp_path: Path, table: str) -> None:
    tables = re.split(r"(?m)^(?=\[)", WHOLE)
    kept = "".join(text for text in tables if not re.match(rf"\[+{table}\b", text))
    found = {p.key: p for p in stops(tmp_path, f"{table} = 3\n{kept}")}
    assert found[table].value == "3"


def test_a_table_where_a_list_of_tables_belongs(tmp_path: Path) -> None:
    text = "\n".join([HEAD.split("[[service]]")[0], "[service]", 'id = "tax"'])
    assert "[[service]]" in stops(tmp_path, text)[0].hint.en


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    text = (
        WHOLE.replace('id = "demo"', "")
        .replace("mqtt://127", "tcp://127")
        .replace('"A"', '"a"')
        .replace('services = ["tax"]', 'services = ["x"]')
        .replace("columns = 32", "columns = true")
        .replace("address = 2", "address = 999")
        .replace('printer = "slips"', 'printer = "nobody"')
    )
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "extra = 1\n" + text)
    assert sorted(p.key for p in caught.value.problems) == [
        "extra",
        "hall.id",
        "mqtt.brokers[0]",
        "printing.printer",
        "service[0].prefix",
        "window[1].services[0]",
    ]
    assert [p.key for device in caught.value.devices for p in device.all_problems()] == [
        "device[0].settings.columns",
        "device[1].child[1].address",
    ]


def test_an_error_in_a_service_is_not_told_again_by_who_names_it(tmp_path: Path) -> None:
    problems = stops(tmp_path, WHOLE.replace('"A"', '"a"'))
    assert [p.key for p in problems] == ["service[0].prefix"]


def test_an_empty_file_names_the_tables_it_lacks(tmp_path: Path) -> None:
    assert {p.key.split(".")[0] for p in stops(tmp_path, "")} == {"hall", "node", "mqtt"}


def test_too_many_entries(tmp_path: Path) -> None:
    text = HEAD + "\n".join(
        f'[[device]]\nid = "d{n}"\ndriver = "slip"\nurl = "tcp://h:1"' for n in range(501)
    )
    assert "at most 500" in stops(tmp_path, text)[0].hint.en
