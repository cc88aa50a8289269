"""The credentials service's relay as a candidate, in a process of its own: a backlog, or a steady stream of writes."""

import asyncio
import gc
import json
import sys
import time
from contextlib import suppress
from datetime import UTC, date, datetime

import uvloop

from services.credentials.award.record import award_draft, catalogue_draft
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.rules import Credential
from services.credentials.main import Parts
from shared import mongo
from shared.contracts.credentials import DatedTier
from shared.process import logs
from shared.process.progress import Progress
from shared.process.settings import Settings
from shared.records.store import Entry, Records

ENTRY = Entry(by="bench", action="record")
RECORDS, RATE, SECONDS = 20_000, 2_000, 5
CHUNK, TICK_SECONDS = 1_000, 0.01
LIVE = [{"$set": {"mark": {"rank": 0, "since": "$$NOW"}}}]
FURNISHED = {"_id": {"$regex": "^award/a[0-9]{1,5}$"}}  # not those that a steady stream has added since


def award(number: int) -> Award:
    """An award of a student of its own."""
    return Award(
        student_id=f"s{number}", credential_code="c", result="passed", program_id="p", awarded_on=date(2025, 5, 20)
    )


async def furnish(parts: Parts) -> None:
    """A catalogue of one, and awards that all wait to be published."""
    await parts.desk.records.prepare()
    tiers = (DatedTier(program_id="p", tier="required", valid_from=date(2020, 7, 1)),)
    known = Credential(code="c", title="Sample", issuer="Sample", type="Certification", ctdl_id=None, tiers=tiers)
    await parts.desk.records.put(catalogue_draft(known, ENTRY))
    for first in range(0, RECORDS, CHUNK):
        await parts.desk.records.create_many(
            [award_draft(f"a{number}", award(number), ENTRY) for number in range(first, first + CHUNK)]
        )


async def drained(records: Records) -> None:
    """Return when nothing waits for the relay."""
    while await records.collection.find_one({"mark.rank": {"$gte": 0}}, {"_id": 1}):
        await asyncio.sleep(0.02)


async def backlog(parts: Parts) -> dict[str, float]:
    """The relay's time for everything that is marked."""
    began, used = time.perf_counter(), time.process_time()
    relaying = asyncio.create_task(parts.publish())
    await drained(parts.desk.records)
    seconds, used = time.perf_counter() - began, time.process_time() - used
    await ended(relaying)
    return {"rate": RECORDS / seconds, "service_cpu_us": 1e6 * used / RECORDS}


async def steady(parts: Parts, first: int) -> dict[str, float]:
    """So many writes a second, in the handfuls in which requests that come at once are written."""
    relaying = asyncio.create_task(parts.publish())
    await drained(parts.desk.records)
    writing: set[asyncio.Task[object]] = set()
    began, sent = time.perf_counter(), 0
    while sent < RATE * SECONDS:
        due = min(RATE * SECONDS, int((time.perf_counter() - began) * RATE))
        for number in range(first + sent, first + due):
            writing.add(asyncio.create_task(parts.desk.records.create(award_draft(f"a{number}", award(number), ENTRY))))
        sent = max(sent, due)
        await asyncio.sleep(TICK_SECONDS)
    await asyncio.gather(*writing)
    took = time.perf_counter() - began
    await drained(parts.desk.records)
    await ended(relaying)
    return {"rate": RATE * SECONDS / took}


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def main() -> None:
    settings = Settings()
    client = mongo.connect(settings)
    progress = Progress(within_seconds=settings.stuck_after_seconds)
    parts = Parts(client, settings, lambda: datetime.now(UTC), progress)
    what, first = sys.argv[1], int(sys.argv[2])
    found: dict[str, float] = {}
    if what == "furnish":
        await furnish(parts)
    elif what == "mark":
        await parts.desk.records.collection.update_many(FURNISHED, LIVE)
    else:
        found = await (backlog(parts) if what == "backlog" else steady(parts, first))
    print(json.dumps(found))
    await parts.publisher.close()
    await mongo.close(client)


if __name__ == "__main__":
    logs.configure("credentials")
    gc.set_threshold(50_000, 20, 100)  # as shared.process.serving.serve has it
    uvloop.run(main())
