"""The kiosk's memory: what it does not load, and what it takes."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys
from pathlib import Path

from tests.kiosk.process_kit import driven

MOST_MB = 76.0  # at the highest; it may take 80
START_MB = 59.0  # 58.3 with Python 3.11.7; beyond it, look for an import that a kiosk can do without

LEFT_OUT = """
import sys
from kiosk_ui.lean import load_app
load_app()
print(*({"ssl", "_hashlib", "pygame.mixer", "urllib.request", "asyncio.sslproto"} & {*sys.modules}))
import hashlib, hmac, segno, urllib.request, pygame.mixer
print(hashlib.sha256(b"").hexdigest()[:8], hmac.new(b"k", b"m", hashlib.sha256).hexdigest()[:8])
print(urllib.request.Request("http://a/").host, segno.make("a").svg_inline()[:4], bool(pygame.mixer.init))
"""


def test_what_is_left_out_is_there_for_who_does_need_it() -> None:
    done = subprocess.run(
        (sys.executable, "-W", "error", "-c", LEFT_OUT),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    hashes = hashlib.sha256(b"").hexdigest()[:8], hmac.new(b"k", b"m", hashlib.sha256).hexdigest()[:8]
    assert done.stdout.splitlines() == ["", " ".join(hashes), "a <svg True"]


async def test_it_takes_less_than_it_may_at_the_start_and_at_the_highest(tmp_path: Path) -> None:
    async with driven(tmp_path / "nowhere.sock", tmp_path) as kiosk:
        assert (await kiosk.look())["rss_mb"] <= START_MB
        await kiosk.say("pages 300")
        status = Path(f"/proc/{kiosk.process.pid}/status").read_text()
    highest_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    assert highest_kb / 1024 <= MOST_MB
