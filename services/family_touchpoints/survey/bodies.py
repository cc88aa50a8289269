"""What callers send about surveys, who has answered them and how many; frozen, with an example of each."""

from typing import Annotated, Any

import msgspec
from pydantic import Field, StrictBool, StrictInt, StringConstraints

from services.family_touchpoints.contact.guardian.bodies import LanguageCode
from services.family_touchpoints.survey.rules import WORDS_MAX, Matter, QuestionKind, Questionnaire, Response
from shared.words.fields import TEXT_PATTERN, Body, Day, Id, Name, Reason, StudentName, example

QUESTIONS_MAX = 60
Words = Annotated[str, StringConstraints(pattern=TEXT_PATTERN, max_length=WORDS_MAX)]
Count = Annotated[int, Field(ge=0, le=100_000)]


class AsksBody(Body):
    """What the version asks families about."""

    child_needs: bool = False
    own_needs: bool = False
    satisfaction: bool = False


class QuestionBody(Body):
    """One question, in each language in which families read it."""

    code: Id
    kind: QuestionKind
    about: Matter
    texts: Annotated[dict[LanguageCode, Name], Field(min_length=1, max_length=10)]


class SurveyBody(Body):
    """One version of a survey. Without questions it is asked on paper or with another tool, and answered by no link."""

    model_config = example(
        published_on="2025-11-03",
        languages=["eng", "spa"],
        asks={"child_needs": True, "own_needs": True},
        questions=[
            {
                "code": "child-help",
                "kind": "yes_no",
                "about": "child_needs",
                "texts": {"eng": "Does your child need help?", "spa": "¿Su hijo necesita ayuda?"},
            },
            {
                "code": "own-help",
                "kind": "text",
                "about": "own_needs",
                "texts": {"eng": "What would help you?", "spa": "¿Qué le ayudaría?"},
            },
        ],
    )

    published_on: Day
    languages: Annotated[tuple[LanguageCode, ...], Field(min_length=1, max_length=20)]
    asks: AsksBody
    questions: Annotated[tuple[QuestionBody, ...], Field(max_length=QUESTIONS_MAX)] = ()


class Given(Body):
    """What was answered: by question, or only which matters."""

    answered: Annotated[tuple[Matter, ...], Field(max_length=3)] = ()
    answers: Annotated[
        dict[Id, StrictBool | StrictInt | Words],
        Field(max_length=QUESTIONS_MAX, description="by the code of the question; shown to no leader"),
    ] = {}


class ResponseBody(Given):
    """What a guardian has answered, in an interview or on paper with a name; a second answer goes into the first."""

    model_config = example(
        guardian_id="g3f",
        student_id="stateStudentId:900001",
        answered_on="2025-11-20",
        language="spa",
        answered=["child_needs"],
    )

    guardian_id: Id
    student_id: StudentName
    answered_on: Day
    language: LanguageCode


class TallyBody(Body):
    """How many answered without a name, on a day and in a language."""

    model_config = example(answered_on="2025-11-20", language="spa", complete=9, partial=3)

    answered_on: Day
    language: LanguageCode
    organisation_id: Id | None = None
    complete: Count
    partial: Count = 0


class TallyChange(Body):
    """The numbers set right; one that is left out stays. Another day, language or place: void it and log it again."""

    model_config = example(complete=10, reason="one sheet lay apart")

    complete: Count | None = None
    partial: Count | None = None
    reason: Reason | None = None


def version_from(survey_id: str, version: int, body: SurveyBody) -> Questionnaire:
    """The version that is asked for."""
    said: dict[str, Any] = body.model_dump(mode="json")
    return msgspec.convert({"survey_id": survey_id, "survey_version": version, **said}, Questionnaire)


def response_from(body: Body, **more: Any) -> Response:
    """What was answered, the student still as the caller named them."""
    return msgspec.convert({**body.model_dump(mode="json"), **more}, Response)
