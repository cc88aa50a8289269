"""Renewals among the stored awards: what a change of one award would break in another is refused beforehand."""

from collections.abc import Collection, Mapping, Sequence

from services.credentials.award import renewals
from services.credentials.award.decision import taken_by
from services.credentials.award.record import AWARD, award_of, held, renewals_of
from services.credentials.award.rules import Award, refuse
from shared.errors import Problem
from shared.producer.desk import Desk
from shared.records.record import Record


async def hold_together(desk: Desk, persons: Collection[str], id: str, before: Award, after: Award) -> None:
    """Raise Refused when a corrected award cannot renew what it names, or is no more what another renews.

    `persons` are all ids of the person whose award it is. Raise Conflict when it would record
    once more what another record of that person says.
    """
    others = await held(desk, persons, {before.credential_code, after.credential_code})
    same = {key: one for key, one in others.items() if one.credential_code == after.credential_code}
    # What stands is not held against a former award that was revoked since.
    new = _linked(before) != _linked(after)
    broken = await _in_the_way(desk, id, after, same) if new and after.renews else []
    refuse([*broken, *renewals.held_fast(id, before, after, others)])
    moved = (after.credential_code, after.which) != (before.credential_code, before.which)
    if twin := next((key for key, one in same.items() if moved and key != id and one.which == after.which), None):
        raise taken_by(twin, after)


async def _in_the_way(desk: Desk, id: str, after: Award, same: Mapping[str, Award]) -> list[Problem]:
    """What is wrong with the award that a corrected one names; another person's may renew it too."""
    former = after.renews or ""
    void = await _void(desk, former) if former not in same else ()
    by = (await renewals_of(desk, [former])).get(former)
    renewing = await desk.records.get_many(AWARD, [by]) if by and by not in same else {}
    others = {**same, **{key: award_of(one.state) for key, one in renewing.items()}}
    return list(renewals.in_the_way(id, after, others, void))


async def let_go(desk: Desk, records: Sequence[Record]) -> None:
    """Raise Refused when an award that would stay renews one of these, which are to be taken out."""
    going = {record.id: award_of(record.state) for record in records}
    staying = [by for by in (await renewals_of(desk, going)).values() if by not in going]
    if not staying:
        return
    others = {id: award_of(record.state) for id, record in (await desk.records.get_many(AWARD, staying)).items()}
    refuse([problem for id, award in going.items() for problem in renewals.held_fast(id, award, None, others)])


async def _void(desk: Desk, id: str) -> list[str]:
    found = await desk.records.get_many(AWARD, [id])
    return [id for id, record in found.items() if record.void]


def _linked(award: Award) -> tuple[object, ...]:
    return (award.renews, award.day, award.credential_code, award.result)
