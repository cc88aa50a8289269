"""The API answers with the scoreboard, a measure by groups, the members behind a number and the rule of a measure."""

import csv
import io
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from starlette.responses import Response

from services.insights.api import answers as answering
from services.insights.api.asked import AskedView, AsOf, SchoolYear, TheReader
from services.insights.api.schema import Explanation, MeasureAnswer, Members, Scoreboard
from services.insights.numbers.reader import Asked, Cell, measure_of
from services.insights.numbers.slices import checked_year
from shared.csv.answers import CSV_ANSWER, FORMAT_PATTERN, MEDIA_TYPE, attachment, harmless, wants_csv
from shared.doors.auth import CurrentCaller
from shared.web.paging import AskedPage

Key = Annotated[str, Path(max_length=64, examples=["W1.headline"])]
router = APIRouter(prefix="/v1", tags=["numbers"])


@router.get("/scoreboard", responses={404: {"description": "There is no such plan"}})
async def read_scoreboard(caller: CurrentCaller, reader: TheReader, view: AskedView) -> Scoreboard:
    """Every goal of a plan and each of its readings: number, target, status, people to target, freshness."""
    found, _ = await reader.board(caller.reach, view)
    return answering.scoreboard(found)


@router.get(
    "/measures/{key}",
    response_model=MeasureAnswer,
    responses=CSV_ANSWER,
)
async def read_measure(
    caller: CurrentCaller,
    reader: TheReader,
    key: Key,
    view: AskedView,
    dimension: Annotated[str, Query(max_length=64)] = "program",
    form: Annotated[str | None, Query(alias="format", pattern=FORMAT_PATTERN)] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Any:
    """One measure by the groups of a dimension; each member is in exactly one group."""
    found, _ = await reader.breakdown(caller.reach, view, key, dimension)
    answer = answering.measure_rows(found)
    return _csv(answer) if wants_csv(form, accept) else answer


@router.get("/measures/{key}/members")
async def read_members(
    caller: CurrentCaller,
    reader: TheReader,
    key: Key,
    page: AskedPage,
    plan: Annotated[str, Query(max_length=64)] = "aurora",
    school_year: SchoolYear = None,
    dimension: Annotated[str, Query(max_length=64)] = "all",
    value: Annotated[str, Query(max_length=130)] = "all",
    counted: Annotated[bool | None, Query(description="Those in the numerator, those not; default both.")] = None,
    as_of: AsOf = None,
) -> Members:
    """The students behind a cell: counted ones are its numerator, all of them its denominator."""
    measure = measure_of(key)
    view = Asked(plan, school_year, as_of)
    year = checked_year(school_year) if school_year else await reader.default_year(view, measure)
    cell = Cell(measure, year, dimension, value)
    behind, _ = await reader.members(caller.reach, view, cell, counted=counted, after=page.after, limit=page.limit)
    return answering.members(behind)


@router.get("/measures/{key}/explain")
async def explain_measure(
    _: CurrentCaller, reader: TheReader, key: Key, plan: Annotated[str, Query(max_length=64)] = "aurora"
) -> Explanation:
    """A measure's rule in plain words: who is counted, from when until when, for which sentence of the plan."""
    measure = measure_of(key)
    return answering.explanation(measure, reader.plan(plan).goal_of(key))


COLUMNS = (
    "value", "label", "numerator", "denominator", "percent", "matured_numerator", "matured_denominator", "open",
    "target", "status", "people_to_target", "school_year", "dimension", "as_of", "definition", "version",
    "median", "median_in", "not_yet",
)  # fmt: skip


def _csv(answer: MeasureAnswer) -> Response:
    """The rows as a spreadsheet opens them; each says by which rule and as of when it was counted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    of = answer.definition
    for row in answer.rows:
        matured = row.matured
        writer.writerow(
            (
                *(harmless(one) for one in (row.value, row.label)),
                row.numerator,
                row.denominator,
                row.percent,
                matured.numerator if matured else "",
                matured.denominator if matured else "",
                "" if row.open is None else row.open,
                row.target or "",
                row.status,
                "" if row.people_to_target is None else row.people_to_target,
                *(answer.school_year, answer.dimension, answer.as_of, of.key, of.version),
                *((one.median or "", one.unit, one.not_yet) if (one := row.spread) else ("", "", "")),
            )
        )
    name = f"{of.key}-{answer.school_year}-{answer.dimension}.csv"
    return Response(text.getvalue(), media_type=MEDIA_TYPE, headers=attachment(name))
