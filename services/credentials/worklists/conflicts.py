"""What a merge of persons, or two writes at once, has left to decide about awards: a list, never a guess."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from services.credentials.award import renewals
from services.credentials.award.record import AWARD, award_of
from services.credentials.award.rules import Award
from services.credentials.worklists.merged import of_persons, of_the_attempt
from shared.producer.desk import Desk
from shared.producer.worklists import Due, Worklist
from shared.records.record import Record
from shared.roster_copy.given_ids import unmoved

STANDING = {"kind": AWARD, "void": False}


def undecided(id: str, awards: Mapping[str, Award], void: Collection[str], today: date) -> Iterator[str]:
    """What somebody has to decide about one of a person's awards of one credential, and what would settle it.

    `awards` are all that stand, by id, under whichever id of the person they were logged;
    `void` are ids of awards that do not stand.
    """
    award = awards[id]
    same = of_the_attempt(award, awards)
    first, *others = same
    if others and id == first:
        says = f"{', '.join(others)} {'say' if len(others) > 1 else 'says'} the same of {award.day}"
        yield f"this one is counted, and {says} under another id of the student; void what is wrong"
    elif others:
        yield (
            f"award {first} says the same of {award.day} under another id of the student, and that one is counted; "
            f"POST /v1/awards/{id}/void takes this one out"
        )
    yield from _both_in_force(id, awards, today)
    # What stands is not held against a former award that was revoked since.
    former = {key: replace(one, revoked_on=None) for key, one in awards.items()}
    for problem in renewals.in_the_way(id, award, former, void):
        yield f"{problem.said}; PATCH /v1/awards/{id} with renews null takes the link out"


def _both_in_force(id: str, awards: Mapping[str, Award], today: date) -> Iterator[str]:
    """Awards of different days that are in force at once, logged under different ids: one may renew the other."""
    standing = renewals.may_be_in_force(awards, today)
    if id not in standing:
        return
    award = awards[id]
    for other in sorted(standing):
        theirs = awards[other]
        if theirs.student_id == award.student_id or theirs.day == award.day:
            continue
        later, earlier = (id, other) if theirs.day < award.day else (other, id)
        yield (
            f"award {other} of {theirs.day}, under another id of the student, is in force too; if the later one renews "
            f"the earlier, PATCH /v1/awards/{later} with renews {earlier}, else void what is wrong"
        )


async def conflicts(desk: Desk, places: Mapping[str, Any], *, today: date) -> Worklist:
    """Awards that a person has twice, two of one credential in force, and links of renewal that do not hold."""
    merges = await desk.roster.merges()
    left = await unmoved(desk.records)

    async def keep(records: Sequence[Record], _: Mapping[str, Any]) -> list[Due]:
        awards = {record.id: award_of(record.state) for record in records}
        held = await of_persons(desk, awards, merges)
        void = await _void(desk, awards.values())
        found = []
        for record in records:
            award = awards[record.id]
            person = held.get((merges.survivor(award.student_id), award.credential_code), {})
            stays = [left[record.key]] if record.key in left else []
            why = "; ".join([*undecided(record.id, {**person, record.id: award}, void, today), *stays])
            if why:
                found.append(Due(record, why))
        return found

    merged = {**STANDING, "state.student_id": {"$in": merges.all_together(merges.into)}}
    renewing = {**STANDING, "state.renews": {"$type": "string"}}
    staying = {**STANDING, "_id": {"$in": sorted(left)}}
    return Worklist(kind=AWARD, where={"$or": [merged, renewing, staying], **places}, by="day", keep=keep)


async def _void(desk: Desk, awards: Collection[Award]) -> list[str]:
    found = await desk.records.get_many(AWARD, {award.renews for award in awards if award.renews})
    return [id for id, record in found.items() if record.void]
