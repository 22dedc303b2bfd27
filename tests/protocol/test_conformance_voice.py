"""The announcer keeps every promise of `drivers.api`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.conformance import DriverConformance, Subject
from drivers.messages import Announce, CheckHealth
from drivers.voice.driver import VoiceDriver
from drivers.voice.settings import VoiceSettings
from drivers.voice.sim import VoiceSim
from tests.voice_kit import tone_set

CALL = Announce(("请", "A", "1", "号"), times=2, volume=50)


class TestVoice(DriverConformance[VoiceSettings, VoiceSim]):
    clips: Path

    @pytest.fixture(autouse=True)
    def recordings(self) -> Iterator[None]:
        with tempfile.TemporaryDirectory() as folder:
            type(self).clips = Path(folder)
            tone_set(self.clips, seconds=0.01)
            yield

    def subject(self) -> Subject[VoiceSettings, VoiceSim]:
        settings = VoiceSettings(clips=str(self.clips), chime=False)
        return Subject(VoiceDriver, VoiceSim, settings, orders=[("device", CALL), ("device", CheckHealth())])
