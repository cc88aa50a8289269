"""A goal's target is compared with its number: whether it is met, how many people are missing, in percent."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from services.insights.numbers.tallies import Tally
from shared.plans import Comparison
from shared.school_year import last_day

Status = Literal["no_data", "too_few", "no_target", "met", "missed", "on_track", "off_track", "provisional", "stale"]


@dataclass(frozen=True, slots=True)
class Target:
    """What the plan promises, compared on exact fractions: 89.96 % is not 90 %."""

    share: Fraction
    comparison: Comparison = ">="

    def met_by(self, numerator: int, denominator: int) -> bool:
        """Whether this many of that many keep the promise."""
        reached = Fraction(numerator, denominator)
        return reached >= self.share if self.comparison == ">=" else reached > self.share

    def needed(self, denominator: int) -> int:
        """The least numerator that keeps the promise."""
        exact = self.share * denominator
        at_least = -(-exact.numerator // exact.denominator)
        return at_least if self.comparison == ">=" else exact.numerator // exact.denominator + 1

    def people_missing(self, tally: Tally) -> int:
        """How many more people, matured or open, would have to be counted."""
        return max(0, self.needed(tally.denominator) - tally.numerator)


def status_of(tally: Tally, target: Target | None, *, year_over: bool, stale: bool) -> Status:
    """Where a goal stands.

    `year_over` says that nobody can join the cohort any more; then a verdict is final as soon as
    no open member can change it, whether because none is left or because it would not be enough.
    """
    if tally.withheld:
        return "too_few"
    if stale:
        return "stale"
    if tally.denominator == 0 and (target is not None or tally.numerator == 0):
        return "no_data"
    if target is None:
        return "no_target"
    if year_over and target.met_by(tally.numerator, tally.denominator):
        return "met"
    if year_over and not target.met_by(tally.numerator + tally.undecided, tally.denominator):
        return "missed"
    if tally.matured_denominator == 0:
        return "provisional"
    return "on_track" if target.met_by(tally.matured_numerator, tally.matured_denominator) else "off_track"


def percent(share: Fraction) -> str:
    """A share in percent, cut after one decimal and never rounded up: 89.96 % prints as 89.9 %."""
    tenths = share.numerator * 1000 // share.denominator
    whole, tenth = divmod(tenths, 10)
    return f"{whole}.{tenth} %" if tenth or share * 1000 != tenths else f"{whole} %"


def exactly(value: Fraction) -> str:
    """A whole number, or one with a half: `12`, `12.5`."""
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.1f}"


def percent_of(numerator: int, denominator: int) -> str:
    """`87.1 %`, or a dash when there is nothing to take a share of."""
    return percent(Fraction(numerator, denominator)) if denominator else "–"


def fully_matured(tally: Tally, *, year_over: bool, window: bool = True) -> bool:
    """Whether every window of a year has ended; without a `window` nothing is waited for but the year's end."""
    return year_over and tally.members > 0 and (tally.open == 0 or not window)


def is_over(school_year: str, as_of: date, starts: tuple[int, int]) -> bool:
    """Whether nobody can join this year's cohort any more."""
    return as_of > last_day(school_year, starts)
