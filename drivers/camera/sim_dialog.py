"""One RTSP connection to simulated cameras: RFC 2326, as far as cameras without recordings have it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drivers.api import Link, LinkLost
from drivers.camera import sim_address, sim_clock, sim_sdp
from drivers.camera.sim_address import Address
from drivers.camera.sim_camera import Camera, Session
from drivers.camera.sim_damage import lying
from drivers.camera.sim_ills import Ills
from drivers.camera.sim_library import Library
from drivers.camera.sim_out import Datagrams, Interleaved, Out
from drivers.camera.sim_player import Player
from drivers.camera.sim_recipe import NoVideo
from drivers.camera.sim_rtsp import Binary, Request, answer
from drivers.camera.sim_speech import Speech

METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN")
SDP = "application/sdp"
MAX_VIEWS = 4  # sessions of one connection

Headers = list[tuple[str, str]]

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class View:
    """A session of this connection, and its player once it plays."""

    camera: Camera
    session: Session
    player: Player
    task: asyncio.Task[None] | None = None


class Refusal(Exception):
    """The answer is a status other than 200."""

    def __init__(self, status: int, headers: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(status)
        self.status, self.headers = status, list(headers)


class Dialog:
    """`cameras` finds one by its number."""

    def __init__(self, link: Link, cameras: Mapping[int, Camera], library: Library) -> None:
        self._writing = asyncio.Lock()
        self._link, self._cameras, self._library = link, cameras, library
        self._speech = Speech(link, self._writing)
        self._views: dict[str, View] = {}
        self._wishes: dict[tuple[int, str], Ills] = {}  # of URLs with a query, which a track's may lack

    # --- what comes in ---
    async def hear(self, one: Request | Binary) -> None:
        """Raises LinkLost where the camera hangs up, and NoVideo."""
        if isinstance(one, Binary):  # a receiver report: somebody is there
            for view in self._views.values():
                view.camera.heard(view.session)
            return
        address = sim_address.read(one.url)
        camera = self._cameras.get(address.number) if address else None
        self._speech.ills = self._ills(camera, address) if camera and address else {}
        if await self._speech.is_dumb():
            return
        sequence = one.headers.get("cseq")
        date = sim_clock.headers(camera.features.date, self._speech.ills) if camera else []
        try:
            headers, body = await self._answer(one, address, camera)
        except Refusal as refusal:
            await self._speech.say(answer(refusal.status, sequence, [*date, *refusal.headers]))
        else:
            await self._speech.say(answer(200, sequence, [*date, *headers], body))
            self._start(one)

    async def _answer(
        self, request: Request, address: Address | None, camera: Camera | None
    ) -> tuple[Headers, bytes]:
        if request.version != "RTSP/1.0":
            raise Refusal(505)
        if "cseq" not in request.headers:
            raise Refusal(400)
        if "require" in request.headers:
            raise Refusal(551, [("Unsupported", request.headers["require"])])
        if request.method not in METHODS:
            raise Refusal(501, [("Public", ", ".join(METHODS))])
        if request.method == "OPTIONS":
            return [("Public", ", ".join(METHODS))], b""
        if camera is None or address is None:
            raise Refusal(404)
        self._let_in(request, camera)
        if "missing" in self._speech.ills:
            raise Refusal(404)
        match request.method:
            case "DESCRIBE":
                return await self._describe(request, address, camera)
            case "SETUP":
                return await self._set_up(request, address, camera)
            case "PLAY":
                return self._play(request)
            case "TEARDOWN":
                return await self._tear_down(request)
            case _:
                return self._parameter(request, camera)

    def _ills(self, camera: Camera, address: Address) -> Ills:
        """Of the camera, and those that this connection has asked for by the URL of a stream."""
        stream = address.number, address.profile
        if address.has_query and (stream in self._wishes or len(self._wishes) < MAX_VIEWS):
            self._wishes[stream] = address.wish
        return camera.ills | self._wishes.get(stream, {}) | address.wish

    def _let_in(self, request: Request, camera: Camera) -> None:
        is_locked_out = "auth" in self._speech.ills
        said = request.headers.get("authorization", "")
        verdict = camera.guard.admits(request.method, request.url, said, is_changed=is_locked_out)
        if verdict != "welcome":
            raise Refusal(401, camera.guard.challenges(stale=verdict == "stale"))

    # --- methods ---
    async def _describe(self, request: Request, address: Address, camera: Camera) -> tuple[Headers, bytes]:
        ills, features = self._speech.ills, camera.features
        if "redirect" in ills:
            raise Refusal(302, [("Location", address.other(request.url))])
        if SDP not in request.headers.get("accept", SDP) and "*/*" not in request.headers["accept"]:
            raise Refusal(406)
        recipe = camera.recipe(address.profile, ills)
        clip = await self._library.load(recipe)
        sets = lying(clip.codec, clip.parameter_sets) if "huge_size" in ills else clip.parameter_sets
        if not features.tells_sets or "no_parameter_sets" in ills:
            sets = ()
        base = request.url.rstrip("/") + "/"
        control = base + sim_sdp.TRACK if features.control == "absolute" else sim_sdp.TRACK
        body = sim_sdp.description(recipe.codec, recipe.fps, recipe.kbit_s, sets, control)
        headers = [("Content-Type", SDP)]
        if features.control != "no_base":
            headers.append(("Content-Base", base))
        return headers, body

    async def _set_up(self, request: Request, address: Address, camera: Camera) -> tuple[Headers, bytes]:
        if "session" in request.headers:  # of a second track; there is but one
            raise Refusal(455 if self._view(request) else 454)
        wish = self._wishes.get((address.number, address.profile), {}) | address.wish
        offered, out = await self._transport(request.headers.get("transport", ""), camera)
        limit = 0 if "session_limit" in self._speech.ills else camera.features.session_limit
        session = camera.admit(limit) if len(self._views) < MAX_VIEWS else None
        if session is None:
            out.close()
            raise Refusal(453)
        player = Player(camera, address.profile, session, self._library, out=out, wish=wish)
        self._views[session.id] = View(camera, session, player)
        timeout_s = int(camera.features.session_timeout_s)
        return [("Session", f"{session.id};timeout={timeout_s}"), ("Transport", offered)], b""

    async def _transport(self, said: str, camera: Camera) -> tuple[str, Out]:
        """The first of the viewer's wishes that the camera can meet."""
        for wish in said.split(","):
            protocol, *options = (part.strip() for part in wish.split(";"))
            fields = dict(part.partition("=")[::2] for part in options)
            if "multicast" in fields:
                continue
            if protocol == "RTP/AVP/TCP" and camera.features.tcp:
                channel = _first(fields.get("interleaved", "0-1"), 254)
                if channel is not None:
                    out = Interleaved(self._link, self._writing, channel)
                    return f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}", out
            if protocol in ("RTP/AVP", "RTP/AVP/UDP") and camera.features.udp:
                port = _first(fields.get("client_port", ""), 65_534) or 0
                ends = await Datagrams.open(camera.features.udp, port) if port else None
                if ends is not None:
                    server = f"{ends.server_port}-{ends.server_port + 1}"
                    return f"{protocol};unicast;client_port={port}-{port + 1};server_port={server}", ends
        raise Refusal(461)

    def _play(self, request: Request) -> tuple[Headers, bytes]:
        view = self._view(request)
        if view is None:
            raise Refusal(454)
        at = f"url={request.url};seq={view.player.sequence};rtptime={view.player.ticks}"
        return [("Session", view.session.id), ("Range", "npt=now-"), ("RTP-Info", at)], b""

    async def _tear_down(self, request: Request) -> tuple[Headers, bytes]:
        view = self._view(request)
        if view is None:
            raise Refusal(454)
        del self._views[view.session.id]
        await self._leave(view, torn_down=True)
        return [], b""

    def _parameter(self, request: Request, camera: Camera) -> tuple[Headers, bytes]:
        """Without a session a question of whether somebody is there, with one a sign of life as well."""
        if "session" not in request.headers:
            return [], b""
        view = self._view(request)
        if view is None:
            raise Refusal(454)
        camera.heard(view.session)
        return [("Session", view.session.id)], b""

    def _view(self, request: Request) -> View | None:
        view = self._views.get(request.headers.get("session", "").partition(";")[0].strip())
        if view is None or view.camera.is_over(view.session):
            return None
        view.camera.heard(view.session)
        return view

    # --- sessions ---
    def _start(self, request: Request) -> None:
        """After the answer to PLAY: no packet comes before it."""
        view = self._view(request) if request.method == "PLAY" else None
        if view is not None and view.task is None:
            view.task = asyncio.create_task(self._watch(view))

    async def _watch(self, view: View) -> None:
        """Whatever ends a player ends the connection; only a session that is over leaves it."""
        try:
            await view.player.run()
        except LinkLost as loss:  # the viewer takes nothing any more
            _log.debug("%s: %s", self._link.url, loss)
            await self._link.close()
        except NoVideo:
            _log.exception("%s: nothing to show", self._link.url)
            await self._link.close()
        finally:
            view.player.out.close()

    @property
    def is_playing(self) -> bool:
        return any(view.task is not None and not view.task.done() for view in self._views.values())

    async def _leave(self, view: View, *, torn_down: bool) -> None:
        view.camera.leave(view.session, torn_down=torn_down)
        if view.task is not None:
            view.task.cancel()
            await asyncio.wait({view.task})
        view.player.out.close()

    async def end(self) -> None:
        """The connection has gone."""
        views, self._views = list(self._views.values()), {}
        for view in views:
            await self._leave(view, torn_down=False)


def _first(text: str, most: int) -> int | None:
    """Of a pair, or a number alone; None where it is none, or too large."""
    found = re.fullmatch(r"([0-9]{1,5})(-[0-9]{1,5})?", text)
    return int(found[1]) if found and int(found[1]) <= most else None
