"""The years of enrolments are reckoned anew from all that they are made of, and those that say something else written.

| what changes | whose years are reckoned |
|---|---|
| roster's news of a student, a rule, sharing, who a guardian is | that student's (`reckon`) |
| a program's plan | those of the students enrolled in it (`reckon_program`) |
| terms, where the school year starts | everybody's (`follow_terms`) |
| the day, and every start: what a crash left out, and the year that has begun for who has no end | everybody's |

A year is made when it says something, and from then on stays as long as roster tells of the enrolment.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from services.family_touchpoints.contact.reading import families
from services.family_touchpoints.contact_year.record import CONTACT_YEAR, void_draft, year_draft, year_id, year_of
from services.family_touchpoints.contact_year.rules import ContactYear, years_of
from services.family_touchpoints.points import PLAN, Plan, plan_of
from services.family_touchpoints.terms import Terms
from shared.contracts.roster import Enrolment
from shared.errors import Refused, Retryable, Stale
from shared.producer.desk import Desk
from shared.records.record import NOTHING_THERE, Draft, Record
from shared.roster_copy.following import notes_of
from shared.roster_copy.merges import Merges

AT_ONCE = 500
TRIES = 5
TERMS = "terms"
AS_KEPT: Mapping[str, Plan] = {}


async def reckon(desk: Desk, students: Collection[str]) -> int:
    """Have the years of these students say what is asked now; how many say something else since."""
    ids = sorted(students)
    return sum([await _reckoned(desk, ids[at : at + AT_ONCE]) for at in range(0, len(ids), AT_ONCE)])


async def reckon_all(desk: Desk) -> int:
    """The same of everybody whom roster has told of."""
    return sum([await _reckoned(desk, part) async for part in desk.roster.students_in_parts(AT_ONCE)])


async def reckon_program(desk: Desk, program_id: str) -> int:
    """The same of everybody enrolled in a program, in that program or another."""
    parts = desk.roster.students_in_parts(AT_ONCE, program=program_id)
    return sum([await _reckoned(desk, part) async for part in parts])


async def would_restate(desk: Desk, plan: Plan) -> int:
    """How many years would say something else if this were the program's plan; nothing is written."""
    parts = desk.roster.students_in_parts(AT_ONCE, program=plan.program_id)
    return sum([len(await _differing(desk, part, plans={plan.program_id: plan})) async for part in parts])


async def follow_terms(desk: Desk) -> None:
    """Reckon everybody's years if terms or the school year begin otherwise than when that was followed last."""
    calendar, organisations = await desk.roster.calendar(), await desk.roster.organisations()
    tables = [
        [id, one.type == "cted", one.parent_id, [[term.school_year, term.begins.isoformat()] for term in one.terms]]
        for id, one in sorted(organisations.items())
    ]
    said = {"starts": list(calendar.starts), "tables": tables}
    last = await notes_of(desk.records).find_one({"_id": TERMS})
    if last is None or last["said"] != said:
        await reckon_all(desk)
        await notes_of(desk.records).replace_one({"_id": TERMS}, {"said": said}, upsert=True)


async def _reckoned(desk: Desk, students: Sequence[str]) -> int:
    """Write until nothing differs: so what was written by news that another's have overtaken is put right.

    Raise Retryable when others keep writing the same years.
    """
    changed, elsewhere, erased = set[str](), set[str](), set[str]()
    for _ in range(TRIES):
        drafts = [one for one in await _differing(desk, students, elsewhere=elsewhere) if one.key not in erased]
        if not drafts:
            return len(changed)
        for draft, saved in zip(drafts, await desk.records.put_many(drafts), strict=True):
            if isinstance(saved, Stale):
                elsewhere.add(draft.key)
            elif isinstance(saved, Refused):
                erased.add(draft.key)  # what was erased is not kept again
            else:
                changed.add(draft.key)
    raise Retryable("others keep reckoning the same years; send this again")


async def _differing(
    desk: Desk, students: Sequence[str], *, elsewhere: Collection[str] = (), plans: Mapping[str, Plan] = AS_KEPT
) -> list[Draft]:
    """What makes the years of these students say what is asked now, by the plans given or as they are kept.

    `elsewhere` are years that may still be kept as another student's.
    """
    merges = await desk.roster.merges()
    ids = merges.all_together(students)
    kept = await _kept(desk, ids, elsewhere)
    wanted = {year_id(year): year for year in await _wanted(desk, ids, merges, plans)}
    return [
        *(
            year_draft(year, expected=before.version if before else NOTHING_THERE)
            for id, year in wanted.items()
            if _is_news(year, before := kept.get(id))
        ),
        *(void_draft(record) for id, record in kept.items() if id not in wanted and not record.void),
    ]


def _is_news(year: ContactYear, before: Record | None) -> bool:
    if before is None or before.void:
        return year.says_something
    return year != year_of(before.state)


async def _kept(desk: Desk, ids: Sequence[str], elsewhere: Collection[str]) -> dict[str, Record]:
    ways: list[dict[str, Any]] = [{"state.student_id": {"$in": ids}}]
    if elsewhere:
        ways.append({"_id": {"$in": sorted(elsewhere)}})
    where = {"kind": CONTACT_YEAR, "gone": {"$exists": False}, "$or": ways}
    records = [Record.of(each) async for each in desk.records.collection.find(where, {"history": 0})]
    return {record.id: record for record in records}


async def _wanted(desk: Desk, ids: Sequence[str], merges: Merges, plans: Mapping[str, Plan]) -> list[ContactYear]:
    told = await desk.roster.facts([f"student/{id}" for id in ids], Enrolment)
    enrolments = [(merges.survivor(one.student_id), one) for its in told.values() for one in its]
    if not enrolments:
        return []
    theirs = await families(desk, {student for student, _ in enrolments})
    stored = await desk.records.get_many(PLAN, {one.program_id for _, one in enrolments})
    kept = {id: plan_of(record.state) for id, record in stored.items()} | dict(plans)
    calendar = await desk.roster.calendar()
    terms, today = Terms(await desk.roster.organisations(), calendar.starts), calendar.day(desk.now())
    return [
        year
        for student, one in enrolments
        for year in years_of(
            one, student_id=student, family=theirs[student], plan=kept.get(one.program_id), terms=terms, today=today
        )
    ]
