"""Tokens checked against rotating public keys, read from a JWKS file or URL."""

import asyncio
import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
import msgspec
import structlog

from shared.doors.local_key import LOCAL_KID
from shared.errors import Retryable, Stopped, Unauthenticated
from shared.process.settings import Settings

ALGORITHMS = ("RS256", "ES256")
# Somebody who sends made-up kids must not make us call the identity provider each time.
UNKNOWN_KID_SECONDS = 10.0
FETCH_TIMEOUT_SECONDS = 3.0
TOKEN_MAX = 8192
REMEMBERED = 2048
NO_TIME = "the token's times (exp, iat, nbf) must be numbers of seconds"
REQUIRED = ["exp", "iss", "aud", "sub"]
UNREAD = (httpx.HTTPError, OSError, ValueError)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Keys:
    """The public keys by kid, as last read."""

    by_kid: Mapping[str, jwt.PyJWK]


def read_keys(text: bytes | str, *, environment: str) -> Keys:
    """The usable keys of a JWKS. Raise Stopped for a local key in production, ValueError for no JWKS."""
    try:
        listed = msgspec.json.decode(text)["keys"]
        kids = {key["kid"]: key for key in listed if isinstance(key.get("kid"), str)}
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no JWKS: an object with `keys` was expected") from error
    if environment == "prod" and any(kid.startswith(LOCAL_KID) for kid in kids):
        raise Stopped("AURORA_JWKS holds a key made by `aurora up`; name the identity provider's JWKS instead")
    usable = {kid: key for kid, key in ((kid, _public(given)) for kid, given in kids.items()) if key is not None}
    if not usable:
        raise ValueError("the JWKS holds no RS256 or ES256 key with a kid")
    return Keys(usable)


def _public(given: Mapping[str, Any]) -> jwt.PyJWK | None:
    """The key, or None for one that we never check with: secret, for encryption, or of another kind."""
    if given.get("kty") not in ("RSA", "EC") or given.get("use", "sig") != "sig":
        return None
    public = {name: value for name, value in given.items() if name not in ("d", "p", "q", "dp", "dq", "qi")}
    try:
        key = jwt.PyJWK(public)
    except jwt.PyJWTError:
        return None
    return key if key.algorithm_name in ALGORITHMS else None


