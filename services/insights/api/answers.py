"""Boards, breakdowns, members and rules are turned into the answers of the API here."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.aggregator.domain.measures import Measure
from services.insights.api.schema import (
    BaselineAnswer,
    DecidingFact,
    Definition,
    Explanation,
    GoalAnswer,
    MeasureAnswer,
    MemberAnswer,
    Members,
    Part,
    Reading,
    ReasonAnswer,
    RowAnswer,
    Scoreboard,
    SliceAnswer,
    Spread,
    Year,
)
from services.insights.numbers.board import Board, GoalBoard, Standing, View, has_window
from services.insights.numbers.reader import Behind, Breakdown, Found
from services.insights.numbers.slices import Slice
from services.insights.numbers.targets import exactly, percent_of
from shared.plans import Goal
from shared.web.paging import encode_cursor


def definition(measure: Measure) -> Definition:
    return Definition(key=measure.key, version=measure.version, title=measure.title)


def number(view: View, one: Standing) -> dict[str, Any]:
    """The fields of a Number."""
    tally, target = one.tally, one.target
    goal = view.plan.goal_of(one.measure.key)
    waits = goal is not None and has_window(one.measure)
    return {
        "numerator": tally.numerator,
        "denominator": tally.denominator,
        "percent": percent_of(tally.numerator, tally.denominator),
        "matured": Part(numerator=tally.matured_numerator, denominator=tally.matured_denominator) if waits else None,
        "open": tally.open if waits else None,
        "spread": _spread(one),
        "target": goal.target if goal and target else None,
        "comparison": target.comparison if target else ">=",
        "status": one.status,
        "status_as_counted": one.as_counted,
        "people_to_target": one.people_missing,
        "definition": definition(one.measure).model_copy(update={"version": view.defined.version(one.measure)}),
        "stands_still_because": one.why_still,
        "counted_through": view.freshness.counted_through,
        "seconds_behind": view.freshness.seconds_behind,
    }


def _spread(one: Standing) -> Spread | None:
    if one.measure.shape != "spread":
        return None
    tally = one.tally
    return Spread(
        unit=one.measure.spread_in,
        median=exactly(tally.median) if tally.median is not None else None,
        measured=tally.numerator,
        not_yet=tally.not_counted,
    )


def seen(view: View) -> dict[str, Any]:
    """The fields of a Seen."""
    part: Slice = view.slice
    return {
        "as_of": view.as_of,
        "slice": SliceAnswer(dimension=part.dimension, value=part.value),
        "counted_through": view.freshness.counted_through,
        "seconds_behind": view.freshness.seconds_behind,
        "stale": view.freshness.stale,
        "stale_because": view.freshness.why,
        "withheld": [asdict(one) for one in view.freshness.withheld],
    }


def scoreboard(board: Board) -> Scoreboard:
    return Scoreboard(
        **seen(board.view),
        plan=board.view.plan.key,
        school_year=board.school_year,
        goals=[_goal(board.view, one) for one in board.goals],
    )


def _goal(view: View, one: GoalBoard) -> GoalAnswer:
    goal = one.goal
    return GoalAnswer(
        key=goal.key,
        title=goal.title,
        seed=goal.seed,
        seed_line=goal.line,
        target=goal.target,
        comparison=goal.comparison,
        deadline=goal.deadline,
        owner_role=goal.owner_role,
        school_year=one.year.school_year,
        school_year_because=ReasonAnswer(code=one.year.because, words=one.year.words),
        readings=[_reading(view, goal, reading) for reading in one.readings],
        readings_disagree=one.disagree,
        years=[Year(**number(view, year), school_year=year.school_year) for year in one.years],
    )


def _reading(view: View, goal: Goal, one: Standing) -> Reading:
    key = one.measure.key
    return Reading(**number(view, one), key=key, label=goal.label(key), differs=goal.differs(key))


def measure_rows(found: Breakdown) -> MeasureAnswer:
    return MeasureAnswer(
        **seen(found.view),
        definition=definition(found.measure),
        unit=found.measure.unit,
        school_year=found.school_year,
        dimension=found.dimension,
        rows=[RowAnswer(**number(found.view, row.standing), value=row.value, label=row.label) for row in found.rows],
    )


def members(behind: Behind) -> Members:
    cell = behind.cell
    return Members(
        **seen(behind.view),
        definition=definition(cell.measure),
        school_year=cell.school_year,
        dimension=cell.dimension,
        value=cell.value,
        items=[_member(cell.measure, one) for one in behind.found],
        next=encode_cursor(behind.after) if behind.after else None,
    )


def _member(measure: Measure, one: Found) -> MemberAnswer:
    member = one.member
    return MemberAnswer(
        **{f"{one.kind}_id": one.about},
        unit=member.unit,
        n=member.n,
        counted=one.counted,
        matured=one.matured,
        cohort_day=member.cohort_day,
        counted_day=member.counted_day,
        matured_day=member.matured_day,
        dimensions=measure.places(member),
        reason=ReasonAnswer(code=one.reason.code, words=one.reason.words),
        facts=[_fact(fact) for fact in one.facts],
    )


def _fact(fact: Mapping[str, Any]) -> DecidingFact:
    return DecidingFact(**fact)


def explanation(measure: Measure, goal: Goal | None) -> Explanation:
    return Explanation(
        key=measure.key,
        version=measure.version,
        title=measure.title,
        unit=measure.unit,
        shape=measure.shape,
        population=measure.population,
        rule=measure.rule,
        window=measure.window,
        earlier_days=measure.earlier_days,
        reads=sorted(measure.reads),
        dimensions=list(measure.dimensions),
        goal=goal.key if goal else None,
        seed=goal.seed if goal else None,
        seed_line=goal.line if goal else None,
        target=goal.target if goal else None,
        comparison=goal.comparison if goal else None,
        deadline=goal.deadline if goal else None,
        differs=goal.differs(measure.key) if goal else "",
        baselines=[
            BaselineAnswer(reading=one.reading, value=one.value, as_of=one.as_of, source=one.source, note=one.note)
            for one in (goal.baselines if goal else ())
            if one.reading in (None, measure.key)
        ],
    )
