"""The school year: `2024-25`, begun on a day that the `cted` organisation sets (default 1 July)."""

import re
from datetime import date

DEFAULT_START = (7, 1)
IN_FULL = re.compile(r"((?:19|20|21)[0-9]{2})\s*[-/]\s*([0-9]{4})")
WRITTEN = re.compile(r"(19\d\d|2[01]\d\d)-(\d\d)", re.ASCII)  # the years of which days are taken


def school_year_of(day: date, starts: tuple[int, int] = DEFAULT_START) -> str:
    """The school year that a day belongs to; `starts` is (month, day)."""
    first = day.year if (day.month, day.day) >= starts else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def is_school_year(text: str) -> bool:
    """Whether the text is a year as we write it: `2024-25`, not `2024-26`, not `2025`."""
    found = WRITTEN.fullmatch(text)
    return found is not None and int(found[2]) == (int(found[1]) + 1) % 100


def consecutive(text: str) -> str:
    """The school year of two years in full, `2026-2027` or `2026/2027`; empty unless the one follows the other."""
    found = IN_FULL.fullmatch(text.strip())
    return f"{found[1]}-{found[2][2:]}" if found and int(found[2]) == int(found[1]) + 1 else ""


def day_zero(school_year: str) -> date:
    """The day that day number 0 of a year's counts stands for: 1 July, whatever the year's start."""
    return date(int(school_year[:4]), *DEFAULT_START)


def last_day(school_year: str, starts: tuple[int, int] = DEFAULT_START) -> date:
    """The last day of a school year."""
    return date.fromordinal(date(int(school_year[:4]) + 1, *starts).toordinal() - 1)


def parse_start(text: str) -> tuple[int, int]:
    """`07-01` as (7, 1). Raise ValueError for what is no day of a year."""
    month, _, day = text.partition("-")
    probe = date(2023, int(month), int(day))
    return probe.month, probe.day
