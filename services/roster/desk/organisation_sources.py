"""A person says by which sourcedIds sources mean an organisation, and they mean no other one from then on."""

from collections.abc import Mapping, Sequence

from services.roster.desk.desk import Desk
from services.roster.kinds.feeds import mapped, names_of, with_names, without
from services.roster.kinds.organisation import ORGANISATION
from services.roster.sources import must_be_the_known
from services.roster.values import Source
from shared.doors.auth import Caller
from shared.errors import Conflict, Forbidden, Stale
from shared.records.store import Draft, Entry, Record, Saved

TRIES = 5
ACTION = "sources"


async def map_organisation(
    desk: Desk, caller: Caller, id: str, wanted: Sequence[Source], *, version: int | None
) -> Saved:
    """Let these sources mean this organisation by these names, and no other organisation.

    1. Take the names from the organisations that have them.
    2. Give them to this one.

    A crash between leaves names that mean nothing yet; the same request again does the rest.
    Raise Forbidden, NotFound, Stale, Conflict.
    """
    if not caller.reach.everything:
        raise Forbidden(
            "sources name organisations of all districts",
            works="ask a data manager of all of them to send this",
            code="beyond_reach",
        )
    for at, one in enumerate(wanted):
        await must_be_the_known(desk.store, one.source, f"/sources/{at}/source")
    for _ in range(TRIES):
        record = await desk.get(ORGANISATION, caller, id)
        if record.void:
            raise Conflict(
                f"organisation {id} is void",
                works=f"PUT /v1/organisations/{id} brings it back",
                code="void",
                existing=id,
            )
        if version is not None and version != record.version:
            raise Stale(
                f"the record is at version {record.version}, not {version}",
                works="read it again and decide on that",
                code="moved_on",
            )
        entry = Entry(by=caller.sub, action=ACTION)
        try:
            await _take_from_others(desk, id, wanted, entry)
            return await desk.store.records.put(_draft(record, mapped(names_of(record.state), wanted), entry))
        except (Stale, Conflict):  # somebody else wrote in between: look again
            continue
    raise Conflict("others keep changing these organisations", works="send it again", code="keeps_changing")


async def _take_from_others(desk: Desk, id: str, wanted: Sequence[Source], entry: Entry) -> None:
    pairs = {(each.source, each.sourced_id) for each in wanted}
    for other in await desk.store.organisations():
        names = names_of(other.state)
        left = without(names, pairs)
        if other.id != id and not other.void and len(left) < len(names):
            await desk.store.records.put(_draft(other, left, entry))


def _draft(record: Record, names: Sequence[Mapping[str, str]], entry: Entry) -> Draft:
    state = with_names(record.state, names)
    return Draft(record.kind, record.id, state, entry, record.subjects, expected=record.version)
