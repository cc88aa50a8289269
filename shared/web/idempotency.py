"""A write that is sent again is known by its Idempotency-Key, or by what it says, and done once."""

import hashlib
import json
import re
from typing import Annotated, Any

from fastapi import Depends, Header
from pydantic import BaseModel

from shared.errors import Malformed
from shared.records.keys import derived_id
from shared.web.conditions import NEEDED
from shared.words.forms import form

__all__ = ["IdempotencyKey", "OwnKey", "derived_id", "digest", "once"]

KEY = re.compile(r"[\x21-\x7e]{1,128}")
KEY_PATTERN = form(f"^{KEY.pattern}$", "1 to 128 letters of a to z, digits and signs, without a space")


async def given_key(
    idempotency_key: Annotated[
        str | None,
        Header(
            description="1 to 128 visible characters, new for every new thing, the same for a retry.",
            examples=["a3f1c2e4-7c1b-4f6a-9a51-3d2f7f0e8c11"],
            json_schema_extra={NEEDED: True, "pattern": KEY_PATTERN},
        ),
    ] = None,
) -> str:
    """The caller's own name for this write. Raise Malformed without one."""
    if not idempotency_key:
        raise Malformed(
            "send Idempotency-Key: 1 to 128 visible characters, such as a UUID, new for every new thing "
            "and the same again when you retry"
        )
    key = idempotency_key.strip()
    if len(key) > 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not KEY.fullmatch(key):
        raise Malformed("Idempotency-Key must be 1 to 128 visible ASCII characters without spaces")
    return key


async def own_key(
    idempotency_key: Annotated[
        str | None,
        Header(description="Makes a retry the same action; If-Match alone does too.", max_length=130),
    ] = None,
) -> str:
    """The caller's own name for an action, if it has one. Raise Malformed when it cannot be one."""
    return await given_key(idempotency_key) if idempotency_key else ""


IdempotencyKey = Annotated[str, Depends(given_key)]
OwnKey = Annotated[str, Depends(own_key)]


def digest(body: Any) -> str:
    """What tells two bodies apart, whatever the order of their fields or the spacing."""
    if isinstance(body, BaseModel):
        body = body.model_dump(mode="json")
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def once(action: str, id: str, version: int | None, key: str, body: BaseModel) -> dict[str, str]:
    """What recognises a retry: without a key, the same action on the same version with the same body."""
    said = digest([id, body.model_dump(mode="json", exclude_unset=True)])
    return {"key": key or f"{action} of version {version}: {said}", "digest": said}
