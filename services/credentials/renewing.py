"""Renewals among the stored awards: what a change of one award would break in another is refused beforehand."""

from collections.abc import Sequence

from services.credentials import renewals
from services.credentials.domain import Award, refuse
from services.credentials.store import Store, award_of
from shared.records import Record


async def hold_together(store: Store, id: str, before: Award, after: Award) -> None:
    """Raise Refused when a corrected award cannot renew what it names, or is no more what another renews."""
    others = await store.held([after.student_id], {before.credential_code, after.credential_code})
    same = {key: one for key, one in others.items() if one.credential_code == after.credential_code}
    # What stands is not held against a former award that was revoked since.
    new = _linked(before) != _linked(after)
    void = await _void(store, after.renews) if new and after.renews and after.renews not in same else ()
    broken = renewals.in_the_way(id, after, same, void) if new else ()
    refuse([*broken, *renewals.held_fast(id, before, after, others)])


async def let_go(store: Store, records: Sequence[Record]) -> None:
    """Raise Refused when an award that would stay renews one of these, which are to be taken out."""
    going = {record.id: award_of(record.state) for record in records}
    staying = [by for by in (await store.renewals(going)).values() if by not in going]
    if not staying:
        return
    others = {id: award_of(record.state) for id, record in (await store.awards(staying)).items()}
    refuse([problem for id, award in going.items() for problem in renewals.held_fast(id, award, None, others)])


async def _void(store: Store, id: str) -> list[str]:
    found = await store.awards([id])
    return [id for id, record in found.items() if record.void]


def _linked(award: Award) -> tuple[object, ...]:
    return (award.renews, award.day, award.credential_code, award.result)
