"""A user's row, roles and demographics are read for what they say of a student, in roster's own words. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from services.roster.grades import WORKS as GRADES
from services.roster.grades import grade_of
from services.roster.identity.people import STATE_STUDENT_ID
from services.roster.identity.weighing import Told
from services.roster.oneroster.read.cells import split
from services.roster.oneroster.read.findings import Finding, left_out
from services.roster.oneroster.read.layout import DEMOGRAPHICS, LANGUAGES, REACHED, USERS
from services.roster.oneroster.read.rows import Row
from services.roster.values import Source, Student, YearAtSchool
from shared.contracts.roster import RaceEthnicity, Relation, Sex
from shared.words.fields import DAY

AGENTS = "agentSourcedIds"
LANGUAGE = "language"  # what is kept of the columns that say one
RELATIONS: tuple[Relation, ...] = ("guardian", "parent", "relative")  # the roles of those who answer for a student
USER_ID = re.compile(r"\{([^:}]+):([^}]+)\}")
SEXES: Mapping[str, Sex] = {"female": "female", "male": "male", "other": "other"}
RACES: Mapping[str, RaceEthnicity] = {
    "americanIndianOrAlaskaNative": "american_indian_alaska_native",
    "asian": "asian",
    "blackOrAfricanAmerican": "black_african_american",
    "nativeHawaiianOrOtherPacificIslander": "native_hawaiian_pacific_islander",
    "white": "white",
}
HISPANIC, SEVERAL = "hispanicOrLatinoEthnicity", "demographicRaceTwoOrMoreRaces"
COLUMN_OF = {
    "given_name": "givenName",
    "family_name": "familyName",
    "preferred_name": "preferredGivenName",
    "state_student_id": "identifier",
    "sources": "sourcedId",
    "sourced_id": "sourcedId",
    "school_id": "primaryOrgSourcedId",
    "grade_level": "grades",
}

STATE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LONGEST_NAME = 200
NAME_WORKS = "a name on one line, of at most 200 letters and signs"
WORKS = {
    "state_student_id": "a state student id: 1 to 64 letters, digits, dots, - and _, without a space",
    "grade_level": GRADES,
    "sourced_id": "1 to 255 letters, digits and signs of ASCII, without a space",
}


@dataclass(frozen=True, slots=True)
class Groups:
    """A demographics row: where it stands, and the groups it tells of; None when the file has no such column.

    The birth date is evidence of who it is, and kept with the student.
    """

    row: int
    sex: Sex | None
    race_ethnicity: RaceEthnicity | None
    birth_date: str | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """An organisation that a student can be at home in: its id in roster, and whether it is a school proper."""

    id: str
    school: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A student as one row of users.csv tells of them; `said` is the row's own word where others' are taken."""

    row: int
    user: str
    state_id: str | None
    given_name: str
    family_name: str
    preferred_name: str | None
    grade: str | None
    home: str | None
    state_column: str = "identifier"
    birth_date: str | None = None
    said: Told | None = None

    @property
    def told(self) -> Told:
        """Who the row says it is, whatever names are kept."""
        return self.said or Told(self.given_name, self.family_name, self.preferred_name, self.birth_date)

    def names(self, source: str) -> list[str]:
        """The ids by which roster may know the student."""
        own = f"{source}:{self.user}"
        return [own, f"{STATE_STUDENT_ID}:{self.state_id}"] if self.state_id else [own]


def groups_of(row: Row, odd: Collection[str] = ()) -> Groups:
    """Race and ethnicity as one federal category: Hispanic first, then two or more, else the single one.

    `odd`: the columns whose cells were left out; what they would decide is not told, so that it stays as it was.
    """
    told = _groups_of(row)
    sex = None if "sex" in odd else told.sex
    race = None if {*RACES, HISPANIC, SEVERAL} & set(odd) else told.race_ethnicity
    return Groups(told.row, sex, race, told.birth_date)


