"""The rules of an award: what may be recorded, corrected, verified and revoked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.credentials.award import celebrations
from services.credentials.award.celebrations import Celebration
from services.credentials.award.looks import Look, set_right, with_look
from services.credentials.catalogue_entry.rules import Credential
from shared.contracts.credentials import Result
from shared.errors import Problem, refused

PASSED: Result = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """An attempt at a credential and what came of it.

    `program_id` and `organisation_id` say where the student was taught when it was logged;
    `program_named` that the program was said, and not filled in.
    `batch_id` names the class list that it came with, `renews` the award that it goes on with,
    `under` is the digest of the source id that the student was named by.
    `attempt` tells apart attempts of one day that came to the same result; a credential is earned
    once a day, so that a pass has none of its own.
    """

    student_id: str
    credential_code: str
    result: Result
    program_id: str | None = None
    organisation_id: str | None = None
    taken_on: date | None = None
    awarded_on: date | None = None
    expires_on: date | None = None
    revoked_on: date | None = None
    license_number: str | None = None
    evidence_url: str | None = None
    verifications: tuple[Look, ...] = ()
    batch_id: str | None = None
    renews: str | None = None
    celebrations: tuple[Celebration, ...] = ()
    under: str | None = None
    attempt: int = 1
    program_named: bool = True

    @property
    def which(self) -> tuple[date, Result, int]:
        """With student and credential the natural key: of one day and result the same attempt."""
        return self.day, self.result, 1 if self.result == PASSED else self.attempt

    @property
    def day(self) -> date:
        """The day that decides tier and school year."""
        day = award_day(self)
        if day is None:
            raise ValueError("an award that was kept has a date")
        return day


def award_day(award: Award) -> date | None:
    """The day that decides, of an award that may not have one yet."""
    return award.awarded_on or award.taken_on


def record(wanted: Award, *, credential: Credential, today: date) -> Award:
    """The award as it will be kept, or Refused with every reason at once."""
    refuse([*_results_and_dates(wanted), *_too_early(wanted, credential), *_not_yet(wanted, today)])
    return replace(wanted, attempt=wanted.which[2])


def correct(award: Award, changes: Mapping[str, Any], *, credential: Credential, today: date) -> Award:
    """The award with some fields set right; what it says afterwards must hold as if it were new.

    `revoked_on: None` lifts a revocation. An award whose day stands is not held against tiers
    that were dated later since.
    """
    corrected = replace(award, **changes)
    if "verifications" in changes:
        corrected = replace(corrected, verifications=set_right(award.verifications, corrected.verifications))
    dated = award_day(corrected) != award.day or corrected.credential_code != award.credential_code
    early = _too_early(corrected, credential) if dated else ()
    undone = celebrations.only_taken_back(award.celebrations, corrected.celebrations)
    refuse([*_results_and_dates(corrected), *early, *_not_yet(corrected, today), *undone])
    return replace(corrected, attempt=corrected.which[2])


def verify(award: Award, found: Look, *, today: date) -> Award:
    """The award with one more look at it; the same look twice is kept once."""
    refuse(_looked_in_the_future([found], today, pointer="/verified_on"))
    return replace(award, verifications=with_look(award.verifications, found))


def celebrate(award: Award, one: Celebration, *, today: date) -> Award:
    """The award with one more celebration of it; the same one twice is kept once."""
    refuse([*celebrations.in_the_way(award, one, today=today)])
    if one in award.celebrations:
        return award
    return replace(award, celebrations=(*award.celebrations, one))


def revoke(award: Award, revoked_on: date, *, today: date) -> Award:
    """The award, taken back by its issuer from that day on."""
    revoked = replace(award, revoked_on=revoked_on)
    refuse([*_revocation(revoked), *_in_the_future("revoked_on", revoked_on, today)])
    return revoked


def near(award: Award, others: Mapping[str, Award], *, days: int = 30) -> str | None:
    """The id of another award of that credential so close in time that it is likely the same one.

    A failed attempt shortly before is a retake, not a mistake.
    """
    apart = {key: abs((other.day - award.day).days) for key, other in others.items() if other.result != "failed"}
    close = {key: gap for key, gap in apart.items() if 0 < gap <= days}
    return min(close, key=lambda key: close[key], default=None)


def repeats(award: Award, other: Award) -> bool:
    """Whether an award says nothing that the other does not say already.

    What the other has learnt since, such as a verification, makes the first no less a repeat.
    """
    told = ("student_id", "credential_code", "result", "taken_on", "awarded_on", "expires_on", "revoked_on", "renews")
    kept = ("license_number", "evidence_url")
    looked = {look.said for look in award.verifications}
    return (
        award.which == other.which
        and all(getattr(award, name) in (None, getattr(other, name)) for name in (*told, *kept))
        and looked <= {look.said for look in other.verifications}
    )


def refuse(problems: Sequence[Problem]) -> None:
    """Raise Refused with every problem at once; without any, nothing."""
    if problems:
        raise refused(*problems)


def _results_and_dates(award: Award) -> Iterator[Problem]:
    if award.result == PASSED and award.awarded_on is None:
        yield Problem("/awarded_on", "a passed result needs awarded_on", "send the day on the certificate", "missing")
    if award.result != PASSED and award.awarded_on is not None:
        said = f"awarded_on goes with a passed result, not with {award.result}"
        works = "send taken_on, or result passed"
        yield Problem("/awarded_on", said, works, "does_not_go_with")
    elif award.result != PASSED and award.taken_on is None:
        yield Problem(
            "/taken_on", f"a result of {award.result} needs taken_on", "send the day of the attempt", "missing"
        )
    if award.taken_on and award.awarded_on and award.taken_on > award.awarded_on:
        said = f"taken_on {award.taken_on} is after awarded_on {award.awarded_on}"
        works = "the attempt comes first"
        yield Problem("/taken_on", said, works, "wrong_order")
    if award.expires_on and award.awarded_on and award.expires_on < award.awarded_on:
        said = f"expires_on {award.expires_on} is before awarded_on {award.awarded_on}"
        works = "check both dates"
        yield Problem("/expires_on", said, works, "wrong_order")
    yield from _revocation(award)


def _revocation(award: Award) -> Iterator[Problem]:
    if award.revoked_on is None:
        return
    if award.result != PASSED or award.awarded_on is None:
        said = f"only a passed result can be revoked, this one is {award.result}"
        works = "lift the revocation or correct it"
        yield Problem("/revoked_on", said, works, "not_passed")
    elif award.revoked_on < award.awarded_on:
        said = f"revoked_on {award.revoked_on} is before awarded_on {award.awarded_on}"
        works = "check both dates"
        yield Problem("/revoked_on", said, works, "wrong_order")


def _too_early(award: Award, credential: Credential) -> Iterator[Problem]:
    field = "awarded_on" if award.awarded_on else "taken_on"
    day, first = award_day(award), credential.first_day()
    if day and first and day < first:
        said = f"{field} {day} is before {first}, when {credential.code} came into the catalogue"
        works = "check the date, or have the catalogue's first tier dated earlier"
        yield Problem(f"/{field}", said, works, "before_the_catalogue")


def _not_yet(award: Award, today: date) -> Iterator[Problem]:
    for field in ("taken_on", "awarded_on", "revoked_on"):
        yield from _in_the_future(field, getattr(award, field), today)
    yield from _looked_in_the_future(award.verifications, today, pointer="/verification/verified_on")


def _in_the_future(field: str, day: date | None, today: date) -> list[Problem]:
    if day is None or day <= today:
        return []
    return [Problem(f"/{field}", f"{field} {day} is in the future", "send it on or after that day", "in_future")]


def _looked_in_the_future(looks: Any, today: date, *, pointer: str) -> list[Problem]:
    late = [look for look in looks if look.verified_on > today]
    works = "record a verification once it has happened"
    return [Problem(pointer, f"verified_on {look.verified_on} is in the future", works, "in_future") for look in late]
