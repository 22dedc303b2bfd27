"""Who has which device node open: a node serves one device."""

from __future__ import annotations

from drivers.api import LinkLost


class Nodes:
    """The open nodes of all devices, by path."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}

    def claim(self, node: str, device: str) -> None:
        """Raises LinkLost "device_in_use", which names the device that has it. No node ("") is nobody's."""
        owner = self._owners.get(node, device)
        if owner != device:
            raise LinkLost(f"{node} is in use by the device {owner}", code="device_in_use")
        if node:
            self._owners[node] = device

    def release(self, device: str) -> None:
        self._owners = {node: owner for node, owner in self._owners.items() if owner != device}

    def owner(self, node: str) -> str:
        """The device that has it open, "" where none has."""
        return self._owners.get(node, "")

    def open(self) -> dict[str, str]:
        """The device of each open node."""
        return dict(self._owners)
