"""What a caller likely meant by a student or a program that nobody knows: a word beside the refusal, never a guess."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.doors.auth import Reach
from shared.errors import Refused, apart
from shared.producer.refusals import Unknown, unknown
from shared.roster_copy.lookup import RosterCopy
from shared.roster_copy.reach import reaches
from shared.roster_copy.students import STATE_STUDENT_ID
from shared.words.lost_zeros import with_zeros
from shared.words.wording import nearest

AT_MOST = 50  # rows of a request: who has more unknown ones has another file than was meant


@dataclass(frozen=True, slots=True)
class Named:
    """Whom and what of roster's a row names."""

    student: str | None = None
    program: str | None = None


async def suggesting(
    roster: RosterCopy, reach: Reach, named: Sequence[Named], refusals: Sequence[Refused | None]
) -> dict[int, Refused]:
    """By row, the refusals of somebody or something unknown that name what is near and within the caller's reach."""
    open_rows = [at for at, refusal in enumerate(refusals) if isinstance(refusal, Unknown)][:AT_MOST]
    if not open_rows:
        return {}
    students = await _with_zeros(roster, reach, {name for at in open_rows if (name := named[at].student)})
    programs = await roster.program_ids() if any(_about_program(refusals[at]) for at in open_rows) else []
    found: dict[int, Refused] = {}
    for at in open_rows:
        refusal, works = refusals[at], ""
        if _about_program(refusal):
            near = nearest(named[at].program, programs)
            works = f"write {near}, if that is meant" if near else ""
        elif (padded := students.get(named[at].student or "")) and _is(refusal, "unknown_student"):
            works = f"write {padded}, if that is meant: a spreadsheet takes the zeros from the front of a number"
        if works and refusal:
            found[at] = unknown(replace(apart(refusal)[0], works=works))
    return found


def longer(name: str) -> Iterator[str]:
    """A state student id with the zeros that a spreadsheet may have taken from its front."""
    if name.startswith(STATE_STUDENT_ID):
        yield from (f"{STATE_STUDENT_ID}{number}" for number in with_zeros(name.removeprefix(STATE_STUDENT_ID)))


async def _with_zeros(roster: RosterCopy, reach: Reach, names: set[str]) -> Mapping[str, str]:
    asked = {padded: name for name in names for padded in longer(name)}
    told = (await roster.told(asked, ())).students if asked else {}
    return {asked[padded]: padded for padded, student in told.items() if reaches(reach, student)}


def _about_program(refusal: Refused | None) -> bool:
    return _is(refusal, "unknown_program")


def _is(refusal: Refused | None, code: str) -> bool:
    return any(one.code == code for one in (refusal.problems if refusal else ()))
