"""A OneRoster package of a hundred thousand users into an empty roster, and again: time, cost, memory."""

import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psutil

from shared.doors import local_key
from tests.bench import servers
from tests.bench.servers import Servers
from tests.bench.table import Row, Runs
from tests.oneroster_zips import (
    as_files,
    demographics,
    enrollment,
    org,
    role,
    row,
    user,
    zipped,
)

USERS, CLASSES = 100_000, 2_000
END_SECONDS = 1200.0
MEBIBYTE = 1 << 20


@cache
def package() -> bytes:
    """Students of forty schools, each with a role, groups, and a seat in a class: four hundred thousand rows."""
    schools = [f"hs-{number}" for number in range(40)]
    names = [f"u-{number:06d}" for number in range(USERS)]
    home = {name: schools[number % 40] for number, name in enumerate(names)}
    term = {"startDate": "2024-08-01", "endDate": "2025-06-30", "schoolYear": "2025"}
    rows = {
        "orgs": [org("d-1", "district", ""), *(org(school) for school in schools)],
        "users": [user(name, f"09{at:06d}", primaryOrgSourcedId=home[name]) for at, name in enumerate(names)],
        "roles": [role(name, home[name]) for name in names],
        "demographics": [demographics(name, sex="female", white="true") for name in names],
        "academicSessions": [row("academicSessions", sourcedId="t-1", title="Year", type="term", **term)],
        "courses": [row("courses", sourcedId="c-1", title="Welding 1", courseCode="W1", orgSourcedId="hs-0")],
        "classes": list(_classes(schools)),
        "enrollments": [
            enrollment(f"e-{at}", name, classSourcedId=f"k-{at % CLASSES}", schoolSourcedId=home[name])
            for at, name in enumerate(names)
        ],
    }
    return zipped(as_files(rows))


def _classes(schools: list[str]) -> Iterator[str]:
    for number in range(CLASSES):
        of = {"courseSourcedId": "c-1", "schoolSourcedId": schools[number % 40], "termSourcedIds": "t-1"}
        yield row("classes", sourcedId=f"k-{number}", title="Welding", classType="scheduled", **of)


def hundred_thousand(here: Servers, runs: int) -> list[Row]:
    """Imported once and again; `runs` does not count here, since one import is minutes long."""
    del runs
    settings = here.settings()
    with servers.service("roster", settings, here.folder / "roster.log") as (url, process):
        first = _imported(url, process, here)
        again = _imported(url, process, here)
    here.clear(settings)
    rows = []
    for words, one in (("into an empty roster", first), ("again, all of it unchanged", again)):
        found = Runs([one])
        what = f"OneRoster, {USERS:,} users, {words}"
        rows += [
            Row(f"{what}: time", found.of("seconds"), goal=180.0, most=True, unit="s"),
            Row(f"{what}: processor time of roster", found.of("roster_cpu"), unit="s"),
            Row(f"{what}: processor time of mongod", found.of("mongod_cpu"), unit="s"),
            Row(f"{what}: most memory of roster", found.of("memory"), goal=300.0, most=True, unit="MiB"),
        ]
    return rows


def _imported(url: str, process: psutil.Process, here: Servers) -> Mapping[str, float]:
    claims = {"sub": "bench", "roles": ["service"]}
    headers = {"Authorization": f"Bearer {local_key.sign(here.keys, claims)}", "Content-Type": "application/zip"}
    before = (servers.cpu_seconds(process.pid), servers.cpu_seconds(here.mongo_pid))
    began = time.monotonic()
    with httpx.Client(base_url=url, headers=headers, timeout=120.0) as client:
        sent = client.post("/v1/oneroster/imports", params={"school_year": "2024-25"}, content=package())
        where = sent.raise_for_status().headers["Location"]
        done = _ended(client, where, began)
    if done["status"] != "done" or done["problems_total"]:
        raise RuntimeError(f"the import ended as {done['status']}: {done['says']} {done['problems'][:3]}")
    return {
        "seconds": time.monotonic() - began,
        "roster_cpu": servers.cpu_seconds(process.pid) - before[0],
        "mongod_cpu": servers.cpu_seconds(here.mongo_pid) - before[1],
        "memory": _most_memory(process.pid) / MEBIBYTE,
    }


def _ended(client: httpx.Client, where: str, began: float) -> Mapping[str, Any]:
    while time.monotonic() - began < END_SECONDS:
        state: dict[str, Any] = client.get(where).raise_for_status().json()
        if state["finished_at"]:
            return state
        time.sleep(1.0)
    raise RuntimeError(f"the import has not ended within {END_SECONDS:.0f} s")


def _most_memory(pid: int) -> int:
    """The most memory that the process ever held, as the system noted it."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("the system does not say how much memory a process has held")
