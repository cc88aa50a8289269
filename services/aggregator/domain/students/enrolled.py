"""In which school years an enrolment lies, and which enrolment a student was taught under on a day."""

from collections.abc import Container, Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from shared.contracts.roster import Enrolment
from shared.school_year import last_day, parse_start, school_year_of

# An enrolment without an end lies in the year it began and in this many after it: contributions
# must be finite, nothing here knows today, and the later years count nobody before they begin.
YEARS_WITHOUT_END = 5

Held = tuple[str, Enrolment]


class Year(NamedTuple):
    """A school year as a calendar cuts it."""

    name: str
    first: date
    last: date


@lru_cache(maxsize=4096)
def years(begin: date, end: date | None, starts: str) -> tuple[Year, ...]:
    """The school years that these days lie in, oldest first; none when the end comes before the begin."""
    if end is not None and end < begin:
        return ()
    start = parse_start(starts)
    first = int(school_year_of(begin, start)[:4])
    final = int(school_year_of(end, start)[:4]) if end else first + YEARS_WITHOUT_END
    named = [(number, f"{number}-{(number + 1) % 100:02d}") for number in range(first, final + 1)]
    return tuple(Year(name, date(number, *start), last_day(name, start)) for number, name in named)


def years_of(enrolment: Enrolment) -> tuple[Year, ...]:
    """The school years that an enrolment lies in."""
    return years(enrolment.begin, enrolment.end, enrolment.school_year_starts)


def taught_under(enrolments: Iterable[Held], program: str, day: date) -> Enrolment | None:
    """The enrolment in the program that covers the day, else the latest before it."""
    return taught_under_one_of(enrolments, (program,), day)


def taught_under_one_of(enrolments: Iterable[Held], programs: Container[str], day: date) -> Enrolment | None:
    """The enrolment in one of the programs that covers the day, the latest begun; else the latest before it."""
    begun = [(key, one) for key, one in enrolments if one.program_id in programs and one.begin <= day]
    covering = [(one.begin, key, one) for key, one in begun if one.end is None or day <= one.end]
    if covering:
        return max(covering, key=lambda found: found[:2])[2]
    ended = [(one.end or one.begin, one.begin, key, one) for key, one in begun]
    return max(ended, key=lambda found: found[:3])[3] if ended else None


def covering(enrolments: Iterable[Held], day: date) -> Enrolment | None:
    """The enrolment that covers the day, in whatever program; of several the latest begun."""
    found = [(one.begin, key, one) for key, one in enrolments if one.begin <= day <= (one.end or day)]
    return max(found, key=lambda each: each[:2])[2] if found else None
