"""OpenID Connect Core 1.0 with a login service: discovery, the authorization code with PKCE (RFC 7636), and
what of its token is believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, Field

from edge.console.accounts.exchange import ask
from edge.console.accounts.oidc_settings import OidcTable, is_private
from edge.console.accounts.refusals import NOT_BELIEVED, Refused, ServiceAway

# By a key of the service's own; never "none", nor by a secret that we have too (RFC 8725, 3.1).
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
SKEW_S = 60  # of our clock and theirs
OLD_S = 600.0  # a way that nobody has come back from
KNOWN_S = 3600.0  # what it says of itself, and its keys, are asked for anew
KEYS_EVERY_S = 30.0  # at most, when a token has a key that is not known: it may have changed them
AT_ONCE = 8  # who comes back at a time; each waits for two answers at most

_Secret = Annotated[str, Field(min_length=43, max_length=64)]

log = logging.getLogger(__name__)


class Way(BaseModel):
    """What a browser that has been sent there is to come back with. Kept in its own cookie."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: _Secret
    nonce: _Secret
    verifier: _Secret
    where: Annotated[str, Field(max_length=1000)]
    begun_at: float

    @classmethod
    def new(cls, where: str, now: float) -> Way:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state=state, nonce=nonce, verifier=verifier, where=where, begun_at=now)


@dataclass(frozen=True, slots=True)
class _About:
    """Of its discovery document."""

    authorize: str
    token: str
    jwks: str
    by_post: bool
    names_itself: bool  # also when a browser comes back (RFC 9207)


class LoginService:
    """Asked when somebody logs in, and not before: without it local accounts work as ever."""

    def __init__(self, settings: OidcTable, wall: Callable[[], float], clock: Callable[[], float]) -> None:
        self.settings = settings
        self._wall, self._clock = wall, clock
        self._tls: ssl.SSLContext | bool = True
        if settings.ca:
            self._tls = ssl.create_default_context(cafile=settings.ca)
        self._about: tuple[_About, float] | None = None
        self._keys: tuple[KeySet, float] | None = None
        self._coming = 0

    async def leads_to(self, way: Way, back: str) -> str:
        """Where to send the browser, which comes back to `back`. Raises ServiceAway."""
        about = await self._known()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(way.verifier.encode()).digest()).rstrip(b"=")
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": back,
            "scope": " ".join(self.settings.scopes),
            "state": way.state,
            "nonce": way.nonce,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        return f"{about.authorize}{'&' if '?' in about.authorize else '?'}{urlencode(asked)}"

    async def claims(self, way: Way, told: dict[str, str], back: str) -> dict[str, Any]:
        """What it says of who has come back with `told`. Raises ServiceAway and Refused."""
        if self._coming >= AT_ONCE:
            raise ServiceAway(f"{AT_ONCE} others come back already")
        self._coming += 1
        try:
            self._check(way, told)
            about = await self._known()
            if about.names_itself and told.get("iss") != self.settings.issuer:
                raise _disbelieved("it came back from another service")
            answer = await self._exchange(about, told["code"], way.verifier, back)
            return await self._believed(str(answer.get("id_token", "")), way.nonce, about)
        finally:
            self._coming -= 1

    def _check(self, way: Way, told: dict[str, str]) -> None:
        if not hmac.compare_digest(told.get("state", "").encode(), way.state.encode()):
            raise _disbelieved("the state is another")
        if not 0 <= self._wall() - way.begun_at < OLD_S:
            raise _disbelieved("it took too long")
        if not told.get("code"):
            raise _disbelieved(f"no code: {told.get('error', '')[:100]!r}")

    async def _exchange(self, about: _About, code: str, verifier: str, back: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        try:
            secret = self.settings.client_secret_file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise ServiceAway(f"{self.settings.client_secret_file}: {error}") from error
        client = self.settings.client_id
        if about.by_post:
            return await ask(about.token, self._tls, form | {"client_id": client, "client_secret": secret})
        # RFC 6749, 2.3.1: both encoded as in a form
        return await ask(about.token, self._tls, form, (quote(client, safe=""), quote(secret, safe="")))

    async def _believed(self, token: str, nonce: str, about: _About) -> dict[str, Any]:
        keys = await self._known_keys(about)
        try:
            try:
                decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
            except InvalidKeyIdError:
                decoded = jwt.decode(token, await self._newer_keys(about), algorithms=list(ALGORITHMS))
            wanted = jwt.JWTClaimsRegistry(
                now=int(self._wall()),
                leeway=SKEW_S,
                iss={"essential": True, "value": self.settings.issuer},
                aud={"essential": True, "value": self.settings.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            wanted.validate(decoded.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise _disbelieved(f"{type(error).__name__} {error}") from error
        several = isinstance(decoded.claims["aud"], list) and len(decoded.claims["aud"]) > 1
        party = decoded.claims.get("azp", None if several else self.settings.client_id)
        if party != self.settings.client_id:  # OpenID Connect Core, 3.1.3.7
            raise _disbelieved("the token was made for another party")
        return dict(decoded.claims)

    async def _known(self) -> _About:
        if self._about is None or self._clock() - self._about[1] > KNOWN_S:
            url = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
            told = await ask(url, self._tls)
            self._about = _about(told, self.settings.issuer), self._clock()
        return self._about[0]

    async def _known_keys(self, about: _About) -> KeySet:
        if self._keys is None or self._clock() - self._keys[1] > KNOWN_S:
            return await self._newer_keys(about)
        return self._keys[0]

    async def _newer_keys(self, about: _About) -> KeySet:
        if self._keys and self._clock() - self._keys[1] < KEYS_EVERY_S:
            return self._keys[0]
        told = await ask(about.jwks, self._tls)
        try:
            keys = KeySet.import_key_set(
                {"keys": [each for each in told["keys"] if each.get("use") != "enc"]}
            )
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ServiceAway(f"{about.jwks}: its keys cannot be read: {error}") from error
        self._keys = keys, self._clock()
        return keys


def _about(told: dict[str, Any], issuer: str) -> _About:
    if told.get("issuer") != issuer:
        raise ServiceAway(f"it says to be {str(told.get('issuer'))[:200]!r} and not {issuer!r}")
    urls = [told.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    for url in urls:
        if not isinstance(url, str) or not is_private(url):
            raise ServiceAway(f"{str(url)[:200]!r} is no https:// address")
    methods = told.get("token_endpoint_auth_methods_supported")
    by_post = isinstance(methods, list) and "client_secret_basic" not in methods
    names_itself = told.get("authorization_response_iss_parameter_supported") is True
    authorize, token, jwks = map(str, urls)
    return _About(authorize, token, jwks, by_post, names_itself)


def _disbelieved(why: str) -> Refused:
    log.warning("what the login service says is not believed: %s", why[:300].replace("\n", " "))
    return Refused(NOT_BELIEVED)
