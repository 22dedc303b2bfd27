"""What Home Assistant takes as device discovery: its own rules, written down again.

From home-assistant/core, release 2026.11.0, `homeassistant/components/mqtt/`: `schemas.py`
(DEVICE_DISCOVERY_SCHEMA, MQTT_ENTITY_COMMON_SCHEMA, check_unique_id), `discovery.py` (TOPIC_MATCHER),
`binary_sensor.py`, `sensor.py` (validate_sensor_state_and_device_class_config), `button.py`, `config.py`,
`util.py` (valid_topic, entity_category_without_config). Device classes and their units, of which here are
those that anything of ours could be: `components/{binary_sensor,button}/__init__.py`,
`components/sensor/const.py`. Unknown keys, abbreviations among them, are refused: Home Assistant drops the
first without a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

CONFIG_TOPIC = re.compile(r"device/[a-zA-Z0-9_-]+/config")
DEVICE = {
    *("identifiers", "connections", "manufacturer", "model", "model_id", "name", "hw_version"),
    *("serial_number", "sw_version", "via_device", "suggested_area", "configuration_url"),
}
ORIGIN = {"name", "sw_version", "support_url"}
WHOLE = {
    *("device", "components", "origin", "state_topic", "command_topic", "qos", "encoding"),
    *("availability", "availability_mode"),
}
AVAILABILITY = {"topic", "payload_available", "payload_not_available", "value_template"}
COMMON = {
    *("platform", "availability", "availability_mode", "enabled_by_default", "entity_category", "icon"),
    *("json_attributes_topic", "json_attributes_template", "unique_id", "name", "qos", "encoding"),
    "device_class",
}
READS = COMMON | {"state_topic", "value_template", "expire_after", "force_update"}
PLATFORMS = {  # with the keys that are needed, and all
    "binary_sensor": ({"state_topic"}, READS | {"off_delay", "payload_off", "payload_on"}),
    "sensor": (
        {"state_topic"},
        READS | {"options", "suggested_display_precision", "state_class", "unit_of_measurement"},
    ),
    "button": ({"command_topic"}, COMMON | {"command_topic", "command_template", "payload_press", "retain"}),
}
CLASSES: Mapping[str, set[str]] = {
    "binary_sensor": {
        "battery",
        "connectivity",
        "door",
        "occupancy",
        "power",
        "problem",
        "running",
        "update",
    },
    "sensor": {"data_size", "duration", "enum", "temperature", "timestamp"},
    "button": {"identify", "restart", "update"},
}
UNITS = {"duration": {"d", "h", "min", "s", "ms", "μs"}, "data_size": {"B", "kB", "MB", "GB", "KiB", "MiB"}}
CATEGORIES = {"binary_sensor": {"diagnostic"}, "sensor": {"diagnostic"}, "button": {"config", "diagnostic"}}
STATE_CLASSES = {"measurement", "total", "total_increasing"}
LONGEST_STATE = 255


def check(topic: str, config: Mapping[str, Any], prefix: str = "homeassistant") -> None:
    """Raises AssertionError for what it would refuse, or not heed."""
    assert topic.startswith(f"{prefix}/")
    assert CONFIG_TOPIC.fullmatch(topic.removeprefix(f"{prefix}/")), topic
    assert {"device", "components", "origin"} <= set(config) <= WHOLE
    assert set(config["device"]) <= DEVICE
    assert config["device"].get("identifiers") or config["device"].get("connections")
    assert "name" in config["origin"]
    assert set(config["origin"]) <= ORIGIN
    texts = [*_texts(config["device"]), *config["origin"].values()]
    assert all(isinstance(text, str) for text in texts)
    assert config.get("qos", 0) in (0, 1, 2)
    assert config["components"]
    for component in config["components"].values():
        check_component({"availability": config.get("availability", [])} | component)
    ids = [component["unique_id"] for component in config["components"].values()]
    assert len(set(ids)) == len(ids)


def check_component(config: Mapping[str, Any]) -> None:
    platform = config["platform"]
    needed, known = PLATFORMS[platform]
    assert needed | {"unique_id"} <= set(config) <= known, config
    assert config.get("device_class") in CLASSES[platform] | {None}
    assert config.get("entity_category") in CATEGORIES[platform] | {None}
    for key, value in config.items():
        if key.endswith("_topic"):
            check_topic(value)
        if key.endswith("_template"):
            ImmutableSandboxedEnvironment().parse(value)
    for each in config["availability"]:
        assert {"topic"} <= set(each) <= AVAILABILITY
        check_topic(each["topic"])
        ImmutableSandboxedEnvironment().parse(each.get("value_template", ""))
    if platform == "sensor":
        check_sensor(config)


def check_sensor(config: Mapping[str, Any]) -> None:
    device_class, unit = config.get("device_class"), config.get("unit_of_measurement")
    assert config.get("state_class") in STATE_CLASSES | {None}
    assert unit is None or device_class is None or unit in UNITS[device_class]
    if "options" in config:
        assert config["options"]
        assert device_class == "enum"
        assert not {"state_class", "unit_of_measurement"} & set(config)


def check_topic(topic: str) -> None:
    """One to which something is published, or a subscription to just that."""
    assert isinstance(topic, str)
    assert 0 < len(topic.encode()) <= 65535
    assert topic.isprintable()
    assert not {"+", "#"} & set(topic)


def _texts(device: Mapping[str, Any]) -> list[object]:
    return [text for value in device.values() for text in (value if isinstance(value, list) else [value])]
