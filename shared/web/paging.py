"""Lists in pages: an opaque cursor says where the next one begins."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query

from shared.errors import Malformed

LIMIT_MAX = 500
AFTER_MAX = 400


@dataclass(frozen=True, slots=True)
class Paging:
    """What part of a list is asked for: `limit` things that come `after`, None for the first."""

    after: str | None
    limit: int


def encode_cursor(after: str) -> str:
    """The opaque text for `what comes after this`."""
    return base64.urlsafe_b64encode(f"1:{after}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> str:
    """Raise Malformed unless it is a cursor that one of our pages gave."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise _no_cursor() from error
    if not text.startswith("1:") or len(text) > AFTER_MAX or not text.isprintable():
        raise _no_cursor()
    return text[2:]


def _no_cursor() -> Malformed:
    return Malformed(
        "cursor is not one that a page gave as `next`",
        works="leave it out to begin at the first page",
        code="not_a_cursor",
    )


async def asked_page(
    cursor: Annotated[str | None, Query(max_length=600, description="The `next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="How many at most.")] = 100,
) -> Paging:
    """The page that the query asks for."""
    return Paging(after=decode_cursor(cursor) if cursor else None, limit=limit)


AskedPage = Annotated[Paging, Depends(asked_page)]


def _id_of(item: Mapping[str, Any]) -> str:
    return str(item["id"])


def page(
    items: Sequence[Mapping[str, Any]], limit: int, *, position: Callable[[Mapping[str, Any]], str] = _id_of
) -> dict[str, Any]:
    """One page of a list. Read `limit + 1` items: the one too many says that there is a next page."""
    shown = items[:limit]
    more = len(items) > limit
    return {"items": list(shown), "next": encode_cursor(position(shown[-1])) if more else None}
