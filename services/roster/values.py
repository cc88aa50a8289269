"""Callers send these bodies, one for each kind of record; frozen, with an example of each."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StringConstraints

from services.roster.grades import LONGEST, WORKS, grade_of
from shared.contracts.roster import FoundBy, OrganisationType, Placement, RaceEthnicity, Sex
from shared.school_year import is_school_year
from shared.words.fields import SCHOOL_YEAR_PATTERN, Body, Day, Id, Name, StudentName, example
from shared.words.forms import form
from shared.words.misfits import misfit

# Room for `-2024-25` behind it: the id of a demographics record is a person's id and a year.
PERSON_ID = form(
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,55}$", "1 to 56 letters of a to z, digits, - and _, beginning with a letter or digit"
)
SOURCE = form(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", "1 to 64 letters of a to z, digits, dots, - and _, without a space")
STATE_STUDENT_ID = form(r"^[A-Za-z0-9._-]{1,64}$", "1 to 64 letters of a to z, digits, dots, - and _, without a space")
SOURCE_TEXT = re.compile(SOURCE)
SOURCED_ID = form(r"^[!-~]{1,255}$", "1 to 255 letters of a to z, digits and signs, without a space")
MONTH_AND_DAY = form(r"^[0-9]{2}-[0-9]{2}$", "month and day, such as 07-01")
CIP = form(r"^[0-9]{2}(\.[0-9]{2,4}(\.[0-9]{2})?)?$", "a CIP code, such as 11.1003")


def _one_grade(value: str) -> str:
    grade = grade_of(value)
    if grade is None:
        raise misfit(WORKS, detail="this is no grade that is known", code="unknown_grade")
    return grade


def _written_as_year(value: str) -> str:
    if not is_school_year(value):
        raise misfit("write a school year as 2024-25")
    return value


SchoolYear = Annotated[
    str,
    StringConstraints(pattern=SCHOOL_YEAR_PATTERN),
    AfterValidator(_written_as_year),
    Field(examples=["2024-25"]),
]
GradeLevel = Annotated[
    str,
    StringConstraints(max_length=LONGEST),
    AfterValidator(_one_grade),
    Field(examples=["12"], description="01 to 13, KG, PS and so on; `9th` and `Grade 9` are read as 09"),
]


class Organisation(Body):
    """A district, school or campus; the one of type `cted` sets the calendar."""

    model_config = example(name="Northwest Campus", type="central_campus", parent_id="west-cted")

    name: Name
    type: OrganisationType
    parent_id: Id | None = None
    time_zone: str | None = Field(default=None, max_length=64, description="of the cted, such as America/Phoenix")
    school_year_starts: Annotated[str, StringConstraints(pattern=MONTH_AND_DAY)] | None = Field(
        default=None, description="of the cted: month and day, 07-01 when not given"
    )


class TermBegins(Body):
    """A term, and the day on which it begins."""

    term: Id = Field(description="what the term is called, such as fall")
    begins: Day


class TermsOfYear(Body):
    """The terms of one school year, in the order of their days; none at all: nothing is said of the year."""

    model_config = example(terms=[{"term": "fall", "begins": "2024-08-05"}, {"term": "spring", "begins": "2025-01-06"}])

    terms: Annotated[tuple[TermBegins, ...], Field(max_length=12)]


class TermOfYear(TermBegins):
    """A term, its school year, and the day on which it begins."""

    school_year: SchoolYear


class Program(Body):
    """A program of study, offered district-wide."""

    model_config = example(
        title="IT Security", cip_code="11.1003", cluster="Information Technology", active_from="2020-07-01"
    )

    title: Name
    cip_code: Annotated[str, StringConstraints(pattern=CIP)]
    cluster: Name
    active_from: Day
    active_to: Day | None = None


class Source(Body):
    """How one source system knows a person."""

    source: Annotated[str, StringConstraints(pattern=SOURCE)]
    sourced_id: Annotated[str, StringConstraints(pattern=SOURCED_ID)]


class YearAtSchool(Body):
    """Where a student is at home in one school year."""

    school_year: SchoolYear
    school_id: Id | None = None
    grade_level: GradeLevel | None = None


class KnownStudent(Body):
    """One person, whatever the number of source ids."""

    model_config = example(
        given_name="Sample",
        family_name="Student",
        state_student_id="900001",
        sources=[{"source": "northwest-sis", "sourced_id": "u-17"}],
        years=[{"school_year": "2024-25", "school_id": "sample-high", "grade_level": "12"}],
        directory_opt_out=False,
    )

    given_name: Name
    family_name: Name
    preferred_name: Name | None = None
    state_student_id: Annotated[str, StringConstraints(pattern=STATE_STUDENT_ID)] | None = None
    sources: Annotated[tuple[Source, ...], Field(max_length=50)] = ()
    years: Annotated[tuple[YearAtSchool, ...], Field(max_length=50)] = ()
    directory_opt_out: StrictBool | None = Field(
        default=None, description="whether the family keeps the student out of the directory; null leaves it as it is"
    )


class Student(KnownStudent):
    """One person as a caller tells of them."""

    birth_date: Day | None = Field(
        default=None,
        description="evidence of who it is: kept, never shown and never published; null leaves it as it is",
        json_schema_extra={"writeOnly": True},
    )


class Demographics(Body):
    """A student's groups in one school year; null and `not_reported` mean that nobody said."""

    model_config = example(sex="female", race_ethnicity="two_or_more", low_income=True, english_learner=False)

    sex: Sex = "not_reported"
    race_ethnicity: RaceEthnicity = "not_reported"
    low_income: StrictBool | None = None
    rural: StrictBool | None = None
    disability: StrictBool | None = None
    english_learner: StrictBool | None = None


class DemographicsOfYear(Demographics):
    """Demographics with whose and when they are."""

    model_config = example(student_id="stateStudentId:900001", school_year="2024-25", sex="female", low_income=True)

    student_id: StudentName
    school_year: SchoolYear


class Enrolment(Body):
    """A student in a program at the organisation that delivers it."""

    model_config = example(
        student_id="stateStudentId:900001",
        program_id="it-security",
        organisation_id="northwest",
        begin="2023-08-07",
        end="2025-05-22",
    )

    student_id: StudentName
    program_id: Id
    organisation_id: Id
    begin: Day
    end: Day | None = None
    concentrator_on: Day | None = None


class Completion(Body):
    """A student has completed a program; `started_on` is the earliest enrolment's begin when not given."""

    model_config = example(
        student_id="northwest-sis:u-17",
        program_id="it-security",
        organisation_id="northwest",
        completed_on="2025-05-22",
    )

    student_id: StudentName
    program_id: Id
    organisation_id: Id
    completed_on: Day
    started_on: Day | None = None


class Outcome(Body):
    """Where a person was found after school, on a day, as somebody says."""

    model_config = example(
        student_id="stateStudentId:900001",
        placement="employment",
        source="district-survey",
        observed_on="2024-12-10",
        found_by="survey",
    )

    student_id: StudentName
    placement: Placement = Field(description="in the terms of CEDS P002087, PerkinsPostProgramPlacementIndicator")
    source: Id = Field(description="a code for who says so, such as district-survey")
    observed_on: Day = Field(description="the day on which it was so; it cannot lie ahead")
    found_by: FoundBy