def _groups_of(row: Row) -> Groups:
    cells = row.cells
    sex = (
        SEXES.get(cells["sex"], "other" if cells["sex"].startswith("ext:") else "not_reported")
        if "sex" in cells
        else None
    )
    birth_date = _born(cells.get("birthDate", "").strip())
    if not any(name in cells for name in (*RACES, HISPANIC, SEVERAL)):
        return Groups(row.number, sex, None, birth_date)
    single = [race for name, race in RACES.items() if cells.get(name) == "true"]
    race: RaceEthnicity = single[0] if single else "not_reported"
    if cells.get(HISPANIC) == "true":
        race = "hispanic_latino"
    elif cells.get(SEVERAL) == "true" or len(single) > 1:
        race = "two_or_more"
    return Groups(row.number, sex, race, birth_date)


def _born(cell: str) -> str | None:
    """The birth date of a cell that holds one; it is only evidence, so that no other cell refuses a row."""
    try:
        return cell if DAY.fullmatch(cell) and 1900 <= date.fromisoformat(cell).year <= 2199 else None
    except ValueError:
        return None


def agents_of(row: Mapping[str, str]) -> list[str]:
    """The users to whom a user's row says there is a relationship."""
    return split(row.get(AGENTS, ""))


def contact_of(row: Mapping[str, str]) -> dict[str, str]:
    """How a user is reached and in which language, the preferred one or else that of the home, as far as it is said."""
    told = {name: row.get(name, "").strip() for name in REACHED}
    told[LANGUAGE] = next((row[name] for name in LANGUAGES if row.get(name)), "")
    return {name: value for name, value in told.items() if value}


def state_ids(cells: Mapping[str, str], *, identifier: bool) -> list[str]:
    """The state student ids that a row gives, by their type in `userIds`; there should be one.

    `identifier`: whether the source's own `identifier` is one, too. It says nothing of what it is.
    """
    typed = [
        found[2].strip() for found in USER_ID.finditer(cells.get("userIds", "")) if found[1].strip() == STATE_STUDENT_ID
    ]
    untyped = cells.get("identifier", "").strip() if identifier else ""
    return sorted({one for one in (untyped, *typed) if one})


def has_local_id(cells: Mapping[str, str]) -> bool:
    """Whether a row gives a number of the source's own as `identifier`, and no state student id."""
    return bool(cells.get("identifier", "").strip()) and not state_ids(cells, identifier=False)


def local_ids(count: int, source: str) -> Finding:
    """The one note on all `identifier`s that were not taken for state student ids."""
    problem = f"identifier is read as a number of {source}'s own; {count} students came without a state student id"
    works = (
        "send {stateStudentId:...} in userIds; or, if identifier is the state student id, a data manager of all "
        f'districts says so once: PUT /v1/sources/{source} {{"identifier_is": "state_id"}}'
    )
    return Finding(USERS.file, None, "identifier", "", problem, works, "note", code="local_ids")


def seen(
    row: Row, roles: Sequence[str], homes: Mapping[str, Home], *, identifier: bool = False
) -> tuple[Seen | None, list[Finding]]:
    """The student of a row whose user is one at the organisations `roles`; None when nobody can tell who it is."""
    cells = row.cells
    told = state_ids(cells, identifier=identifier)
    states = [one for one in told if STATE_ID.fullmatch(one)]
    if len(states) > 1:
        problem = f"the row gives {len(states)} state student ids, {' and '.join(states)}"
        works = "write the right one in both" if identifier else "write the right one once"
        return None, [
            Finding(USERS.file, row.number, "userIds", cells["userIds"], problem, works, code="several_numbers")
        ]
    notes = [_odd_state_id(row, one) for one in told if one not in states]
    grade, doubts = _grade(row)
    notes += doubts
    preferred = cells.get("preferredGivenName", "").strip() or None
    if preferred and len(preferred) > LONGEST_NAME:
        column, problem = "preferredGivenName", "the name is too long"
        notes.append(
            left_out(Finding(USERS.file, row.number, column, preferred, problem, NAME_WORKS, code="wrong_length"))
        )
        preferred = None
    home, doubt = _home(cells.get("primaryOrgSourcedId", ""), roles, homes)
    if doubt:
        column, advice = "primaryOrgSourcedId", "give the home school as primaryOrgSourcedId"
        kind, code = "no home school", "no_home_school"
        notes.append(Finding(USERS.file, row.number, column, "", doubt, advice, "note", kind=kind, code=code))
    student = Seen(
        row=row.number,
        user=cells["sourcedId"],
        state_id=states[0] if states else None,
        given_name=cells["givenName"],
        family_name=cells["familyName"],
        preferred_name=preferred,
        grade=grade,
        home=home,
        state_column="userIds" if state_ids(cells, identifier=False) else "identifier",
    )
    return student, notes


