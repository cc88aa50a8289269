"""A signing key made for this machine at set-up; production refuses it by its kid."""

import json
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

LOCAL_KID = "local-"
PRIVATE, PUBLIC = "private.pem", "jwks.json"


def make_key(folder: Path) -> None:
    """Write `private.pem` and `jwks.json`, unless both are there."""
    if (folder / PRIVATE).exists() and (folder / PUBLIC).exists():
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    shown: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    shown |= {"kid": f"{LOCAL_KID}{secrets.token_hex(8)}", "use": "sig", "alg": "RS256"}
    _write(folder / PRIVATE, pem)
    _write(folder / PUBLIC, json.dumps({"keys": [shown]}, indent=1).encode())


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a half-written key would refuse every token until somebody looked."""
    beside = path.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    beside.replace(path)


def sign(folder: Path, claims: Mapping[str, Any], lifetime_seconds: int = 8 * 3600) -> str:
    """A token with these claims, for the default issuer and audience unless the claims say otherwise."""
    kid = json.loads((folder / PUBLIC).read_text())["keys"][0]["kid"]
    now = int(time.time())
    full = {"iss": "aurora", "aud": "aurora", "iat": now, "exp": now + lifetime_seconds, **claims}
    return jwt.encode(full, _private_key(folder), algorithm="RS256", headers={"kid": kid})


def _private_key(folder: Path) -> rsa.RSAPrivateKey:
    # To prove the primes of a key that this machine made itself would take twenty times as long as to sign.
    private = serialization.load_pem_private_key(
        (folder / PRIVATE).read_bytes(), password=None, unsafe_skip_rsa_key_validation=True
    )
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError(f"{folder / PRIVATE} is no RSA key: remove it and {PUBLIC}, and `aurora up` makes both anew")
    return private
