"""Whom nobody has reached this term, nearest to two terms first: who may be called, and what was tried. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.family_touchpoints.contact.rules import Contact
from services.family_touchpoints.terms import TermOf
from shared.roster_copy.students import Enrolment

TWO = 2  # terms of a year in which a family is to be reached


@dataclass(frozen=True, slots=True)
class Touch:
    """A day on which the family was reached: how, about what, and in which term of its year."""

    on: date
    term: TermOf
    method: str
    purpose: str
    language: str | None
    program_id: str | None
    guardian_ids: tuple[str, ...] = ()

    def is_for(self, program: str) -> bool:
        """Whether it counts for an enrolment in the program: what names no program counts for every one."""
        return self.program_id in (None, program)


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt that reached nobody."""

    on: date
    outcome: str
    program_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An enrolment whose family nobody has reached this term.

    `terms` in which it was reached this year; `worked` is the last time that somebody answered, in
    whatever year; `tries` are those of this term since, latest last.
    """

    student_id: str
    enrolment: Enrolment
    terms: int
    worked: Touch | None
    tries: tuple[Try, ...]
    contacts: tuple[Contact, ...]
    next_planned: date | None = None

    @property
    def may_be_called(self) -> bool:
        """Whether any way to anybody is open."""
        return any(one.may for one in self.contacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """All that was tried with one student's family."""

    touches: Sequence[Touch] = ()
    tries: Sequence[Try] = ()
    planned: Sequence[date] = ()
    contacts: Sequence[Contact] = ()


def waiting(
    student_id: str, enrolments: Iterable[Enrolment], tried: Tried, *, term: Mapping[str, TermOf], today: date
) -> Iterator[Waiting]:
    """The student's enrolments in force whose family was not reached in the term that it is at each organisation."""
    for one in enrolments:
        now = term[one.organisation_id]
        touches = [each for each in tried.touches if each.is_for(one.program_id) and each.on <= today]
        of_year = {each.term.number for each in touches if each.term.school_year == now.school_year}
        if not one.covers(today) or now.number in of_year:
            continue
        tries = [each for each in tried.tries if each.program_id in (None, one.program_id)]
        yield Waiting(
            student_id=student_id,
            enrolment=one,
            terms=len(of_year),
            worked=max(touches, key=lambda each: each.on, default=None),
            tries=tuple(sorted((each for each in tries if now.begins <= each.on <= today), key=lambda each: each.on)),
            contacts=tuple(tried.contacts),
            next_planned=min((day for day in tried.planned if day >= today), default=None),
        )


def nearest_first(found: Iterable[Waiting]) -> list[Waiting]:
    """Whom one touch brings to two terms first; of these whoever was tried least lately; who may not be called last."""
    return sorted(
        found,
        key=lambda one: (
            not one.may_be_called,
            -min(one.terms, TWO),
            one.tries[-1].on if one.tries else date.min,
            one.student_id,
            one.enrolment.program_id,
        ),
    )


def why(one: Waiting, term: TermOf) -> str:
    """Why it stands on the list, in a sentence."""
    before = f"reached in {one.terms} of this year's terms" if one.terms else "not reached this year"
    tried = f", tried {len(one.tries)} times since {term.begins}" if one.tries else ""
    shut = "" if one.may_be_called else "; no guardian may be contacted: ask the counselor"
    return f"{before}, not yet in this term{tried}{shut}"
