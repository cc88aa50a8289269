"""A goal's numbers, its status and their freshness are put into the words of a page's language here."""

from collections.abc import Mapping
from fractions import Fraction
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_time

from services.insights.numbers import targets
from services.insights.numbers.board import Standing
from services.insights.numbers.freshness import Freshness, Withheld
from services.insights.numbers.targets import Status, Target, exactly
from services.insights.pages.charts.marks import Trend
from shared.pages.texts import Texts
from shared.pages.writing import ago, day, digits, thousands
from shared.plans import OwnerRole
from shared.words.said import Said, said

STATUS: Mapping[Status, tuple[str, Said]] = {
    "met": ("✓", said("Met")),
    "missed": ("✕", said("Missed")),
    "on_track": ("↗", said("On track")),
    "off_track": ("↘", said("Off track")),
    "provisional": ("…", said("Provisional")),
    "no_data": ("–", said("No data")),
    "too_few": ("–", said("Too few to show")),
    "no_target": ("•", said("No target")),
    "stale": ("!", said("Stale")),
}
FINAL = said("The year is over, and nobody whose window is still open can change it any more.")
MEANING: Mapping[Status, Said] = {
    "met": FINAL,
    "missed": FINAL,
    "on_track": said("By those whose window has closed, the target is kept; for others it is still open."),
    "off_track": said("By those whose window has closed, the target is not kept; for others it is still open."),
    "provisional": said("Nobody's window has closed yet, so nothing can be said."),
    "no_data": said("Nobody is in this group."),
    "too_few": said("Fewer than 10 people, or as many as would tell of such a group; their own staff see the number."),
    "no_target": said("The plan sets no target."),
    "stale": said("The counts are not known to be up to date."),
}


ROLES: Mapping[OwnerRole, Said] = {
    "instructor": said("instructor"),
    "coordinator": said("coordinator"),
    "counselor": said("counselor"),
    "leader": said("leader"),
    "data_manager": said("data manager"),
}


def percent(texts: Texts, share: Fraction) -> str:
    """87.1 %"""
    return digits(texts, targets.percent(share))


def percent_of(texts: Texts, numerator: int, denominator: int) -> str:
    """`87.1 %`, or a dash when there is nothing to take a share of."""
    return digits(texts, targets.percent_of(numerator, denominator))


def target(texts: Texts, promised: Target) -> str:
    """The promise as it is printed."""
    share = percent(texts, promised.share)
    if promised.comparison == ">=":
        return texts.gettext("at least %(share)s", share=share)
    return texts.gettext("more than %(share)s", share=share)


def figure(texts: Texts, one: Standing) -> str:
    """The number itself: a share, the median of a spread, or how many there are."""
    if one.measure.is_number:
        return "–" if one.tally.withheld or not one.kept else thousands(texts, one.tally.numerator)
    if one.measure.shape != "spread":
        return percent_of(texts, one.tally.numerator, one.tally.denominator)
    median = one.tally.median
    if median is None:
        return "–"
    if one.measure.spread_in != "days":
        return f"{digits(texts, exactly(median))} {one.measure.spread_in}"
    # Half a day more than one is several already.
    number = 1 if median == 1 else max(2, int(median))
    return texts.ngettext("%(median)s day", "%(median)s days", number, median=digits(texts, exactly(median)))


def behind(texts: Texts, one: Standing) -> str:
    """Say how many of how many are counted, or of what sort a number is."""
    tally = one.tally
    if not one.kept:
        return texts.gettext("kept for the whole district only")
    if one.measure.is_number:
        return texts.gettext("people, each once a year") if one.measure.shape == "people" else ""
    counted = thousands(texts, tally.numerator)
    if one.measure.shape == "spread":
        not_yet = thousands(texts, tally.not_counted)
        return texts.gettext("median of %(counted)s; %(not_yet)s not yet", counted=counted, not_yet=not_yet)
    return texts.gettext("%(counted)s of %(all)s", counted=counted, all=thousands(texts, tally.denominator))


def missing(texts: Texts, one: Standing) -> str:
    """What is missing to the target, in words that fit its status; empty when nothing is."""
    number = one.people_missing
    if not number or not one.tally.denominator:
        return ""
    people = thousands(texts, number)
    if one.as_counted == "missed":
        return texts.ngettext(
            "%(people)s person short of the target", "%(people)s people short of the target", number, people=people
        )
    return texts.ngettext(
        "%(people)s person to go to the target", "%(people)s people to go to the target", number, people=people
    )


def spoken(texts: Texts, trend: Trend) -> str:
    """Say what a chart shows, for whoever cannot see it."""
    return "; ".join(
        texts.gettext("%(year)s: %(share)s so far", year=point.school_year, share=digits(texts, point.share))
        if point.open
        else f"{point.school_year}: {digits(texts, point.share)}"
        for point in trend.points
    )


def freshness(texts: Texts, found: Freshness, zone: str) -> str:
    """Say up to when everything is counted, on the district's clock."""
    if found.counted_through is None:
        return texts.gettext("It is not known how far the counts reach")
    local = found.counted_through.astimezone(ZoneInfo(zone))
    through = texts.gettext(
        "Counted through %(time)s on %(day)s, %(ago)s",
        time=format_time(local.time(), "HH:mm:ss", locale=texts.locale),
        day=day(texts, local.date()),
        ago=ago(texts, found.seconds_behind or 0),
    )
    return ". ".join([through, *(withheld(texts, one, zone) for one in found.withheld)])


def withheld(texts: Texts, one: Withheld, zone: str) -> str:
    """How many records a service could not tell of, and since when, on the district's clock."""
    since = format_datetime(one.since.astimezone(ZoneInfo(zone)), "d MMM, HH:mm", locale=texts.locale)
    return texts.ngettext(
        "%(num)s record of %(service)s has been held back since %(since)s",
        "%(num)s records of %(service)s have been held back since %(since)s",
        one.records,
        service=one.service,
        since=since,
    )
