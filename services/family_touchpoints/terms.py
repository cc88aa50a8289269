"""In which term of which school year a day lies: by an organisation's own table, else by what is above it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.contracts.roster import Organisation, TermBegins
from shared.school_year import DEFAULT_START, last_day, school_year_of

WINTER = (1, 1)  # where nobody says otherwise a second term begins on this day


@dataclass(frozen=True, slots=True)
class TermOf:
    """The how manieth term of a school year, from 1, and the day on which it begins."""

    school_year: str
    number: int
    begins: date


@dataclass(frozen=True, slots=True)
class Terms:
    """The tables of all organisations, and the day on which a school year starts."""

    organisations: Mapping[str, Organisation]
    starts: tuple[int, int] = DEFAULT_START

    def of(self, day: date, organisation: str | None) -> TermOf:
        """The term begun last on or before a day; days before the first belong to it, so that there are no holes."""
        found = self.of_year(school_year_of(day, self.starts), organisation)
        begun = [term for term in found if term.begins <= day]
        return begun[-1] if begun else found[0]

    def of_year(self, school_year: str, organisation: str | None) -> tuple[TermOf, ...]:
        """The terms of a school year at an organisation, in order."""
        told = self._told(school_year, organisation)
        days = sorted({term.begins for term in told}) or self._usual(school_year)
        return tuple(TermOf(school_year, number, begins) for number, begins in enumerate(days, 1))

    def _told(self, school_year: str, organisation: str | None) -> Sequence[TermBegins]:
        for one in self.upwards(organisation):
            if told := [term for term in one.terms if term.school_year == school_year]:
                return told
        return ()

    def upwards(self, organisation: str | None) -> Iterator[Organisation]:
        """The organisation and what is above it; where none is named, the cted."""
        cted = next((id for id, one in sorted(self.organisations.items()) if one.type == "cted"), None)
        at = organisation if organisation in self.organisations else cted
        seen: set[str] = set()
        while at is not None and at in self.organisations and at not in seen:
            seen.add(at)
            yield self.organisations[at]
            at = self.organisations[at].parent_id or cted

    def _usual(self, school_year: str) -> list[date]:
        first = date(int(school_year[:4]), *self.starts)
        last = last_day(school_year, self.starts)
        winter = [date(year, *WINTER) for year in (first.year, last.year) if first < date(year, *WINTER) <= last]
        return [first, *winter]
