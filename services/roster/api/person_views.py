"""These are the bodies that the routes of persons take, and the answers that they give."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from services.roster.identity.people import MERGED
from services.roster.values import Source
from shared.contracts.roster import Relation
from shared.records.store import Record
from shared.words.fields import Body, Reason, StudentName, example


class MergeBody(Body):
    """Who is the same human as the person in the path, and how that is known."""

    model_config = example(other="p2", reason="the family told the school")

    other: StudentName
    reason: Reason


class UnmergeBody(Body):
    """Why they are two persons after all."""

    model_config = example(reason="two cousins of one name")

    reason: Reason


class SeparateBody(Body):
    """Why a source id is a person of its own."""

    model_config = example(reason="the number was typed for the wrong child")

    reason: Reason


class Decision(Body):
    """What a pair is; when it is one person, who survives: the first of the pair when not said."""

    model_config = example(decision="two_persons", reason="seen together at the open day")

    decision: Literal["merge", "two_persons"]
    survivor: StudentName | None = None
    reason: Reason


class MergeAnswer(BaseModel):
    """Who survives, and how many records of each kind are shown and counted under another id by it."""

    outcome: Literal["changed", "unchanged"]
    survivor: str
    merged: str
    moves: dict[str, int]
    notes: list[str]


class SeparateAnswer(BaseModel):
    """Whom the source id was taken from, who it is now, and how many records of each kind went with it."""

    outcome: Literal["changed", "unchanged"]
    person: str
    separated: str
    moves: dict[str, int]
    notes: list[str]


class PersonRecord(BaseModel):
    """One record of a person: what some sources say, and how it came to be this person's."""

    id: str
    given_name: str
    family_name: str
    state_student_id: str | None
    sources: list[Source]
    merged_into: str | None
    merged_at: datetime | None
    merged_by: str | None
    reason: str | None


class PersonSources(BaseModel):
    """A person, and every record that means them."""

    person_id: str
    records: list[PersonRecord]


class GuardianContact(BaseModel):
    """Somebody who answers for a student, and how they are reached, as the source last sent it.

    `preferred_language` is ISO 639-3, such as `spa`; null: no source has said.
    """

    guardian_id: str
    relation: Relation
    given_name: str
    family_name: str
    phone: str | None
    sms: str | None
    email: str | None
    preferred_language: str | None


class PersonGuardian(GuardianContact):
    """Somebody who answers for a student, as one source says; of one with an `end`, no number is shown any more."""

    source: str
    sourced_id: str
    begin: date
    end: date | None


class PersonGuardians(BaseModel):
    """A student, and who answers for them: those of today first."""

    person_id: str
    items: list[PersonGuardian]


class PersonClass(BaseModel):
    """A seat in a class, as one source says; `program_id` is the program that its course belongs to, if to any."""

    source: str
    class_id: str
    title: str
    course: str
    program_id: str | None
    organisation_id: str
    role: str
    begin: date | None
    end: date | None


class PersonClasses(BaseModel):
    """The classes of a student or a teacher, the latest first."""

    id: str
    items: list[PersonClass]


class IncomingSide(BaseModel):
    """A row that was refused: the id it came under, and its names as sent."""

    name: str
    source: str | None
    sourced_id: str | None
    given_name: str | None
    family_name: str | None
    preferred_name: str | None
    state_student_id: str


class ConflictView(BaseModel):
    """Two sides that may be one human, and what speaks against it: two persons, or a person and an incoming row."""

    id: str
    found_at: datetime
    why: list[str]
    persons: list[PersonRecord]
    incoming: IncomingSide | None


class ConflictPage(BaseModel):
    """The pairs that wait for a decision."""

    items: list[ConflictView]


class Decided(BaseModel):
    """What was decided of a pair."""

    id: str
    decided: Literal["merged", "two_persons"]
    survivor: str | None


def person_record(record: Record) -> dict[str, Any]:
    """One record of a person, as it is shown."""
    state, into = record.state, record.state.get("merged_into")
    how = next((past for past in reversed(record.history) if past.action == "merge"), None) if into else None
    return {
        **{name: state[name] for name in ("given_name", "family_name", "state_student_id", "sources")},
        "id": record.id,
        "merged_into": into,
        "merged_at": how.at.isoformat() if how else None,
        "merged_by": how.by if how else None,
        "reason": how.why if how else None,
    }


def decided_view(id: str, decided: str, survivor: str | None) -> dict[str, Any]:
    """The answer to a decision."""
    return {"id": id, "decided": decided, "survivor": survivor if decided == MERGED else None}
