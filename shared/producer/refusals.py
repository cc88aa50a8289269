"""Refusals in the words of a school that services have in common; of what its reader may not read they tell nothing."""

from shared.errors import Conflict, NotFound, Problem, Refused
from shared.records.record import Record

ELSEWHERE = "another record of this student, which lies beyond your reach, stands in the way"
IN_THE_WAY = "beyond_reach_in_the_way"
ASK = "ask a data manager of the student's district"


class Unknown(Refused):
    """Roster has not told us of the student or the program; it may yet."""


def unknown(problem: Problem) -> Unknown:
    """The refusal of a row for what roster has not told us."""
    return Unknown(problem.said, [problem])


def unknown_program(program_id: str, pointer: str = "/program_id") -> Problem:
    """What to tell a caller whose program roster does not know."""
    works = "check the id; a new program is put into roster first"
    return Problem(pointer, f"roster knows no program {program_id}", works, "unknown_program")


def unknown_organisation(id: str, pointer: str) -> Problem:
    """What to tell a caller whose organisation roster does not know."""
    works = "check the id; a new school or campus is put into roster first"
    return Problem(pointer, f"roster knows no organisation {id}", works, "unknown_organisation")


def no_program(program_id: str) -> NotFound:
    """The answer about a program that roster does not know."""
    problem = unknown_program(program_id)
    return NotFound(problem.detail, works=problem.works, code=problem.code)


def no_student(name: str, pointer: str = "/student_id") -> Problem:
    """What to say when roster knows nobody of this name, or somebody whom the caller does not reach: the same."""
    works = "check the id; whoever is new is put into roster, and enrolled with you, first"
    return Problem(pointer, f"there is no student {name} within your reach", works, "unknown_student")


def gone_since(kind: str, id: str) -> Problem:
    """What to tell whoever sends again what was taken out since."""
    said = f"{kind} {id} was logged with this key before and is void since"
    return Problem("", said, "send another key if it was right after all", "void")


def recorded_elsewhere(pointer: str) -> Conflict:
    """The refusal of what somebody else has recorded already, out of the caller's sight."""
    said, works = f"{ELSEWHERE}: this is recorded already", f"{ASK} if yours is right"
    problem = Problem(pointer, said, works, IN_THE_WAY)
    return Conflict(problem.said, problems=[problem])


def refuse_void(record: Record) -> None:
    """Raise Refused for a change of what was taken out."""
    if record.void:
        said = f"{record.kind.replace('_', ' ')} {record.id} is void"
        raise Refused(said, works="log it again if it was right after all", code="void")


def other_body() -> Refused:
    """The refusal of a key that comes again with something else."""
    return Refused(
        "this Idempotency-Key was used with another body", works="send another key with another body", code="key_used"
    )
