"""The board has every goal of a plan with its number, the rival readings of it, and all its years."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from services.aggregator.domain.measures import BY_KEY, Measure
from services.insights.numbers.definitions import AS_DEFINED, Defined
from services.insights.numbers.freshness import Freshness
from services.insights.numbers.names import Calendar
from services.insights.numbers.slices import Slice
from services.insights.numbers.tallies import NOTHING, Tallies, Tally
from services.insights.numbers.targets import Status, Target, fully_matured, is_over, status_of
from services.insights.numbers.year_choice import Settling, YearChoice, newest_settled, year_of_all
from shared.plans import Goal, Plan


def has_window(measure: Measure) -> bool:
    """Whether each member is open until a window of its own ends, and settled from then on."""
    return measure.shape == "cohort"


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at: a plan, a slice, a day, how fresh the counts are, and which definitions are counted."""

    plan: Plan
    slice: Slice
    as_of: date
    calendar: Calendar
    freshness: Freshness
    defined: Defined = AS_DEFINED

    def over(self, school_year: str) -> bool:
        return is_over(school_year, self.as_of, self.calendar.starts)


@dataclass(frozen=True, slots=True)
class Standing:
    """One measure in one year and slice: the number, and what it says of the goal.

    `as_counted` is the status apart from staleness: what the number said when it was fresh.
    `kept` says that the measure is told apart by this slice; else there is no number to show.
    `why_still` says why it stands still while the rest is fresh: its definition is being counted anew.
    `settled` says that the number itself can only change by a correction; a verdict may come sooner.
    """

    measure: Measure
    school_year: str
    tally: Tally
    target: Target | None
    status: Status
    as_counted: Status
    settled: bool
    kept: bool = True
    why_still: str = ""

    @property
    def people_missing(self) -> int | None:
        return self.target.people_missing(self.tally) if self.target else None


@dataclass(frozen=True, slots=True)
class GoalBoard:
    """One goal: its readings in the year that it is shown in (headline first), and the headline in every year.

    `beside` are the readings, of whatever goal, that are easily taken for each other.
    """

    goal: Goal
    year: YearChoice
    readings: tuple[Standing, ...]
    years: tuple[Standing, ...]
    beside: tuple[Standing, ...] = ()

    @property
    def headline(self) -> Standing | None:
        return self.readings[0] if self.readings else None

    @property
    def disagree(self) -> bool:
        """Whether some reading says that the promise is kept and another that it is not."""
        said = {
            one.target.met_by(one.tally.numerator, one.tally.denominator)
            for one in self.readings
            if one.target and one.tally.denominator
        }
        return len(said) > 1


@dataclass(frozen=True, slots=True)
class Board:
    """A plan's goals as of a day; each names the year that it is shown in.

    `school_year` is the one that was asked for, else the newest in which some goal is settled.
    """

    view: View
    school_year: str
    years: tuple[str, ...]
    goals: tuple[GoalBoard, ...]


def target_of(goal: Goal | None, measure: str | None) -> Target | None:
    """A goal's target as it is compared; none for a reading that is not what the goal promises."""
    if goal is None or goal.share is None or (measure and not goal.promises(measure)):
        return None
    return Target(goal.share, goal.comparison)


def standing(view: View, measure: Measure, school_year: str, tally: Tally, target: Target | None) -> Standing:
    """What one number says."""
    target = None if tally.withheld else target
    over = view.over(school_year)
    as_counted = status_of(tally, target, year_over=over, stale=False)
    still = view.defined.why_still(measure)
    status = status_of(tally, target, year_over=over, stale=view.freshness.stale or bool(still))
    matured = fully_matured(tally, year_over=over, window=has_window(measure))
    settled = matured and not (measure.open_ended and tally.not_counted)
    kept = view.slice.dimension in measure.dimensions
    return Standing(measure, school_year, tally, target, status, as_counted, settled, kept, still)


def own_year(view: View, headline: Measure, tallies: Tallies) -> YearChoice | None:
    """The year that a goal with this headline is shown in when nobody asks for one; None when no year has anybody."""
    settling = Settling(view.as_of, view.calendar.starts, has_window(headline), headline.open_ended)
    return newest_settled(_years(tallies, headline.key, view.slice.value), settling)


