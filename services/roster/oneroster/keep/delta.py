"""A delta is laid over what its source has, so that whom it touches is seen as if the whole roster had been sent."""

from collections.abc import AsyncIterator, Mapping
from itertools import islice

from services.roster.oneroster.check.checked import Checked, in_force
from services.roster.oneroster.check.references import REFERRED_TO
from services.roster.oneroster.keep.source_rows import AT_ONCE, SourceRow, SourceRows
from services.roster.oneroster.read.layout import ACADEMIC_SESSIONS, BY_NAME, CLASSES, ORGS, ROLES, USERS
from services.roster.oneroster.read.manifest import Manifest
from services.roster.oneroster.read.rows import Row

NO_ROW = 0  # the number of a row that is not in the package


async def known_before(kept: SourceRows, manifest: Manifest, checked: Checked) -> dict[str, frozenset[str]]:
    """What the rows of a delta may name without its being in the package; also notes when known classes meet.

    A package of whole files stands for itself.
    """
    if not manifest.partial:
        return {}
    whole = {layout.name for layout in manifest.layouts if manifest.whole(layout)}
    async for row in kept.every(manifest.source, ACADEMIC_SESSIONS):
        checked.terms.sessions[row.id] = (row.begin, row.end)
    async for row in kept.every(manifest.source, CLASSES):
        checked.terms.classes[row.id] = (row.begin, row.end)
    return {name: await kept.ids(manifest.source, BY_NAME[name]) for name in sorted(REFERRED_TO - whole)}


async def add_roles(kept: SourceRows, manifest: Manifest, checked: Checked, year: tuple[str, str]) -> None:
    """The schools of the people whom a delta touches, by the roles that it does not speak of."""
    if not manifest.partial or (ROLES in manifest.layouts and manifest.whole(ROLES)):
        return
    told = checked.ids.get(ROLES.name, ())
    placed = checked.ids.get(USERS.name, ()) if manifest.older else ()
    for role in await kept.of_users(manifest.source, ROLES, checked.touched):
        if role.cells["userSourcedId"] in placed:
            continue
        if role.id in told or role.ended_on or role.cells["role"] != "student" or not in_force(role.cells, year):
            continue
        user, org = role.cells["userSourcedId"], role.cells["orgSourcedId"]
        others = checked.schools.get(user, ())
        if org not in others:
            checked.schools[user] = (*others, org)


async def unsent_users(kept: SourceRows, manifest: Manifest, checked: Checked) -> AsyncIterator[list[Row]]:
    """The users whom other files of a delta touch, as they were sent before."""
    told = checked.ids.get(USERS.name, ())
    left = (user for user in sorted(checked.touched) if user not in told)
    while part := list(islice(left, AT_ONCE)):
        yield [_row(user) for user in (await kept.some(manifest.source, USERS, part)).values() if not user.ended_on]


async def with_unsent_orgs(kept: SourceRows, manifest: Manifest, rows: list[Row]) -> list[Row]:
    """All organisations of the source, as a delta changes them; those of a whole file stand for themselves."""
    if not manifest.partial or (ORGS in manifest.layouts and manifest.whole(ORGS)):
        return rows
    sent = {row.cells["sourcedId"] for row in rows}
    return [*rows, *[_row(each) async for each in kept.every(manifest.source, ORGS) if each.id not in sent]]


def _row(kept: SourceRow) -> Row:
    cells: Mapping[str, str] = {**kept.cells, "sourcedId": kept.id}
    return Row(NO_ROW, cells)
