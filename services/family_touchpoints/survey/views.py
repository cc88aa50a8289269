"""What callers are answered about surveys: versions with their questions, responses, and tallies."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from services.family_touchpoints.access import ARRANGE
from services.family_touchpoints.survey.bodies import AsksBody, QuestionBody
from services.family_touchpoints.survey.rules import Matter
from shared.doors.auth import Caller
from shared.producer.answers import RecordView
from shared.records.record import Record


class SurveyRecord(RecordView):
    """One version of a survey, as it is kept."""

    survey_id: str
    survey_version: int
    published_on: date
    languages: list[str]
    asks: AsksBody
    questions: list[QuestionBody]
    taken: bool = Field(description="somebody has answered it: what it asks stays")


class SurveyPage(BaseModel):
    """Some versions; `next` is the cursor of the page behind."""

    items: list[SurveyRecord]
    next: str | None


class ResponseRecord(RecordView):
    """What a guardian has answered of a version, as it is kept."""

    survey_id: str
    survey_version: int
    guardian_id: str
    student_id: str
    answered_on: date
    language: str
    answered: list[Matter]
    answers: dict[str, bool | int | str] | None = Field(
        default=None, description="only to who speaks with families about them"
    )


class ResponsePage(BaseModel):
    """Some responses; `next` is the cursor of the page behind."""

    items: list[ResponseRecord]
    next: str | None


class TallyRecord(RecordView):
    """How many answered a version on a day in a language without a name, as it is kept."""

    survey_id: str
    survey_version: int
    answered_on: date
    language: str
    organisation_id: str | None
    district_id: str | None = Field(description="in which the place lies; filled in")
    complete: int
    partial: int


class TallyPage(BaseModel):
    """Some tallies; `next` is the cursor of the page behind."""

    items: list[TallyRecord]
    next: str | None


def beside_version(record: Record) -> dict[str, Any]:
    """What is shown of a version beside its state."""
    return {"taken": record.state["_taken"]}


def beside_response(record: Record, caller: Caller) -> dict[str, Any]:
    """The answers, for who speaks with families about them; to anybody else it is that there are some."""
    return {"answers": record.state["_answers"] if ARRANGE.keys() & caller.roles else None}
