"""How the sample goes to the services: each one's share, its steps side by side, and their requests."""

import asyncio
import csv
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.sample.csv_text import as_csv
from deploy.sample.district import District

ROWS_A_REQUEST = 1000
PATIENCE_SECONDS, LOOK_SECONDS = 120.0, 0.1
Rows = Sequence[Mapping[str, str]]
Progress = Callable[[str, int, int], None]  # what is loaded, rows done, rows in all


class NotLoaded(Exception):
    """A request of the load was refused; the message quotes the answer."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What is loaded, from which folder, and where it goes; `tell` hears what is worth telling in the end."""

    made: District
    folder: Path
    services: Mapping[str, httpx.AsyncClient]
    progress: Progress
    tell: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is sent; it begins when the steps that it is `after` have ended."""

    name: str
    send: Callable[[Sending], Awaitable[None]]
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What one service is sent: its CSV files by name, and the steps, which may be after those of other services."""

    service: str
    files: Callable[[District], Mapping[str, Rows]]
    steps: tuple[Step, ...]


async def send_all(steps: Sequence[Step], to: Sending) -> None:
    """Send every step, side by side where none is after the other. Raise what the first that fails raised."""
    begun: dict[str, asyncio.Task[None]] = {}

    async def send(step: Step) -> None:
        for earlier in step.after:
            await begun[earlier]
        await step.send(to)

    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                begun[step.name] = group.create_task(send(step))
    except ExceptionGroup as failed:
        first: Exception = failed
        while isinstance(first, ExceptionGroup):
            first = first.exceptions[0]
        raise first from None


def csv_step(service: str, name: str, path: str, *, after: tuple[str, ...] = ()) -> Step:
    """The step that sends the file of this name to the import at this path."""

    async def send(to: Sending) -> None:
        await send_csv(to, service, path, f"{name}.csv")

    return Step(name, send, after)


async def send_csv(to: Sending, service: str, path: str, name: str, *, without: Collection[str] = ()) -> int:
    """Send a file in parts, without some students; the answer is how many records its rows restated, if they can."""
    restated, rows = 0, [row for row in _rows_of(to.folder / name) if row.get("student_id") not in without]
    for start in range(0, len(rows), ROWS_A_REQUEST):
        part = as_csv(rows[start : start + ROWS_A_REQUEST], list(rows[0])).encode()
        report = (await post(to.services[service], path, content=part, kind="text/csv")).json()
        if report["refused"]:
            raise NotLoaded(f"{name}: {report['refused']} rows refused, the first: {report['problems'][0]}")
        restated += report.get("restated", 0)
        to.progress(name, min(start + ROWS_A_REQUEST, len(rows)), len(rows))
    return restated


def _rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


async def post(client: httpx.AsyncClient, path: str, *, content: bytes, kind: str) -> httpx.Response:
    """Post a file, and wait while the service says that it is behind."""
    return await ask(client, "POST", path, content=content, headers={"Content-Type": kind})


async def ask(client: httpx.AsyncClient, method: str, path: str, **options: Any) -> httpx.Response:
    """The answer, waited for while the service says that it is behind (503). Raise NotLoaded when it is a refusal."""
    async for _ in patiently():
        answer = await client.request(method, path, **options)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return checked(answer)
    raise NotLoaded(f"{method} {path}: still not ready after {PATIENCE_SECONDS:.0f} s")


def checked(answer: httpx.Response) -> httpx.Response:
    """The answer, unless it is a refusal."""
    if answer.is_error:
        raise NotLoaded(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:500]}")
    return answer


async def patiently() -> AsyncIterator[None]:
    """Another look each moment, as long as anybody would wait."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        yield
        await asyncio.sleep(LOOK_SECONDS)
