"""The kinds `workshop` and `attendance`, and what is asked of them as they are stored, and their facts."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from services.family_touchpoints.contact.reading import same_persons
from services.family_touchpoints.homes import home_in, homes_of
from services.family_touchpoints.terms import Terms
from services.family_touchpoints.workshop.attendance import (
    ATTENDANCE,
    Around,
    attendance_facts,
    attendance_of,
    present,
)
from services.family_touchpoints.workshop.record import ONE_AT_A_TIME, WORKSHOP, workshop_fact, workshop_of
from shared.contracts.envelope import Outgoing
from shared.contracts.roster import Organisation
from shared.producer.desk import Desk
from shared.producer.kinds import Kind
from shared.records.record import Record
from shared.roster_copy.merges import Merges
from shared.roster_copy.reach import district_above
from shared.roster_copy.students import Filed
from shared.school_year import school_year_of


async def on_rolls(desk: Desk, workshops: Collection[str]) -> dict[str, list[Record]]:
    """Who stands on the rolls of these workshops, by workshop, in the order of ids."""
    where = {"kind": ATTENDANCE, "void": False, "state.workshop_id": {"$in": sorted(workshops)}}
    found: dict[str, list[Record]] = defaultdict(list)
    async for document in desk.records.collection.find(where).sort("_id", 1):
        found[document["state"]["workshop_id"]].append(Record.of(document))
    return found


def counted(roll: Sequence[Record], same: Merges) -> int:
    """How many guardians are told of as present: who is restricted is not told of, and so not named."""
    told = [attendance_of(one.state) for one in roll if not one.state["restricted"]]
    return present(told, same)


def districts_of(organisations: Mapping[str, Organisation], ids: Collection[str]) -> tuple[str, ...]:
    """The districts above these organisations; a campus of the cted lies in none."""
    return tuple(sorted({above for id in ids if (above := district_above(organisations, id))}))


async def facts_of_workshops(desk: Desk, records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
    """The facts of workshops, each with its districts and how many were there whom the roll does not name."""
    organisations, same = await desk.roster.organisations(), await same_persons(desk.records)
    starts = (await desk.roster.calendar()).starts
    rolls = await on_rolls(desk, [record.id for record in records])
    told: dict[str, Sequence[Outgoing]] = {}
    for record in records:
        workshop, named = workshop_of(record.state), counted(rolls.get(record.id, ()), same)
        districts = districts_of(organisations, workshop.organisation_ids)
        told[record.key] = [workshop_fact(record.id, workshop, districts=districts, named=named, starts=starts)]
    return told


async def facts_of_attendances(desk: Desk, records: Sequence[Record]) -> Mapping[str, Sequence[Outgoing]]:
    """The facts of attendances, each by what its workshop is now; of a workshop that is void there are none."""
    organisations, same = await desk.roster.organisations(), await same_persons(desk.records)
    starts = (await desk.roster.calendar()).starts
    known = await desk.records.get_many(WORKSHOP, {record.state["workshop_id"] for record in records})
    workshops = {id: workshop_of(one.state) for id, one in known.items() if not one.void}
    homes = await homes_of(desk, {id for record in records for id in record.state["student_ids"]})
    told: dict[str, Sequence[Outgoing]] = {}
    for record in records:
        one = attendance_of(record.state)
        workshop = workshops.get(one.workshop_id)
        if workshop is None:
            continue
        year = school_year_of(workshop.held_on, starts)
        at_home = {id: home for id in one.student_ids if (home := home_in(homes[id], year))}
        around = Around(
            terms=Terms(organisations, starts),
            same=same,
            homes=at_home,
            districts=districts_of(organisations, workshop.organisation_ids),
        )
        told[record.key] = list(attendance_facts(record.id, one, workshop, around))
    return told


KINDS = (
    Kind(
        name=WORKSHOP,
        naturals=(ONE_AT_A_TIME,),
        indexes=(("state.held_on", "_id"),),
        filed=Filed(program="program_ids", organisation="organisation_ids", at_several=True),
        facts=facts_of_workshops,
        school_year=True,
    ),
    Kind(
        name=ATTENDANCE,
        indexes=(("state.workshop_id",), ("state.guardian_id",)),
        filed=Filed(student="student_ids", by_enrolment=True),
        facts=facts_of_attendances,
        school_year=True,
    ),
)
