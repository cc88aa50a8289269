"""The API lists who of a program may still move the number, and until when."""

import csv
import io
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from services.insights.api import answers as answering
from services.insights.api.asked import AsOf, TheReader
from services.insights.api.schema import Answer, Definition, ReasonAnswer, Seen
from services.insights.numbers.reader import Asked
from services.insights.numbers.students.open_cohort import LISTED, Open, OpenCohort, open_cohort
from shared.csv.answers import harmless
from shared.doors.auth import CurrentCaller

COLUMNS = (
    "student_id", "state", "completed_on", "last_day", "days_left", "campus", "school_year",
    "moves_headline", "reason_code", "reason", "program", "as_of", "definition", "version",
)  # fmt: skip


class OpenStudent(Answer):
    """One student without a high-value credential; dates are null for one who is still in class."""

    student_id: str
    state: Literal["completed", "enrolled"]
    completed_on: date | None
    last_day: date | None = Field(description="the last day on which an award still counts")
    days_left: int | None = Field(description="0: today is the last day")
    campus: str
    school_year: str | None
    moves_headline: bool = Field(description="a credential moves W1.headline too, not only the program's own number")
    reason: ReasonAnswer


class OpenCohortAnswer(Seen):
    """Who may still move the number, soonest first."""

    program: str
    title: str
    definition: Definition
    items: list[OpenStudent]


ProgramId = Annotated[str, Path(max_length=64, examples=["welding"])]
Include = Annotated[
    Literal["enrolled"] | None, Query(description="`enrolled`: those still in class too, after the completers.")
]
router = APIRouter(prefix="/v1/programs", tags=["numbers"])


@router.get("/{id}/open-cohort", responses={404: {"description": "There is no such program"}})
async def read_open_cohort(
    caller: CurrentCaller, reader: TheReader, id: ProgramId, include: Include = None, as_of: AsOf = None
) -> OpenCohortAnswer:
    """Completers at central campuses without a high-value credential whose year has not ended, soonest first."""
    asked = Asked(as_of=as_of)
    return _answer(await open_cohort(reader, caller.reach, asked, id, enrolled=include is not None))


@router.get(
    "/{id}/open-cohort.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, 404: {"description": "No such program"}},
)
async def export_open_cohort(
    caller: CurrentCaller, reader: TheReader, id: ProgramId, include: Include = None, as_of: AsOf = None
) -> Response:
    """The same as a file; it names nobody, since names live in roster alone."""
    found = await open_cohort(reader, caller.reach, Asked(as_of=as_of), id, enrolled=include is not None)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(found, one) for one in found.found)
    headers = {"Content-Disposition": f'attachment; filename="{id}-open-cohort-{found.view.as_of}.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _answer(found: OpenCohort) -> OpenCohortAnswer:
    return OpenCohortAnswer(
        **answering.seen(found.view),
        program=found.program,
        title=found.title,
        definition=answering.definition(LISTED),
        items=[_student(one) for one in found.found],
    )


def _student(one: Open) -> OpenStudent:
    return OpenStudent(
        student_id=one.student,
        state="completed" if one.completed_on else "enrolled",
        completed_on=one.completed_on,
        last_day=one.last_day,
        days_left=one.days_left,
        campus=one.campus,
        school_year=one.school_year,
        moves_headline=one.headline,
        reason=ReasonAnswer(code=one.reason.code, words=one.reason.words),
    )


def _cells(found: OpenCohort, one: Open) -> list[Any]:
    shown = _student(one)
    plain = shown.model_dump(mode="json", exclude={"reason"})
    more: dict[str, Any] = {
        "reason_code": one.reason.code,
        "reason": harmless(one.reason.words),
        "program": found.program,
    }
    more |= {"as_of": found.view.as_of.isoformat(), "definition": LISTED.key, "version": LISTED.version}
    return [(plain | more)[column] for column in COLUMNS]
