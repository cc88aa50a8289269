"""Facts that roster publishes: people by opaque id, places, programs, enrolment, completion."""

import hashlib
from datetime import date
from typing import ClassVar, Literal

import msgspec

from shared.contracts.envelope import Fact
from shared.contracts.values import Grade, Id, SchoolYear, YearStart

OrganisationType = Literal["cted", "district", "school", "central_campus", "satellite_campus"]
# What a person does after school, in the terms of CEDS P002087, PerkinsPostProgramPlacementIndicator.
Placement = Literal[
    "advanced_training",
    "military",
    "service",
    "postsecondary",
    "certificate",
    "associate",
    "baccalaureate",
    "peace_corps",
    "employment",
    "unknown",
    "not_engaged",
    "other",
]
FoundBy = Literal["survey", "call", "visit", "document", "records_match", "other"]
Relation = Literal["guardian", "parent", "relative"]
Sex = Literal["female", "male", "other", "not_reported"]
RaceEthnicity = Literal[
    "hispanic_latino",
    "american_indian_alaska_native",
    "asian",
    "black_african_american",
    "native_hawaiian_pacific_islander",
    "white",
    "two_or_more",
    "not_reported",
]


def alias_digest(alias: str) -> str:
    """How an id from outside (`stateStudentId:900001`, `northwest-sis:u-17`) stands in an event.

    A digest is no secret, but nobody reads a state student id off the log at a glance.
    """
    return hashlib.sha256(alias.encode()).hexdigest()[:32]


class RosterFact(Fact, frozen=True, kw_only=True):
    service: ClassVar[str] = "roster"


class YearAtSchool(msgspec.Struct, frozen=True, kw_only=True):
    """Where a student was at home in one school year (`2024-25`)."""

    school_year: SchoolYear
    school_id: Id | None = None
    district_id: Id | None = None
    grade_level: Grade | None = None


class Student(RosterFact, frozen=True, kw_only=True):
    """One record of a person, whatever the number of source ids.

    `merged_into` is the person that this one became: it is told to the merged id's own subject, so
    that the id goes on meaning somebody. To the survivor's subject the same record is told with
    `student_id` the survivor's and `logged_as` the merged id: it adds what the survivor's own
    record does not say.
    """

    kind: ClassVar[str] = "student"
    student_id: Id
    merged_into: Id | None = None
    logged_as: Id | None = None
    years: tuple[YearAtSchool, ...] = ()
    alias_digests: tuple[str, ...] = ()
    directory_opt_out: bool = False


class Demographics(RosterFact, frozen=True, kw_only=True):
    """A student's groups in one school year; None and `not_reported` mean that nobody said.

    `logged_as` is the id of the record that it belongs to, when that person was merged into
    `student_id` since: the survivor's own word of a year goes before it.
    """

    kind: ClassVar[str] = "demographics"
    student_id: Id
    logged_as: Id | None = None
    school_year: SchoolYear
    sex: Sex = "not_reported"
    race_ethnicity: RaceEthnicity = "not_reported"
    low_income: bool | None = None
    rural: bool | None = None
    disability: bool | None = None
    english_learner: bool | None = None


class TermBegins(msgspec.Struct, frozen=True, kw_only=True):
    """A term of a school year; it lasts until the next one begins, so that no day lies between two."""

    school_year: SchoolYear
    term: Id
    begins: date


class Organisation(RosterFact, frozen=True, kw_only=True):
    """A district, school or campus; the one of type `cted` sets the calendar.

    `terms` are in the order of their days; of a school year without any the organisation says
    nothing, and what is above it may.
    """

    kind: ClassVar[str] = "organisation"
    organisation_id: Id
    name: str
    type: OrganisationType
    parent_id: Id | None = None
    time_zone: str | None = None
    school_year_starts: str | None = None
    terms: tuple[TermBegins, ...] = ()


class Program(RosterFact, frozen=True, kw_only=True):
    """A program of study, district-wide."""

    kind: ClassVar[str] = "program"
    program_id: Id
    title: str
    cip_code: str
    cluster: str
    active_from: date
    active_to: date | None = None


class Enrolment(RosterFact, frozen=True, kw_only=True):
    """A student in a program at the organisation that delivers it; the calendar tells which years it lies in."""

    kind: ClassVar[str] = "enrolment"
    enrolment_id: Id
    student_id: Id
    program_id: Id
    organisation_id: Id
    organisation_type: OrganisationType
    begin: date
    end: date | None = None
    concentrator_on: date | None = None
    school_year_starts: YearStart = "07-01"


class Completion(RosterFact, frozen=True, kw_only=True):
    """A student has completed a program; `school_year` is that of `completed_on`.

    `started_on` is the day that was told, else the begin of the student's earliest enrolment in the
    program. While neither is known it is `completed_on`, and `start_known` is false.
    """

    kind: ClassVar[str] = "completion"
    completion_id: Id
    student_id: Id
    program_id: Id
    organisation_id: Id
    organisation_type: OrganisationType
    started_on: date
    completed_on: date
    school_year: SchoolYear
    start_known: bool = True


class Outcome(RosterFact, frozen=True, kw_only=True):
    """Where a person was found after school, on a day, by whom and how; `school_year` is that of the day.

    `source` is a code, such as `district-survey`: who says so.
    """

    kind: ClassVar[str] = "outcome"
    outcome_id: Id
    student_id: Id
    placement: Placement
    source: Id
    observed_on: date
    found_by: FoundBy
    school_year: SchoolYear


class Guardian(RosterFact, frozen=True, kw_only=True):
    """Somebody who answers for a student, by an opaque id; `end` is the first day on which nobody says so any more.

    `preferred_language` is ISO 639-3, such as `spa`; None: no source has said.
    """

    kind: ClassVar[str] = "guardian"
    tie_id: Id
    student_id: Id
    guardian_id: Id
    relation: Relation
    begin: date
    end: date | None = None
    preferred_language: str | None = None


FACTS: tuple[type[Fact], ...] = (Student, Demographics, Organisation, Program, Enrolment, Completion, Outcome, Guardian)
