"""A tally says how many of how many are counted, how many of them can still move, and the median of a spread."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Tally:
    """One number as counted: all members of a cell, and those among them whose window has ended.

    What is open is the rest: it can still move. Of a spread, `buckets` tells how many members have which value.
    `withheld`: there are some, and this viewer is not to know how many.
    """

    numerator: int = 0
    denominator: int = 0
    matured_numerator: int = 0
    matured_denominator: int = 0
    buckets: tuple[tuple[int, int], ...] = ()
    withheld: bool = False

    @property
    def members(self) -> int:
        """How many people or things the number is about."""
        return max(self.numerator, self.denominator)

    @property
    def open(self) -> int:
        """Members whose window has not ended."""
        return max(0, self.denominator - self.matured_denominator)

    @property
    def open_numerator(self) -> int:
        """Open members who are counted already."""
        return max(0, self.numerator - self.matured_numerator)

    @property
    def undecided(self) -> int:
        """Open members who may still come to be counted."""
        return max(0, self.open - self.open_numerator)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.matured_numerator + other.matured_numerator,
            self.matured_denominator + other.matured_denominator,
            tuple(sorted((Counter(dict(self.buckets)) + Counter(dict(other.buckets))).items())),
            self.withheld or other.withheld,
        )

    @property
    def not_counted(self) -> int:
        """Members who are not counted, or not yet."""
        return max(0, self.denominator - self.numerator)

    @property
    def median(self) -> Fraction | None:
        """The exact middle value of a spread; of an even number halfway between the two middle ones."""
        n = sum(many for _, many in self.buckets)
        if not n:
            return None
        middle = [_at(self.buckets, place) for place in ((n - 1) // 2, n // 2)]
        return Fraction(sum(middle), 2)


NOTHING = Tally()
WITHHELD = Tally(withheld=True)
Tallies = Mapping[tuple[str, str, str], Tally]  # by measure, school year and value of the dimension


def _at(buckets: Iterable[tuple[int, int]], place: int) -> int:
    """The value at a place of all values in order, counted from 0."""
    for value, many in sorted(buckets):
        if place < many:
            return value
        place -= many
    raise ValueError("a place behind the last value")
