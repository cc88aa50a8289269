"""For whom a link may be made, for what, and how long it holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from services.family_touchpoints.contact.rules import Contact, Family, contacts
from shared.contracts.family_touchpoints import Method, Purpose
from shared.errors import Problem, refused

LinkPurpose = Literal["survey", "contact", "workshop"]
GOOD = timedelta(days=14)
# What a purpose is to the rules about contact and to consents.
ASKED_AS: Mapping[LinkPurpose, Purpose] = {"survey": "survey", "contact": "other", "workshop": "event_invitation"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a token opens, for whom; of the token only its digest is kept, and `until` it holds.

    `about` is the version of a survey or the workshop; empty when the purpose says all.
    """

    purpose: LinkPurpose
    guardian_id: str
    student_id: str
    token: str
    until: datetime
    about: str = ""

    def holds(self, moment: datetime) -> bool:
        return moment < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A guardian for whom a link is made, about which student, and by which ways it may be handed over."""

    guardian_id: str
    student_id: str
    may: tuple[Method, ...]
    language: str | None


def receivers(
    families: Iterable[Family], purpose: LinkPurpose, day: date, *, liaison: bool
) -> tuple[list[Receiver], int]:
    """Each guardian who may be contacted about some of these students once, and how many others may not be."""
    found: dict[str, Receiver] = {}
    closed: set[str] = set()
    for family in families:
        for one in contacts(family, day, purpose=ASKED_AS[purpose], liaison=liaison):
            person = family.person(one.guardian_id)
            if not one.may:
                closed.add(person)
            elif person not in found:
                found[person] = _receiver(one, family)
    return list(found.values()), len(closed - found.keys())


def receiver(family: Family, guardian_id: str, purpose: LinkPurpose, day: date, *, liaison: bool) -> Receiver | None:
    """The guardian, if they may be contacted about the student on a day; None without a reason."""
    person = family.person(guardian_id)
    open_to, _ = receivers([family], purpose, day, liaison=liaison)
    return next((one for one in open_to if family.person(one.guardian_id) == person), None)


def may_receive(family: Family, guardian_id: str, purpose: LinkPurpose, day: date, *, liaison: bool) -> Receiver:
    """The guardian for whom a link is made. Raise Refused, which tells no reason, but who else may be contacted."""
    if family.tied(guardian_id) is None:
        said = f"roster knows no tie of {guardian_id} to this student"
        raise refused(Problem("/guardian_id", said, "check both, or add a walk-in", "no_tie"))
    found = receiver(family, guardian_id, purpose, day, liaison=liaison)
    if found is None:
        others = ", ".join(one.guardian_id for one in receivers([family], purpose, day, liaison=liaison)[0])
        works = f"others may be: {others}; or ask the counselor" if others else "ask the counselor"
        said = "do not contact this guardian about this student"
        raise refused(Problem("/guardian_id", said, works, "do_not_contact"))
    return found


def _receiver(one: Contact, family: Family) -> Receiver:
    return Receiver(guardian_id=one.guardian_id, student_id=family.student_id, may=one.may, language=one.language)
