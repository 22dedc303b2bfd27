"""What `hallctl diag` says of the node itself: its broker, and certificates that end, weeks before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.ca.folder import Folder
from edge.ca.names import Role, client
from edge.control import ControlError
from edge.diag.ground import looked
from edge.diag.standing import standing
from edge.diag.words import Lang, Words

NOW = datetime.now(UTC)
AWAY = ControlError("no socket", "start the service", "启动服务")
LOST = "mqtts://10.0.0.1:8883: certificate verify failed: certificate is not yet valid (_ssl.c:1006)"


def config(folder: Path, days: int) -> Path:
    kept = Folder(folder / "ca", b"", NOW)
    kept.begin("a test")
    who = client(Role.NODE, "h1/n1")
    kept.provide(who, (), days)
    place = kept.place(who)
    path = folder / "hall.toml"
    path.write_text(
        '[hall]\nid = "h1"\n[node]\nid = "n1"\n[mqtt]\n'
        f'ca = "{place}/ca.crt"\ncert = "{place}/client.crt"\nkey = "{place}/client.key"\n'
    )
    return path


def test_a_sound_node_is_not_spoken_of(tmp_path: Path) -> None:
    path = config(tmp_path, 730)
    assert standing({"broker": {"connected": True, "why": ""}}, path, NOW) == []
    assert standing({}, path, NOW) == [], "an older node says nothing of its broker"
    assert standing({}, tmp_path / "missing.toml", NOW) == []


def test_a_lost_broker_is_a_fault_with_its_reason(tmp_path: Path) -> None:
    path = config(tmp_path, 730)
    (found,) = standing({"broker": {"connected": False, "why": LOST}}, path, NOW)
    assert (found.name, found.state) == ("broker", "fault")
    assert "时钟" in found.said.zh and "clock" in found.said.en and LOST in found.said.zh
    assert "timedatectl" in found.remedy.en and "不会丢" in found.remedy.zh
    (found,) = standing({"broker": {"connected": False, "why": ""}}, path, NOW)
    assert "not reached" in found.said.en and "连不上" in found.said.zh


@pytest.mark.parametrize(("later", "state", "said"), [(5, "warning", "in 14 days"), (40, "fault", "ran out")])
def test_a_certificate_is_warned_of_weeks_before(tmp_path: Path, later: int, state: str, said: str) -> None:
    path = config(tmp_path, 20)
    (found,) = standing({}, path, NOW + timedelta(days=later, hours=1))
    assert (found.state, said in found.said.en) == (state, True), found
    for lang in Lang:
        assert "broker renew" in found.told(Words(lang))


def test_it_is_said_also_where_the_daemon_is_away(tmp_path: Path) -> None:
    found = looked(AWAY, config(tmp_path, 20), unit=lambda: "")
    assert any("本机证书 19 天后过期" in each.what.zh and not each.well for each in found)
