"""What a measure is, and what it says of every unit that it counts or might count."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import msgspec

from services.aggregator.domain.earlier_days import EARLIER_DAYS
from services.aggregator.domain.facts import Subject

Series = Literal["all", "matured"]
Side = Literal["num", "den"]
Shape = Literal["cohort", "things", "ratio", "people", "in_force", "spread"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a member is counted or is not: a code, plain words, and the records that decided."""

    code: str
    words: str
    records: tuple[str, ...] = ()


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One unit in one cell of every dimension, with the days on which it enters.

    `cohort_day`   in the denominator from this day on; None: the measure has no denominator
    `counted_day`  in the numerator from this day on, never before the cohort day; None: not counted
    `matured_day`  the day after its window ends; None: the measure has no window
    `gone_day`     of what is in force for a time, the first day on which it is no more
    `n`            how many it stands for: of a head count without names more than one

    `why` tells the reason as of a day; it is asked for only when somebody looks.
    """

    school_year: str
    unit: str
    where: tuple[str, ...]
    cohort_day: date | None
    counted_day: date | None
    matured_day: date | None
    why: Callable[[date], Reason]
    n: int = 1
    gone_day: date | None = None

    def dates(self) -> Iterator[tuple[Series, Side, date]]:
        """The member's dated entries: all the counts there are come from these four lines."""
        if self.cohort_day:
            yield "all", "den", self.cohort_day
        if self.counted_day:
            yield "all", "num", self.counted_day
        if self.matured_day:
            yield "matured", "den", self.matured_day
            if self.counted_day:
                yield "matured", "num", max(self.matured_day, self.counted_day)

    def leaves(self) -> Iterator[tuple[Series, Side]]:
        """What is taken back on its `gone_day`."""
        if self.cohort_day:
            yield "all", "den"
        if self.counted_day:
            yield "all", "num"

    def is_gone(self, as_of: date) -> bool:
        return self.gone_day is not None and self.gone_day <= as_of

    def is_member(self, as_of: date) -> bool:
        """Whether it is in the denominator (of a measure without one: in the count) by that day."""
        first = self.cohort_day or self.counted_day
        return first is not None and first <= as_of and not self.is_gone(as_of)

    def is_counted(self, as_of: date) -> bool:
        return self.counted_day is not None and self.counted_day <= as_of and not self.is_gone(as_of)

    def is_matured(self, as_of: date) -> bool:
        return self.matured_day is not None and self.matured_day <= as_of


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """One entry of the catalogue.

    `members` is the whole rule. Raise `version` with every change of what it contributes: the
    new definition is then counted into cells of its own while the old number stands.
    `reads` are the kinds of fact that can change it: no other wakes it.
    `found_by` are the kinds whose school years tell in which years a subject may have members.
    `program` and `campus` of `where` are ids; `dimensions` names the values of `where`, in order.
    `shape` is how it is read: `things` have no window and no whole, `people` neither, and are
    counted once for each subject and school year, on the first day on which they qualify; a `ratio`
    is of things that have one; of what is `in_force` the cells of all years add up; of a `spread`
    each value is a whole number of `spread_in`, told by dimensions of its own.
    `subjects` are whom or what the members are of: `student`, `guardian`, `program`.
    `open_ended` says that a member may come to be counted after its year, on whatever day.
    """

    key: str
    version: int
    title: str
    unit: str
    population: str
    rule: str
    window: str
    reads: frozenset[str]
    found_by: tuple[str, ...]
    dimensions: tuple[str, ...]
    members: Callable[[Subject], Iterable[Member]]
    shape: Shape = "cohort"
    subjects: tuple[str, ...] = ("student",)
    open_ended: bool = False
    spread_in: str = ""

    @property
    def definition(self) -> str:
        """Its key and version, by which its cells are told from those of other versions."""
        return f"{self.key}|{self.version}"

    @property
    def is_number(self) -> bool:
        """Whether it is counted by itself, and is no share of anything."""
        return self.shape in ("things", "people")

    @property
    def earlier_days(self) -> str:
        """What a later fact changes on days before it."""
        return EARLIER_DAYS[self.key]

    @property
    def draft(self) -> "Measure":
        """The same rule, counted into cells of its own beside those that are shown."""
        return replace(self, version=-self.version)

    def places(self, member: Member) -> dict[str, str]:
        """The member's value in each dimension by name."""
        return dict(zip(self.dimensions, member.where, strict=True))

    def members_of(self, subject: Subject, school_year: str) -> list[Member]:
        """Those of a school year; of what is in force all, since it lasts from year to year."""
        every = self.shape == "in_force"
        return [member for member in self.members(subject) if every or member.school_year == school_year]
