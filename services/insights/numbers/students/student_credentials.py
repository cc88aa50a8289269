"""Staff are told what of a student counts: the programs, years and awards within their reach."""

from collections.abc import Iterator
from dataclasses import replace

from services.aggregator.domain.measures import Member
from services.insights.numbers.reader import CAMPUS, PROGRAM, Reader
from services.insights.numbers.students.open_cohort import HEADLINE
from services.insights.numbers.students.own_credentials import Judged, OwnAward, OwnCredentials, credentials_of
from shared.doors.auth import Reach
from shared.errors import NotFound
from shared.words.said import said


async def student_credentials(reader: Reader, reach: Reach, student: str) -> OwnCredentials:
    """Raise NotFound for a student of whom nothing lies within reach, known or not."""
    found = within(await credentials_of(reader, student), reach)
    at_home = any(reach.allows(district=district) for district in found.districts)
    if not (reach.everything or at_home or found.programs or found.awards):
        raise NotFound(said("there is no student %(student)s", student=student))
    return found


def within(found: OwnCredentials, reach: Reach) -> OwnCredentials:
    """The part that the viewer reaches: by program and campus, or by a district where the student was ever at home."""

    def allows(program: str | None, campus: str | None) -> bool:
        homes = found.districts or {None}
        return any(reach.allows(program=program, organisation=campus, district=home) for home in homes)

    def judged(programs: tuple[Judged, ...]) -> tuple[Judged, ...]:
        return tuple(one for one in programs if allows(one.program, one.campus))

    def awards() -> Iterator[OwnAward]:
        for own in found.awards:
            seen = replace(own, programs=judged(own.programs))
            # What decided a number that the viewer may explain is seen with it, wherever it was logged.
            if allows(own.award.program_id, own.award.organisation_id) or any(one.counts for one in seen.programs):
                yield seen

    def in_reach(member: Member) -> bool:
        places = HEADLINE.places(member)
        return allows(places[PROGRAM], places[CAMPUS])

    return replace(
        found,
        headline=tuple(one for one in found.headline if in_reach(one)),
        programs=judged(found.programs),
        awards=tuple(awards()),
    )
