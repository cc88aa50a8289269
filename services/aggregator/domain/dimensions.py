"""The values under which a member is counted: where it was taught, where it is at home, its groups."""

from services.aggregator.domain.facts import Subject
from shared.contracts.roster import Demographics, Student

NOT_REPORTED = "not_reported"
DIMENSIONS = (
    "all",
    "program",
    "campus",
    "program_campus",
    "district",
    "grade_level",
    "sex",
    "race_ethnicity",
    "low_income",
    "rural",
    "disability",
    "english_learner",
)
READ_FOR_DIMENSIONS = frozenset({Student.kind, Demographics.kind})


def where(subject: Subject, school_year: str, program: str | None, campus: str | None) -> tuple[str, ...]:
    """The value of each of DIMENSIONS. Every member has exactly one in each, so that groups add up to all."""
    asked = ("where", school_year, program, campus)
    known: tuple[str, ...] | None = subject.worked_out.get(asked)
    if known is None:
        program, campus = program or NOT_REPORTED, campus or NOT_REPORTED
        known = ("all", program, campus, f"{program}|{campus}", *_person(subject, school_year))
        subject.worked_out[asked] = known
    return known


def _person(subject: Subject, school_year: str) -> tuple[str, ...]:
    known: tuple[str, ...] | None = subject.worked_out.get(("person", school_year))
    if known is None:
        known = _home(subject, school_year) + _groups(subject, school_year)
        subject.worked_out["person", school_year] = known
    return known


def _home(subject: Subject, school_year: str) -> tuple[str, str]:
    """As the person's own record says of that year; where it says nothing, as those merged into it do."""
    for _, student in sorted(subject.of(Student), key=lambda found: (found[1].logged_as is not None, found[0])):
        for year in student.years:
            if year.school_year == school_year:
                return year.district_id or NOT_REPORTED, year.grade_level or NOT_REPORTED
    return NOT_REPORTED, NOT_REPORTED


def _groups(subject: Subject, school_year: str) -> tuple[str, ...]:
    """By the demographics of that year, else of the latest earlier one; of one year the survivor's own first."""
    until = [
        (said.school_year, said.logged_as is None, key, said)
        for key, said in subject.of(Demographics)
        if said.school_year <= school_year
    ]
    if not until:
        return (NOT_REPORTED,) * 6
    said = max(until, key=lambda found: found[:3])[3]
    flags = (said.low_income, said.rural, said.disability, said.english_learner)
    return (said.sex, said.race_ethnicity, *(_answer(flag) for flag in flags))


def _answer(flag: bool | None) -> str:
    return NOT_REPORTED if flag is None else "yes" if flag else "no"