class Verifier:
    """Says what a token claims, or refuses it in words; keeps the last good keys."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.transport = transport
        self.keys = Keys({})
        self._lock = asyncio.Lock()
        self._modified: tuple[int, int] | None = None
        self._tried_at = float("-inf")
        self._refreshing: asyncio.Task[None] | None = None
        # What was verified with these very keys, by the token's digest: a caller sends one token with many requests.
        self._verified: dict[bytes, Mapping[str, Any]] = {}

    async def start(self) -> None:
        """Read the keys once. Raise Stopped when they hold a local key in production.

        An identity provider that is away does not keep the service down: tokens are answered
        503 until its keys have been read.
        """
        try:
            await self._read()
        except UNREAD as error:
            self._kept(error)

    async def stop(self) -> None:
        """End a refresh under way."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)

    async def verified(self, token: str) -> Mapping[str, Any]:
        """The token's claims, the very same ones while it holds. Raise Unauthenticated, or Retryable without keys."""
        await self._keep_fresh()
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None and int(known["exp"]) > time.time() - self.settings.token_leeway_seconds:
            return known
        header = _header(token)
        key = await self._key(header["kid"])
        if header["alg"] != key.algorithm_name:
            raise Unauthenticated(f"the token says {header['alg']}, its key is for {key.algorithm_name}")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key=key,
                algorithms=[key.algorithm_name],
                issuer=self.settings.token_issuer,
                audience=self.settings.token_audience,
                leeway=self.settings.token_leeway_seconds,
                options={"require": REQUIRED},
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated(_words(error, self.settings)) from error
        except OverflowError as error:
            raise Unauthenticated(NO_TIME) from error
        if not isinstance(claims["exp"], int | float):
            raise Unauthenticated(NO_TIME)
        if len(self._verified) >= REMEMBERED:
            self._verified.clear()
        self._verified[digest] = claims
        return claims

    async def _key(self, kid: str) -> jwt.PyJWK:
        if kid not in self.keys.by_kid:
            await self._look_again()
        if not self.keys.by_kid:
            raise Retryable("the keys that tokens are checked with cannot be read yet", retry_after_seconds=5)
        if kid not in self.keys.by_kid:
            raise Unauthenticated("the token was signed with a key that is not known here; get a new token")
        return self.keys.by_kid[kid]

    async def _keep_fresh(self) -> None:
        if not self.settings.jwks_is_url:
            if self._stamp() != self._modified:
                await self._refresh()
        elif self.clock() - self._tried_at >= self.settings.jwks_refresh_seconds and not self._under_way():
            # In the background: requests go on with the keys at hand, however slow the provider is.
            self._refreshing = asyncio.create_task(self._refresh())

    async def _look_again(self) -> None:
        """For a key not seen before: wait for a refresh under way, or begin one if that is not too soon."""
        if self._refreshing is not None and self._under_way():
            await asyncio.shield(self._refreshing)
        elif self.clock() - self._tried_at >= UNKNOWN_KID_SECONDS:
            await self._refresh()

    def _under_way(self) -> bool:
        return self._refreshing is not None and not self._refreshing.done()

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.settings.jwks)  # noqa: PTH116 (with every request: a Path would cost three times as much)
        except OSError:
            return self._modified
        return found.st_mtime_ns, found.st_size

    async def _refresh(self) -> None:
        asked_at = self.clock()
        async with self._lock:
            if self._tried_at > asked_at:
                return
            try:
                await self._read()
            except (*UNREAD, Stopped) as error:
                self._kept(error)

    async def _read(self) -> None:
        self._tried_at = self.clock()
        if self.settings.jwks_is_url:
            text = await self._fetched()
        else:
            # The stamp before the content: a file changed in between is read once more, not missed.
            self._modified = self._stamp()
            text = await asyncio.to_thread(Path(self.settings.jwks).read_bytes)
        self.keys = read_keys(text, environment=self.settings.environment)
        self._verified.clear()

    def _kept(self, error: Exception) -> None:
        log.warning("keys not read", jwks=self.settings.jwks, error=str(error), kept=len(self.keys.by_kid))

    async def _fetched(self) -> bytes:
        async with httpx.AsyncClient(timeout=FETCH_TIMEOUT_SECONDS, transport=self.transport) as client:
            answer = await client.get(self.settings.jwks)
            return answer.raise_for_status().content


def _header(token: str) -> dict[str, str]:
    if len(token) > TOKEN_MAX:
        raise Unauthenticated(f"the token is longer than {TOKEN_MAX} characters")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise Unauthenticated("the token cannot be read: it must be a signed JWT") from error
    if header.get("alg") not in ALGORITHMS:
        raise Unauthenticated("the token must be signed with RS256 or ES256")
    if str(header.get("typ", "JWT")).lower().removeprefix("application/") not in ("jwt", "at+jwt"):
        raise Unauthenticated("the token must be an access token")
    if not isinstance(header.get("kid"), str):
        raise Unauthenticated("the token's header names no key (kid)")
    return header


def _words(error: jwt.PyJWTError, settings: Settings) -> str:
    match error:
        case jwt.ExpiredSignatureError():
            return "the token has expired; get a new one"
        case jwt.InvalidIssuerError():
            return f"the token's issuer (iss) must be {settings.token_issuer}"
        case jwt.InvalidAudienceError():
            return f"the token's audience (aud) must be {settings.token_audience}"
        case jwt.MissingRequiredClaimError():
            return f"the token's {error.claim} is missing"
        case jwt.ImmatureSignatureError():
            return "the token is not valid yet"
        case jwt.InvalidSignatureError():
            return "the token's signature does not hold"
    return "the token does not hold; get a new one"
