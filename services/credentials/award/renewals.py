"""The rules of renewing: a new award goes on with a former one, and of each credential a student holds one in force."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Protocol

from shared.contracts.credentials import Result
from shared.errors import Problem

BY_ITSELF = "leave renews out, the new award stands by itself"


class Held(Protocol):
    """What the rules ask of an award."""

    @property
    def credential_code(self) -> str: ...
    @property
    def result(self) -> Result: ...
    @property
    def day(self) -> date: ...
    @property
    def expires_on(self) -> date | None: ...
    @property
    def revoked_on(self) -> date | None: ...
    @property
    def renews(self) -> str | None: ...


def in_the_way(id: str, award: Held, others: Mapping[str, Held], void: Collection[str]) -> Iterator[Problem]:
    """What is wrong with an award that names one which it renews.

    `others` are those of the same student and credential that stand, by id; `void` are ids of
    awards that do not.
    """
    if award.renews is None:
        return
    former = others.get(award.renews)
    found = _alone(award, void) or _beside(id, award, former, others)
    if found:
        yield Problem("/renews", *found)


Told = tuple[str, str, str]  # what is wrong, what would work, and the code


def _alone(award: Held, void: Collection[str]) -> Told | None:
    """What is wrong whichever awards stand beside it."""
    if award.result != "passed":
        return f"only a passed result renews an award, this one is {award.result}", "leave renews out", "not_passed"
    if award.renews in void:
        return f"award {award.renews} is void", BY_ITSELF, "void"
    return None


def _beside(id: str, award: Held, former: Held | None, others: Mapping[str, Held]) -> Told | None:
    """What is wrong with the former award that is named."""
    renews = award.renews or ""
    if former is None or renews == id:
        said = f"award {renews} is no other award of this student in {award.credential_code}"
        works = "send the id of the former one, as GET /v1/awards with student and credential lists it"
        return said, works, "not_its_award"
    if former.result != "passed":
        return f"award {renews} was not passed but {former.result}", "leave renews out", "not_passed"
    if former.revoked_on:
        return f"award {renews} was revoked on {former.revoked_on}", BY_ITSELF, "revoked"
    if (by := _gone_on_with(renews, others, but=id)) is not None:
        works = f"send renews {by} if this one goes on with that"
        return f"award {renews} is renewed by {by} already", works, "renewed_already"
    if award.day <= former.day:
        return f"award {renews} is of {former.day}, not before {award.day}", "check both dates", "wrong_order"
    return None


def renewed_by(id: str, others: Mapping[str, Held], *, but: str = "") -> str | None:
    """The award that renews this one, if one does."""
    return next((key for key, other in sorted(others.items()) if other.renews == id and key != but), None)


def _gone_on_with(id: str, others: Mapping[str, Held], *, but: str) -> str | None:
    """The award that renews this one, or another record of it under another id of the person."""
    found = (renewed_by(each, others, but=but) for each in sorted(_recorded(id, others)))
    return next((by for by in found if by is not None), None)


def _recorded(id: str, others: Mapping[str, Held]) -> set[str]:
    """Every record of this award: two ids of a person who was merged since may each have one."""
    own = others.get(id)
    if own is None:
        return {id}
    said = (own.credential_code, own.day)
    return {id, *(key for key, other in others.items() if (other.credential_code, other.day) == said)}


def held_fast(id: str, before: Held, after: Held | None, others: Mapping[str, Held]) -> Iterator[Problem]:
    """What is wrong with a change of an award that another renews; `after` None: it is to be taken out."""
    by = renewed_by(id, others, but=id)
    if by is None:
        return
    works = f"PATCH /v1/awards/{by} with renews null first"
    if after is None:
        yield Problem("", f"award {by} renews this one", f"{works}, or void that one", "renewed")
    elif (after.credential_code, after.result) != (before.credential_code, before.result):
        yield Problem("/renews", f"award {by} renews this one, of the same credential and passed", works, "renewed")
    elif after.day >= others[by].day:
        said = f"award {by} renews this one and is of {others[by].day}, not after {after.day}"
        yield Problem("/awarded_on", said, "check both dates", "wrong_order")


def in_force(awards: Mapping[str, Held], today: date) -> str | None:
    """Which of a student's standing awards of one credential is in force: the latest passed one, at most."""
    standing = may_be_in_force(awards, today)
    return max(standing, key=lambda key: (standing[key].day, key), default=None)


def may_be_in_force(awards: Mapping[str, Held], today: date) -> dict[str, Held]:
    """Those of a student's standing awards of one credential of which the latest is in force.

    One that was not passed, was revoked, has expired, or is renewed by another is not among
    them; an award is in force through the day on which it expires.
    """
    gone_on_with = {each for other in awards.values() if other.renews for each in _recorded(other.renews, awards)}
    return {
        key: award
        for key, award in awards.items()
        if award.result == "passed"
        and award.revoked_on is None
        and (award.expires_on is None or award.expires_on >= today)
        and key not in gone_on_with
    }
