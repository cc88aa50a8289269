"""What callers send about assessments and a program's cuts; frozen, with an example of each."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from services.credentials.assessment.cuts import Cuts, DatedCut
from services.credentials.assessment.rules import Assessment
from shared.contracts.credentials import AssessmentKind, Phase
from shared.words.fields import Body, Day, Id, Reason, StudentName, example, or_left_out
from shared.words.forms import form

ROWS_MAX = 500
CUTS_MAX = 100

SHARE = form(r"^([01]|[01]?\.[0-9]{1,6}|[0-9]{1,4}/[1-9][0-9]{0,3})$", "a share of the whole, such as 0.6 or 3/5")
SCORE = form(r"^[0-9]{1,6}(\.[0-9]{1,4})?$", "a number from 0 on, with a point and not a comma, such as 72.5")
Exact = Annotated[
    str,
    StringConstraints(pattern=SHARE),
    Field(description="an exact share of the whole, as text: 0.6, or 3/5", examples=["0.6"]),
]
Score = Annotated[
    str,
    StringConstraints(pattern=SCORE),
    Field(description="an exact number as text", examples=["72.5"]),
]
Items = Annotated[int, Field(ge=1, le=100_000)]
Correct = Annotated[int, Field(ge=0, le=100_000)]
Scale = Annotated[
    Id,
    Field(description="only one scale is compared; with `score` its name tells the highest: percent, points-80"),
]


Attempt = Annotated[int, Field(ge=1, le=99, description="tells apart sittings of one form on one day, in their order")]


class Sat(Body):
    """What came of one sitting: items, or a score, or (of technical skills) the verdict alone."""

    operational_items: Items | None = None
    correct: Correct | None = None
    score: Score | None = None
    passed: bool | None = Field(default=None, description="the verdict as told; else the cut decides")
    attempt: Attempt = 1


class Sitting(Body):
    """What was sat, and when."""

    program_id: Id
    kind: AssessmentKind
    phase: Phase | None = Field(default=None, description="of a program assessment, and only of one")
    form: Id
    scale: Scale
    taken_on: Day
    cut: Exact | None = Field(default=None, description="else the program's, in force on the day")


class AssessmentBody(Sitting, Sat):
    """One student's sitting of an assessment."""

    model_config = example(
        student_id="stateStudentId:900001",
        program_id="it-security",
        kind="technical_skills",
        form="spring-a",
        scale="items",
        taken_on="2025-04-10",
        operational_items=80,
        correct=58,
    )

    student_id: StudentName


class AssessmentRow(Sat):
    """One student of a class."""

    student_id: StudentName


class AssessmentBatch(Sitting):
    """A class list: one assessment, one day; `operational_items` is that of every row with `correct`."""

    model_config = example(
        program_id="it-security",
        kind="program",
        phase="post",
        form="final",
        scale="percent",
        taken_on="2025-05-06",
        rows=[{"student_id": "stateStudentId:900001", "score": "72.5"}],
    )

    operational_items: Items | None = None
    rows: Annotated[tuple[AssessmentRow, ...], Field(min_length=1, max_length=ROWS_MAX)]


class AssessmentChange(Sat):
    """What is set right; a field that is left out stays as it is, null takes a value away."""

    model_config = example(correct=59, reason="an item was marked wrong")

    program_id: Id = Field(default="", json_schema_extra=or_left_out)
    kind: AssessmentKind = Field(default="program", json_schema_extra=or_left_out)
    phase: Phase | None = None
    form: Id = Field(default="", json_schema_extra=or_left_out)
    scale: Id = Field(default="", json_schema_extra=or_left_out)
    taken_on: Day = Field(default_factory=lambda: date(2000, 1, 1))
    cut: Exact | None = None
    attempt: Attempt = Field(default=1, json_schema_extra=or_left_out)
    reason: Reason | None = None


class CutBody(Body):
    """From `valid_from` on, the program asks this; `minimum_gain` null: more than nothing."""

    valid_from: Day
    cut: Exact
    minimum_gain: Exact | None = None


class CutsBody(Body):
    """All that a program asks, by date; before the first day, and without any, the cut is 0.6."""

    model_config = example(cuts=[{"valid_from": "2024-07-01", "cut": "0.65", "minimum_gain": "0.05"}])

    cuts: Annotated[tuple[CutBody, ...], Field(max_length=CUTS_MAX)] = ()


def assessment_from(body: AssessmentBody) -> Assessment:
    """The assessment that is asked for, its student still as the caller named it."""
    return Assessment(**dict(body))


def batch_assessments(body: AssessmentBatch, batch_id: str) -> Iterator[Assessment]:
    """The assessments of a class list, row by row."""
    common = {name: value for name, value in dict(body).items() if name not in ("rows", "operational_items")}
    for row in body.rows:
        own = dict(row)
        if row.correct is not None and row.operational_items is None:
            own["operational_items"] = body.operational_items
        yield Assessment(**common, **own, batch_id=batch_id)


def changes_from(body: AssessmentChange) -> Mapping[str, Any]:
    """Only what was sent."""
    return {name: getattr(body, name) for name in body.model_fields_set - {"reason"}}


def cuts_from(program_id: str, body: CutsBody) -> Cuts:
    """The cuts that are asked for."""
    return Cuts(program_id=program_id, cuts=tuple(DatedCut(**dict(one)) for one in body.cuts))
