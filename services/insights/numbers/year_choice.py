"""When nobody asks for a school year, a goal is shown in its newest settled one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.insights.numbers.tallies import Tally
from services.insights.numbers.targets import fully_matured, is_over
from shared.school_year import school_year_of
from shared.words.said import Said, said

Because = Literal["asked", "settled", "over", "begun", "nobody"]

WHY: Mapping[Because, Said] = {
    "asked": said("The school year that was asked for."),
    "settled": said("The newest school year in which this goal is settled."),
    "over": said("The newest school year that is over; what is not counted in it yet may still come."),
    "begun": said("No school year of this goal is settled yet; this is the newest one."),
    "nobody": said("Nobody is counted for this goal in any school year yet."),
}


@dataclass(frozen=True, slots=True)
class YearChoice:
    """A school year, and the reason why it is the one that is shown."""

    school_year: str
    because: Because

    @property
    def words(self) -> Said:
        return WHY[self.because]


@dataclass(frozen=True, slots=True)
class Settling:
    """A year of a measure is settled once it is over and, if there is a `window`, nobody's is open any more.

    `open_ended`: whoever is not counted may still come to be, however long the year is over.
    """

    as_of: date
    starts: tuple[int, int]
    window: bool = True
    open_ended: bool = False

    def over(self, school_year: str, tally: Tally) -> bool:
        """Whether only corrections, or what is open ended, can still change the number."""
        year_over = is_over(school_year, self.as_of, self.starts)
        return fully_matured(tally, year_over=year_over, window=self.window)


def newest_settled(years: Mapping[str, Tally], settling: Settling) -> YearChoice | None:
    """The newest settled year, else the newest that has anybody in it; None when none has."""
    over = [year for year, tally in years.items() if settling.over(year, tally)]
    if over:
        newest = max(over)
        waits = settling.open_ended and years[newest].not_counted
        return YearChoice(newest, "over" if waits else "settled")
    begun = [year for year, tally in years.items() if tally.members]
    return YearChoice(max(begun), "begun") if begun else None


def year_of_all(choices: Iterable[YearChoice], as_of: date, starts: tuple[int, int]) -> str:
    """The year of a board as a whole: the newest in which some goal is settled, else has anybody in it."""
    given = list(choices)
    settled = [one.school_year for one in given if one.because != "begun"]
    return max(settled or [one.school_year for one in given], default=school_year_of(as_of, starts))
