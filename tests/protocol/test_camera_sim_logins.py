"""How simulated cameras let viewers in: FFmpeg's own logins, and some worked out here from the RFCs."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from pathlib import Path

import av
import pytest

from drivers.camera.sim_auth import BAD_LOGINS, LOCKED_S, NONCE_S, Guard, Scheme
from drivers.camera.sim_camera import Features
from tests.camera_viewers import Viewer, features, serving, viewer, watch

USER, PASSWORD = "admin", "k9-Straße"


def guarded(clips: Path, *schemes: Scheme, has_qop: bool = False) -> Features:
    users = ((USER, PASSWORD),)
    return features(clips, users=users, schemes=schemes, has_qop=has_qop)


def challenge(text: str, scheme: str) -> dict[str, str]:
    line = next(line for line in text.split("\n") if line.startswith("Digest") and (scheme in line))
    return dict(re.findall(r'(\w+)="?([^",]*)"?', line.partition(" ")[2]))


def login(method: str, url: str, asked: dict[str, str], password: str = PASSWORD) -> str:
    algorithm = asked.get("algorithm", "MD5")

    def digest(text: str) -> str:
        return hashlib.new(algorithm.replace("-", ""), text.encode()).hexdigest()

    who, what = digest(f"{USER}:{asked['realm']}:{password}"), digest(f"{method}:{url}")
    fields = {"username": USER, "realm": asked["realm"], "nonce": asked["nonce"], "uri": url}
    if "qop" in asked:
        response = digest(f"{who}:{asked['nonce']}:00000001:0a4f113b:auth:{what}")
        more = ', qop=auth, nc=00000001, cnonce="0a4f113b"'
    else:
        response, more = digest(f"{who}:{asked['nonce']}:{what}"), ""
    if "algorithm" in asked:
        more += f", algorithm={algorithm}"
    return "Digest " + ", ".join(f'{k}="{v}"' for k, v in fields.items()) + f', response="{response}"{more}'


async def ask(who: Viewer, url: str, password: str = PASSWORD, scheme: str = "") -> int:
    """The status of a description, after a challenge and a login."""
    asked = await who.ask("DESCRIBE", url)
    assert asked.status == 401
    said = login("DESCRIBE", url, challenge(asked.headers["www-authenticate"], scheme), password)
    return (await who.ask("DESCRIBE", url, Authorization=said)).status


@pytest.mark.parametrize("schemes", [("md5",), ("basic",), ("md5", "sha256")])
async def test_ffmpeg_logs_in(clips: Path, schemes: tuple[Scheme, ...]) -> None:
    async with serving(guarded(clips, *schemes)) as (sim, url):
        address = url.replace("rtsp://", "rtsp://admin:k9-Stra%C3%9Fe@") + "/cam-1/sub"
        assert len((await watch(address)).images) == 1
        assert sim.cameras[1].guard.tried >= 3  # DESCRIBE, SETUP and PLAY each
        with pytest.raises(av.HTTPUnauthorizedError):
            await watch(url.replace("rtsp://", "rtsp://admin:wrong@") + "/cam-1/sub")


@pytest.mark.parametrize("has_qop", [False, True])
@pytest.mark.parametrize(("scheme", "name"), [("md5", ""), ("sha256", "SHA-256")])
async def test_digest(clips: Path, scheme: Scheme, name: str, has_qop: bool) -> None:
    async with serving(guarded(clips, scheme, has_qop=has_qop)) as (_, url), viewer(url) as who:
        address = f"{url}/cam-1/sub"
        assert await ask(who, address, scheme=name) == 200
        assert await ask(who, address, "wrong", scheme=name) == 401
        asked = challenge((await who.ask("DESCRIBE", address)).headers["www-authenticate"], name)
        for said in (
            login("DESCRIBE", address + "/", asked),  # of another URL
            login("SETUP", address, asked),  # of another method
            login("DESCRIBE", address, asked).replace(USER, "nobody"),
            login("DESCRIBE", address, asked).replace("response", "answer"),
            "Digest",
            "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode(),
        ):
            assert (await who.ask("DESCRIBE", address, Authorization=said)).status == 401


async def test_the_strongest_scheme_comes_first(clips: Path) -> None:
    async with serving(guarded(clips, "basic", "md5", "sha256")) as (_, url), viewer(url) as who:
        asked = (await who.ask("DESCRIBE", f"{url}/cam-1/sub")).headers["www-authenticate"].split("\n")
    assert [line.partition(" ")[0] for line in asked] == ["Digest", "Digest", "Basic"]
    assert "algorithm=SHA-256" in asked[0]
    assert "algorithm" not in asked[1]


async def test_an_old_nonce_is_stale_and_no_bad_login(clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(guarded(clips, "md5")) as (sim, url), viewer(url) as who:
        address = f"{url}/cam-1/sub"
        asked = challenge((await who.ask("DESCRIBE", address)).headers["www-authenticate"], "")
        guard = sim.cameras[1].guard
        now = guard._now
        monkeypatch.setattr(guard, "_now", lambda: now() + NONCE_S + 1)
        reply = await who.ask("DESCRIBE", address, Authorization=login("DESCRIBE", address, asked))
        assert reply.status == 401
        assert "stale=true" in reply.headers["www-authenticate"]
        again = login("DESCRIBE", address, challenge(reply.headers["www-authenticate"], ""))
        assert (await who.ask("DESCRIBE", address, Authorization=again)).status == 200
        assert sim.cameras[1].guard.bad == 0


async def test_options_need_no_login(clips: Path) -> None:
    async with serving(guarded(clips, "md5")) as (_, url), viewer(url) as who:
        assert (await who.ask("OPTIONS", f"{url}/cam-1/sub")).status == 200
        assert (await who.set_up(f"{url}/cam-1/sub")).status == 401


async def test_a_changed_password_refuses_the_old_one_and_counts_it(clips: Path) -> None:
    async with serving(guarded(clips, "md5")) as (sim, url), viewer(url) as who:
        sim.cameras[1].fall_ill("auth")
        assert await ask(who, f"{url}/cam-1/sub") == 401
        assert (sim.cameras[1].guard.tried, sim.cameras[1].guard.bad) == (1, 1)
        sim.cameras[1].recover()
        assert await ask(who, f"{url}/cam-1/sub") == 200
        assert sim.cameras[1].guard.bad == 0


async def test_too_many_bad_logins_lock_everybody_out(clips: Path) -> None:
    async with serving(guarded(clips, "md5")) as (sim, url), viewer(url) as who:
        address = f"{url}/cam-1/sub"
        for _ in range(BAD_LOGINS):
            assert await ask(who, address, "wrong") == 401
        assert sim.cameras[1].guard.is_locked
        assert await ask(who, address) == 401
        assert await ask(who, f"{url}/cam-2/sub") == 200


def test_a_lock_opens_after_half_an_hour() -> None:
    now_s = 1_000.0
    guard = Guard({USER: PASSWORD}, lambda: now_s, ("basic",))
    good, bad = (
        "Basic " + b64encode(f"{USER}:{password}".encode()).decode() for password in (PASSWORD, "wrong")
    )
    for _ in range(BAD_LOGINS - 1):
        assert guard.admits("PLAY", "u", bad) == "refused"
    assert guard.admits("PLAY", "u", good) == "welcome"  # which forgives what was before
    for _ in range(BAD_LOGINS):
        assert guard.admits("PLAY", "u", bad) == "refused"
    now_s += LOCKED_S - 1
    assert guard.admits("PLAY", "u", good) == "refused"
    now_s += 1
    assert guard.admits("PLAY", "u", good) == "welcome"
    assert guard.tried == 2 * BAD_LOGINS + 2


@pytest.mark.parametrize(
    "said", ["", "Basic", "Basic !!", "Basic /w==", "Digest nonce=1", "Bearer x", "ü" * 99]
)
def test_what_is_no_login(said: str) -> None:
    guard = Guard({USER: PASSWORD}, lambda: 0.0, ("md5", "basic"))
    assert guard.admits("PLAY", "u", said) != "welcome"
