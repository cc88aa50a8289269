"""A student is one person per human, at home in one school a year; whose a row is says identity/whose.py. Pure."""

from services.roster.grades import grade_of
from services.roster.identity.people import checked_name, next_state, with_alias
from services.roster.identity.whose import whose, without_ids_of_others
from services.roster.kinds.described import Kind
from services.roster.kinds.organisation import Organisations, district_of
from services.roster.kinds.rows import Known, ToKeep, Wanted, body_of, does_not_exist, refuse_any
from services.roster.values import Student
from shared.contracts import roster as contract
from shared.contracts.roster import YearAtSchool, alias_digest
from shared.errors import Problem
from shared.records.record import Record


def decide_student(row: Wanted, known: Known) -> ToKeep:
    """Decide a student's row: whose it is, and that each year has one school, which exists."""
    checked_name(row.id)
    body = with_alias(row.id, body_of(row, Student))
    problems = [
        does_not_exist(f"/years/{at}/school_id", "organisation", year.school_id)
        for at, year in enumerate(body.years)
        if year.school_id is not None and year.school_id not in known.organisations
    ]
    years = [year.school_year for year in body.years]
    problems += [
        Problem(f"/years/{at}/school_year", f"{year} is there twice", "send one entry a year", "twice")
        for at, year in enumerate(years)
        if year in years[:at]
    ]
    refuse_any(problems)
    meant = whose(row.id, body, known.people, row.told)
    body = without_ids_of_others(meant.person, meant.body, known.people)
    stored = known.people.states.get(meant.person)
    state = next_state(meant.person, row.id, body, stored, whole=row.whole, corrects=row.version is not None)
    return ToKeep(meant.person, state, meant.notes)


def fact_of(record: Record, organisations: Organisations) -> contract.Student:
    state = record.state
    years = [
        YearAtSchool(
            school_year=year["school_year"],
            school_id=year["school_id"],
            district_id=district_of(year["school_id"], organisations.states),
            # A record of before the vocabulary says "9": it is told as what it means.
            grade_level=grade_of(year["grade_level"] or ""),
        )
        for year in state["years"]
    ]
    return contract.Student(
        student_id=record.id,
        years=tuple(years),
        alias_digests=tuple(alias_digest(alias) for alias in state["identifiers"]),
        directory_opt_out=state["directory_opt_out"],
    )


STUDENT = Kind(
    name="student",
    plural="students",
    body=Student,
    decide=decide_student,
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
