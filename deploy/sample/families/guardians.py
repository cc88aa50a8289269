"""Who answers for each student of the sample, under which id, and in which language they are spoken with."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from deploy.sample.district import District, students_in
from deploy.sample.people import GIVEN, Person

SOURCE = "sample-sis"
FIRST_YEAR = "2025-26"  # the student system tells of guardians since
SPANISH_OF_HISPANIC, SECOND = 0.45, 0.35
NAMES = {"eng": "English", "spa": "Spanish"}


@dataclass(frozen=True, slots=True)
class Guardian:
    """A guardian as the student system keeps them."""

    student: Person
    order: int
    given_name: str
    relation: str
    language: str

    @property
    def user(self) -> str:
        """Their id there."""
        return f"g-{self.student.number:06d}-{self.order}"

    @property
    def id(self) -> str:
        """The id under which everybody outside of roster knows them."""
        return f"g{hashlib.sha256(f'{SOURCE}:{self.user}'.encode()).hexdigest()[:31]}"

    @property
    def phone(self) -> str:
        """A number that is nobody's."""
        return f"+1 602-555-{self.student.number % 10_000:04d}"


def guardians_of(student: Person, seed: int) -> list[Guardian]:
    """One or two, who speak one language; the same whenever they are asked for."""
    random = Random(f"{seed} guardians {student.number}")
    hispanic = student.race_ethnicity == "hispanic_latino"
    language = "spa" if hispanic and random.random() < SPANISH_OF_HISPANIC else "eng"
    count = 2 if random.random() < SECOND else 1
    relation = "parent" if random.random() < 0.9 else "guardian"
    return [Guardian(student, order, random.choice(GIVEN), relation, language) for order in range(1, count + 1)]


def user_rows(made: District, year: str) -> Iterator[dict[str, str]]:
    """The guardians of a year's students, as rows of users."""
    if year < FIRST_YEAR:
        return
    for student, _ in students_in(year, made.enrolled):
        for one in guardians_of(student, made.seed):
            yield {
                "sourcedId": one.user,
                "enabledUser": "true",
                "username": one.user,
                "givenName": one.given_name,
                "familyName": student.family_name,
                "phone": one.phone,
                "agentSourcedIds": f"s-{student.number:06d}",
                "primaryOrgSourcedId": student.school,
                "metadata.preferredLanguage": NAMES[one.language],
                "role": one.relation,
            }
