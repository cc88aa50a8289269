"""Three pages show the board, a goal, and who is behind a number; they work without JavaScript."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from services.aggregator.domain.families.home_language import FAMILY_LANGUAGE
from services.aggregator.domain.measures import BY_KEY, Measure
from services.insights.api.asked import TheReader
from services.insights.numbers.board import Board, GoalBoard, Standing, View, by_year, has_window, worst_first
from services.insights.numbers.disclosure.viewers import of_persons
from services.insights.numbers.names import DIMENSIONS, Names
from services.insights.numbers.reader import (
    CAMPUS,
    DISTRICT,
    PROGRAM,
    Asked,
    Breakdown,
    Cell,
    Reader,
    limit,
    measure_of,
)
from services.insights.numbers.slices import checked_year
from services.insights.pages.charts import marks
from services.insights.pages.decisive_days import Known, credentials_in, steps
from shared.doors.auth import Caller, CurrentCaller, Rows
from shared.doors.roles import Role
from shared.errors import NotFound, Refused
from shared.pages.page import shown
from shared.pages.refusals import Page
from shared.pages.writing import link
from shared.plans import Goal, Plan
from shared.web.paging import AskedPage, encode_cursor
from shared.words.forms import form
from shared.words.said import said

# A chooser does not offer everyone as one group, nor a cross of two that another choice already gives.
NO_CHOICE = ("all", "program_campus", "days", "program_days", "campus_days", "district_days")
KINDS = {
    "student": said("Student"),
    "guardian": said("Guardian"),
    "program": said("Program"),
    "workshop": said("Workshop"),
    "survey": said("Survey"),
}
WAYS = ((said("All"), None, None), (said("Counted"), "true", True), (said("Not counted"), "false", False))

Where = Annotated[
    str | None,
    Query(
        pattern=form(r"^((campus|district):[A-Za-z0-9_-]{1,64})?$", "campus: or district: and its id, or nothing"),
        description="Such as campus:northwest.",
    ),
]
# A form sends a day that was left empty as an empty text.
Day = Annotated[str | None, Query(pattern=form(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", "a day as 2025-05-22, or nothing"))]
# So does a year that is left to each goal.
ChosenYear = Annotated[
    str | None, Query(pattern=form(r"^([0-9]{4}-[0-9]{2})?$", "a school year as 2024-25, or nothing"))
]
PlanKey = Annotated[str, Query(max_length=64)]
FIRST = Asked().plan


router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/")
async def board_page(
    request: Request,
    caller: CurrentCaller,
    reader: TheReader,
    plan: PlanKey = "aurora",
    school_year: ChosenYear = None,
    where: Where = None,
    as_of: Day = None,
) -> Response:
    if caller.reach.rows == {Rows.SELF}:
        own = "/operations" if Role.OPERATOR in caller.roles else "/me"
        return RedirectResponse(own, 303, headers={"Cache-Control": "no-store"})
    asked = asked_of(plan, school_year, where, as_of)
    board, names = await reader.board(caller.reach, asked)
    plans = [(one.key, one.title) for one in reader.plans.values()]
    return shown(request, "board.html", plans=plans, **around(caller, asked, board, names))


@router.get("/goals/{key}")
async def goal_page(
    request: Request,
    caller: CurrentCaller,
    reader: TheReader,
    key: str,
    plan: PlanKey = "aurora",
    school_year: ChosenYear = None,
    where: Where = None,
    as_of: Day = None,
    reading: Annotated[str | None, Query(max_length=64)] = None,
    dimension: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    asked = asked_of(plan, school_year, where, as_of)
    board, names = await reader.board(caller.reach, asked)
    found = goal_on(board, key)
    measure = reading or found.goal.measures[0]
    if measure not in found.goal.measures:
        known = ", ".join(found.goal.measures)
        raise NotFound(
            said("goal %(key)s has no reading %(reading)s; it has %(known)s", key=key, reading=measure, known=known)
        )
    by = dimension or _groups_by(BY_KEY[measure], whole=limit(caller.reach) is None)
    groups = await _groups(reader, caller, replace(asked, school_year=found.year.school_year), measure, by)
    context = around(caller, asked, board, names) | _about(found, board.view, measure, by, groups)
    return shown(request, "goal.html", **context)


@router.get("/goals/{key}/members")
async def members_page(
    request: Request,
    caller: CurrentCaller,
    reader: TheReader,
    key: str,
    page: AskedPage,
    plan: PlanKey = "aurora",
    reading: Annotated[str | None, Query(max_length=64)] = None,
    school_year: ChosenYear = None,
    dimension: Annotated[str, Query(max_length=64)] = "all",
    value: Annotated[str, Query(max_length=130)] = "all",
    counted: bool | None = None,
    reason: Annotated[str | None, Query(max_length=64)] = None,
    as_of: Day = None,
) -> Response:
    asked = Asked(plan, school_year or None, chosen_day(as_of))
    goal = _counted_goal(reader.plan(plan), key)
    measure = measure_of(reading or goal.measures[0])
    year = checked_year(school_year) if school_year else await reader.default_year(asked, measure)
    cell = Cell(measure, year, dimension, value)
    behind, names = await reader.members(
        caller.reach, asked, cell, counted=counted, after=page.after, limit=min(page.limit, 100), reason=reason
    )
    codes = {code for one in behind.found for code in credentials_in(one.decided)}
    known = Known(names, await reader.store.credential_titles(codes))
    here = f"/goals/{key}/members"
    keep = {"reading": measure.key, "school_year": year, "dimension": dimension, "value": value, "as_of": asked.as_of}
    keep |= {"plan": _kept(plan)}
    return shown(
        request,
        "members.html",
        view=behind.view,
        plan=behind.view.plan,
        goal=goal,
        cell=cell,
        behind=behind,
        names=names,
        counted=counted,
        reason=reason,
        group=DIMENSIONS.get(dimension, dimension),
        sees_all=caller.reach.everything,
        steps=lambda one: steps(one.member, one.decided, known, behind.view.as_of),
        keep={"plan": _kept(plan)},
        kinds=[KINDS[kind] for kind in measure.subjects],
        of_persons=of_persons(measure),
        window_end=lambda member: member.matured_day - timedelta(days=1) if member.matured_day else None,
        ways=[(word, link(here, **keep, counted=flag), not reason and one is counted) for word, flag, one in WAYS],
        next=behind.after
        and link(here, **keep, counted=_flag(counted), reason=reason, cursor=encode_cursor(behind.after)),
    )


def _flag(counted: bool | None) -> str | None:
    return None if counted is None else str(counted).lower()


def chosen_day(text: str | None) -> date | None:
    """The day that a form sent, None when it was left empty."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused(said("%(given)s is no day of any year; choose one from the calendar", given=text)) from error


