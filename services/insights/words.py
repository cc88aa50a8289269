"""How numbers, days and statuses are put on a page."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from services.insights.board import Standing
from services.insights.domain import Status, exactly, percent_of
from services.insights.freshness import Freshness

STATUS: Mapping[Status, tuple[str, str]] = {
    "met": ("✓", "Met"),
    "missed": ("✕", "Missed"),
    "on_track": ("↗", "On track"),
    "off_track": ("↘", "Off track"),
    "provisional": ("…", "Provisional"),
    "no_data": ("–", "No data"),
    "no_target": ("•", "No target"),
    "stale": ("!", "Stale"),
}
MEANING: Mapping[Status, str] = {
    "met": "The year is over and no open member can change it any more.",
    "missed": "The year is over and no open member can change it any more.",
    "on_track": "By those whose year has ended, the target is kept; others are still open.",
    "off_track": "By those whose year has ended, the target is not kept; others are still open.",
    "provisional": "Nobody's year has ended yet, so nothing can be said.",
    "no_data": "Nobody is in this group.",
    "no_target": "The plan sets no target.",
    "stale": "The counts are not known to be up to date.",
}


def thousands(number: int) -> str:
    """1,219"""
    return f"{number:,}"


def day(value: date | str | None) -> str:
    """30 September 2025, or a dash."""
    found = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{found.day} {found:%B %Y}" if found else "–"


def people(number: int, unit: str = "people") -> str:
    """`1 person`, `41 people`."""
    return "1 person" if number == 1 and unit == "people" else f"{thousands(number)} {unit}"


def figure(one: Standing) -> str:
    """The number itself: a share, or the median of a spread."""
    if one.measure.shape != "spread":
        return percent_of(one.tally.numerator, one.tally.denominator)
    median = one.tally.median
    if median is None:
        return "–"
    unit = one.measure.spread_in
    return f"{exactly(median)} {unit.removesuffix('s') if median == 1 else unit}"


def behind(one: Standing) -> str:
    """Of how many the number is, in words."""
    tally = one.tally
    if not one.kept:
        return "kept for the whole district only"
    if one.measure.shape == "spread":
        return f"median of {thousands(tally.numerator)}; {thousands(tally.not_counted)} not yet"
    counted = thousands(tally.numerator)
    return f"{counted} of {thousands(tally.denominator)}" if tally.denominator or not tally.numerator else counted


def missing(one: Standing) -> str:
    """What is missing to the target, in words that fit its status; empty when nothing is."""
    if not one.people_missing or not one.tally.denominator:
        return ""
    number = people(one.people_missing)
    return f"{number} short of the target" if one.as_counted == "missed" else f"{number} to go to the target"


def freshness(found: Freshness, zone: str) -> str:
    """Through when everything is counted, on the district's clock."""
    if found.counted_through is None:
        return "It is not known how far the counts reach"
    local = found.counted_through.astimezone(ZoneInfo(zone))
    behind = found.seconds_behind or 0
    return f"Counted through {local:%H:%M:%S} on {day(local.date())}, {ago(behind)}"


def ago(seconds: float) -> str:
    """How long ago, as coarsely as it deserves."""
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {name}{'s' if number > 1 else ''} ago"
    return "just now" if seconds < 1 else f"{int(seconds)} second{'s' if seconds >= 2 else ''} ago"


def instant(value: datetime | None) -> str:
    """An instant for a machine."""
    return value.isoformat() if value else ""


def capital(text: str) -> str:
    """The same with a capital first letter; the rest as it is."""
    return text[:1].upper() + text[1:]


def plain(value: Any) -> str:
    """A code, a date or a small structure of them as a line of text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {plain(one)}" for key, one in value.items() if one is not None)
    if isinstance(value, list | tuple):
        return "; ".join(plain(one) for one in value)
    return str(value).replace("_", " ")


def link(path: str, **query: object) -> str:
    """An address with the parameters that are set; its path is quoted."""
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return quote(path) + (f"?{urlencode(given)}" if given else "")
