"""The marks of the small charts are placed here; the templates only draw them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from services.insights.numbers.tallies import Tally
from services.insights.numbers.targets import Target, percent, percent_of
from services.insights.pages.charts.labels import AIR, Box, Ground, Label, around, placed

WIDTH, HEIGHT = 380, 156
LEFT, RIGHT, TOP, BOTTOM = 50, 78, 30, 30
AXIS_LEFT, AXIS_RIGHT = 26, WIDTH - 54
YEAR_SIZE = 11.0
# One more or one less of so few is a large part of the whole: such a year is no trend.
FEW = 10


@dataclass(frozen=True, slots=True)
class Point:
    """One year of a trend: `open` when its number can still move, `few` when it is of fewer than ten members.

    `label` is None where there is no room for it; `at` is the year under the axis, short where years are many.
    """

    x: float
    y: float
    school_year: str
    share: str
    open: bool
    chosen: bool
    few: bool = False
    label: Label | None = None
    at: Label | None = None

    @property
    def radius(self) -> float:
        return 2.5 if self.few else 5 if self.chosen else 4

    @property
    def dot(self) -> Box:
        room = self.radius + 1
        return Box(self.x - room, self.y - room, self.x + room, self.y + room)


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch between two years; `open` when it leads to a number that can still move."""

    start: Point
    end: Point

    @property
    def open(self) -> bool:
        return self.start.open or self.end.open


@dataclass(frozen=True, slots=True)
class Trend:
    """Every year as a point on one scale; the scale's ends are printed, since it need not begin at 0 %."""

    points: tuple[Point, ...]
    lines: tuple[Line, ...]
    target_y: float | None
    target: str
    low: int
    high: int
    width: int = WIDTH
    height: int = HEIGHT
    axis_left: int = AXIS_LEFT
    axis_right: int = AXIS_RIGHT

    @property
    def base_y(self) -> float:
        return HEIGHT - BOTTOM

    @property
    def scale(self) -> tuple[Label, Label]:
        ends = ((self.low, float(self.base_y)), (self.high, float(TOP)))
        low, high = (Label(str(end), AXIS_LEFT - 4, y + 4, 11.0, "end") for end, y in ends)
        return low, high

    @property
    def words_y(self) -> float:
        """The first of the two lines that name the target, beside its line and inside the drawing."""
        return min(max(self.target_y or 0.0, 14.0), HEIGHT - 20.0) - 2

    @property
    def labels(self) -> list[Label]:
        """All that stands in the plot and under it."""
        return [one for point in self.points for one in (point.label, point.at) if one] + list(self.scale)


YearShown = tuple[str, Tally, bool]  # the school year, its number, and whether that can still move


def trend(
    years: Sequence[YearShown],
    target: Target | None,
    chosen: str | None,
    written: Callable[[str], str] = str,
) -> Trend | None:
    """The trend of (school year, tally, whether it can still move); None without any year to show.

    `written` puts a share as the domain writes it into the words of a language.
    """
    shown = [one for one in sorted(years) if one[1].denominator]
    if not shown:
        return None
    shares = [Fraction(tally.numerator, tally.denominator) for _, tally, _ in shown]
    low, high = _scale([*shares, *([target.share] if target else [])])
    target_y = _up(target.share, low, high) if target else None
    points = [
        Point(
            x=_across(place, len(shown)),
            y=_up(share, low, high),
            school_year=year,
            share=written(percent_of(tally.numerator, tally.denominator)),
            open=still_open,
            chosen=year == chosen,
            few=tally.denominator < FEW,
        )
        for place, ((year, tally, still_open), share) in enumerate(zip(shown, shares, strict=True))
    ]
    labelled = tuple(_labelled(points, target_y))
    return Trend(
        labelled,
        tuple(Line(start, end) for start, end in pairwise(labelled)),
        target_y,
        percent(target.share) if target else "",
        low,
        high,
    )


def _labelled(points: Sequence[Point], target_y: float | None) -> Iterator[Point]:
    """The points with the labels that there is room for: the chosen year's first, then from the newest back."""
    order = sorted(range(len(points)), key=lambda at: (not points[at].chosen, -at))
    base = HEIGHT - BOTTOM
    lines = [] if target_y is None else [Box(AXIS_LEFT, target_y, AXIS_RIGHT, target_y)]
    plot = Ground(Box(AXIS_LEFT, 1, AXIS_RIGHT, base - AIR), [one.dot for one in points], lines)
    beside = [list(around(one.share, one.x, one.y, one.radius + 4)) for one in (points[at] for at in order)]
    values = placed(beside, plot)
    under = Ground(Box(0, base, WIDTH, HEIGHT))
    long = [Label(one.school_year, one.x, HEIGHT - 9, YEAR_SIZE) for one in points]
    # All years in one form: the whole one where every one of them has room, else without the century.
    short = [Label(one.school_year[2:], one.x, HEIGHT - 9, YEAR_SIZE) for one in points]
    crowded = any(one.box.meets(next_.box, AIR) for one, next_ in pairwise(long))
    named = placed([[(short if crowded else long)[at]] for at in order], under)
    labels = dict(zip(order, zip(values, named, strict=True), strict=True))
    for at, point in enumerate(points):
        value, year = labels[at]
        yield replace(point, label=value, at=year)


def _scale(shares: Sequence[Fraction]) -> tuple[int, int]:
    """The scale's ends in percent: whole tens with some air below, 100 at the top."""
    low = max(0, (int(min(shares) * 10) - 1) * 10)
    return low, max(100, -(int(-max(shares) * 10)) * 10)


def _across(place: int, places: int) -> float:
    room = WIDTH - LEFT - RIGHT
    return LEFT + room / 2 if places == 1 else round(LEFT + room * place / (places - 1), 1)


def _up(share: Fraction, low: int, high: int) -> float:
    return round(HEIGHT - BOTTOM - float((share * 100 - low) / (high - low)) * (HEIGHT - TOP - BOTTOM), 1)


@dataclass(frozen=True, slots=True)
class Bar:
    """One group of a breakdown: its counted part, what may still be added, and the target, in percent of it."""

    counted: float
    undecided: float
    target: float | None
    kept: bool


def bar(tally: Tally, target: Target | None) -> Bar:
    """The bar of one group; an empty one when there is nobody in it."""
    whole = tally.denominator or 1
    counted = min(100.0, round(100 * tally.numerator / whole, 2))
    undecided = min(100.0 - counted, round(100 * tally.undecided / whole, 2))
    kept = bool(target and tally.denominator and target.met_by(tally.numerator, tally.denominator))
    return Bar(counted, undecided, round(float(target.share * 100), 2) if target else None, kept)
