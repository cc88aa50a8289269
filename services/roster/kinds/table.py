"""The kinds of record that roster keeps, one row each; a new kind is a new row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.roster.identity.people import State
from services.roster.kinds import rules as domain
from services.roster.kinds.rules import Decided, Known, Row
from services.roster.values import Completion, DemographicsOfYear, Enrolment, Organisation, Outcome, Program, Student
from shared.words.fields import Body


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record.

    `names` gives the field that names another record, and that record's kind; `named_by`
    the other way round: what must be gone before a record can be voided. `filters` are the
    questions that a list answers, each with the path of the state that it asks about.
    """

    name: str
    plural: str
    body: type[Body]
    decide: Callable[[Row, Known], Decided]
    filters: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    named_by: tuple[tuple[str, str], ...] = ()


ORGANISATION = Kind(
    name="organisation",
    plural="organisations",
    body=Organisation,
    decide=domain.decide_organisation,
    filters={"type": "state.type", "parent_id": "state.parent_id"},
    names={"parent_id": "organisation"},
    named_by=(
        ("organisation", "state.parent_id"),
        ("student", "state.years.school_id"),
        ("enrolment", "state.organisation_id"),
        ("completion", "state.organisation_id"),
    ),
)
PROGRAM = Kind(
    name="program",
    plural="programs",
    body=Program,
    decide=domain.decide_program,
    filters={"cluster": "state.cluster", "cip_code": "state.cip_code"},
    named_by=(("enrolment", "state.program_id"), ("completion", "state.program_id")),
)
STUDENT = Kind(
    name="student",
    plural="students",
    body=Student,
    decide=domain.decide_student,
    filters={"school_id": "state.years.school_id", "identifier": "state.identifiers", "q": "words"},
    names={"school_id": "organisation"},
    named_by=(
        ("enrolment", "state.student_id"),
        ("completion", "state.student_id"),
        ("demographics", "state.student_id"),
        ("outcome", "state.student_id"),
        ("student", "state.merged_into"),
    ),
)
DEMOGRAPHICS = Kind(
    name="demographics",
    plural="demographics",
    body=DemographicsOfYear,
    decide=domain.decide_demographics,
    filters={"student_id": "state.student_id", "school_year": "state.school_year"},
    names={"student_id": "student"},
)
# Asked of completions, and answered from enrolments: whether anything tells when the program was begun.
START_KNOWN = "start_known"
PLACED = {"student_id": "student", "program_id": "program", "organisation_id": "organisation"}
ENROLMENT = Kind(
    name="enrolment",
    plural="enrolments",
    body=Enrolment,
    decide=domain.decide_enrolment,
    filters={each: f"state.{each}" for each in PLACED},
    names=PLACED,
)
COMPLETION = Kind(
    name="completion",
    plural="completions",
    body=Completion,
    decide=domain.decide_completion,
    filters={**{each: f"state.{each}" for each in PLACED}, START_KNOWN: START_KNOWN},
    names=PLACED,
)
OUTCOME = Kind(
    name="outcome",
    plural="outcomes",
    body=Outcome,
    decide=domain.decide_outcome,
    filters={each: f"state.{each}" for each in ("student_id", "placement", "source")},
    names={"student_id": "student"},
)
KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (ORGANISATION, PROGRAM, STUDENT, DEMOGRAPHICS, ENROLMENT, COMPLETION, OUTCOME)
}
# Ties of guardians to students follow from OneRoster alone: nobody writes one.
GUARDIAN = "guardian"


def subject_of(kind: str, record_id: str, state: State) -> str:
    """Whom a record is about: its student, else itself."""
    return f"student/{state['student_id']}" if "student_id" in state else f"{kind}/{record_id}"
