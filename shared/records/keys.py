"""An Idempotency-Key becomes an id, or stands in a history, as its caller's own: no two callers' keys meet."""

import hashlib


def derived_id(caller: str, key: str, row: int = 0) -> str:
    """The id of what a caller creates under a key: the same again for a retry, nobody else's.

    `caller` is the token's `sub`; `row` counts within a batch.
    """
    return hashlib.sha256(f"{caller}\0{key}\0{row}".encode()).hexdigest()[:28]


def means(wanted: str, kept: str, by: str) -> bool:
    """Whether a line of history `by` somebody has the wanted key.

    Earlier releases of some services kept what the caller had sent, quotes and all.
    """
    return bool(wanted) and wanted in (kept, derived_id(by, kept), derived_id(by, kept.strip('"')))
