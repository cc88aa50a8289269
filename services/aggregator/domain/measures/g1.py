"""G1: of credentials earned, which a third party has confirmed and which were celebrated; which lists are approved."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial

from services.aggregator.domain.dimensions import DIMENSIONS, READ_FOR_DIMENSIONS, where
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.measures.awards import tier_of
from services.aggregator.domain.measures.w1 import verified_on
from services.aggregator.domain.on_offer import of_programs, programs_by
from services.aggregator.domain.shapes import Measure, Member, Reason
from services.aggregator.domain.students.earned import earned
from services.aggregator.domain.students.where_taught import taught_at
from shared.contracts.credentials import Award, CatalogueStep, ProgramCatalogue
from shared.contracts.roster import Enrolment, Student

NOT_YET = "not_yet"
APPROVED = frozenset({"approved", "revised"})
DAYS_DIMENSIONS = (
    *("all", "program", "campus", "district"),
    *("days", "program_days", "campus_days", "district_days"),
)


def validated_on(award: Award, awarded: date) -> date | None:
    """The day from which an award is known to be true: not before it was made, nor before somebody looked."""
    seen = verified_on(award.verifications)
    return None if seen is None else max(awarded, seen)


def _where(subject: Subject, award: Award, day: date) -> tuple[str, ...]:
    program, campus = taught_at(subject, award, day)
    sort = (tier_of(award, program), award.credential_type)
    return where(subject, award.school_year, program, campus) + sort


def listed(subject: Subject, program: str) -> Sequence[tuple[str, Sequence[CatalogueStep]]]:
    """The lists of a program, with what became of each."""
    return [(record, one.steps) for record, one in subject.of(ProgramCatalogue) if one.program_id == program]


def validated(subject: Subject) -> Iterator[Member]:
    """Each credential earned; counted from the day on which a third party had confirmed it."""
    for key, award, on in earned(subject):
        seen = validated_on(award, on)
        yield _member(key, award, on, seen, _where(subject, award, on), partial(_why_validated, key, award, on, seen))


def days_to_validated(subject: Subject) -> Iterator[Member]:
    """Each credential earned, by how many days passed until a third party had confirmed it."""
    for key, award, on in earned(subject):
        seen = validated_on(award, on)
        days = NOT_YET if seen is None else str((seen - on).days)
        _, program, campus, _, district, *_ = _where(subject, award, on)
        at = ("all", program, campus, district)
        every = (*at, days, *(f"{place}|{days}" for place in at[1:]))
        yield _member(key, award, on, seen, every, partial(_why_validated, key, award, on, seen))


def celebrated(*, may_be_told: bool) -> Callable[[Subject], Iterator[Member]]:
    """Each credential earned; counted from its first celebration.

    `may_be_told`: only those of students who have not opted out of directory information.
    """

    def members(subject: Subject) -> Iterator[Member]:
        opted_out = any(student.directory_opt_out for _, student in subject.of(Student))
        if may_be_told and opted_out:
            return
        for key, award, on in earned(subject):
            day = None if award.celebrated_on is None else max(on, award.celebrated_on)
            why = partial(_why_celebrated, key, award, on, day, opted_out)
            yield _member(key, award, on, day, _where(subject, award, on)[: len(DIMENSIONS)], why)

    return members


def _member(
    key: str, award: Award, on: date, counted: date | None, places: tuple[str, ...], why: Callable[[date], Reason]
) -> Member:
    return Member(
        school_year=award.school_year,
        unit=key,
        where=places,
        cohort_day=on,
        counted_day=counted,
        matured_day=None,
        why=why,
    )


def _why_validated(key: str, award: Award, on: date, seen: date | None, as_of: date) -> Reason:
    words = f"{award.credential_code}, earned on {on},"
    if seen is not None:
        days = (seen - on).days
        after = "on the day it was earned" if days == 0 else f"{days} day{'s' if days > 1 else ''} later, on {seen}"
        words += f" was confirmed by a third party {after}"
        return Reason("validated", words, (key,)) if seen <= as_of else _not_yet(words, as_of, key)
    if not award.verifications:
        return Reason("not_verified", f"{words} has not been looked up with its issuer", (key,))
    last = max(award.verifications, key=lambda one: one.verified_on)
    if last.outcome == "not_found":
        how = last.level.replace("_", " ")
        return Reason("not_found", f"{words} was not found by {how} on {last.verified_on}", (key,))
    rests = "on a document that was seen" if last.level == "document_seen" else "on the student's own word"
    return Reason("weak", f"{words} rests {rests}; no third party has confirmed it", (key,))


def _why_celebrated(key: str, award: Award, on: date, day: date | None, opted_out: bool, as_of: date) -> Reason:
    words = f"{award.credential_code}, earned on {on},"
    if day is not None:
        words += f" was celebrated on {award.celebrated_on}"
        return Reason("celebrated", words, (key,)) if day <= as_of else _not_yet(words, as_of, key)
    if opted_out:
        return Reason("opted_out", f"{words} may not be announced: the student has opted out of that", (key,))
    return Reason("not_celebrated", f"{words} has not been celebrated yet", (key,))


def _not_yet(words: str, as_of: date, key: str) -> Reason:
    return Reason("after_as_of", f"{words}: not yet by {as_of}", (key,))


_READS = frozenset({Award.kind, Enrolment.kind}) | READ_FOR_DIMENSIONS
_EARNED = "credentials awarded in the school year, not revoked; a renewal is none, since it goes on with one"
_CONFIRMED = "confirmed by issuer lookup, the issuer's feed or a cryptographic proof, on whatever day"
_WINDOW = "from the day it was awarded, without an end"
_ANNOUNCED = "a celebration was recorded, on whatever day"

MEASURES = (
    Measure(
        key="G1.validated",
        version=3,
        title="Credentials earned that a third party has confirmed",
        unit="credential earned",
        population=_EARNED,
        rule=_CONFIRMED,
        window=_WINDOW,
        reads=_READS,
        found_by=(Award.kind,),
        dimensions=(*DIMENSIONS, "tier", "credential_type"),
        members=validated,
        shape="ratio",
        open_ended=True,
    ),
    Measure(
        key="G1.days_to_validated",
        version=3,
        title="Days from earned to confirmed by a third party",
        unit="credential earned",
        population=_EARNED,
        rule=f"{_CONFIRMED}; the median is of those, the others are shown beside it",
        window=_WINDOW,
        reads=_READS,
        found_by=(Award.kind,),
        dimensions=DAYS_DIMENSIONS,
        members=days_to_validated,
        shape="spread",
        open_ended=True,
        spread_in="days",
    ),
    Measure(
        key="G1.celebrated",
        version=3,
        title="Credentials earned that were celebrated",
        unit="credential earned",
        population=_EARNED,
        rule=_ANNOUNCED,
        window=_WINDOW,
        reads=_READS,
        found_by=(Award.kind,),
        dimensions=DIMENSIONS,
        members=celebrated(may_be_told=False),
        shape="ratio",
        open_ended=True,
    ),
    Measure(
        key="G1.celebrated_of_those_who_may_be",
        version=3,
        title="The same, of students whose names may be announced",
        unit="credential earned",
        population=f"{_EARNED}; without students who have opted out of directory information",
        rule=_ANNOUNCED,
        window=_WINDOW,
        reads=_READS,
        found_by=(Award.kind,),
        dimensions=DIMENSIONS,
        members=celebrated(may_be_told=True),
        shape="ratio",
        open_ended=True,
    ),
    of_programs(
        "G1.approved_lists",
        "Programs on offer with an approved list of credentials",
        "its list of credentials was approved or revised last, not proposed anew nor retired",
        ProgramCatalogue,
        programs_by(listed, APPROVED, "list of credentials"),
    ),
)
