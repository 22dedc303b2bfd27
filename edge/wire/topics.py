"""The topics of MQTT."""

from __future__ import annotations

from edge.wire.base import VERSION


class Topics:
    """The topics of one node."""

    def __init__(self, hall: str, node: str) -> None:
        self.base = f"hall/{VERSION}/{hall}/{node}"
        self.status = f"{self.base}/status"
        self.queue = f"{self.base}/queue"
        self.event = f"{self.base}/event"
        self.live = f"{self.event}/live"
        self.ack = f"{self.base}/ack"
        self.health = f"{self.base}/health"
        self.cameras = f"{self.base}/cameras"
        self.about = f"{self.base}/about"
        self.commands = f"{self.base}/cmd/+"

    def device(self, device: str) -> str:
        return f"{self.base}/device/{device}"

    def window(self, window: str) -> str:
        return f"{self.base}/window/{window}"

    def camera(self, camera: str) -> str:
        return f"{self.base}/camera/{camera}"

    def alert(self, key: str) -> str:
        return f"{self.base}/alert/{key}"

    def command(self, verb: str) -> str:
        return f"{self.base}/cmd/{verb}"


def reply_topic(client: str, request_id: str) -> str:
    return f"hall/{VERSION}/reply/{client}/{request_id}"


def split_topic(topic: str) -> tuple[str, str, str] | None:
    """(hall, node, rest) of a node's topic, or None for any other."""
    parts = topic.split("/", 4)
    if len(parts) != 5 or parts[:2] != ["hall", str(VERSION)] or parts[2] == "reply":  # noqa: PLR2004 the five levels above
        return None
    return parts[2], parts[3], parts[4]
