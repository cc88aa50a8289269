"""A student's own page says what they have, what of it counts and why, and what is open until when."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.aggregator.domain.measures import Member
from services.insights.api.asked import TheReader
from services.insights.numbers.students.own_credentials import Judged, OwnAward, last_day_of, own_credentials
from shared.contracts.credentials import Result
from shared.doors.auth import CurrentCaller
from shared.merged_awards import level_of
from shared.pages.page import shown
from shared.pages.refusals import Page
from shared.pages.texts import Texts
from shared.pages.writing import day
from shared.words.said import Said, marked, said

# Of one credential and one program, by the code of the reason.
WHY: Mapping[str, str] = {
    "earned": marked("It counts for %(program)s."),
    "after_as_of": marked("It will count for %(program)s, from a later day on."),
    "no_award": marked("It does not count for %(program)s: it has not been awarded."),
    "not_verified": marked("It does not count for %(program)s: its issuer has not confirmed it yet."),
    "revoked": marked("It does not count for %(program)s: it was revoked on %(revoked)s."),
    "late": marked("It does not count for %(program)s: it was earned after %(last)s, the last day for that."),
    "early": marked("It does not count for %(program)s: it was earned before you began that program."),
    "tier": marked("It does not count for %(program)s: it is not among that program's high-value credentials."),
    "in_progress": marked("It does not count for %(program)s yet: it is still in progress."),
    "failed": marked("It does not count for %(program)s: this attempt was not passed."),
    "not_aligned": marked("It does not count for %(program)s: it is not on that program's list of credentials."),
    "not_central": marked("It does not count for %(program)s: only programs at central campuses are counted."),
}
WOULD = marked("It would count for %(program)s if you completed that program today.")
RESULTS: Mapping[Result, Said] = {
    "passed": said("Passed"),
    "failed": said("Not passed"),
    "in_progress": said("In progress"),
}
LEVELS: Mapping[str, Said] = {
    "self_reported": said("Not confirmed yet: noted on your or your school's word"),
    "document_seen": said("The document itself has been seen"),
    "issuer_lookup": said("Confirmed: looked up with its issuer"),
    "issuer_feed": said("Confirmed by its issuer"),
    "cryptographic": said("Confirmed by its digital signature"),
}

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/me")
async def own_page(request: Request, caller: CurrentCaller, reader: TheReader) -> Response:
    found = await own_credentials(reader, caller)
    as_of = found.view.as_of
    return shown(
        request,
        "own_page.html",
        view=found.view,
        names=found.names,
        student=found.student,
        years=[(member, of_year(member, as_of)) for member in found.headline],
        programs=[(one, verdict(one, as_of)) for one in most_urgent_first(found.programs, as_of)],
        awards=[(own, RESULTS[own.award.result], LEVELS[level_of(own.award)]) for own in reversed(found.awards)],
    )


class Verdict(NamedTuple):
    """Where one program or year stands: how it looks, and the word for it."""

    look: str
    icon: str
    word: Said


COUNTS = Verdict("met", "✓", said("Counts"))
WOULD_COUNT = Verdict("on_track", "↗", said("Would count"))
OPEN = Verdict("provisional", "…", said("Still open"))
IN_CLASS = Verdict("provisional", "…", said("Not yet"))
CLOSED = Verdict("no_data", "–", said("Does not count"))


def verdict(one: Judged, as_of: date) -> Verdict:
    """Where a program of the student stands."""
    if one.counts:
        return COUNTS if one.completed_on else WOULD_COUNT
    if one.reason.code == "not_central":
        return CLOSED
    if one.completed_on is None:
        return IN_CLASS
    return OPEN if one.last_day and as_of <= one.last_day else CLOSED


def of_program(texts: Texts, one: Judged, as_of: date) -> str:
    """What that means, and until when something can still be done."""
    found = verdict(one, as_of)
    if found is COUNTS:
        return texts.gettext("One of your credentials counts for this program.")
    if found is WOULD_COUNT:
        return texts.gettext("One of your credentials would count if you completed this program today.")
    if one.reason.code == "not_central":
        return texts.gettext("Only programs at central campuses are counted; this one is at another campus.")
    if found is IN_CLASS:
        return texts.gettext(
            "You are still in this program. A credential counts if you earn it during the program "
            "or within one year after completing it."
        )
    last = day(texts, one.last_day)
    if found is CLOSED or one.last_day is None:
        return texts.gettext("No credential of yours counts for it, and the last day for one was %(last)s.", last=last)
    left = (one.last_day - as_of).days
    if not left:
        return texts.gettext("Today is the last day: a credential counts if you earn it today.")
    return texts.ngettext(
        "A credential counts if you earn it by %(last)s: %(num)s day is left.",
        "A credential counts if you earn it by %(last)s: %(num)s days are left.",
        left,
        last=last,
    )


def of_year(member: Member, as_of: date) -> Verdict:
    """Where the student's own part in a year's number stands."""
    if member.is_counted(as_of):
        return COUNTS
    last = last_day_of(member)
    return OPEN if last and as_of <= last else CLOSED


def of_award(texts: Texts, title: str, one: Judged, own: OwnAward) -> str:
    """Why one credential counts for a program called `title`, or why it does not."""
    would = one.counts and one.completed_on is None
    return texts.gettext(
        WOULD if would else WHY[one.reason.code],
        program=title,
        revoked=day(texts, own.award.revoked_on),
        last=day(texts, one.last_day),
    )


def most_urgent_first(programs: tuple[Judged, ...], as_of: date) -> list[Judged]:
    """What is still open before the rest, the one with the fewest days left first."""
    order = (OPEN, IN_CLASS, WOULD_COUNT, COUNTS, CLOSED)
    return sorted(programs, key=lambda one: (order.index(verdict(one, as_of)), one.last_day or date.max))
