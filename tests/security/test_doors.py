"""No route opens to somebody without a token that holds, or to a role that it does not name."""

import base64
import hashlib
import hmac
import json
import time

import jwt

from shared.doors import local_key
from shared.doors.auth import Role
from tests.security.asking import askings
from tests.security.world import NOBODY, World


def forged(keys) -> dict[str, str]:
    """Tokens that must not hold, by what is wrong with them; each claims every role and all rows."""
    everything = {"roles": [role.value for role in Role], "programs": ["*"], "campuses": ["*"], "districts": ["*"]}
    claims = {"sub": "forger", **everything}
    now = int(time.time())
    full = {"iss": "aurora", "aud": "aurora", "iat": now, "exp": now + 3600, **claims}
    jwk = json.loads((keys / local_key.PUBLIC).read_text())["keys"][0]
    good = local_key.sign(keys, claims)
    head, body, signature = good.split(".")
    return {
        "expired": local_key.sign(keys, {**claims, "exp": now - 3600}),
        "wrong audience": local_key.sign(keys, {**claims, "aud": "another"}),
        "wrong issuer": local_key.sign(keys, {**claims, "iss": "another"}),
        "alg none": jwt.encode(full, "", algorithm="none", headers={"kid": jwk["kid"]}),
        "HS256 with the public key": _with_public_key(jwk, full),
        "body changed": f"{head}.{_part({**full, 'sub': 'somebody else'})}.{signature}",
        "signature cut": f"{head}.{body}.",
        "unknown key": jwt.encode(full, "x" * 32, algorithm="HS256", headers={"kid": "another"}),
        "no token at all": "garbage",
    }


def _part(value: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _with_public_key(jwk: dict, claims: dict) -> str:
    public = jwt.PyJWK(jwk).key.public_bytes(*_pem())
    unsigned = f"{_part({'alg': 'HS256', 'kid': jwk['kid'], 'typ': 'JWT'})}.{_part(claims)}"
    made = hmac.new(public, unsigned.encode(), hashlib.sha256).digest()
    return f"{unsigned}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


def _pem():
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    return Encoding.PEM, PublicFormat.SubjectPublicKeyInfo


async def test_a_token_that_does_not_hold_opens_nothing(world: World):
    before = await world.stored()
    tokens = forged(world.keys)
    wrong = []
    asked = askings(world.app, world.places["theirs"], world.tables)
    for asking in asked:
        answers = {"none": await world.ask(asking, None)}
        for name, token in tokens.items():
            answers[name] = await world.ask(asking, None, Authorization=f"Bearer {token}")
        wrong += [(asking.operation, name, one.status_code) for name, one in answers.items() if one.status_code != 401]

    assert wrong == []
    assert len(asked) >= 5
    assert await world.stored() == before


async def test_a_role_that_a_route_does_not_name_is_refused(world: World):
    before = await world.stored()
    everything = {"programs": ["*"], "campuses": ["*"], "districts": ["*"], "student_id": NOBODY["student"]}
    wrong, refused = [], 0
    for asking in askings(world.app, world.places["theirs"], world.tables):
        others = set(Role) - world.app.state.doors.access[asking.operation].keys()
        for role in others:
            answer = await world.ask(asking, {**everything, "roles": [role.value]})
            refused += 1
            if answer.status_code != 403:
                wrong.append((asking.operation, role.value, answer.status_code))

    assert wrong == []
    assert refused > 0
    assert await world.stored() == before