def _odd_state_id(row: Row, value: str) -> Finding:
    column = "identifier" if row.cells.get("identifier", "").strip() == value else "userIds"
    problem, works = "this can be no state student id", WORKS["state_student_id"]
    return left_out(Finding(USERS.file, row.number, column, value, problem, works, code="not_of_form"))


def _grade(row: Row) -> tuple[str | None, list[Finding]]:
    """The one grade of a row, and what is to be said when there is none to be told."""
    written = split(row.cells.get("grades", ""))
    known = {grade_of(one) for one in written}
    if len(known) == 1 and None not in known:
        return known.pop(), []
    if not written:
        return None, []
    several = len(known) > 1 and None not in known
    problem = "a student is in one grade a year; none was taken" if several else "this is no grade that is known"
    code = "several_grades" if several else "unknown_grade"
    found = Finding(USERS.file, row.number, "grades", row.cells["grades"], problem, GRADES, "note", code=code)
    return None, [found if several else left_out(found)]


def _home(primary: str, roles: Sequence[str], homes: Mapping[str, Home]) -> tuple[str | None, str]:
    """The home school, or why there is none to be told."""
    if primary in homes:
        return homes[primary].id, ""
    return one_home([homes[role] for role in roles if role in homes])


def one_home(possible: Sequence[Home]) -> tuple[str | None, str]:
    """The one home school among several organisations, a school before a campus; else none, and why."""
    found = sorted({home.id for home in possible if home.school} or {home.id for home in possible})
    if len(found) == 1:
        return found[0], ""
    if not found:
        return None, "none of the student's organisations is a school; no home school was taken"
    return None, f"the student is at several schools, {', '.join(found)}; none was taken as home"


def student_of(one: Seen, source: str, school_year: str) -> Student | list[Finding]:
    """The body that roster keeps, or which cells it cannot keep."""
    try:
        return Student(
            given_name=one.given_name,
            family_name=one.family_name,
            preferred_name=one.preferred_name,
            state_student_id=one.state_id,
            sources=(Source(source=source, sourced_id=one.user),),
            years=(YearAtSchool(school_year=school_year, school_id=one.home, grade_level=one.grade),),
            birth_date=date.fromisoformat(one.birth_date) if one.birth_date else None,
        )
    except ValidationError as error:
        return [_not_kept(one, str(wrong["loc"][-1]), str(wrong["input"])) for wrong in error.errors()]


def _not_kept(one: Seen, field: str, value: str) -> Finding:
    column = one.state_column if field == "state_student_id" else COLUMN_OF.get(field, "")
    works = WORKS.get(field, NAME_WORKS)
    return Finding(
        USERS.file, one.row, column, value, f"roster cannot keep this as {column}", works, code="not_of_form"
    )


def joined_groups(several: Sequence[Groups]) -> tuple[Groups, list[Finding]]:
    """What several demographics rows of one person come to: the first that tells counts, the others are noted."""
    first = several[0]
    sex = next((one.sex for one in several if one.sex not in (None, "not_reported")), first.sex)
    race = next(
        (one.race_ethnicity for one in several if one.race_ethnicity not in (None, "not_reported")),
        first.race_ethnicity,
    )
    notes = [
        Finding(
            DEMOGRAPHICS.file,
            one.row,
            column,
            told,
            f"row {first.row} is the same person and says {taken}",
            "make them say the same",
            "note",
            code="says_otherwise",
        )
        for one in several
        for column, told, taken in (("sex", one.sex, sex), ("", one.race_ethnicity, race))
        if told not in (None, "not_reported", taken)
    ]
    return Groups(first.row, sex, race, first.birth_date), notes
