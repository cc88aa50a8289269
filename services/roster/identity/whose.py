"""A row belongs to the person of its ids, and is weighed when only its state student id says whose it is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.roster.identity.people import (
    MERGED,
    STATE_STUDENT_ID,
    TWO_PERSONS,
    People,
    is_alias,
    outside_ids,
    separate_route,
)
from services.roster.identity.weighing import Told, against, other_family_name, told_by
from services.roster.identity.zeros import refuse_lost_zeros
from services.roster.values import Student
from shared.errors import Conflict, Problem


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that gives the state student id of somebody whom no other id of the row means.

    `name` is the source id (or the new person id) that never had this number; of a row that has
    none, the number itself. `owner` is the person who has the number.
    """

    name: str
    number: str
    owner: str
    told: Told
    schools: frozenset[str] = frozenset()


class Unlike(Conflict):
    """A row gives somebody's number under another given name or birth date; somebody has to decide."""

    def __init__(self, claim: Claim, why: list[str]) -> None:
        super().__init__(
            f"{claim.number} is another person's: {' and '.join(why)}",
            existing=claim.owner,
            works="correct the number, or have it decided whether they are one person",
            code="another_person",
        )
        self.claim = claim
        self.why = tuple(why)


class Joins(Conflict):
    """A row gives ids of several persons: either they are one, or the row is wrong.

    `by_state_id`: it says so by the state student id, `number`, of which a human has one; that
    person's id is the first. `names` are the row's other ids that mean somebody.
    """

    def __init__(
        self, detail: str, *, existing: str, persons: tuple[str, ...], of_row: "OfRow", works: str = ""
    ) -> None:
        super().__init__(detail, existing=existing, works=works, code="of_several_persons")
        self.persons = persons
        self.number, self.names, self.told = of_row.number, of_row.names, of_row.told
        self.by_state_id = of_row.decides and len(persons) == 2


@dataclass(frozen=True, slots=True)
class OfRow:
    """The part of a row that would join two persons: its number, whether somebody has it, other ids, names."""

    number: str
    decides: bool
    names: frozenset[str]
    told: Told


@dataclass(frozen=True, slots=True)
class MeantStudent:
    """The record that a row is about, what is to be kept in it, and what is to be said of that."""

    person: str
    body: Student
    notes: tuple[Problem, ...] = ()


def whose(name: str, body: Student, people: People, told: Told | None = None) -> MeantStudent:
    """The record that a row is about: the one that has its id, else the person of any of its ids, else a new one.

    `told` is what the row says of who it is, where its body says it in somebody else's words.
    Raise Joins when the row's ids belong to more than one person, and Unlike when only the number
    means somebody, whose names or birth date are others: either is a decision, and a row alone is none.
    """
    outside = outside_ids(body)
    people.refuse_erased([name, *outside])
    told = told or told_by(body.model_dump(mode="json"))
    number = f"{STATE_STUDENT_ID}:{body.state_student_id}"
    found = {alias: people.owners[alias] for alias in sorted({name, *outside}) if alias in people.owners}
    if not is_alias(name) and (people.find(name) or found.keys() - {number} or not found):
        found[name] = name
    owner = people.merges.survivor(found[number]) if number in found else None
    others = sorted({people.merges.survivor(each) for alias, each in found.items() if alias != number})
    if len(others) > 1 or (owner and others and owner not in others and not people.are_two(owner, others[0])):
        raise _joins(name, found, number, people, told)
    if others and owner and owner not in others:
        return _without_number(found[name] if is_alias(name) and name in found and name != number else others[0], body)
    if owner and not others:
        return _claimed(name, body, people, told, owner)
    person = found[name] if is_alias(name) and name in found else next(iter(others), None)
    if person is None or (person == name and people.find(name) is None):
        refuse_lost_zeros(body, people, told)
    return MeantStudent(person or people.new_id(), body)


def _claimed(name: str, body: Student, people: People, told: Told, owner: str) -> MeantStudent:
    """What becomes of a row of which only the number means somebody."""
    claim = _claim(name, body, told, owner)
    records = [told_by(people.states[each]) for each in people.merges.together(owner) if each in people.states]
    decided, why = people.decided.get((owner, claim.name)), against(records, [told])
    if decided == TWO_PERSONS and claim.name != claim.number:
        return _without_number(people.new_id() if is_alias(name) else name, body)
    if why and decided != MERGED:
        raise Unlike(claim, why)
    if not is_alias(name):
        said, works = f"{claim.number} is {owner}'s", f"PUT /v1/students/{owner}, or leave state_student_id out"
        problem = Problem("/state_student_id", said, works, "number_of_another")
        raise Conflict(problem.said, existing=owner, problems=[problem])
    person = people.owners[name] if name == claim.number else owner
    # What is kept in another row's words has been noted with those.
    noted = claim.name != claim.number and other_family_name(records, [told]) and told.family_name == body.family_name
    return MeantStudent(person, body, (_other_family(claim.name),) if noted else ())


def _claim(name: str, body: Student, told: Told, owner: str) -> Claim:
    number = f"{STATE_STUDENT_ID}:{body.state_student_id}"
    sources = sorted(f"{each.source}:{each.sourced_id}" for each in body.sources)
    own = sources[0] if name == number and sources else name
    return Claim(own, number, owner, told, frozenset(year.school_id for year in body.years if year.school_id))


def _without_number(person: str, body: Student) -> MeantStudent:
    """The row without the number, which somebody has decided to be another person's."""
    said = "the state student id is another person's, as was decided; the row was taken without it"
    works = "give the row its own number, or none"
    noted = Problem("/state_student_id", said, works, "number_of_another")
    return MeantStudent(person, body.model_copy(update={"state_student_id": None}), (noted,))


def _other_family(name: str) -> Problem:
    said = "the person with this state student id has another family name; it was taken for the same person"
    return Problem("/family_name", said, f"if they are two, POST {separate_route(name)}", "other_family_name")


def _joins(name: str, found: Mapping[str, str], number: str, people: People, told: Told) -> Joins:
    persons = sorted({people.merges.survivor(each) for each in found.values()})
    other = next(person for person in persons if person != name)
    belongs = ", ".join(f"{alias} is {person}" for alias, person in found.items())
    owner = people.merges.survivor(found[number]) if number in found else None
    return Joins(
        f"this would make one person of {' and '.join(persons)} ({belongs})",
        works="take the id that is wrong out of this row, or out of the student that has it",
        existing=other,
        persons=tuple(sorted(persons, key=lambda each: (each != owner, each))),
        of_row=OfRow(number, owner is not None, frozenset(found) - {number}, told),
    )


def without_ids_of_others(person: str, body: Student, people: People) -> Student:
    """The body without the ids that another record of the same person has: they are the person's already."""
    elsewhere = {alias for alias in outside_ids(body) if people.owners.get(alias, person) != person}
    if not elsewhere:
        return body
    kept = tuple(each for each in body.sources if f"{each.source}:{each.sourced_id}" not in elsewhere)
    state_id = None if f"{STATE_STUDENT_ID}:{body.state_student_id}" in elsewhere else body.state_student_id
    return body.model_copy(update={"sources": kept, "state_student_id": state_id})
