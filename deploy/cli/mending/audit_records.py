"""The second half of `aurora audit`: the facts beside the records of the services that they came from."""

from collections.abc import Mapping, Sequence
from typing import Any

from deploy.cli.screen import beside, out
from deploy.repair.comparing import PARKED, SAID, Compared, Difference
from deploy.repair.reading import Sides, compare
from shared import mongo
from shared.process.settings import Settings
from shared.producer.producers import PRODUCERS

SHOWN = 20
SAY_EVERY = 50_000


async def with_records(client: mongo.Client, settings: Settings, *, wait_seconds: float) -> list[Compared]:
    """Every service's records compared with the facts of them."""
    every = []
    for service in sorted(one.name for one in PRODUCERS):
        found, said = Compared(service), 0
        async for found in compare(Sides.of(service, client, settings), wait_seconds=wait_seconds):
            if found.records + found.facts >= said + SAY_EVERY:
                said = found.records + found.facts
                beside.print(f"{service}: {found.records:,} records, {found.facts:,} facts so far", highlight=False)
        every.append(found)
    return every


def as_data(found: Compared) -> dict[str, Any]:
    """The same for a program."""
    return {
        "records": found.records,
        "facts": found.facts,
        "waiting": found.waiting,
        "differences": found.differences,
        "by_way": dict(found.by_way),
        "behind": found.behind,
        "repair": found.repairs,
        "first": [_plain(one) for one in found.first],
    }


def _plain(one: Difference) -> Mapping[str, Any]:
    said = {"subject": one.pair.subject, "record": one.pair.record, "how": PARKED if one.parked else one.how}
    return {**said, "record_version": one.record_version, "fact_version": one.fact_version, "parked": one.parked}


def show(every: Sequence[Compared]) -> None:
    """The differences of each service, the first of them one by one, and what repairs them."""
    for found in every:
        for one in found.first[:SHOWN]:
            out.print(said(one), markup=False, highlight=False, soft_wrap=True)
        if found.differences > SHOWN:
            more = f"... and {found.differences - SHOWN:,} more of {found.service}"
            out.print(f"{more} (--json has the first {len(found.first):,})", highlight=False)
        if found.repairs:
            out.print(f"what repairs it: {'; '.join(found.repairs)}", style="bold", markup=False, highlight=False)
        if found.behind:
            waits = "what only waits to be counted is not told apart yet, so only what cannot be that is listed"
            out.print(f"{found.service}: {found.behind}; {waits}", style="yellow", markup=False, highlight=False)
        waiting = f", {found.waiting:,} wait to be published" if found.waiting else ""
        line = f"{found.service}: {found.differences:,} differ, of {found.records:,} records and {found.facts:,} facts"
        out.print(line + waiting, style="red" if found.differences else "green", highlight=False)


def said(one: Difference) -> str:
    """One difference in words."""
    versions = f"(record {_version(one.record_version)}, fact {_version(one.fact_version)})"
    parked = f": the event of it is parked, see `aurora parked show {one.parked}`" if one.parked else ""
    return f"{one.pair.record} of {one.pair.subject}: {SAID[one.how]} {versions}{parked}"


def _version(version: int | None) -> str:
    return "none" if version is None else f"version {version}"
