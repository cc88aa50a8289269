"""A number may be asked for as of no future day; of people whom one may not read, only as of the ends of months."""

from datetime import date, timedelta

from shared.errors import Refused
from shared.words.said import said

EARLIEST_YEAR = 1900  # the first year of which roster and credentials take a day


def checked_day(given: date | None, today: date, *, any_day: bool) -> date:
    """The day that was asked for, today by default. Raise Refused, in words, for one that cannot be shown."""
    if given is None or given == today:
        return today
    if given > today:
        raise Refused(
            said("%(given)s is in the future; counts are known up to today, %(today)s", given=given, today=today)
        )
    if given.year < EARLIEST_YEAR:
        raise Refused(
            said("%(given)s is before %(year)s, when nothing was counted yet", given=given, year=EARLIEST_YEAR)
        )
    ends = month_ends(given)
    if not any_day and given not in ends:
        raise Refused(
            said(
                "%(given)s lies within a month, and these numbers are shown as of the end of one; "
                "send %(before)s or %(after)s",
                given=given,
                before=ends[0],
                after=ends[-1],
            )
        )
    return given


def month_ends(day: date) -> tuple[date, ...]:
    """The day itself if it ends a month, else the ends of the month before and of its own."""
    if (day + timedelta(days=1)).day == 1:
        return (day,)
    before = day.replace(day=1) - timedelta(days=1)
    after = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return before, after
