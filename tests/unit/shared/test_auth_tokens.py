"""A token is taken only when its key, its algorithm and its claims hold; keys rotate without a restart."""

import asyncio
import base64
import hashlib
import hmac
import json
import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.doors.tokens import UNKNOWN_KID_SECONDS, Verifier, read_keys
from shared.errors import Retryable, Stopped, Unauthenticated
from shared.process.settings import Settings

RSA_ONE, RSA_TWO = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
EC_ONE = ec.generate_private_key(ec.SECP256R1())
RSA_AS_JWK, EC_AS_JWK = jwt.algorithms.RSAAlgorithm.to_jwk, jwt.algorithms.ECAlgorithm.to_jwk


def public(key, kid, **more) -> dict:
    to_jwk = RSA_AS_JWK if isinstance(key, rsa.RSAPrivateKey) else EC_AS_JWK
    return {**to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", **more}


def jwks(*keys) -> str:
    return json.dumps({"keys": list(keys)})


BOTH = jwks(public(RSA_ONE, "one"), public(EC_ONE, "curve"))


def token(key=RSA_ONE, kid="one", algorithm="RS256", headers=None, without=(), lifetime=3600, **claims) -> str:
    now = int(time.time())
    full = {"iss": "aurora", "aud": "aurora", "sub": "user-1", "iat": now, "exp": now + lifetime, **claims}
    full = {name: value for name, value in full.items() if name not in without}
    return jwt.encode(full, key, algorithm=algorithm, headers={"kid": kid, **(headers or {})})


def by_hand(header: dict, claims: dict, signature: bytes = b"") -> str:
    parts = [json.dumps(part).encode() for part in (header, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in [*parts, signature])


def signed_with_the_public_key() -> str:
    """The old trick: the public key, which everybody has, used as the secret of HS256."""
    secret = RSA_ONE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    unsigned = by_hand({"alg": "HS256", "kid": "one"}, {"sub": "x", "exp": 9999999999}).rstrip(".")
    signature = hmac.new(secret, unsigned.encode(), hashlib.sha256).digest()
    return f"{unsigned}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "jwks.json"
    path.write_text(BOTH)
    return path


@pytest.fixture
def verifier(file):
    return Verifier(Settings(jwks=str(file)))


@pytest.mark.parametrize(
    "made",
    [
        pytest.param({}, id="RS256"),
        pytest.param({"key": EC_ONE, "kid": "curve", "algorithm": "ES256"}, id="ES256"),
        pytest.param({"aud": ["other", "aurora"]}, id="one of several audiences"),
        pytest.param({"lifetime": -30}, id="expired within the leeway"),
        pytest.param({"headers": {"typ": "at+jwt"}}, id="typed as an access token"),
    ],
)
async def test_a_token_that_holds(verifier, made):
    assert (await verifier.verified(token(**made)))["sub"] == "user-1"


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        pytest.param("", "signed JWT", id="nothing"),
        pytest.param("a.b.c", "signed JWT", id="no token"),
        pytest.param("x" * 9000, "longer", id="endless"),
        pytest.param(by_hand({"alg": "none", "kid": "one"}, {"sub": "x"}), "RS256 or ES256", id="alg none"),
        pytest.param(by_hand({"alg": "NoNe", "kid": "one"}, {"sub": "x"}), "RS256 or ES256", id="alg NoNe"),
        pytest.param(signed_with_the_public_key(), "RS256 or ES256", id="HS256 with the public key"),
        pytest.param(token(algorithm="RS512"), "RS256 or ES256", id="another RSA algorithm"),
        pytest.param(token(kid="curve"), "its key is for ES256", id="a key of the other kind"),
        pytest.param(token(RSA_TWO), "signature", id="another key under a known kid"),
        pytest.param(token(kid="two"), "not known", id="an unknown kid"),
        pytest.param(by_hand({"alg": "RS256"}, {"sub": "x"}), "kid", id="no kid"),
        pytest.param(by_hand({"alg": "RS256", "kid": 3}, {"sub": "x"}), "signed JWT", id="a kid that is no text"),
        pytest.param(token(headers={"typ": "id+jwt"}), "access token", id="typed as something else"),
        pytest.param(token(lifetime=-120), "expired", id="expired"),
        pytest.param(token(without=["exp"]), "exp is missing", id="without exp"),
        pytest.param(token(iss="somebody"), "iss", id="another issuer"),
        pytest.param(token(without=["iss"]), "iss", id="without iss"),
        pytest.param(token(aud="somewhere"), "aud", id="for another audience"),
        pytest.param(token(without=["aud"]), "aud", id="without aud"),
        pytest.param(token(without=["sub"]), "sub is missing", id="without sub"),
        pytest.param(token(nbf=int(time.time()) + 36_000), "not valid yet", id="not valid yet"),
        pytest.param(token()[:-8] + "AAAAAAAA", "signature", id="a changed signature"),
    ],
)
async def test_a_token_that_does_not_hold_is_refused_in_words(verifier, bad, words):
    with pytest.raises(Unauthenticated, match=words):
        await verifier.verified(bad)


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"exp": "4102444800"}, id="text"),
        pytest.param({"exp": "soon"}, id="words"),
        pytest.param({"exp": float("inf")}, id="for ever"),
        pytest.param({"exp": [4102444800]}, id="a list"),
        pytest.param({"exp": None}, id="nothing"),
        pytest.param({"iat": float("inf")}, id="issued never"),
        pytest.param({"nbf": float("inf")}, id="valid never"),
    ],
)
async def test_a_time_that_is_none_is_the_callers_mistake(verifier, claims):
    with pytest.raises(Unauthenticated):
        await verifier.verified(token(**claims))


