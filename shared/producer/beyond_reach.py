"""What a caller may be told of a student's records: those within reach, and that others stand in the way, no more."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from services.credentials.award.placement import Student, Within
from shared.errors import Conflict, Problem

NOBODY = Student(id="")
ELSEWHERE = "another record of this student, which lies beyond your reach, stands in the way"
IN_THE_WAY = "beyond_reach_in_the_way"
ASK = "ask a data manager of the student's district"


class Filed(Protocol):
    """What tells whose record it is and where it is filed."""

    @property
    def student_id(self) -> str: ...
    @property
    def program_id(self) -> str | None: ...
    @property
    def organisation_id(self) -> str | None: ...


T = TypeVar("T", bound=Filed)


def told(records: Mapping[str, T], student: Student, reads: Callable[[Student], Within]) -> dict[str, T]:
    """Those of the records of this student that may be read by whoever `reads`; all, by who reads everything."""
    if reads(NOBODY)(None, None):
        return dict(records)
    within = reads(student)
    return {
        id: one
        for id, one in records.items()
        if one.student_id in student.ids and within(one.program_id, one.organisation_id)
    }


def recorded_elsewhere(pointer: str) -> Conflict:
    """The refusal of what somebody else has recorded already, out of the caller's sight."""
    said, works = f"{ELSEWHERE}: this is recorded already", f"{ASK} if yours is right"
    problem = Problem(pointer, said, works, IN_THE_WAY)
    return Conflict(problem.said, problems=[problem])


def no_student(name: str, pointer: str = "/student_id") -> Problem:
    """What to say when roster knows nobody of this name, or somebody whom the caller does not reach: the same."""
    works = "check the id; whoever is new is put into roster, and enrolled with you, first"
    return Problem(pointer, f"there is no student {name} within your reach", works, "unknown_student")
