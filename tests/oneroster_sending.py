"""Sending a OneRoster package to a roster and waiting for the end of its import."""

import asyncio
from typing import Any

from tests.oneroster_zips import as_files, delta, zipped
from tests.roster_app import Roster

WAIT_SECONDS = 60


async def send(roster: Roster, packed: bytes, status: int = 202, **params: Any) -> Any:
    """Post a zip; the answer as it came."""
    response = await roster.ask(
        "POST", "/oneroster/imports", content=packed, headers={"Content-Type": "application/zip"}, params=params
    )
    assert response.status_code == status, response.text
    if status == 202:
        assert response.headers["Location"] == f"/v1/oneroster/imports/{response.json()['id']}"
    return response.json()


async def ended(roster: Roster, id: str) -> Any:
    """The import when it has ended."""
    async with asyncio.timeout(WAIT_SECONDS):
        while (found := await roster.get(f"/oneroster/imports/{id}"))["status"] in ("checking", "applying"):
            await asyncio.sleep(0.02)
    return found


async def load(roster: Roster, rows: dict[str, list[str]], **params: Any) -> Any:
    """Send a package of these rows and wait for its end."""
    return await ended(
        roster, (await send(roster, zipped(as_files(rows)), **{"school_year": "2024-25", **params}))["id"]
    )


async def change(roster: Roster, rows: dict[str, list[str]], **params: Any) -> Any:
    """Send a delta of these rows and wait for its end."""
    return await ended(roster, (await send(roster, delta(rows), **{"school_year": "2024-25", **params}))["id"])
