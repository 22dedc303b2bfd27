"""A login service of its own, over HTTP: its own state, its own signatures, and its own ways to go wrong.

It shares nothing with who asks it: tokens are put together and signed here by hand.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT, SECRET = "hall-console", "a secret: with a colon & more"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    def __init__(self, kid: str) -> None:
        self.kid = kid
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def public(self) -> dict[str, str]:
        numbers = self._key.public_key().public_numbers()
        n, e = (b64(each.to_bytes((each.bit_length() + 7) // 8)) for each in (numbers.n, numbers.e))
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": n, "e": e}

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())


@dataclass
class Granted:
    """An authorization code that is still to be used."""

    nonce: str
    challenge: str
    back: str


@dataclass
class Provider:
    """`person`: who logs in, as claims. The rest is what goes wrong."""

    person: dict[str, Any]
    issuer: str = ""
    now: Callable[[], float] = time.time
    key: Key = field(default_factory=lambda: Key("k1"))
    shown_keys: list[Key] = field(default_factory=list)  # empty: its key
    changed: dict[str, Any] = field(default_factory=dict)  # claims as they are told; None: left out
    header: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    methods: tuple[str, ...] = ("client_secret_basic", "client_secret_post")
    document: dict[str, Any] = field(default_factory=dict)  # what differs in its discovery document
    answers: dict[str, Callable[[], web.Response]] = field(default_factory=dict)  # by path, instead
    slow_s: float = 0.0
    asked: list[str] = field(default_factory=list)
    _granted: dict[str, Granted] = field(default_factory=dict)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/.well-known/openid-configuration", self._told(self._discover)),
            web.get("/keys", self._told(self._keys)),
            web.post("/token", self._told(self._token)),
        ]

    def come_back(self, sent: dict[str, str]) -> dict[str, str]:
        """What the browser brings back, once the person has logged in there."""
        assert sent["response_type"] == "code"
        assert sent["client_id"] == CLIENT
        assert sent["code_challenge_method"] == "S256"
        assert "openid" in sent["scope"].split()
        code = secrets.token_urlsafe(16)
        self._granted[code] = Granted(sent["nonce"], sent["code_challenge"], sent["redirect_uri"])
        return {"code": code, "state": sent["state"], "iss": self.issuer}

    def _told(self, answer: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        async def told(request: web.Request) -> web.Response:
            self.asked.append(request.path)
            await asyncio.sleep(self.slow_s)
            instead = self.answers.get(request.path)
            return instead() if instead else web.json_response(await answer(request))

        return told

    async def _discover(self, _request: web.Request) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": list(self.methods),
            "authorization_response_iss_parameter_supported": True,
        } | self.document

    async def _keys(self, _request: web.Request) -> dict[str, Any]:
        shown = [key.public() for key in self.shown_keys or [self.key]]
        return {"keys": [{"kty": "AKP", "alg": "ML-DSA-44", "kid": "later"}, *shown]}

    async def _token(self, request: web.Request) -> dict[str, Any]:
        form = await request.post()
        self._check_client(request, form)
        granted = self._granted.pop(str(form["code"]), None)
        if granted is None or granted.back != form["redirect_uri"]:
            raise web.HTTPBadRequest(text='{"error":"invalid_grant"}')
        if b64(hashlib.sha256(str(form["code_verifier"]).encode()).digest()) != granted.challenge:
            raise web.HTTPBadRequest(text='{"error":"invalid_grant"}')
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.token(granted.nonce)}

    def _check_client(self, request: web.Request, form: Any) -> None:
        if "client_secret_basic" in self.methods:
            scheme, _, login = request.headers["Authorization"].partition(" ")
            assert scheme == "Basic"
            name, _, secret = base64.b64decode(login).decode().partition(":")
            told = unquote(name), unquote(secret)
        else:
            told = form["client_id"], form["client_secret"]
        if told != (CLIENT, SECRET):
            raise web.HTTPUnauthorized(text='{"error":"invalid_client"}')

    def token(self, nonce: str) -> str:
        now = int(self.now())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
        } | self.person
        claims = {key: value for key, value in (claims | self.changed).items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid, "typ": "JWT"} | self.header
        signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        if self.algorithm == "none":
            return signed + "."
        if self.algorithm == "HS256":  # by what everybody can read, as if it were a secret
            secret = json.dumps(self.key.public()).encode()
            return f"{signed}.{b64(hmac.digest(secret, signed.encode(), 'sha256'))}"
        return f"{signed}.{b64(self.key.sign(signed.encode()))}"


@asynccontextmanager
async def provider(person: dict[str, Any], now: Callable[[], float]) -> AsyncIterator[Provider]:
    made = Provider(person, now=now)
    app = web.Application()
    app.add_routes(made.routes())
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield made
    finally:
        await runner.cleanup()
