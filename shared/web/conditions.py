"""What makes a write safe to repeat or to refuse: ETags, If-Match, Idempotency-Key."""

import hashlib
import json
import re
from typing import Annotated, Any

from fastapi import Depends, Header
from pydantic import BaseModel

from shared.errors import Malformed
from shared.records.keys import derived_id
from shared.words.forms import form

__all__ = ["IdempotencyKey", "IfMatch", "IfMatchNeeded", "OwnKey", "derived_id", "digest", "etag", "once"]

VERSION_PATTERN = form(r'^"[1-9][0-9]{0,14}"$', "the version in quotes, as the ETag of the last answer gives it")
ETAG = re.compile(VERSION_PATTERN)
# Marks a header that we ask for in our own words, and that the OpenAPI document calls required.
NEEDED = "x-needed"
KEY = re.compile(r"[\x21-\x7e]{1,128}")
KEY_PATTERN = form(f"^{KEY.pattern}$", "1 to 128 letters of a to z, digits and signs, without a space")


def etag(version: int) -> str:
    """The ETag of a record's version: `"3"`."""
    return f'"{version}"'


async def given_version(
    if_match: Annotated[
        str | None,
        Header(
            description='The ETag of the version that this was decided on, such as `"3"`.',
            examples=['"3"'],
            json_schema_extra={"pattern": VERSION_PATTERN},
        ),
    ] = None,
) -> int | None:
    """The version that If-Match names, or None. Raise Malformed unless it is one ETag of ours."""
    if if_match is None:
        return None
    found = ETAG.match(if_match.strip())
    if found is None:
        raise Malformed('If-Match must be one ETag as a GET gave it, in quotes, such as "3"')
    return int(found[0][1:-1])


async def needed_version(
    if_match: Annotated[
        str | None,
        Header(
            description='Needed: the ETag of the version that this was decided on, such as `"3"`.',
            examples=['"3"'],
            json_schema_extra={"pattern": VERSION_PATTERN, NEEDED: True},
        ),
    ] = None,
) -> int | None:
    """As `given_version`, for changes that cannot be without one.

    Its absence is refused by the records, once they have looked for the record and for its
    Idempotency-Key: the retry of what is done already needs no version.
    """
    return await given_version(if_match)


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


IfMatch = Annotated[int | None, Depends(given_version)]
IfMatchNeeded = Annotated[int | None, Depends(needed_version)]
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
