"""A change names the version that it was decided on: ETags and If-Match."""

import re
from typing import Annotated

from fastapi import Depends, Header

from shared.errors import Malformed
from shared.words.forms import form

VERSION_PATTERN = form(r'^"[1-9][0-9]{0,14}"$', "the version in quotes, as the ETag of the last answer gives it")
ETAG = re.compile(VERSION_PATTERN)
# Marks a header that we ask for in our own words, and that the OpenAPI document calls required.
NEEDED = "x-needed"


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


IfMatch = Annotated[int | None, Depends(given_version)]
IfMatchNeeded = Annotated[int | None, Depends(needed_version)]
