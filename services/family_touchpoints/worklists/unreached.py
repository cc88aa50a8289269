"""Whom nobody has reached this term, nearest to two terms first: who may be called, and what was tried. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.family_touchpoints.contact.rules import Contact
from services.family_touchpoints.terms import TermOf
from shared.roster_copy.students import Enrolment

TWO = 2  # terms of a year in which a family is to be reached
NEVER = "0000-00-00"  # stands before every day


@dataclass(frozen=True, slots=True)
class Touch:
    """A day on which the family was reached: how, in which language, and in which term of its year.

    `purpose` and `point` say what it was about, and which point of a plan it is. `program_ids`: whose it
    is; none: it counts for every enrolment. `shown` False: its reader is to know that there was one,
    and nothing more of it.
    """

    on: date
    term: TermOf
    method: str
    language: str | None = None
    program_ids: tuple[str, ...] = ()
    shown: bool = True
    purpose: str = ""
    point: str | None = None

    def is_for(self, program: str) -> bool:
        """Whether it counts for an enrolment in the program."""
        return not self.program_ids or program in self.program_ids


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt that reached nobody."""

    on: date
    outcome: str
    program_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """All that was tried with one student's family. `contacts` None: its reader is not to know who may be called.

    `of_age`: the rights are the student's, who does not share.
    """

    touches: Sequence[Touch] = ()
    tries: Sequence[Try] = ()
    planned: Sequence[date] = ()
    contacts: Sequence[Contact] | None = ()
    of_age: bool = False
    languages: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An enrolment whose family nobody has reached this term.

    `terms` in which it was reached this year; `worked` is the last time that somebody answered, in
    whatever year; `tries` are those of this term, latest last.
    """

    student_id: str
    enrolment: Enrolment
    term: TermOf
    terms: int
    worked: Touch | None
    tries: tuple[Try, ...]
    contacts: tuple[Contact, ...] | None
    of_age: bool
    languages: tuple[str, ...]
    next_planned: date | None = None

    @property
    def may_be_called(self) -> bool:
        """Whether any way to anybody is open, as far as the reader is to know."""
        return self.contacts is None or any(one.may for one in self.contacts)

    @property
    def place(self) -> str:
        """Where it stands on the list: whom one touch brings to two terms before the others.

        Of these goes first who was tried least lately; behind all stand those whom nobody may call.
        """
        last = self.tries[-1].on.isoformat() if self.tries else NEVER
        far = TWO - min(self.terms, TWO)
        one = self.enrolment
        return f"{int(not self.may_be_called)}|{far}|{last}|{self.student_id}|{one.program_id}|{one.organisation_id}"


def waiting(
    student_id: str, enrolments: Iterable[Enrolment], tried: Tried, *, term: Mapping[str, TermOf], today: date
) -> Iterator[Waiting]:
    """Those of the enrolments in force whose family was not reached in the term that it is at their organisation."""
    for one in enrolments:
        now = term[one.organisation_id]
        touches = [each for each in tried.touches if each.is_for(one.program_id) and each.on <= today]
        of_year = {each.term.number for each in touches if each.term.school_year == now.school_year}
        if not one.covers(today) or now.number in of_year:
            continue
        tries = [each for each in tried.tries if each.program_id in (None, one.program_id)]
        shown = [each for each in touches if each.shown]
        yield Waiting(
            student_id=student_id,
            enrolment=one,
            term=now,
            terms=len(of_year),
            worked=max(shown, key=lambda each: each.on, default=None),
            tries=tuple(sorted((each for each in tries if now.begins <= each.on <= today), key=lambda each: each.on)),
            contacts=None if tried.contacts is None else tuple(tried.contacts),
            of_age=tried.of_age,
            languages=tuple(tried.languages),
            next_planned=min((day for day in tried.planned if day >= today), default=None),
        )


def nearest_first(found: Iterable[Waiting]) -> list[Waiting]:
    """The list in its order; see `Waiting.place`."""
    return sorted(found, key=lambda one: one.place)


def why(one: Waiting) -> str:
    """Why it stands on the list, in a sentence."""
    before = f"reached in {one.terms} of this year's terms" if one.terms else "not reached this year"
    times = f"{len(one.tries)} time{'s' * (len(one.tries) > 1)}"
    tried = f", tried {times} since {one.term.begins}" if one.tries else ""
    return f"{before}, not yet in this term{tried}{_shut(one)}"


def _shut(one: Waiting) -> str:
    if one.of_age:
        return "; the rights are the student's since 18: speak with the student"
    if one.contacts == ():
        return "; roster knows no guardian"
    return "" if one.may_be_called else "; no guardian may be contacted: ask the counselor"
