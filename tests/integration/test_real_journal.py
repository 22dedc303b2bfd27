"""The log in a real journal: systemd-journald in a mount namespace of its own, where nothing else logs, and a
program started as a unit is, with its standard error in the journal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

JOURNALD = Path("/usr/lib/systemd/systemd-journald")
CONFIG = "[Journal]\nStorage=volatile\nAudit=no\nReadKMsg=no\n"  # of this machine's own log it takes nothing
# What is mounted, and the journal, end with the shell. JOURNAL_STREAM is set as systemd sets it for a unit.
IN_A_NAMESPACE = """
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal
mount --bind "$1" /etc/systemd/journald.conf
{journald} 2>/dev/null &
trap 'kill $!; wait $! || true' EXIT
for try in $(seq 600); do [ -S /run/systemd/journal/io.systemd.journal ] && break; sleep 0.05; done
systemd-cat bash -c 'JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) "$0" -c "$1"' "$2" "$3"
journalctl --sync
journalctl --quiet --output=json "${{@:4}}"
"""
PROGRAM = """
from edge.log import DeviceLog, setup
setup()
log = DeviceLog("printer")
log.warning("backoff: %s", "拔出", extra={"code": "unplugged"})
log.info("online", extra={"away_s": 3.5, "code": "unplugged"})
DeviceLog("pad").warning("backoff: gone", extra={"code": "unplugged"})
"""

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not JOURNALD.exists() or not Path("/etc/systemd/journald.conf").exists(),
    reason="wants root, to mount in a namespace of its own, and systemd",
)


def found(tmp_path: Path, *match: str) -> list[dict[str, Any]]:
    """What journalctl finds by this, once PROGRAM has ended."""
    config = tmp_path / "journald.conf"
    config.write_text(CONFIG)
    script = IN_A_NAMESPACE.format(journald=JOURNALD)
    command = [
        "unshare",
        "--mount",
        "bash",
        "-c",
        script,
        "bash",
        str(config),
        sys.executable,
        PROGRAM,
        *match,
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_loss_and_the_return_are_found_by_device_and_code(tmp_path: Path) -> None:
    lost, back = found(tmp_path, "DEVICE=printer", "CODE=unplugged")
    assert lost["MESSAGE"] == "device: backoff: 拔出 code=unplugged device=printer"
    assert (lost["PRIORITY"], back["PRIORITY"]) == ("4", "6")
    assert back["AWAY_S"] == "3.5"
    for entry in (lost, back):
        assert entry["_TRANSPORT"] == "journal", "by its own protocol, not as a line of standard error"
        assert entry["SYSLOG_IDENTIFIER"] == "hall-edge"