def board(view: View, tallies: Tallies, school_year: str | None = None, *, counted: Tallies | None = None) -> Board:
    """The board of one school year; by default each goal is shown in its own newest settled one.

    `counted` are the numbers as they are, where some of `tallies` are withheld: they alone tell what is settled.
    """
    headlines = {goal.key: BY_KEY[goal.headline] for goal in view.plan.goals if goal.headline}
    found = {key: choice for key, one in headlines.items() if (choice := own_year(view, one, counted or tallies))}
    chosen = school_year or year_of_all(found.values(), view.as_of, view.calendar.starts)
    # What is in force is so in every year since it began, and makes no year one that is worth looking at.
    dated = {key: tally for key, tally in tallies.items() if BY_KEY[key[0]].shape != "in_force"}
    years = {year for (_, year, _), tally in dated.items() if tally.members}

    def year_for(goal: Goal) -> YearChoice:
        if school_year:
            return YearChoice(school_year, "asked")
        return found.get(goal.key, YearChoice(chosen, "nobody"))

    goals = tuple(goal_board(view, tallies, goal, year_for(goal)) for goal in view.plan.goals)
    return Board(view, chosen, tuple(sorted(years | {chosen})), goals)


def goal_board(view: View, tallies: Tallies, goal: Goal, year: YearChoice) -> GoalBoard:
    """One goal's part of the board."""
    target = target_of(goal, goal.headline)
    value = view.slice.value

    def of_year(key: str) -> Standing:
        tally = tallies.get((key, year.school_year, value), NOTHING)
        return standing(view, BY_KEY[key], year.school_year, tally, target_of(view.plan.goal_of(key), key))

    readings, beside = (tuple(of_year(key) for key in keys) for keys in (goal.measures, goal.beside))
    years = tuple(
        standing(view, BY_KEY[goal.headline], one, tally, target)
        for one, tally in sorted(_years(tallies, goal.headline, value).items())
        if goal.headline and tally.members
    )
    return GoalBoard(goal, year, readings, years, beside)


def _years(tallies: Tallies, measure: str | None, value: str) -> dict[str, Tally]:
    return {year: tally for (key, year, at), tally in tallies.items() if (key, at) == (measure, value)}


@dataclass(frozen=True, slots=True)
class Row:
    """One group of a breakdown."""

    value: str
    label: str
    standing: Standing


def rows(
    view: View,
    measure: Measure,
    school_year: str,
    found: Mapping[str, Tally],
    labels: Mapping[str, str],
    target: Target | None,
) -> list[Row]:
    """A breakdown in the order of its labels; groups are held to the same target as the whole."""
    listed = [
        Row(value, labels[value], standing(view, measure, school_year, tally, target)) for value, tally in found.items()
    ]
    return sorted(listed, key=lambda row: (row.label.casefold(), row.value))


def worst_first(found: Sequence[Row]) -> list[Row]:
    """The groups sorted by how far they are from the target, the furthest first, those without anybody last."""
    return sorted(found, key=lambda row: (*_badness(row.standing), row.label.casefold(), row.value))


def _badness(one: Standing) -> tuple[bool, Fraction, int]:
    """A sort key, the smaller the worse: a low share, a long median; of equal shares, where more people are missing."""
    tally = one.tally
    if one.measure.shape == "spread":
        return tally.median is None, -(tally.median or Fraction(0)), 0
    share = Fraction(tally.numerator, tally.denominator) if tally.denominator else Fraction(0)
    return not tally.denominator, share, -(one.people_missing or 0)


def by_year(shown: Board) -> list[tuple[str, list[str]]]:
    """The keys of the goals that anybody is counted for, by the year that each is shown in, the newest first."""
    years: dict[str, list[str]] = {}
    for one in shown.goals:
        if one.headline and one.year.because != "nobody":
            years.setdefault(one.year.school_year, []).append(one.goal.key)
    return sorted(years.items(), reverse=True)


def total(parts: Sequence[Row]) -> Tally:
    """All groups together; each member is in exactly one."""
    return sum((row.standing.tally for row in parts), NOTHING)


def unknown_measures(plan: Plan) -> list[str]:
    """Measures that a plan names and the catalogue does not have: a plan with any must not be shown."""
    return [key for key in plan.measures if key not in BY_KEY]
