"""Where the marks of the small charts stand; the templates only draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from services.insights.domain import Tally, Target, percent, percent_of

WIDTH, HEIGHT = 380, 140
LEFT, RIGHT, TOP, BOTTOM = 52, 84, 28, 28


@dataclass(frozen=True, slots=True)
class Point:
    """One year of a trend; `open` when its number can still move."""

    x: float
    y: float
    school_year: str
    share: str
    open: bool
    chosen: bool

    @property
    def label_y(self) -> float:
        """Its share is printed above the dot, or below it where there is no room."""
        return self.y - 11 if self.y - 11 > 12 else self.y + 20


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

    @property
    def base_y(self) -> float:
        return HEIGHT - BOTTOM

    @property
    def top_y(self) -> float:
        return TOP


def trend(years: Sequence[tuple[str, Tally, bool]], target: Target | None, chosen: str | None) -> Trend | None:
    """The trend of (school year, tally, whether it can still move); None without any year to show."""
    shown = [(year, tally, still_open) for year, tally, still_open in sorted(years) if tally.denominator]
    if not shown:
        return None
    shares = [Fraction(tally.numerator, tally.denominator) for _, tally, _ in shown]
    low, high = _scale([*shares, *([target.share] if target else [])])
    points = tuple(
        Point(
            _across(place, len(shown)),
            _up(share, low, high),
            year,
            percent_of(tally.numerator, tally.denominator),
            still_open,
            year == chosen,
        )
        for place, ((year, tally, still_open), share) in enumerate(zip(shown, shares, strict=True))
    )
    lines = tuple(Line(start, end) for start, end in pairwise(points))
    return Trend(
        points,
        lines,
        _up(target.share, low, high) if target else None,
        percent(target.share) if target else "",
        low,
        high,
    )


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
