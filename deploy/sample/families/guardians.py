"""Who answers for each student of the sample, under which id, and in which language they are spoken with."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from deploy.sample.district import THIRD, District, students_in
from deploy.sample.people import FAMILY, GIVEN, Person

SOURCE = "sample-sis"
FIRST_YEAR = "2025-26"  # the student system tells of guardians since
SPANISH_OF_HISPANIC, SECOND = 0.45, 0.35
SIBLINGS = 60  # each so many-th student, and the third behind, are sister and brother
NAMES = {"eng": "English", "spa": "Spanish"}


@dataclass(frozen=True, slots=True)
class Guardian:
    """A guardian as the student system keeps them; `family` is the number of the eldest of their children here."""

    family: int
    order: int
    given_name: str
    family_name: str
    relation: str
    language: str

    @property
    def user(self) -> str:
        """Their id there."""
        return f"g-{self.family:06d}-{self.order}"

    @property
    def id(self) -> str:
        """The id under which everybody outside of roster knows them."""
        return f"g{hashlib.sha256(f'{SOURCE}:{self.user}'.encode()).hexdigest()[:31]}"

    @property
    def phone(self) -> str:
        """A number that is nobody's."""
        return f"+1 602-555-{(2 * self.family + self.order) % 10_000:04d}"


def guardians_of(student: Person, seed: int) -> list[Guardian]:
    """One or two, who speak one language; the same whenever they are asked for. Some have two children here."""
    family = _family_of(student.number)
    random = Random(f"{seed} guardians {family}")
    hispanic = student.race_ethnicity == "hispanic_latino"
    if family % SIBLINGS == 0:
        spanish = family % (2 * SIBLINGS) == 0  # of two children, so drawn for neither alone
    else:
        spanish = hispanic and random.random() < SPANISH_OF_HISPANIC
    count = 2 if random.random() < SECOND else 1
    relation = "parent" if random.random() < 0.9 else "guardian"
    name, language = f"{FAMILY[family % len(FAMILY)]}-{family:05d}", "spa" if spanish else "eng"
    return [Guardian(family, each, random.choice(GIVEN), name, relation, language) for each in range(1, count + 1)]


def _family_of(number: int) -> int:
    """The number of the elder of two siblings, of whom each third district has both or none."""
    elder = number - THIRD
    return elder if elder % SIBLINGS == 0 else number


def user_rows(made: District, year: str) -> Iterator[dict[str, str]]:
    """The guardians of a year's students, each once, as rows of users."""
    if year < FIRST_YEAR:
        return
    children: dict[Guardian, list[Person]] = {}
    for student, _ in students_in(year, made.enrolled):
        for one in guardians_of(student, made.seed):
            children.setdefault(one, []).append(student)
    for one, students in children.items():
        yield {
            "sourcedId": one.user,
            "enabledUser": "true",
            "username": one.user,
            "givenName": one.given_name,
            "familyName": one.family_name,
            "phone": one.phone,
            "agentSourcedIds": ",".join(f"s-{student.number:06d}" for student in students),
            "primaryOrgSourcedId": students[0].school,
            "metadata.preferredLanguage": NAMES[one.language],
            "role": one.relation,
        }
