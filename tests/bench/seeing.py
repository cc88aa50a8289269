"""The whole line: from a write to the page that shows it, one transaction in quiet times, and the board."""

import json
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle, islice, product
from typing import Any
from urllib.parse import urlsplit

import httpx

from deploy.local.processes import ROOT
from shared.doors import local_key
from tests.bench import http_load, log, servers, writing
from tests.bench.servers import Servers
from tests.bench.table import Row, alternating

YEAR = "2024-25"
QUIET_WRITES, QUIET_SECONDS = 40, 0.15
BOARDS = 200
COUNT_SECONDS = 180.0


@dataclass(frozen=True)
class Line:
    """Three services, and a token for all of them."""

    credentials: str
    aggregator: str
    insights: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def wait_counted(line: Line, facts: int) -> None:
    """Return when the aggregator has counted so many facts, and nothing waits."""
    deadline = time.monotonic() + COUNT_SECONDS
    while servers.metric(line.aggregator, "aggregator_facts_total") < facts:
        if time.monotonic() > deadline:
            raise RuntimeError(f"not {facts} facts counted after {COUNT_SECONDS:.0f} s")
        time.sleep(0.25)


def shown(line: Line) -> int:
    """How many awards of the program the page shows now."""
    asked = {"dimension": "program", "school_year": YEAR}
    found = httpx.get(f"{line.insights}/v1/measures/awards", params=asked, headers=line.headers, timeout=30)
    rows = found.raise_for_status().json()["rows"]
    return next((int(row["numerator"]) for row in rows if row["value"] == "welding"), 0)


def visible(line: Line, first: int) -> dict[str, Any]:
    """200 writes a second for ten seconds, watched by a page."""
    spec = {
        "host": "127.0.0.1",
        "port": urlsplit(line.credentials).port,
        "page_port": urlsplit(line.insights).port,
        "token": line.token,
        "school_year": YEAR,
        "students": writing.STUDENTS,
        "credentials": writing.CREDENTIALS,
        "first": first,
        "connections": 16,
        "rate": 200,
        "seconds": 10,
        "before": shown(line),
    }
    command = [sys.executable, "-m", "tests.bench.page_load"]
    ran = subprocess.run(
        command, input=json.dumps(spec), capture_output=True, text=True, timeout=90, check=False, cwd=ROOT
    )
    if ran.returncode:
        raise RuntimeError(ran.stderr[-3000:])
    found: dict[str, Any] = json.loads(ran.stdout)
    if set(found["statuses"]) - {"200", "201"}:
        raise RuntimeError(f"writes were not taken: {found['statuses']}")
    return found


def quiet(line: Line, first: int) -> dict[str, Any]:
    """One write at a time, each counted before the next comes: what its transaction took."""
    before = [servers.metric(line.aggregator, f"aggregator_turn_seconds_{part}") for part in ("sum", "count")]
    spec = {"students": writing.STUDENTS, "credentials": writing.CREDENTIALS, "first": first}
    with httpx.Client(base_url=line.credentials, headers=line.headers, timeout=30) as client:
        for key, body in islice(http_load.awards(spec), QUIET_WRITES):
            headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
            client.post("/v1/awards", content=body, headers=headers).raise_for_status()
            time.sleep(QUIET_SECONDS)
    after = [servers.metric(line.aggregator, f"aggregator_turn_seconds_{part}") for part in ("sum", "count")]
    seconds, turns = (later - earlier for earlier, later in zip(before, after, strict=True))
    return {"turn_ms": 1000 * seconds / max(1.0, turns), "turns": turns}


def boards(line: Line) -> dict[str, Any]:
    """The board of every slice in turn, one asked for when the former is there."""
    slices = [{}, *({"campus": f"campus-{number}"} for number in range(5)), {"district": "north"}]
    asked = [one | {"school_year": YEAR} | day for one, day in product(slices, ({}, {"as_of": "2025-02-14"}))]
    took = []
    with httpx.Client(base_url=line.insights, headers=line.headers, timeout=30) as client:
        for params in islice(cycle(asked), BOARDS):
            began = time.perf_counter()
            client.get("/v1/scoreboard", params=params).raise_for_status()
            took.append(1000 * (time.perf_counter() - began))
    took.sort()
    return {"p50_ms": took[len(took) // 2], "p99_ms": took[int(len(took) * 0.99)]}


def whole_line(here: Servers, runs: int) -> list[Row]:
    """A district with a year of completions and awards behind it, while more awards come in."""
    settings = here.settings()
    roster = [*writing.roster(), *log.completions(writing.STUDENTS)]
    facts = log.publish(settings, "roster", roster)
    facts += log.publish(settings, "credentials", log.awards(2 * writing.STUDENTS, writing.STUDENTS))
    log.beat(settings, "roster")
    token = local_key.sign(here.keys, {"sub": "bench", "roles": ["service", "leader"], "districts": ["*"]})
    with ExitStack() as stack:
        urls = {
            name: stack.enter_context(servers.service(name, settings, here.folder / f"line-{name}.log"))[0]
            for name in ("credentials", "aggregator", "insights")
        }
        line = Line(urls["credentials"], urls["aggregator"], urls["insights"], token)
        writing.furnish(settings, line.credentials, token)
        wait_counted(line, facts)
        first = iter(range(0, 10**9, 10_000))
        found = alternating(
            runs,
            {
                "visible": lambda: visible(line, next(first)),
                "quiet": lambda: quiet(line, next(first)),
                "boards": lambda: boards(line),
            },
        )
    here.clear(settings)
    return [
        Row("write to visible on the page, 200 writes/s, p99", found["visible"].of("p99_ms"), goal=500, most=True,
            unit="ms"),
        Row("the same, median", found["visible"].of("p50_ms"), unit="ms"),
        Row("batch of one in quiet times, a transaction", found["quiet"].of("turn_ms"), goal=7, most=True, unit="ms"),
        Row("board, every slice, full year maps, p99", found["boards"].of("p99_ms"), goal=100, most=True, unit="ms"),
        Row("the same, median", found["boards"].of("p50_ms"), unit="ms"),
    ]  # fmt: skip
