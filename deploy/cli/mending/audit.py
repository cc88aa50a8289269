"""`aurora audit`: every count compared, now, with its facts, and every fact with the record that it came from."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.table import Table

from deploy.cli.mending import audit_records
from deploy.cli.reaching import done, settings_here
from deploy.cli.running import AsJson
from deploy.cli.screen import beside, out, print_json
from deploy.repair.comparing import Compared
from services.aggregator.domain.differences import Difference
from services.aggregator.recount.audit import Audited, Budget
from services.aggregator.recount.audit import audit as one_partition
from shared import mongo
from shared.kafka import PARTITIONS
from shared.process.settings import Settings

EQUAL, DRIFT, NOT_AUDITED = 0, 1, 2
SHOWN = 50


def audit(
    as_json: AsJson = False,
    only: Annotated[str, typer.Option(help="Only `counts` against the facts, or the facts against `records`.")] = "",
    wait: Annotated[float, typer.Option(help="So many seconds at most until all that was written is counted.")] = 30.0,
) -> None:
    """Recount everything from the stored facts, and compare these with the services' own records.

    Exit code 0: no drift, no difference; 1: something differs; 2: it could not be audited, or not all of it yet.
    """
    if only not in ("", "counts", "records"):
        raise typer.BadParameter("say counts or records, or leave it out for both")
    settings = settings_here(failing=NOT_AUDITED)

    async def work() -> tuple[list[Audited], list[Compared]]:
        client = mongo.connect(settings)
        try:
            audits = [] if only == "records" else await _recounted(client, settings)
            if only == "counts":
                return audits, []
            return audits, await audit_records.with_records(client, settings, wait_seconds=wait)
        finally:
            await mongo.close(client)

    audits, compared = done(work, failing=NOT_AUDITED)
    drift = sum(len(one.differences) for one in audits)
    if as_json:
        print_json(as_data(audits) | {"records": {one.service: audit_records.as_data(one) for one in compared}})
    else:
        if audits:
            _show(audits, drift)
        audit_records.show(compared)
    if drift or any(one.differences for one in compared):
        raise typer.Exit(DRIFT)
    raise typer.Exit(NOT_AUDITED if any(one.behind for one in compared) else EQUAL)


async def _recounted(client: mongo.Client, settings: Settings) -> list[Audited]:
    audits = []
    for number in range(PARTITIONS):
        found = await one_partition(client, client[settings.database("aggregator")], number, budget=Budget())
        beside.print(f"partition {number}: {found.subjects:,} subjects at turn {found.turn}", highlight=False)
        audits.append(found)
    return audits


def by_measure(audits: Sequence[Audited]) -> dict[str, tuple[int, int]]:
    """Of each measure: cell shares compared, and days of them that differ."""
    found: dict[str, tuple[int, int]] = {}
    for audited in audits:
        for measure, cells in audited.cells.items():
            before = found.get(measure, (0, 0))
            found[measure] = (before[0] + cells, before[1] + audited.drift[measure])
    return found


def as_data(audits: Sequence[Audited]) -> dict[str, Any]:
    """All of it, for a program."""
    return {
        "drift": sum(len(one.differences) for one in audits),
        "subjects": sum(one.subjects for one in audits),
        "of_other_definitions": sum(one.elsewhere for one in audits),
        "measures": {key: {"cells": cells, "drift": n} for key, (cells, n) in by_measure(audits).items()},
        "differences": [_plain(audited.partition, one) for audited in audits for one in audited.differences],
    }


def _plain(partition: int, one: Difference) -> Mapping[str, Any]:
    return {"partition": partition, **one.cell._asdict(), **{k: v for k, v in one._asdict().items() if k != "cell"}}


def _show(audits: Sequence[Audited], drift: int) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("measure", "cells", "drift"):
        table.add_column(heading, justify="left" if heading == "measure" else "right")
    for measure, (cells, n) in by_measure(audits).items():
        table.add_row(measure, f"{cells:,}", f"[red]{n:,}[/]" if n else "0")
    out.print(table)
    differing = [(audited.partition, one) for audited in audits for one in audited.differences]
    for number, one in differing[:SHOWN]:
        where = " ".join(str(part) for part in one.cell)
        said = f"partition {number}: {where}, {one.side} of day {one.day}: counted {one.counted}, facts {one.recounted}"
        out.print(said, markup=False, highlight=False, soft_wrap=True)
    if len(differing) > SHOWN:
        out.print(f"... and {len(differing) - SHOWN:,} more (--json has all)")
    elsewhere = sum(one.elsewhere for one in audits)
    if elsewhere:
        out.print(f"{elsewhere:,} cells of other definitions than this release's stand beside; they were not compared.")
    subjects = sum(one.subjects for one in audits)
    out.print(f"drift {drift:,}: {subjects:,} subjects recounted", style="red" if drift else "green", highlight=False)
