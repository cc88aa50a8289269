"""What callers send and are answered about guardians: what they prefer, who walked in, and whom two ids mean."""

from datetime import date
from typing import Annotated

from fastapi import Path
from pydantic import Field, StringConstraints

from shared.contracts.family_touchpoints import Language
from shared.contracts.roster import Relation
from shared.producer.answers import RecordView
from shared.words.fields import ID_PATTERN, Body, Id, Name, Reason, StudentName, example
from shared.words.forms import form

STUDENTS_MAX = 30
LANGUAGE = form(r"^[a-z]{3}$", "a language by its three letters of ISO 639-3, such as spa")
PHONE = form(r"^[+(]?[0-9][0-9 ()./-]{4,29}$", "a phone number, such as 602 555 0142")

GuardianId = Annotated[str, Path(pattern=ID_PATTERN, examples=["g3f0c2a9d1"])]
LanguageCode = Annotated[str, StringConstraints(pattern=LANGUAGE), Field(examples=["spa"])]
Phone = Annotated[str, StringConstraints(pattern=PHONE), Field(examples=["602 555 0142"])]


class GuardianBody(Body):
    """All that is known here of a guardian; name, phone and students only of one who walked in."""

    model_config = example(preferred_language="spa", interpreter_needed=True, best_time="after 4 pm")

    preferred_language: LanguageCode | None = Field(default=None, description="goes before what roster says")
    interpreter_needed: bool | None = None
    best_time: Name | None = None
    name: Name | None = None
    phone: Phone | None = None
    relation: Relation | None = Field(default=None, description="left out: guardian")
    student_ids: Annotated[tuple[StudentName, ...], Field(max_length=STUDENTS_MAX)] | None = Field(
        default=None, description="whose guardian it is; left out: as it is kept"
    )


class SameAsBody(Body):
    """Both ids are one person's."""

    model_config = example(same_as="g3f0c2a9d1", reason="the mother, in both student information systems")

    same_as: Id = Field(description="the id that survives")
    reason: Reason


class SeparateBody(Body):
    """They are two persons after all."""

    model_config = example(reason="they are sisters")

    reason: Reason


class GuardianRecord(RecordView):
    """What is known here of a guardian, as it is kept."""

    guardian_id: str
    preferred_language: Language | None
    interpreter_needed: bool | None
    best_time: str | None
    same_as: str | None
    ids: list[str] = Field(description="every id of the person, the one that survives first")
    walk_in: bool
    name: str | None = Field(default=None, description="of who walked in")
    phone: str | None = Field(default=None, description="of who walked in, while they may be called")
    relation: Relation
    student_ids: list[str] = Field(description="whose guardian who walked in is, within reach")
    since: date | None = Field(description="when they walked in")


class JoinedRecord(GuardianRecord):
    """The guardian as it stands, and how much is published again under the id that survives."""

    restated: int
