"""The configuration of a node: TOML → checked settings; all errors at once, each with its key."""

from __future__ import annotations

from edge.settings.changes import Changes, changes
from edge.settings.load import load
from edge.settings.model import ChildConfig, ConfigError, DeviceConfig, Settings, Wire
from edge.settings.tables import HallTable, MqttTable, NodeTable

__all__ = [
    "Changes",
    "ChildConfig",
    "ConfigError",
    "DeviceConfig",
    "HallTable",
    "MqttTable",
    "NodeTable",
    "Settings",
    "Wire",
    "changes",
    "load",
]
