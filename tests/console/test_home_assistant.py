"""What Home Assistant is told: by its own rules, read as it reads, no stranger's text in a template."""

from __future__ import annotations

import contextlib
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import ValidationError

from edge import about as abouts
from edge.console.home_assistant import templates
from edge.console.home_assistant.entities import announced, object_id
from edge.console.home_assistant.settings import HomeAssistantTable
from edge.console.live.reading import key_of, read
from edge.wire import MAX_PAYLOAD, Request, Topics
from edge.wire.about import NodeAbout
from tests.console.home_assistant_rules import LONGEST_STATE, check
from tests.console.live_kit import about, alert, device, health, queue, said, status, window
from tests.golden.demo_topics import TOPICS
from tests.unit.test_settings_examples import demo

Configs = dict[str, dict[str, Any]]
NOW_S = 1_796_023_559.25
NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,63}", fullmatch=True)
HOSTILE = '{{ states("x") }}{% set a = 1 %}"\'\\\n\x00{# #}'


def configs(told: NodeAbout, **settings: Any) -> Configs:
    found = announced("demo", "node-1", told, HomeAssistantTable(**settings))
    assert all(len(payload) < MAX_PAYLOAD / 10 for payload in found.values())
    return {topic: json.loads(payload) for topic, payload in found.items()}


def node_about(**more: Any) -> NodeAbout:
    return NodeAbout.model_validate_json(about(**more))


def of_the_demo(**settings: Any) -> Configs:
    return configs(NodeAbout.model_validate_json(abouts.about(demo())), **settings)


def rendered(template: str, payload: bytes, **variables: Any) -> str:
    """As Home Assistant does: in a sandbox, with the JSON of the message where it is some."""
    with_json: dict[str, Any] = {"value": payload.decode()}
    with contextlib.suppress(ValueError):
        with_json["value_json"] = json.loads(payload)
    return ImmutableSandboxedEnvironment().from_string(template).render(**with_json | variables)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("commands", [False, True])
def test_the_demonstration_is_told_by_the_rules(lang: str, commands: bool) -> None:
    found = of_the_demo(lang=lang, commands=commands)
    for topic, config in found.items():
        check(topic, config)
    assert len(found) == 1 + 28 + 12, "the node, its devices and its cameras"
    ids = [each["unique_id"] for config in found.values() for each in config["components"].values()]
    assert len(set(ids)) == len(ids)
    buttons = [each for config in found.values() for each in config["components"].values()
               if each["platform"] == "button"]  # fmt: skip
    assert bool(buttons) == commands


def test_everything_hangs_on_its_node() -> None:
    found = of_the_demo()
    (node,) = (config for config in found.values() if "via_device" not in config["device"])
    for config in found.values():
        if config is not node:
            assert config["device"]["via_device"] in node["device"]["identifiers"]
        assert [each["topic"] for each in config["availability"]] == ["hall/1/demo/node-1/status"]
    assert node["components"]["connected"]["availability"] == []


def test_each_template_reads_what_the_demonstration_says() -> None:
    """Every entity of what stands there has a state that its platform takes."""
    base, seen = Topics("demo", "node-1").base, {}
    for config in of_the_demo().values():
        for key, each in config["components"].items():
            payload = TOPICS.get(each["state_topic"].removeprefix(f"{base}/"))
            if payload is None:
                continue
            state = rendered(each["value_template"], payload)
            seen[each["unique_id"].removeprefix("hall/demo/node-1/")] = state
            assert 0 < len(state) <= LONGEST_STATE, key
            if each["platform"] == "binary_sensor":
                assert state in ("ON", "OFF"), key
            if "options" in each:
                assert state in each["options"], key
            if "state_class" in each:
                float(state)
    assert seen["connected"] == "ON"
    assert (seen["waiting"], seen["longest_wait"]) == ("10", "16")
    assert (seen["cameras_ok"], seen["cameras"]) == ("0", "OFF")
    assert (seen["unsent"], seen["memory"]) == ("1", "64.5")
    assert (seen["printer/problem"], seen["printer/state"], seen["printer/conditions"]) == (
        "OFF",
        "online",
        "ok",
    )
    assert (seen["printer/paper"], seen["terminal-1/paper"]) == ("OFF", "OFF")
    assert (seen["cam-1/problem"], seen["cam-1/picture"], seen["cam-1/state"]) == ("OFF", "OFF", "learning")
    assert seen["cam-1/faults"] == "ok"


def condition(code: str, severity: str) -> dict[str, Any]:
    return {"code": code, "severity": severity, "since": 1.0}


@pytest.mark.parametrize(
    ("state", "found", "problem", "paper", "conditions"),
    [
        ("online", [], "OFF", "OFF", "ok"),
        ("online", [("paper_near_end", "info")], "OFF", "ON", "paper_near_end"),
        ("degraded", [("paper_out", "error"), ("cover_open", "error")], "ON", "ON", "paper_out, cover_open"),
        ("online", [("dim", "warning")], "ON", "OFF", "dim"),
        ("backoff", [], "ON", "OFF", "ok"),
        ("faulted", [], "ON", "OFF", "ok"),
        ("misconfigured", [], "ON", "OFF", "ok"),
        ("connecting", [], "OFF", "OFF", "ok"),
    ],
)
def test_what_is_a_problem(
    state: str, found: list[tuple[str, str]], problem: str, paper: str, conditions: str
) -> None:
    payload = device("printer", state, conditions=[condition(*each) for each in found])
    read_as = (templates.PROBLEM, templates.PAPER_LOW, templates.CONDITIONS, templates.STATE)
    assert [rendered(each, payload) for each in read_as] == [problem, paper, conditions, state]