async def test_a_header_nested_without_end_is_no_token(verifier):
    head = base64.urlsafe_b64encode(b"[" * 5_000).decode().rstrip("=")

    with pytest.raises(Unauthenticated, match="cannot be read"):
        await verifier.verified(f"{head}.e30.e30")


async def test_a_token_that_held_before_is_refused_once_it_has_expired(verifier):
    expires_now = token(lifetime=-verifier.settings.token_leeway_seconds + 1)
    await verifier.verified(expires_now)
    await asyncio.sleep(1.05)

    with pytest.raises(Unauthenticated, match="expired"):
        await verifier.verified(expires_now)


async def test_a_token_that_held_before_is_refused_once_its_key_is_taken_away(verifier, file):
    old = token()
    await verifier.verified(old)
    file.write_text(jwks(public(RSA_TWO, "two")))

    with pytest.raises(Unauthenticated, match="not known here"):
        await verifier.verified(old)


async def test_a_rotated_file_is_read_again(verifier, file):
    await verifier.verified(token())

    file.write_text(jwks(public(RSA_TWO, "two")))

    assert await verifier.verified(token(RSA_TWO, "two"))
    with pytest.raises(Unauthenticated, match="not known"):
        await verifier.verified(token())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("{", id="half written"),
        pytest.param("{}", id="no keys member"),
        pytest.param('{"keys":[]}', id="no keys"),
        pytest.param('{"keys":[3]}', id="no key at all"),
        pytest.param(jwks(public(RSA_TWO, "local-2"), public(RSA_TWO, "x", use="enc", alg="RSA-OAEP")), id="local"),
    ],
)
async def test_the_last_good_keys_are_kept_when_the_file_breaks(file, content):
    environment = "prod" if "local-" in content else "local"
    settings = Settings(jwks=str(file)).model_copy(update={"environment": environment})
    verifier = Verifier(settings)
    await verifier.start()

    file.write_text(content)

    assert await verifier.verified(token())


async def test_the_last_good_keys_are_kept_when_the_file_is_gone(verifier, file):
    await verifier.start()

    file.unlink()

    assert await verifier.verified(token())


async def test_production_refuses_a_local_key(file):
    file.write_text(jwks(public(RSA_ONE, "one"), public(RSA_TWO, "local-4711")))
    settings = Settings(jwks=str(file)).model_copy(update={"environment": "prod"})

    with pytest.raises(Stopped, match="identity provider"):
        await Verifier(settings).start()


def test_only_public_signing_keys_are_used():
    secret = {"kty": "oct", "kid": "secret", "k": "c2VjcmV0", "alg": "HS256"}
    found = read_keys(
        jwks(secret, public(RSA_ONE, "enc", use="enc"), public(RSA_ONE, "big", alg="RS512"), public(RSA_ONE, "one")),
        environment="prod",
    )

    assert set(found.by_kid) == {"one"}


class Provider:
    """An identity provider that counts how often it is asked."""

    def __init__(self) -> None:
        self.content = jwks(public(RSA_ONE, "one"))
        self.asked = 0
        self.away = False
        self.hold = asyncio.Event()
        self.hold.set()

    async def __call__(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        await self.hold.wait()
        if self.away:
            raise httpx.ConnectError("away")
        return httpx.Response(200, text=self.content)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def remote(provider, clock):
    settings = Settings(jwks="https://id.test/jwks", jwks_refresh_seconds=300)
    return Verifier(settings, clock=clock, transport=httpx.MockTransport(provider))


async def test_keys_of_a_url_are_asked_for_once(remote, provider):
    await remote.start()
    for _ in range(5):
        await remote.verified(token())

    assert provider.asked == 1


async def test_a_new_kid_is_looked_for_but_not_by_everybody_who_makes_one_up(remote, provider, clock):
    await remote.start()
    provider.content = jwks(public(RSA_TWO, "two"))
    clock.now += UNKNOWN_KID_SECONDS

    assert await remote.verified(token(RSA_TWO, "two"))
    for number in range(20):
        with pytest.raises(Unauthenticated, match="not known"):
            await remote.verified(token(kid=f"made-up-{number}"))
    assert provider.asked == 2


async def test_keys_are_renewed_behind_the_requests(remote, provider, clock):
    await remote.start()
    clock.now += 301
    provider.content = jwks(public(RSA_TWO, "two"))
    provider.hold.clear()

    assert await remote.verified(token()), "the keys at hand serve while the provider takes its time"
    newcomer = asyncio.create_task(remote.verified(token(RSA_TWO, "two")))
    await asyncio.sleep(0.01)
    provider.hold.set()

    assert await newcomer, "who has a new key waits for the renewal under way"
    with pytest.raises(Unauthenticated, match="not known"):
        await remote.verified(token())
    await remote.stop()


async def test_the_last_good_keys_are_kept_when_the_provider_is_away(remote, provider, clock):
    await remote.start()
    provider.away = True
    for _ in range(3):
        clock.now += 301
        assert await remote.verified(token())
        await asyncio.sleep(0)
    await remote.stop()


async def test_a_provider_that_was_never_there_is_not_the_callers_mistake(remote, provider, clock):
    provider.away = True
    await remote.start()
    with pytest.raises(Retryable, match="cannot be read yet"):
        await remote.verified(token())

    provider.away = False
    clock.now += UNKNOWN_KID_SECONDS

    assert await remote.verified(token())
