"""Awards that stand twice, under two ids of one person who was merged since: found together, and counted as one."""

from collections.abc import Mapping

from services.credentials.award.queries import held
from services.credentials.award.rules import Award
from shared.merged_awards import better_first
from shared.producer.desk import Desk
from shared.roster_copy.merges import Merges

Awards = Mapping[str, Award]


async def of_persons(desk: Desk, awards: Awards, merges: Merges) -> dict[tuple[str, str], dict[str, Award]]:
    """All standing awards of the same persons and credentials, by survivor and code, whatever ids they were logged
    under."""
    students = {one.student_id for one in awards.values()}
    standing = await held(desk, merges.all_together(students), {one.credential_code for one in awards.values()})
    found: dict[tuple[str, str], dict[str, Award]] = {}
    for id, one in standing.items():
        found.setdefault((merges.survivor(one.student_id), one.credential_code), {})[id] = one
    return found


async def records_of_each(desk: Desk, awards: Awards) -> dict[str, dict[str, Award]]:
    """Of each of these awards all records that stand, the one that counts first; without a merge that is itself."""
    merges = await desk.roster.merges()
    alone = {id: {id: award} for id, award in awards.items()}
    students = {one.student_id for one in awards.values()}
    if len(merges.all_together(students)) == len({merges.survivor(each) for each in students}):
        return alone
    persons = await of_persons(desk, awards, merges)
    return alone | {
        id: of_the_attempt(award, persons.get((merges.survivor(award.student_id), award.credential_code), {}))
        for id, award in awards.items()
    }


def of_the_attempt(award: Award, awards: Awards) -> dict[str, Award]:
    """Those of one person's awards of one credential that record the same attempt, the one that counts first."""
    same = {id: one for id, one in awards.items() if one.which == award.which}
    return dict(sorted(same.items(), key=lambda pair: better_first(*pair)))
