"""One made-up value of every fact, with all its fields filled, and one of each that ends or withdraws."""

from datetime import UTC, date, datetime

from shared.contracts.credentials import (
    Assessment,
    Award,
    Catalogue,
    CatalogueStep,
    DatedTier,
    ProgramCatalogue,
    Verification,
)
from shared.contracts.envelope import Event, Fact
from shared.contracts.roster import (
    Completion,
    Demographics,
    Enrolment,
    Guardian,
    Organisation,
    Outcome,
    Program,
    Student,
    TermBegins,
    YearAtSchool,
    alias_digest,
)
from tests.contracts import examples_of_families

AT = datetime(2025, 5, 23, 14, 5, 6, 789000, tzinfo=UTC)

STUDENT = Student(
    student_id="p1",
    years=(YearAtSchool(school_year="2024-25", school_id="lake-high", district_id="lake", grade_level="12"),),
    alias_digests=(alias_digest("stateStudentId:900001"),),
    directory_opt_out=True,
)
DEMOGRAPHICS = Demographics(
    student_id="p1",
    school_year="2024-25",
    sex="female",
    race_ethnicity="two_or_more",
    low_income=True,
    rural=False,
    disability=None,
    english_learner=False,
)
ORGANISATION = Organisation(
    organisation_id="sample-cted",
    name="Sample Career District",
    type="cted",
    parent_id=None,
    time_zone="America/Phoenix",
    school_year_starts="07-01",
    terms=(
        TermBegins(school_year="2024-25", term="fall", begins=date(2024, 7, 1)),
        TermBegins(school_year="2024-25", term="spring", begins=date(2025, 1, 6)),
    ),
)
PROGRAM = Program(
    program_id="it-security",
    title="IT Security",
    cip_code="15.1202",
    cluster="Information Technology",
    active_from=date(2020, 7, 1),
    active_to=date(2030, 6, 30),
)
ENROLMENT = Enrolment(
    enrolment_id="e1",
    student_id="p1",
    program_id="it-security",
    organisation_id="northwest",
    organisation_type="central_campus",
    begin=date(2023, 8, 7),
    end=date(2025, 5, 22),
    concentrator_on=date(2024, 5, 24),
    school_year_starts="07-01",
)
COMPLETION = Completion(
    completion_id="c1",
    student_id="p1",
    program_id="it-security",
    organisation_id="northwest",
    organisation_type="central_campus",
    started_on=date(2023, 8, 7),
    completed_on=date(2025, 5, 22),
    school_year="2024-25",
)
OUTCOME = Outcome(
    outcome_id="o1",
    student_id="p1",
    placement="employment",
    source="district-survey",
    observed_on=date(2025, 12, 10),
    found_by="survey",
    school_year="2025-26",
)
GUARDIAN = Guardian(
    tie_id="t1",
    student_id="p1",
    guardian_id="g1",
    relation="parent",
    begin=date(2024, 8, 5),
    end=date(2025, 6, 15),
    preferred_language="spa",
)
CATALOGUE = Catalogue(
    credential_code="security-plus",
    title="Security+",
    issuer="Sample Issuer",
    type="certification",
    ctdl_id="ce-sample",
    tiers=(
        DatedTier(program_id="it-security", tier="preferred", valid_from=date(2022, 7, 1)),
        DatedTier(program_id="it-security", tier=None, valid_from=date(2026, 7, 1)),
    ),
)
APPROVAL = ProgramCatalogue(
    program_id="it-security",
    steps=(
        CatalogueStep(status="proposed", on=date(2022, 2, 1)),
        CatalogueStep(status="approved", on=date(2022, 4, 12)),
        CatalogueStep(status="retired", on=date(2030, 6, 30)),
    ),
)
AWARD = Award(
    award_id="a1",
    student_id="p1",
    credential_code="security-plus",
    credential_type="certification",
    result="passed",
    school_year="2024-25",
    program_id="it-security",
    organisation_id="northwest",
    taken_on=date(2025, 5, 19),
    awarded_on=date(2025, 5, 20),
    expires_on=date(2028, 5, 20),
    revoked_on=date(2025, 6, 2),
    tiers={"it-security": "preferred"},
    verifications=(Verification(level="issuer_lookup", verified_on=date(2025, 5, 30), outcome="confirmed"),),
    celebrated_on=date(2025, 6, 4),
    renews="a0",
)
ASSESSMENT = Assessment(
    assessment_id="t1",
    student_id="p1",
    program_id="it-security",
    assessment_kind="program",
    phase="post",
    form="spring-a",
    scale="percent",
    taken_on=date(2025, 5, 6),
    school_year="2024-25",
    school_year_starts="07-01",
    share="29/40",
    cut="3/5",
    minimum_gain="1/20",
    passed=True,
    organisation_id="northwest",
    organisation_type="central_campus",
)

# The golden file, the subject it is published to, and the event.
EXAMPLES: dict[str, tuple[str, type[Fact], Event[Fact]]] = {
    "student": ("student/p1", Student, Event(record_id="student/p1", version=3, state=STUDENT)),
    "demographics": (
        "student/p1",
        Demographics,
        Event(record_id="demographics/p1-2024-25", version=1, state=DEMOGRAPHICS),
    ),
    "organisation": (
        "organisation/sample-cted",
        Organisation,
        Event(record_id="organisation/sample-cted", version=1, state=ORGANISATION),
    ),
    "program": ("program/it-security", Program, Event(record_id="program/it-security", version=1, state=PROGRAM)),
    "enrolment": ("student/p1", Enrolment, Event(record_id="enrolment/e1", version=2, state=ENROLMENT)),
    "completion": ("student/p1", Completion, Event(record_id="completion/c1", version=1, state=COMPLETION)),
    "outcome": ("student/p1", Outcome, Event(record_id="outcome/o1", version=1, state=OUTCOME)),
    "guardian": ("student/p1", Guardian, Event(record_id="guardian/t1", version=2, state=GUARDIAN)),
    "catalogue": (
        "credential/security-plus",
        Catalogue,
        Event(record_id="catalogue/security-plus", version=4, state=CATALOGUE),
    ),
    "approval": (
        "program/it-security",
        ProgramCatalogue,
        Event(record_id="approval/it-security", version=3, state=APPROVAL),
    ),
    "award": ("student/p1", Award, Event(record_id="award/a1", version=5, state=AWARD)),
    "assessment": ("student/p1", Assessment, Event(record_id="assessment/t1", version=2, state=ASSESSMENT)),
    "award-withdrawn": ("student/p2", Award, Event(record_id="award/a1", version=6, state=None)),
    **examples_of_families.EXAMPLES,
}
