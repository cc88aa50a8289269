"""The schools and districts of a source become roster's organisations, or are taken for those that are there."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.roster.desk.batch import Result
from services.roster.identity.people import State
from services.roster.kinds.organisation import ORGANISATION
from services.roster.kinds.rows import Wanted
from services.roster.oneroster.apply.organisations import standing_of
from services.roster.oneroster.apply.orgs import Place, places
from services.roster.oneroster.keep.wish import Wish, why_of
from services.roster.oneroster.read.findings import Finding
from services.roster.oneroster.read.rows import Row
from shared.errors import Refused


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of each place, what was found wrong, and all organisations as they now stand."""

    results: Sequence[tuple[Place, Result | Refused]]
    findings: Sequence[Finding]
    organisations: dict[str, State]


async def place(wish: Wish, rows: Sequence[Row]) -> Placed:
    """Keep what is the source's own; what it only names is not written."""
    records = await wish.store.organisations()
    standing = await standing_of(wish.store, records, why_of(wish.id) if wish.again else "")
    told = list(places(rows, wish.source, standing))
    kept = [one for one in told if isinstance(one, Place)]
    batch = await wish.new_batch()
    saved = iter(await batch.save(ORGANISATION, [Wanted(id=one.id, body=one.body) for one in kept if one.body]))
    stored = {each.id: each for each in records}
    results = [(one, next(saved) if one.body else Result("unchanged", one.id, stored[one.id])) for one in kept]
    refused = {one.id for one, result in results if isinstance(result, Refused)} - standing.known.keys()
    now = {**standing.known, **batch.known.organisations}
    return Placed(
        results,
        [one for one in told if isinstance(one, Finding)],
        {id: state for id, state in now.items() if id not in refused},
    )
