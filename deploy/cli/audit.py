"""`aurora audit`: every count compared, now, with a recount of the facts it was made from."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.table import Table

from deploy.cli.reaching import done, settings_here
from deploy.cli.screen import beside, out, print_json
from deploy.cli.stack import AsJson
from services.aggregator.audit import Audited, Budget
from services.aggregator.audit import audit as one_partition
from services.aggregator.domain.recounted import Difference
from shared import mongo
from shared.kafka import PARTITIONS

EQUAL, DRIFT, NOT_AUDITED = 0, 1, 2
SHOWN = 50


def audit(as_json: AsJson = False) -> None:
    """Recount everything from the stored facts. Exit code 0: no drift; 1: drift; 2: it could not be audited."""
    settings = settings_here(failing=NOT_AUDITED)

    async def work() -> list[Audited]:
        client = mongo.connect(settings)
        try:
            audits = []
            for number in range(PARTITIONS):
                found = await one_partition(client, client[settings.database("aggregator")], number, budget=Budget())
                beside.print(
                    f"partition {number}: {found.subjects:,} subjects at turn {found.turn}", highlight=False
                )  # fmt: skip
                audits.append(found)
            return audits
        finally:
            await mongo.close(client)

    audits = done(work, failing=NOT_AUDITED)
    drift = sum(len(one.differences) for one in audits)
    if as_json:
        print_json(as_data(audits))
    else:
        _show(audits, drift)
    raise typer.Exit(DRIFT if drift else EQUAL)


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
