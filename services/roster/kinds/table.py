"""Roster keeps these kinds of record; a new kind is a new row."""

from collections.abc import Mapping

from services.roster.identity.people import State
from services.roster.kinds.completion import COMPLETION
from services.roster.kinds.demographics import DEMOGRAPHICS
from services.roster.kinds.described import Kind
from services.roster.kinds.enrolment import ENROLMENT
from services.roster.kinds.organisation import ORGANISATION
from services.roster.kinds.outcome import OUTCOME
from services.roster.kinds.program import PROGRAM
from services.roster.kinds.student import STUDENT

KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (ORGANISATION, PROGRAM, STUDENT, DEMOGRAPHICS, ENROLMENT, COMPLETION, OUTCOME)
}
# Ties of guardians to students follow from OneRoster alone: nobody writes one.
GUARDIAN = "guardian"


def subject_of(kind: str, record_id: str, state: State) -> str:
    """Whom a record is about: its student, else itself."""
    return f"student/{state['student_id']}" if "student_id" in state else f"{kind}/{record_id}"
