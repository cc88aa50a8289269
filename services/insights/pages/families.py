"""The page of families says by program and by language who was reached, who not yet, and who is excused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.aggregator.domain.families.home_language import FAMILY_LANGUAGE
from services.insights.api.asked import TheReader
from services.insights.numbers.board import GoalBoard, Standing, View, worst_first
from services.insights.numbers.names import DIMENSIONS
from services.insights.numbers.reader import CAMPUS, DISTRICT, PROGRAM, PROGRAM_AT_CAMPUS, Asked, Reader
from services.insights.numbers.tallies import Tally
from services.insights.pages.board import ChosenYear, Where, around, asked_of, goal_on
from services.insights.pages.charts.marks import Bar
from shared.doors.auth import CurrentCaller, Reach
from shared.pages.page import shown
from shared.pages.refusals import Page
from shared.pages.writing import link
from shared.words.said import Said, said

GOAL = "G7"
TWICE, ONCE, EXCUSED = KEYS = ("G7.two_in_two_terms", "G7.one", "G7.excused")
ONE_TERM = "one_term"  # the reason of an enrolment whose family was reached, but not in a second term
# By the part that is looked at: the tables that are kept for it, and what there is to say of the others.
KEPT: Mapping[str, tuple[tuple[str, ...], Said | str]] = {
    "all": ((PROGRAM, FAMILY_LANGUAGE), ""),
    CAMPUS: ((PROGRAM,), said("Within a campus, counts by the family's language are not kept.")),
    DISTRICT: (
        (DISTRICT,),
        said("Within a home district, counts by program and by the family's language are not kept."),
    ),
}

router = APIRouter(route_class=Page, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Told:
    """How many enrolments of a group are which, each number with the address of who is behind it.

    A number is None where it is withheld.
    """

    label: str
    standing: Standing
    numbers: tuple[tuple[Said, int | None, str], ...]
    bar: Bar


@dataclass(frozen=True, slots=True)
class Table:
    """The groups of one dimension, worst first, and the files that say as CSV what is counted of them."""

    dimension: str
    name: Said | str
    rows: Sequence[Told]
    files: Sequence[tuple[Said, str]]


@router.get("/families")
async def families_page(
    request: Request, caller: CurrentCaller, reader: TheReader, school_year: ChosenYear = None, where: Where = None
) -> Response:
    asked = asked_of(Asked().plan, school_year, where, None)
    board, names = await reader.board(caller.reach, asked)
    goal = goal_on(board, GOAL)
    view, year = board.view, goal.year.school_year
    by, without = KEPT[view.slice.dimension]
    in_year = replace(asked, school_year=year)
    tables = [await _table(reader, caller.reach, in_year, view, dimension) for dimension in by]
    context = around(caller, asked, board, names)
    return shown(
        request, "families.html", shown=goal, whole=_whole(goal, view), tables=tables, without=without, **context
    )


def _whole(goal: GoalBoard, view: View) -> Told:
    """All groups together, as the board has them."""
    found = {one.measure.key: one for one in goal.readings}
    part = view.slice
    return _told("", found[TWICE], found[ONCE].tally, found[EXCUSED].tally, part.dimension, part.value)


async def _table(reader: Reader, reach: Reach, asked: Asked, view: View, dimension: str) -> Table:
    found, _ = await reader.breakdowns(reach, asked, KEYS, dimension)
    once, excused = ({row.value: row.standing.tally for row in one.rows} for one in found[1:])
    withheld = Tally(withheld=True)
    rows = [
        _told(
            row.label,
            row.standing,
            once.get(row.value, withheld),
            excused.get(row.value, withheld),
            *_cell(view, dimension, row.value),
        )
        for row in worst_first(found[0].rows)
    ]
    return Table(dimension, DIMENSIONS[dimension], rows, list(_files(asked, dimension)))


def _cell(view: View, dimension: str, value: str) -> tuple[str, str]:
    """The cell that a row is of: within a campus, of a program there."""
    if view.slice.dimension == CAMPUS and dimension == PROGRAM:
        return PROGRAM_AT_CAMPUS, f"{value}|{view.slice.value}"
    return dimension, value


def _told(label: str, twice: Standing, once: Tally, excused: Tally, dimension: str, value: str) -> Told:
    """Of those who are asked for in a group, reached in two terms, in one, not yet; and beside them the excused."""
    asked, both = twice.tally, twice.tally.withheld or once.withheld
    members = partial(link, f"/goals/{GOAL}/members", school_year=twice.school_year, dimension=dimension, value=value)
    one_term = once.numerator - asked.numerator
    not_yet = once.denominator - once.numerator
    numbers = (
        (said("In two terms"), _number(asked.numerator, asked.withheld), members(reading=TWICE, counted="true")),
        (said("In one term only"), _number(one_term, both), members(reading=TWICE, counted="false", reason=ONE_TERM)),
        (said("Not reached yet"), _number(not_yet, once.withheld), members(reading=ONCE, counted="false")),
        (said("Excused"), _number(excused.numerator, excused.withheld), members(reading=EXCUSED)),
    )
    whole = asked.denominator or 1
    parts = (0, 0) if both else (asked.numerator, one_term)
    counted, more = (round(100 * part / whole, 2) for part in parts)
    return Told(label, twice, numbers, Bar(counted, more, None, kept=True))


def _number(n: int, withheld: bool) -> int | None:
    return None if withheld else n


def _files(asked: Asked, dimension: str) -> Iterator[tuple[Said, str]]:
    words = (said("reached in two terms"), said("reached at all"), said("excused"))
    part = {"campus": asked.campus, "district": asked.district}
    for word, key in zip(words, KEYS, strict=True):
        of = {"school_year": asked.school_year, "dimension": dimension, **part, "format": "csv"}
        yield word, link(f"/v1/measures/{key}", **of)
