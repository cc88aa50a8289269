"""`aurora recount`: counts made anew from the facts beside those shown, compared, and mended where they differ."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Annotated, Any
from uuid import uuid4

import typer

from deploy.cli.reaching import done, settings_here
from deploy.cli.running import AsJson
from deploy.cli.screen import beside, fail, out, print_json
from services.aggregator.counting.aggregate import Outcome
from services.aggregator.counting.store import MongoStore, position_of
from services.aggregator.domain.catalogue import CATALOGUE, Definitions, draft_of
from services.aggregator.main import opened
from shared import mongo
from shared.errors import LostPartition, Retryable
from shared.kafka import PARTITIONS
from shared.process.settings import Settings

EQUAL, MENDED, NOT_DONE = 0, 1, 2
LOOK_SECONDS = 0.5
TRIES = 20
NOBODY_COUNTS_SECONDS = 60.0
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a recount is: partitions still at it, and subjects through of all of theirs."""

    partitions: int
    through: int
    of: int


def recount(
    measure: Annotated[
        list[str] | None, typer.Option(help="Only this one, such as W1.headline; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count from the stored facts anew while counting goes on, and show every cell that differed.

    The running aggregators do it; ended by Ctrl-C this command only stops watching them. Exit code
    0: all was equal; 1: something differed and was mended; 2: it could not be done.
    """
    unknown = sorted(set(measure or ()) - {one.key for one in CATALOGUE.measures})
    if unknown:
        known = ", ".join(one.key for one in CATALOGUE.measures)
        fail(f"there is no measure {', '.join(unknown)}; there is {known}", code=NOT_DONE)
    definitions = CATALOGUE.of_keys(measure) if measure else CATALOGUE.definitions
    settings = settings_here(failing=NOT_DONE)
    reports = done(lambda: _recounted(settings, definitions), failing=NOT_DONE)
    found = as_data(reports)
    if as_json:
        print_json(found)
    else:
        _show(found)
    raise typer.Exit(MENDED if found["differences"] else EQUAL)


async def _recounted(settings: Settings, definitions: Definitions) -> list[Mapping[str, Any]]:
    run = uuid4().hex
    client = mongo.connect(settings)
    try:
        store = opened(settings, client)
        await store.prepare(range(PARTITIONS))
        for number in range(PARTITIONS):
            await _ask(store, number, run, definitions)
        database = client[settings.database("aggregator")]
        await _watched(database)
        return [one async for one in database["recounts"].find({"run": run})]
    finally:
        await mongo.close(client)


async def _ask(store: MongoStore, number: int, run: str, definitions: Definitions) -> None:
    """Leave the wish in the position: whoever counts it sees that a turn was taken, and goes on from there."""
    for _ in range(TRIES):
        position = await store.load(number)
        # What is being counted for the first time here is compared with nothing when it is through.
        drafts = frozenset(draft_of(one) for one in definitions & position.definitions)
        try:
            await store.turn(position.asked_to_recount(run, drafts), (), lambda _: Outcome())
        except LostPartition:
            store.forget(number)
        else:
            return
    raise Retryable(f"partition {number} is written so often that no turn could be had; try again")


async def _watched(database: mongo.Database) -> None:
    """Return when no partition recounts any more. Raise Retryable when nobody is at work on it."""
    last, moved_at = None, monotonic()
    while (now := await _progress(database)).partitions:
        if now != last:
            last, moved_at = now, monotonic()
            said = f"{now.partitions} of {PARTITIONS} partitions to go, {now.through:,} of {now.of:,} of their subjects"
            beside.print(said, highlight=False)
        if monotonic() - moved_at > NOBODY_COUNTS_SECONDS:
            raise Retryable(
                f"nothing moved for {NOBODY_COUNTS_SECONDS:.0f} seconds: is an aggregator running and ready? "
                "See `aurora status`. What is asked stays asked; run this again to watch it"
            )
        await asyncio.sleep(LOOK_SECONDS)


async def _progress(database: mongo.Database) -> Progress:
    positions = [position_of(one, CATALOGUE) async for one in database["places"].find({"recount": {"$type": "object"}})]
    asked = [position.recount for position in positions if position.recount]
    return Progress(len(asked), sum(one.done for one in asked), sum(one.of for one in asked))


def as_data(reports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What came of it, over all partitions."""
    by_definition: dict[str, dict[str, int]] = {}
    for one in sorted(reports, key=lambda report: report["_id"]):
        kept = by_definition.setdefault(one["definition"], {"cells": 0, "differences": 0})
        kept["cells"] += one["cells"]
        kept["differences"] += one["differences"]
    subjects = {one["partition"]: one["subjects"] for one in reports}
    first = [{"partition": one["partition"], **difference} for one in reports for difference in one["first"]]
    return {
        "differences": sum(one["differences"] for one in reports),
        "subjects": sum(subjects.values()),
        "definitions": by_definition,
        "first": first,
    }


def _show(found: Mapping[str, Any]) -> None:
    for definition, one in found["definitions"].items():
        out.print(f"{definition}: {one['cells']:,} cells, {one['differences']:,} days differed", highlight=False)
    for one in found["first"][:SHOWN]:
        where = " ".join(
            str(one[name]) for name in ("measure", "version", "series", "school_year", "dimension", "value")
        )
        said = f"partition {one['partition']}: {where}, {one['side']} of day {one['day']}"
        said = f"{said}: counted {one['counted']}, facts {one['recounted']}"
        out.print(said, markup=False, highlight=False, soft_wrap=True)
    differed = found["differences"]
    said = f"{differed:,} days differed and were mended" if differed else "every cell is equal to the recount"
    out.print(f"{said}: {found['subjects']:,} subjects", style="red" if differed else "green", highlight=False)
