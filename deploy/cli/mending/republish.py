"""`aurora republish`: a service's records published again as they stand or, after a restore, above what was counted."""

from typing import Annotated

import typer

from deploy.cli.reaching import database, done, moment, settings_here
from deploy.cli.running import AsJson
from deploy.cli.screen import beside, fail, out, print_json
from deploy.repair.raising import Raised, raise_all
from deploy.repair.reading import Sides
from deploy.repair.told import kinds_of
from shared import mongo
from shared.process.settings import Settings
from shared.producer.producers import PRODUCERS
from shared.records.republish import republish as marked
from shared.records.store import Records

SHOWN = 50
WHOSE = ", ".join(one.name for one in PRODUCERS)


def republish(
    service: Annotated[str, typer.Argument(help=f"Whose records: {WHOSE}.")],
    kind: Annotated[str, typer.Option(help="Only this kind, such as award.")] = "",
    since: Annotated[str, typer.Option(help="Only what was written since: 2h, 7d, 2026-01-31.")] = "",
    raise_versions: Annotated[
        bool, typer.Option("--raise-versions", help="After a restore from an older copy: above all that was counted.")
    ] = False,
    wait: Annotated[float, typer.Option(help="With --raise-versions: seconds to wait for the aggregator.")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Have a service's records published again, behind its live writes. Its relay does it as soon as it can.

    With --raise-versions they become what is counted, whatever was counted before: for a service whose
    database was restored from an older copy. What was counted and is not in it is withdrawn, and listed.
    """
    kinds = kinds_of(service)
    if not kinds:
        fail(f"{service} publishes nothing; these do: {WHOSE}")
    if kind and kind not in kinds:
        fail(f"{service} publishes no {kind}; it publishes {', '.join(kinds)}")
    if raise_versions and (kind or since):
        fail("--raise-versions is for all records of a service: leave out --kind and --since")
    settings, from_then = settings_here(), moment(since)
    if raise_versions:
        _say(_raised(settings, service, wait), as_json=as_json)
        return

    async def work() -> int:
        total = 0
        async with database(settings, service) as kept:
            async for piece in marked(Records(kept), kind=kind, since=from_then):
                total += piece
                if not as_json:
                    beside.print(f"{total:,} marked", highlight=False)
        return total

    total = done(work)
    if as_json:
        print_json({"service": service, "marked": total})
    else:
        out.print(f"{total:,} records of {service} will be published again; `aurora status` shows how many still wait.")


def _raised(settings: Settings, service: str, wait_seconds: float) -> Raised:
    def tell(said: str) -> None:
        beside.print(said, highlight=False)

    async def work() -> Raised:
        client = mongo.connect(settings)
        try:
            return await raise_all(Sides.of(service, client, settings), client, wait_seconds=wait_seconds, tell=tell)
        finally:
            await mongo.close(client)

    return done(work)


def _say(raised: Raised, *, as_json: bool) -> None:
    if as_json:
        said = {"raised": raised.raised, "lost": raised.lost, "also_marked": raised.also}
        print_json({"service": raised.service, **said})
        return
    for record in raised.lost[:SHOWN]:
        out.print(f"lost: {record} was counted and is not in the copy; it is withdrawn", markup=False, highlight=False)
    if len(raised.lost) > SHOWN:
        out.print(f"... and {len(raised.lost) - SHOWN:,} more (--json has all)")
    for told_by, marked_too in raised.also.items():
        out.print(f"{marked_too:,} records of {told_by} are published again, for what {raised.service} keeps of them.")
    out.print(
        f"{raised.raised:,} records of {raised.service} will be published above all that was counted, and counting "
        "goes on within a quarter of a minute; when `aurora status` shows no lag, `aurora audit` must find nothing."
    )
