"""One night in the sample's student system: a delta of the two in a hundred students of whom something has changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from random import Random

from deploy.sample.district import Course, District, students_in
from deploy.sample.people import FAMILY, Person, person
from deploy.sample.places import DISTRICTS, schools_of
from deploy.sample.roster import oneroster

CHURN = 0.02
# Of a hundred changes so many are of each sort.
SORTS = {"new": 20, "gone": 15, "at another school": 30, "of another name": 15, "in another grade": 20}
GRADES = {"11": "12", "12": "11"}  # moved up after all, or stays another year
Tables = dict[str, list[Mapping[str, str]]]
Stamp = dict[str, str]


@dataclass(frozen=True, slots=True)
class Night:
    """The package, and what has changed in it, in words."""

    year: str
    packed: bytes
    told: str


def night(made: District) -> Night:
    """The night after the newest year's bulk file; the same for the same district and seed.

    Nobody with two user ids is in it: one office's word alone would contradict the other's.
    """
    random, year = Random(f"{made.seed} night"), made.years()[-1]
    students = students_in(year, made.enrolled)
    counts = _counts(year, made.enrolled)
    known = [each for each in students if not each[0].two_sources]
    touched = random.sample(known, sum(counts.values()) - counts["new"])
    tables: Tables = {"users": [], "roles": [], "demographics": []}
    stamp: Stamp = {"status": "active", "dateLastModified": f"{year[:4]}-11-05T02:00:00.000Z"}
    for number in range(counts["new"]):
        _start(_newcomer(made, number, random), tables, stamp)
    for sort in ("gone", "at another school", "of another name", "in another grade"):
        for _ in range(counts[sort]):
            student, last = touched.pop()
            _change(sort, student, "12" if last else "11", tables, stamp, random)
    changes = ", ".join(f"{count} {sort}" for sort, count in counts.items())
    share = sum(counts.values()) / len(students)
    told = f"a night's delta: {sum(counts.values())} of {len(students):,} students ({share:.1%}): {changes}"
    return Night(year, oneroster.packed(tables, "delta"), told)


def _counts(year: str, courses: Iterable[Course]) -> dict[str, int]:
    """How many students have changed, by sort."""
    students = len(students_in(year, courses))
    return {sort: max(1, round(students * CHURN * share / 100)) for sort, share in SORTS.items()}


def _newcomer(made: District, number: int, random: Random) -> Person:
    """A student nobody knew; one of a part of the district is none of those whom the whole one would meet."""
    everybody = (*made.everybody, *made.newest)
    last = max(course.student.number for course in everybody)
    if made.every > 1:
        last += _counts(made.years()[-1], everybody)["new"]
    return replace(person(last + 1 + number, random), two_sources=False)


def _start(student: Person, tables: Tables, stamp: Stamp) -> None:
    user = oneroster.user_row(student, "11")
    tables["users"].append(user | stamp)
    tables["roles"].append(oneroster.role_row(user) | stamp)
    tables["demographics"].append(oneroster.race_row(student) | stamp)


def _change(sort: str, student: Person, grade: str, tables: Tables, stamp: Stamp, random: Random) -> None:
    user = oneroster.user_row(student, grade)
    role = oneroster.role_row(user)
    deleted = {**stamp, "status": "tobedeleted"}
    if sort == "gone":
        tables["users"].append({"sourcedId": user["sourcedId"], **deleted})
        return
    if sort == "at another school":
        elsewhere = [school for district in DISTRICTS for school in schools_of(district) if school != student.school]
        user["primaryOrgSourcedId"] = random.choice(elsewhere)
        moved = oneroster.role_row(user) | {"sourcedId": f"{role['sourcedId']}-{user['primaryOrgSourcedId']}"}
        tables["roles"] += [{"sourcedId": role["sourcedId"], **deleted}, moved | stamp]
    elif sort == "of another name":
        name = student.family_name.split("-")[0]
        user["familyName"] = f"{random.choice([other for other in FAMILY if other != name])}-{student.number:05d}"
    else:
        user["grades"] = GRADES[grade]
    tables["users"].append(user | stamp)
