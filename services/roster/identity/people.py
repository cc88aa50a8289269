"""Every human is one person, whom any id means that some source has for them. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from services.roster.values import PERSON_ID, SOURCE, SOURCED_ID, Source, Student
from services.roster.values import STATE_STUDENT_ID as STATE_STUDENT_ID_TEXT
from shared.errors import Conflict, NotFound, Problem, Refused, refused
from shared.roster_copy.merges import Merges

State = Mapping[str, Any]
STATE_STUDENT_ID = "stateStudentId"
MERGED, TWO_PERSONS = "merged", "two_persons"  # what somebody decided of a pair


def is_alias(name: str) -> bool:
    """Whether a student is named from outside (`stateStudentId:900001`) rather than by person id."""
    return ":" in name


def is_source(name: str) -> bool:
    """Whether a student is named as some source knows them."""
    return is_alias(name) and not name.startswith(f"{STATE_STUDENT_ID}:")


def identifiers(state: State) -> list[str]:
    """Every outside id of a student's state, as it is written and looked up."""
    own = [f"{STATE_STUDENT_ID}:{state['state_student_id']}"] if state.get("state_student_id") else []
    return sorted({*own, *(f"{each['source']}:{each['sourced_id']}" for each in state.get("sources", ()))})


@dataclass(slots=True)
class People:
    """The persons that a batch of rows may name: as stored, and as earlier rows of the batch made them.

    A merged person goes on having a record of its own, under which rows about it are kept.
    """

    new_id: Callable[[], str]
    states: dict[str, State] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    merges: Merges = field(default_factory=Merges)
    erased: dict[str, str] = field(default_factory=dict)  # by an id of whom is not to be kept again: since which day
    decided: dict[tuple[str, str], str] = field(default_factory=dict)  # by a number's owner and who else gives it
    padded: dict[str, tuple[str, State]] = field(default_factory=dict)  # whose a number with its zeros is, in reach
    made: set[str] = field(default_factory=set)  # persons whom rows of this batch made

    def know(self, person: str, state: State) -> None:
        """From now on this is the person's state."""
        self.forget(person)
        self.states[person] = state
        self.owners.update(dict.fromkeys(state["identifiers"], person))

    def forget(self, person: str) -> None:
        """What is known of the person may be out of date."""
        for alias in self.states.pop(person, {}).get("identifiers", ()):
            self.owners.pop(alias, None)

    def find(self, name: str) -> str | None:
        """The id of the record that is named, if there is one; of a merged person its own record's."""
        return self.owners.get(name) if is_alias(name) else (name if name in self.states else None)

    def are_two(self, owner: str, other: str) -> bool:
        """Whether somebody decided that the person with a number and another who gives it are two."""
        return self.decided.get((owner, other)) == TWO_PERSONS

    def get(self, name: str, pointer: str = "/student_id") -> str:
        """The id of the record that is named. Raise Refused, with what would work, when there is none."""
        self.refuse_erased([name])
        person = self.find(name)
        if person is None:
            raise no_student(name, pointer)
        return person

    def refuse_erased(self, names: Iterable[str]) -> None:
        """Raise Refused, without saying who it is, when one of these was erased."""
        since = next((self.erased[name] for name in names if name in self.erased), None)
        if since is not None:
            raise was_erased(since)


def was_erased(since: str) -> Refused:
    """The refusal when somebody who was erased is brought again: in words that can be kept."""
    said = f"the student of this row was erased on {since} and is not kept again"
    return Refused(said, works="leave the row out", code="erased")


def no_student(name: str, pointer: str = "/student_id") -> Refused:
    """The refusal of a row about somebody who does not exist, or whom the caller may not know to exist: the same."""
    works = (
        f"name one by person id, {STATE_STUDENT_ID}:<id> or <source>:<sourcedId>, PUT /v1/students/{name} for a new "
        "one, or ask another district: POST /v1/transfers"
    )
    return refused(Problem(pointer, f"there is no student {name} within your reach", works, "unknown_student"))


def not_to_be_kept(name: str) -> NotFound:
    """The refusal of a student's row whose ids belong to somebody out of reach."""
    return NotFound(
        f"student {name} cannot be kept by this token: an id of the row is that of a student of another district",
        works="POST /v1/transfers asks for the student",
        code="beyond_reach",
    )


def outside_ids(body: Student) -> list[str]:
    """Every id from outside that a body gives."""
    return identifiers(body.model_dump(include={"state_student_id", "sources"}))


