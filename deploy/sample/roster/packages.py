"""The student system's packages as they are sent: one a school year, then the night's, the sample's last word."""

import asyncio
import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from deploy.sample.district import District
from deploy.sample.roster import oneroster
from deploy.sample.sending import PATIENCE_SECONDS, NotLoaded, Sending, ask, patiently

IMPORTS = "/v1/oneroster/imports"
NIGHTLY = "oneroster-nightly.zip"
CONFIRMS = re.compile(r"confirm_removals=\d+")


def package_of(folder: Path, year: str) -> Path:
    """Where the package of a school year lies."""
    return folder / f"oneroster-{year}.zip"


def write_packages(made: District, folder: Path) -> None:
    """Write the package of every school year."""
    for year in made.years():
        package_of(folder, year).write_bytes(oneroster.zipped(made, year))


async def send_package(to: Sending, file: Path, year: str) -> None:
    """Send a year's package, unless it has been; who has left the schools since the year before is confirmed."""
    content = await asyncio.to_thread(file.read_bytes)
    if done_on(content, (await ask(to.services["roster"], "GET", IMPORTS)).json()):
        return
    state = await _import_of(to, file.name, content, f"school_year={year}")
    if state["status"] == "waiting" and (leavers := CONFIRMS.search(state["says"])):
        state = await _import_of(to, file.name, content, f"school_year={year}&{leavers[0]}")
    if state["status"] != "done" or state["problems_total"]:
        raise NotLoaded(f"{file.name}: {state}")


def done_on(content: bytes, imports: dict[str, Any]) -> datetime | None:
    """When a package with these bytes was applied to its end, by roster's list of imports."""
    digest = hashlib.sha256(content).hexdigest()
    ended = [each["finished_at"] for each in imports["items"] if each["sha256"] == digest and each["status"] == "done"]
    return datetime.fromisoformat(ended[0]) if ended else None


async def _import_of(to: Sending, name: str, content: bytes, query: str) -> dict[str, Any]:
    roster = to.services["roster"]
    kind = {"Content-Type": "application/zip"}
    answer = await ask(roster, "POST", f"{IMPORTS}?{query}", content=content, headers=kind)
    where = answer.headers["Location"]
    async for _ in patiently():
        state: dict[str, Any] = (await ask(roster, "GET", where)).json()
        to.progress(name, state["progress"]["done"], state["progress"]["total"])
        if state["status"] not in ("checking", "applying"):
            return state
    raise NotLoaded(f"{name}: not applied within {PATIENCE_SECONDS:.0f} s")