@pytest.mark.parametrize(
    ("state", "available", "connected"),
    [("ready", "online", "ON"), ("draining", "online", "ON"), ("init", "offline", "ON"),
     ("lost", "offline", "OFF"), ("disconnected", "offline", "OFF")],
)  # fmt: skip
def test_who_is_there(state: str, available: str, connected: str) -> None:
    assert rendered(templates.AVAILABLE, status(state)) == available
    assert rendered(templates.CONNECTED, status(state)) == connected


def test_cameras_and_their_faults() -> None:
    cameras = said(v=1, total=12, states={"ok": 10, "fault": 2}, faults={"dark": 2})
    assert rendered(templates.CAMERAS_OK, cameras) == "10"
    assert rendered(templates.CAMERAS_BAD, cameras) == "ON"
    camera = said(v=1, camera="c", state="fault", since=1.0, troubles=[{"fault": "dark"}, {"fault": "blur"}])
    assert rendered(templates.PICTURE_BAD, camera) == "ON"
    assert rendered(templates.FAULTS, camera) == "dark, blur"


ALL = [value for name, value in vars(templates).items() if name.isupper() and "{" in str(value)]
ODD = (b"", b"no json", b"[]", b"3", b"null", b"{}", b'{"conditions":[{}]}')


@pytest.mark.parametrize("template", [each for each in ALL if each != templates.RESTART])
@pytest.mark.parametrize("payload", [*ODD, status(), health(), queue(), window("1"), alert("a")])
def test_a_template_bears_any_message(template: str, payload: bytes) -> None:
    """A broker's topic may be empty, or a stranger's: no errors in Home Assistant's log for it."""
    rendered(template, payload)


def test_states_are_short_whatever_comes() -> None:
    many = [condition(f"code-{n}" * 20, "error") for n in range(50)]
    assert len(rendered(templates.CONDITIONS, device("d", "degraded", conditions=many))) == LONGEST_STATE


def test_a_button_asks_for_what_a_node_takes() -> None:
    found = of_the_demo(commands=True)[
        f"homeassistant/device/{object_id('demo', 'node-1', 'printer')}/config"
    ]
    button = found["components"]["restart"]
    clock = {"now": lambda: NOW_S, "as_timestamp": lambda at: at}
    random.seed(1)
    asked = [
        rendered(button["command_template"], button["payload_press"].encode(), **clock) for _ in range(2)
    ]
    request, other = (Request.model_validate_json(each) for each in asked)
    assert (request.verb, request.args) == ("device.restart", {"device": "printer"})
    assert button["command_topic"] == Topics("demo", "node-1").command(request.verb)
    assert request.expires == NOW_S + templates.RESTART_S
    assert request.id != other.id, "two at the same moment are two"


def test_no_button_for_what_cannot_be_opened_afresh_by_itself() -> None:
    found = of_the_demo(commands=True)
    have = {topic for topic, config in found.items() if "restart" in config["components"]}
    assert not any("pad-1" in topic or "cam-1" in topic for topic in have)
    assert len(have) == 10


@pytest.mark.parametrize("text", [HOSTILE, "x" * 256, "</script>", "名" * 256, "\ud7ff\ufffe"])
def test_names_of_strangers_stay_names(text: str) -> None:
    name, short = text[:256], text[:64]
    told = node_about(
        hall_name=name,
        hall_name_en=name,
        services=[{"id": short, "name": name}],
        windows=[{"id": "w1", "name": name}],
        devices=[
            {"id": "printer", "driver": "printer", "name": name, "model": short, "window": "w1"},
            {"id": short, "driver": "printer"},
            {"id": "a/#", "driver": "printer"},
        ],
        cameras=[{"id": "cam", "name": name}, {"id": short}, {"id": "+"}],
    )
    usual = {each for config in of_the_demo().values() for each in _templates(config)}
    found = configs(told, commands=False)
    usable = {"x" * 64} & {short}
    assert len(found) == 3 + len(usable)
    for topic, config in found.items():
        check(topic, config)
        assert set(_templates(config)) <= usual
        assert config["device"]["name"].isprintable()


def _templates(config: dict[str, Any]) -> list[str]:
    each = [*config["components"].values(), *config["availability"]]
    return [one[key] for one in each for key in one if key.endswith("_template")]


def test_what_is_too_much_is_not_even_read() -> None:
    key = key_of("hall/1/demo/node-1/about")
    assert key
    assert not isinstance(read(key, about(hall_name="x" * 1_000_000)), NodeAbout)


@given(st.lists(NAMES, min_size=2, max_size=3), st.lists(NAMES, min_size=2, max_size=3))
def test_two_things_never_share_a_topic(one: list[str], other: list[str]) -> None:
    assert (object_id(*one) == object_id(*other)) == (one == other)


def test_underscores_do_not_mix_names_up() -> None:
    paths = [("a_b", "c"), ("a", "b_c"), ("a", "b", "c"), ("a_", "b"), ("a__b", "c"), ("a_b_c",)]
    assert len({object_id(*each) for each in paths}) == len(paths)


@pytest.mark.parametrize(
    "table",
    [
        *({"prefix": "hall/1"}, {"prefix": "a/#"}, {"prefix": ""}, {"birth": "hall/x"}),
        *({"halls": ["Über"]}, {"commands": "perhaps"}, {"lang": "fr"}, {"more": 1}),
    ],
)
def test_settings_that_cannot_be(table: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HomeAssistantTable.model_validate(table)