def asked_of(plan: str, school_year: str | None, where: str | None, as_of: str | None) -> Asked:
    dimension, _, value = (where or "").partition(":")
    campus, district = (value if dimension == one else None for one in ("campus", "district"))
    return Asked(plan, school_year or None, chosen_day(as_of), campus, district)


def around(caller: Caller, asked: Asked, board: Board, names: Names) -> dict[str, Any]:
    """What every page of a board shows around its numbers."""
    view = board.view
    part = view.slice
    where = "" if part.dimension == "all" else f"{part.dimension}:{part.value}"
    keep = {"where": where or None, "as_of": asked.as_of, "plan": _kept(asked.plan)}
    return {
        "view": view,
        "plan": view.plan,
        "board": board,
        "goals": board.goals,
        "names": names,
        "asked": asked,
        "where": where,
        "keep": keep,
        "places": _places(caller, names),
        "part": said("the whole district") if not where else names.label(part.dimension, part.value),
        "stream": link(
            "/v1/stream",
            plan=view.plan.key,
            school_year=asked.school_year,
            as_of=asked.as_of,
            **({part.dimension: part.value} if where else {}),
        ),
        "goals_by_year": by_year(board),
        "trend": lambda one, written: marks.trend(
            [(y.school_year, y.tally, not y.settled) for y in one.years],
            one.headline.target,
            one.year.school_year,
            written,
        ),
        "so_far": lambda one: [
            y for y in one.years if has_window(y.measure) and not y.settled and y.school_year != one.year.school_year
        ],
        "bar": lambda one: marks.bar(one.tally, one.target),
        "members": lambda goal, one, dimension="all", value="all", counted=None: link(
            f"/goals/{goal.key}/members",
            reading=one.measure.key,
            school_year=one.school_year,
            dimension=dimension if not where or dimension != "all" else part.dimension,
            value=value if not where or dimension != "all" else part.value,
            counted=counted,
            as_of=asked.as_of,
            plan=_kept(asked.plan),
        ),
    }