def checked_name(name: str) -> str:
    """The id that a student's record is asked for under. Raise Refused when it can be none."""
    source, colon, outside = name.partition(":")
    if not colon:
        fits = re.fullmatch(PERSON_ID, name)
    elif source == STATE_STUDENT_ID:
        fits = re.fullmatch(STATE_STUDENT_ID_TEXT, outside)
    else:
        fits = re.fullmatch(SOURCE, source) and re.fullmatch(SOURCED_ID, outside)
    if not fits:
        raise Refused(
            f"{name} cannot be a student's id",
            works=f"use letters, digits, - and _ (at most 56), {STATE_STUDENT_ID}:<id> or <source>:<sourcedId>",
            code="not_of_form",
        )
    return name


def with_alias(name: str, body: Student) -> Student:
    """The body with the id that it was sent under among its own. Raise Refused when they disagree."""
    if not is_alias(name):
        return body
    source, _, outside = name.partition(":")
    if source != STATE_STUDENT_ID:
        return body.model_copy(update={"sources": (*body.sources, Source(source=source, sourced_id=outside))})
    if body.state_student_id not in (None, outside):
        said = f"the path says {name} and the body {STATE_STUDENT_ID}:{body.state_student_id}"
        raise refused(Problem("/state_student_id", said, "send one of them", "says_otherwise"))
    return body.model_copy(update={"state_student_id": outside})


def next_state(person: str, name: str, body: Student, stored: State | None, *, whole: bool, corrects: bool) -> State:
    """The state that is kept of a student after a row that came under this name.

    `whole`: the row is all there is to say (PUT by person id). Otherwise it is one source's
    view: it adds ids and years, and takes nothing away that it does not mention. `corrects`:
    the caller has read the record and names its version, and so may replace a state student id.
    """
    sent = body.model_dump(mode="json")
    before = stored or {}
    kept = before.get("state_student_id")
    if kept and sent["state_student_id"] not in (None, kept) and not corrects:
        raise _another_number(person, name, before)
    if not whole:
        sent["state_student_id"] = sent["state_student_id"] or kept
        sent["preferred_name"] = sent["preferred_name"] or before.get("preferred_name")
        sent["sources"] = [*before.get("sources", ()), *sent["sources"]]
        sent["years"] = _merged_years(before.get("years", ()), sent["years"])
    if sent["directory_opt_out"] is None:
        sent["directory_opt_out"] = before.get("directory_opt_out", False)
    sent["sources"] = [dict(pair) for pair in sorted({tuple(sorted(each.items())) for each in sent["sources"]})]
    sent["years"] = sorted(sent["years"], key=lambda year: str(year["school_year"]))
    merged = {"merged_into": before["merged_into"]} if before.get("merged_into") else {}
    born = sent.pop("birth_date") or before.get("_birth_date")
    return {**sent, "identifiers": identifiers(sent), **merged, **({"_birth_date": born} if born else {})}


def _another_number(person: str, name: str, stored: State) -> Conflict:
    """The refusal of a second state student id; a source is told how to give back an id that is another person's."""
    said = f"{name} has another {STATE_STUDENT_ID} already, and a person has one"
    works = ["PUT /v1/students/{id} with If-Match replaces a number that is wrong"]
    if is_source(name):
        separates = (
            f"if it is another person's source id, POST {separate_route(name)} gives it a person of its own again"
        )
        works = [separates, *(f"else {each}" for each in works if len(stored.get("sources", ())) < 2)]
    problem = Problem("/state_student_id", said, "; ".join(works), "another_number")
    return Conflict(problem.said, existing=person, problems=[problem])


def separate_route(name: str) -> str:
    """The route that gives a source id a person of its own again; any id of the person stands for the person."""
    return f"/v1/persons/{quote(name, safe=':')}/sources/{quote(name, safe=':/')}/separate"


def _merged_years(before: Iterable[State], sent: Iterable[State]) -> list[dict[str, Any]]:
    """One entry a year; what a row leaves empty is not taken away."""
    years: dict[str, dict[str, Any]] = {each["school_year"]: dict(each) for each in before}
    for each in sent:
        told = {name: value for name, value in each.items() if value is not None}
        year = str(each["school_year"])
        years[year] = {"school_id": None, "grade_level": None, **years.get(year, {}), **told}
    return list(years.values())


def not_there(kind: str, record_id: str) -> NotFound:
    """The answer for what does not exist and for what the caller may not see: the same."""
    return NotFound(f"there is no {kind} {record_id}")
