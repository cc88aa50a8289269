"""What a caller likely meant by a student or a program that nobody knows: a word beside the refusal, never a guess."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from services.credentials.award.decision import Unknown, unknown
from services.credentials.award.placement import Student
from shared.doors.auth import Reach
from shared.errors import Refused, apart
from shared.roster_copy.lookup import Learnt
from shared.roster_copy.reach import within
from shared.words.lost_zeros import with_zeros
from shared.words.wording import nearest

STATE_STUDENT_ID = "stateStudentId:"
AT_MOST = 50  # rows of a request: who has more unknown ones has another file than was meant


class Wanted(Protocol):
    """What a row asks for."""

    @property
    def student_id(self) -> str: ...
    @property
    def program_id(self) -> str | None: ...


class Decision(Protocol):
    """What became of a row."""

    @property
    def refusal(self) -> Refused | None: ...


D = TypeVar("D", bound=Decision)


async def suggesting(learnt: Learnt, reach: Reach, wanted: Sequence[Wanted], decisions: Sequence[D]) -> list[D]:
    """The decisions; a refusal of somebody or something unknown names what is near and within the caller's reach."""
    found = list(decisions)
    open_rows = [at for at, one in enumerate(found) if isinstance(one.refusal, Unknown)][:AT_MOST]
    if not open_rows:
        return found
    students = await _with_zeros(learnt, reach, {wanted[at].student_id for at in open_rows})
    programs = await learnt.program_ids() if any(_about_program(found[at]) for at in open_rows) else []
    for at in open_rows:
        near = nearest(wanted[at].program_id, programs) if _about_program(found[at]) else ""
        works = f"write {near}, if that is meant" if near else ""
        if padded := students.get(wanted[at].student_id) if not _about_program(found[at]) else None:
            works = f"write {padded}, if that is meant: a spreadsheet takes the zeros from the front of a number"
        refusal = found[at].refusal
        if works and refusal:
            found[at] = replace(found[at], refusal=_saying(refusal, works))  # type: ignore[type-var]
    return found


def longer(name: str) -> Iterator[str]:
    """A state student id with the zeros that a spreadsheet may have taken from its front."""
    if name.startswith(STATE_STUDENT_ID):
        yield from (f"{STATE_STUDENT_ID}{number}" for number in with_zeros(name.removeprefix(STATE_STUDENT_ID)))


async def _with_zeros(learnt: Learnt, reach: Reach, names: set[str]) -> Mapping[str, str]:
    asked = {padded: name for name in names for padded in longer(name)}
    told = (await learnt.told(asked, ())).students if asked else {}
    return {asked[padded]: padded for padded, student in told.items() if _known_to(reach, student)}


def _known_to(reach: Reach, student: Student) -> bool:
    """Whether the caller reaches the student, and so may be told that there is one."""
    if reach.everything or any(reach.allows(student=id) for id in student.ids):
        return True
    reads = within(reach, student)
    own = any(reach.allows(district=district) for district in student.homes)
    return own or any(reads(one.program_id, one.organisation_id) for one in student.enrolments)


def _about_program(decision: Decision) -> bool:
    problems = decision.refusal.problems if decision.refusal else ()
    return any(one.pointer == "/program_id" for one in problems)


def _saying(refusal: Refused, works: str) -> Unknown:
    return unknown(replace(apart(refusal)[0], works=works))
