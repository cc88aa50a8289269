"""The sample, made and loaded through the public HTTP APIs, as a district's own files would be."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import httpx

from deploy.sample.credentials.share import SHARE as CREDENTIALS
from deploy.sample.csv_text import as_csv
from deploy.sample.district import District, district
from deploy.sample.families.share import SHARE as FAMILIES
from deploy.sample.roster.nightly import Night, night
from deploy.sample.roster.packages import IMPORTS, NIGHTLY, done_on, send_package, write_packages
from deploy.sample.roster.share import SHARE as ROSTER
from deploy.sample.sending import Progress, Sending, ask, send_all

SHARES = (ROSTER, CREDENTIALS, FAMILIES)
SERVICES = tuple(share.service for share in SHARES)
ALL_THERE = "the whole sample district is there already, and these are some of its students: nothing was loaded"
REQUEST_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Made:
    """The sample as it lies in its folder: rows by file, and the night that comes after all of it."""

    district: District
    folder: Path
    rows: dict[str, int]
    night: Night


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rows per file, and what is worth telling of what came later."""

    rows: dict[str, int]
    told: list[str]


def make(folder: Path, *, seed: int, every: int, until: date | None = None) -> Made:
    """Make the sample of each `every`-th student, and write its files into the folder."""
    made = district(seed, until or datetime.now(UTC).date(), every=every)
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    for share in SHARES:
        for name, of_file in share.files(made).items():
            # So few students may be made that nothing of a kind happened to them.
            columns = list(of_file[0]) if of_file else []
            (folder / name).write_text(as_csv(of_file, columns), encoding="utf-8")
            rows[name] = len(of_file)
    write_packages(made, folder)
    last_night = night(made)
    (folder / NIGHTLY).write_bytes(last_night.packed)
    return Made(made, folder, rows, last_night)


def send(
    made: Made,
    *,
    urls: Mapping[str, str],
    token: str,
    progress: Progress,
    through: httpx.AsyncBaseTransport | None = None,
) -> Loaded:
    """Load what was made. Raise NotLoaded when a row is refused. Loading twice changes nothing."""
    headers = {"Authorization": f"Bearer {token}"}
    clients = {
        name: httpx.AsyncClient(base_url=url, headers=headers, timeout=REQUEST_SECONDS, transport=through)
        for name, url in urls.items()
    }
    return asyncio.run(_send(made, clients, progress))


async def _send(made: Made, clients: Mapping[str, httpx.AsyncClient], progress: Progress) -> Loaded:
    """Every share, then the night: whoever finds that applied knows that all is in."""
    told: list[str] = []
    async with AsyncExitStack() as opened:
        services = {name: await opened.enter_async_context(client) for name, client in clients.items()}
        to = Sending(made.district, made.folder, services, progress, told.append)
        if await _whole_is_there(made.district, services["roster"]):
            return Loaded({}, [ALL_THERE])
        await send_all([step for share in SHARES for step in share.steps], to)
        await send_package(to, made.folder / NIGHTLY, made.night.year)
    return Loaded(made.rows, [made.night.told, *told])


async def _whole_is_there(made: District, roster: httpx.AsyncClient) -> bool:
    """Whether more than this was loaded: its packages would end everybody who is not in these."""
    imports = (await ask(roster, "GET", IMPORTS)).json()
    if made.every == 1 or not imports["items"]:
        return False
    whole = district(made.seed, datetime.now(UTC).date())
    return done_on(night(whole).packed, imports) is not None


def loaded_on(folder: Path, *, roster_url: str, token: str) -> datetime | None:
    """When what lies in the folder was loaded to its end; None when roster does not know the last package."""
    try:
        packed = (folder / NIGHTLY).read_bytes()
    except FileNotFoundError:
        return None
    answer = httpx.get(f"{roster_url}{IMPORTS}", headers={"Authorization": f"Bearer {token}"}, timeout=REQUEST_SECONDS)
    return done_on(packed, answer.raise_for_status().json())