def _kept(plan: str) -> str | None:
    """A plan's key as an address carries it on: the first plan's own pages are shown without."""
    return None if plan == FIRST else plan


def _places(caller: Caller, names: Names) -> dict[str, Any]:
    """The parts that a viewer may choose among."""
    own = limit(caller.reach)
    districts = [(f"district:{key}", name) for key, name in names.districts() if own is None or key in own]
    campuses = [(f"campus:{key}", name) for key, name in names.campuses()] if own is None else []
    return {"whole": own is None, "groups": [(said("Campuses"), campuses), (said("Home districts"), districts)]}


def _counted_goal(plan: Plan, key: str) -> Goal:
    goal = next((one for one in plan.goals if one.key == key), None)
    if goal is None:
        known = ", ".join(one.key for one in plan.goals)
        raise NotFound(said("the plan has no goal %(key)s; it has %(known)s", key=key, known=known))
    if not goal.measures:
        raise NotFound(said("goal %(key)s is not counted yet", key=key))
    return goal


def goal_on(board: Board, key: str) -> GoalBoard:
    goal = _counted_goal(board.view.plan, key)
    return next(one for one in board.goals if one.goal is goal)


async def _groups(reader: Reader, caller: Caller, asked: Asked, measure: str, by: str) -> Breakdown | str:
    """The groups, or the words that say why there are none in this part."""
    try:
        found, _ = await reader.breakdown(caller.reach, asked, measure, by)
    except Refused as refusal:
        return refusal.detail
    return found


def _by_language(shown: GoalBoard, view: View) -> str:
    """The address of the page of families; empty for a goal that is not told apart by their language."""
    if shown.headline is None or FAMILY_LANGUAGE not in shown.headline.measure.dimensions:
        return ""
    part = view.slice
    where = "" if part.dimension == "all" else f"{part.dimension}:{part.value}"
    return link("/families", school_year=shown.headline.school_year, where=where)


def _groups_by(measure: Measure, *, whole: bool) -> str:
    """The groups that are shown when nobody asks for others: those a measure is kept by, of what the viewer may see."""
    wanted = (PROGRAM, CAMPUS, DISTRICT) if whole else (DISTRICT,)
    return next((one for one in wanted if one in measure.dimensions), measure.dimensions[0])


def _about(shown: GoalBoard, view: View, measure: str, by: str, groups: Breakdown | str) -> dict[str, Any]:
    one: Standing = next(one for one in shown.readings if one.measure.key == measure)
    dimensions = [(key, DIMENSIONS.get(key, key)) for key in one.measure.dimensions if key not in NO_CHOICE]
    return {
        "shown": shown,
        "goal": shown.goal,
        "reading": one,
        "readings": [(key, shown.goal.label(key)) for key in shown.goal.measures],
        "dimension": by,
        "dimension_name": DIMENSIONS.get(by, by),
        "dimensions": dimensions,
        "groups": groups if isinstance(groups, Breakdown) else None,
        "groups_worst_first": worst_first(groups.rows) if isinstance(groups, Breakdown) else [],
        "no_groups": groups if isinstance(groups, str) else "",
        "rule": BY_KEY[measure],
        "by_language": _by_language(shown, view),
        "csv": link(
            f"/v1/measures/{measure}",
            school_year=one.school_year,
            dimension=by,
            as_of=view.as_of,
            format="csv",
            plan=_kept(view.plan.key),
        ),
    }
