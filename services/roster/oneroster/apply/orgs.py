"""Organisations are kept as a source sends them, and found again by the sourcedIds that it has for them.

Organisations that were fed before anybody noted by whom show it in their history: the first line names the import.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.roster.desk.batch import Result
from services.roster.identity.people import State
from services.roster.kinds.feeds import NAMED_BY
from services.roster.kinds.organisation import ORGANISATION
from services.roster.kinds.rows import Wanted
from services.roster.oneroster.apply.orgs_csv import Org, Standing, meant, organisation_id, orgs_told
from services.roster.oneroster.keep.source_rows import SourceRows
from services.roster.oneroster.keep.wish import Wish, import_of, why_of
from services.roster.oneroster.read.findings import Finding
from services.roster.oneroster.read.layout import ORGS
from services.roster.oneroster.read.rows import Row
from services.roster.store import Store
from shared.errors import Refused
from shared.records.store import Record

FED = "oneroster_import"


async def standing_of(store: Store, records: Sequence[Record], why: str = "") -> Standing:
    """The organisations as they are stored, and which source's feed made those that nothing is noted of.

    `why` is what the history says of an import that goes on: what it has written is told.
    """
    mine = {each.id: [past.version for past in each.history if past.why == why] for each in records if why}
    return Standing(
        known={each.id: each.state for each in records if not each.void},
        void={each.id: each.state for each in records if each.void},
        made=await _made_by(store, [each for each in records if NAMED_BY not in each.state]),
        earlier={id: versions[0] for id, versions in mine.items() if versions},
    )


async def located(store: Store, kept: SourceRows, source: str, sourced_ids: Collection[str]) -> dict[str, str]:
    """The organisation that a source means by each of these sourcedIds; an id of nobody's where there is none."""
    noted = await store.named_by(source)
    found: Mapping[str, str] = noted
    if not noted.keys() >= set(sourced_ids):
        rows = [Row(0, {**row.cells, "sourcedId": row.id}) async for row in kept.every(source, ORGS, ended=True)]
        found = {
            id: one.id for id, one in meant(rows, source, await standing_of(store, await store.organisations())).items()
        }
    return {id: found.get(id) or organisation_id(source, id) for id in sourced_ids}


async def _made_by(store: Store, records: Iterable[Record]) -> dict[str, str]:
    """The source of the import that made each of these organisations, of those that one has made."""
    made = {
        each.id: import_of(each.history[0].why) for each in records if each.history and each.history[0].action == FED
    }
    if not made:
        return {}
    imports = store.records.database["oneroster_imports"].find(
        {"_id": {"$in": sorted(set(made.values()))}}, {"source": 1}
    )
    sources = {str(each["_id"]): str(each["source"]) async for each in imports}
    return {id: sources[one] for id, one in made.items() if one in sources}


@dataclass(frozen=True, slots=True)
class OrgsKept:
    """What became of each organisation, what was found wrong, and all of them as they now stand."""

    results: Sequence[tuple[Org, Result | Refused]]
    findings: Sequence[Finding]
    organisations: dict[str, State]


async def keep_orgs(wish: Wish, rows: Sequence[Row]) -> OrgsKept:
    """Keep the organisations that are the source's own; those that it only names are not written."""
    records = await wish.store.organisations()
    standing = await standing_of(wish.store, records, why_of(wish.id) if wish.again else "")
    told = list(orgs_told(rows, wish.source, standing))
    kept = [one for one in told if isinstance(one, Org)]
    batch = await wish.new_batch()
    saved = iter(await batch.save(ORGANISATION, [Wanted(id=one.id, body=one.body) for one in kept if one.body]))
    stored = {each.id: each for each in records}
    results = [(one, next(saved) if one.body else Result("unchanged", one.id, stored[one.id])) for one in kept]
    refused = {one.id for one, result in results if isinstance(result, Refused)} - standing.known.keys()
    now = {**standing.known, **batch.known.organisations}
    return OrgsKept(
        results,
        [one for one in told if isinstance(one, Finding)],
        {id: state for id, state in now.items() if id not in refused},
    )
