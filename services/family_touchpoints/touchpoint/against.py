"""What stands against a touchpoint is said in words that help and tell no reason: who else may be contacted. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.family_touchpoints.contact.rules import (
    CHANNEL_OF,
    Channel,
    Closed,
    Contact,
    Family,
    closed,
    contacts,
    withdrawn_on,
)
from services.family_touchpoints.touchpoint.rules import Touchpoint
from shared.errors import Problem

CHANNELS: dict[Channel, str] = {
    "phone": "calls",
    "text": "texts",
    "email": "emails",
    "app": "messages in the app",
    "mail": "letters",
    "home_visit": "visits at home",
}
NUMBERS = ("nobody else", "one other", "two others", "three others", "four others", "five others", "six others")
NAME_WHICH = "name_which"
OF_AGE = "rights are the student's since 18"
ALONE = "with_student, or record the student's consent"


@dataclass(frozen=True, slots=True)
class Judged:
    """How a touchpoint stands with the family.

    `against`: it may not be, and only who handles breaches records that it was, if it is named with
    whom. `restricted`: the family's own call which we would not have made. `warnings`: what to know.
    """

    against: Problem | None = None
    restricted: bool = False
    warnings: tuple[Problem, ...] = ()

    @property
    def breachable(self) -> bool:
        return self.against is not None and self.against.code != NAME_WHICH


def untied(one: Touchpoint, family: Family) -> Problem | None:
    """What to say of the first guardian whom nobody ever told of as this student's."""
    for at, guardian in enumerate(one.guardian_ids):
        if family.tied(guardian) is None:
            said = f"roster knows no tie of {guardian} to this student"
            return Problem(f"/guardian_ids/{at}", said, "check the id, or add a walk-in", "unknown_guardian")
    return None


def standing(one: Touchpoint, family: Family, *, liaison: bool) -> Judged:
    """How a touchpoint stands with the family on its day; `liaison`: made by one whom a rule `only_staff` leaves."""
    ties = tuple(_ties(one, family))
    if one.student_alone:
        return Judged(warnings=ties)
    if one.direction == "from_family" and one.status != "planned":
        ways = [(guardian, _closed(one, family, guardian, liaison)) for guardian in one.guardian_ids]
        return Judged(
            restricted=any(way == "rule" for _, way in ways),
            warnings=(*ties, *_what_to_say(one, family, ways)),
        )
    return Judged(against=_against(one, family, liaison), warnings=(*ties, *_what_to_say(one, family, ())))


def _closed(one: Touchpoint, family: Family, guardian: str | None, liaison: bool) -> Closed | None:
    return closed(family, guardian, one.method, purpose=one.purpose, day=one.on, liaison=liaison)


def _against(one: Touchpoint, family: Family, liaison: bool) -> Problem | None:
    asked: Sequence[str | None] = one.guardian_ids or (None,)
    for at, guardian in enumerate(asked):
        pointer = "/guardian_ids" if guardian is None else f"/guardian_ids/{at}"
        way = _closed(one, family, guardian, liaison)
        if way == "of_age":
            return Problem(pointer, OF_AGE, ALONE, "of_age")
        if way is None and guardian is None and any(rule.in_force(one.on) for rule in family.rules):
            said, works = "not every guardian of this student may be contacted", _others(one, family, None, liaison)
            return Problem(pointer, said, f"name which in guardian_ids: {works}", NAME_WHICH)
        if way is not None:
            return _refusal(one, family, guardian, way, pointer, liaison)
    return None


def _refusal(
    one: Touchpoint, family: Family, guardian: str | None, way: Closed, pointer: str, liaison: bool
) -> Problem:
    ways = _ways_to(one, family, guardian, liaison)
    if way == "withdrawn" and guardian is not None:
        since = withdrawn_on(family, guardian, one.method, purpose=one.purpose, day=one.on)
        said = f"{CHANNELS[CHANNEL_OF[one.method]]} were withdrawn on {since}"
        return Problem(pointer, said, _open(ways) or "no way to them is open", "withdrawn")
    how, instead = (f" by {one.method}", f"{_open(ways)}; ") if ways else ("", "")
    said = f"do not contact this guardian{how} about this student"
    works = f"{instead}{_others(one, family, guardian, liaison)}; ask the counselor"
    return Problem(pointer, said, works, "do_not_contact")


def _open(ways: Sequence[str]) -> str:
    return f"{', '.join(ways)} {'is' if len(ways) == 1 else 'are'} open" if ways else ""


def _ways_to(one: Touchpoint, family: Family, guardian: str | None, liaison: bool) -> tuple[str, ...]:
    found = [each for each in _contacts(one, family, liaison) if guardian and _same(family, each, guardian)]
    return found[0].may if found else ()


def _others(one: Touchpoint, family: Family, guardian: str | None, liaison: bool) -> str:
    """Who else may be contacted, by id: the browser knows their names."""
    ids = [
        each.guardian_id
        for each in _contacts(one, family, liaison)
        if each.may and not (guardian and _same(family, each, guardian))
    ]
    who = NUMBERS[len(ids)] if len(ids) < len(NUMBERS) else f"{len(ids)} others"
    if guardian is None:
        return f"one of {', '.join(ids)}" if ids else "nobody may be"
    return f"{who} may be: {', '.join(ids)}" if ids else f"{who} may be"


def _contacts(one: Touchpoint, family: Family, liaison: bool) -> list[Contact]:
    return contacts(family, one.on, purpose=one.purpose, liaison=liaison)


def _same(family: Family, contact: Contact, guardian: str) -> bool:
    return family.person(contact.guardian_id) == family.person(guardian)


def _ties(one: Touchpoint, family: Family) -> Iterator[Problem]:
    for at, guardian in enumerate(one.guardian_ids):
        tie = family.tied(guardian)
        if tie is not None and not tie.holds(one.on):
            said = f"roster knows no tie of {guardian} to this student on {one.on}"
            yield Problem(f"/guardian_ids/{at}", said, "it is kept; check who it was", "not_tied_then")


def _what_to_say(one: Touchpoint, family: Family, ways: Sequence[tuple[str, Closed | None]]) -> Iterator[Problem]:
    for guardian, way in ways:
        if way == "rule":
            works = "listen, tell nothing of the student, and let the counselor know"
            said = f"this is kept and not counted: {guardian} is not to be contacted about this student"
            yield Problem("/guardian_ids", said, works, "restricted")
        if way == "of_age":
            works = "tell nothing of the student's records without the student's consent"
            yield Problem("/guardian_ids", OF_AGE, works, "of_age")
    for guardian in one.guardian_ids:
        if any(rule.rule == "no_records" for rule in family.rules_on(one.on, guardian)):
            works = "no marks, no attendance, no program, not where the student is; ask the counselor"
            said = f"tell {guardian} nothing of the student's records"
            yield Problem("/guardian_ids", said, works, "no_records")
