"""Where students are at home in each school year: who moves in another takes nothing along of what was done then."""

from collections.abc import Collection, Mapping

from shared.contracts.roster import Student
from shared.producer.desk import Desk

# By school year, the district.
Homes = Mapping[str, str]


async def homes_of(desk: Desk, students: Collection[str]) -> dict[str, Homes]:
    """Where each of these students is at home, as far as roster has told, under whichever id of the person."""
    merges = await desk.roster.merges()
    told = await desk.roster.facts([f"student/{id}" for id in merges.all_together(students)], Student)
    return {
        id: {
            year.school_year: year.district_id
            for each in reversed(merges.together(id))
            for fact in told.get(f"student/{each}", ())
            for year in fact.years
            if year.district_id
        }
        for id in students
    }


def home_in(homes: Homes, school_year: str) -> str | None:
    """The district in a school year, else in the latest that has one."""
    return homes.get(school_year) or (homes[max(homes)] if homes else None)
