"""`aurora republish`: a service's records published again as they stand, for a consumer that is new or restored."""

from typing import Annotated

import typer

from deploy.cli.reaching import database, done, moment, settings_here
from deploy.cli.screen import beside, fail, out, print_json
from deploy.cli.stack import AsJson
from shared.contracts.catalogue import BY_SERVICE
from shared.records import Records
from shared.republish import republish as marked


def republish(
    service: Annotated[str, typer.Argument(help="Whose records: roster, credentials.")],
    kind: Annotated[str, typer.Option(help="Only this kind, such as award.")] = "",
    since: Annotated[str, typer.Option(help="Only what was written since: 2h, 7d, 2026-01-31.")] = "",
    as_json: AsJson = False,
) -> None:
    """Have a service's records published again, behind its live writes. Its relay does it as soon as it can."""
    kinds = sorted(fact.kind for fact in BY_SERVICE.get(service, ()))
    if not kinds:
        fail(f"{service} publishes nothing; these do: {', '.join(sorted(BY_SERVICE))}")
    if kind and kind not in kinds:
        fail(f"{service} publishes no {kind}; it publishes {', '.join(kinds)}")
    settings, from_then = settings_here(), moment(since)

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
