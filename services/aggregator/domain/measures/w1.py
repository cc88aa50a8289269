"""W1: program completers who achieve a high-value industry credential within one year of completion."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, partial

from services.aggregator.domain.dimensions import DIMENSIONS, READ_FOR_DIMENSIONS, where
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.measures.w1_reasons import Near, reason
from services.aggregator.domain.shapes import Measure, Member, Reason
from shared.contracts.credentials import Award, Tier, Verification
from shared.contracts.roster import Completion

HIGH_VALUE: frozenset[Tier] = frozenset({"required", "preferred", "relevant"})
STRICT: frozenset[Tier] = frozenset({"required", "preferred"})
THIRD_PARTY = frozenset({"issuer_lookup", "issuer_feed", "cryptographic"})

Completed = tuple[str, Completion]
Awarded = tuple[str, Award]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the goal's sentence.

    `tiers` None: any credential counts, whatever its tier and program.
    """

    central_only: bool = True
    tiers: frozenset[Tier] | None = HIGH_VALUE
    verified: bool = False
    per_program: bool = False


@lru_cache(maxsize=4096)
def a_year_after(day: date) -> date:
    """The same calendar day one year on; of a 29 February, the 28th."""
    if (day.month, day.day) == (2, 29):
        day -= timedelta(days=1)
    return day.replace(year=day.year + 1)


def verified_on(verifications: Sequence[Verification]) -> date | None:
    """The first day on which a third party confirmed the award."""
    days = [v.verified_on for v in verifications if v.level in THIRD_PARTY and v.outcome == "confirmed"]
    return min(days, default=None)


def credentialed_within_a_year(reading: Reading) -> Callable[[Subject], Iterator[Member]]:
    """The members under one reading: each unit of each school year, dated by its last completion."""

    def members(subject: Subject) -> Iterator[Member]:
        awards = subject.of(Award)
        for unit, completions in _units(subject, reading).items():
            yield _member(reading, subject, "/".join((subject.id, *unit[1:])), completions, awards)

    return members


def _units(subject: Subject, reading: Reading) -> dict[tuple[str, ...], list[Completed]]:
    """The completions of the reading's population, by school year (and by program, when that is the unit)."""
    units: dict[tuple[str, ...], list[Completed]] = {}
    for key, completion in subject.of(Completion):
        if reading.central_only and completion.organisation_type != "central_campus":
            continue
        unit = (completion.school_year, completion.program_id) if reading.per_program else (completion.school_year,)
        units.setdefault(unit, []).append((key, completion))
    return units


def _member(
    reading: Reading, subject: Subject, unit: str, completions: list[Completed], awards: list[Awarded]
) -> Member:
    """Several completions of one year are one member: at the last one, since only then is its window known."""
    _, last = max(completions, key=lambda found: (found[1].completed_on, found[0]))
    decided = _decided(reading, completions, awards)
    return Member(
        school_year=last.school_year,
        unit=unit,
        where=where(subject, last.school_year, last.program_id, last.organisation_id),
        cohort_day=last.completed_on,
        counted_day=max(last.completed_on, decided) if decided else None,
        matured_day=a_year_after(last.completed_on) + timedelta(days=1),
        why=partial(_why, reading, completions, awards),
    )


def _decided(reading: Reading, completions: list[Completed], awards: list[Awarded]) -> date | None:
    """The first day on which some award counts for some completion."""
    first: date | None = None
    for _, award in awards:
        for _, completion in completions:
            if obstacle(reading, completion, award) is None:
                day = decided_on(reading, award)
                first = day if first is None else min(first, day)
    return first


def decided_on(reading: Reading, award: Award) -> date:
    """The day on which an award without obstacle counts: for `verified`, not before somebody looked."""
    earned = award.awarded_on
    seen = verified_on(award.verifications) if reading.verified else earned
    if earned is None or seen is None:
        raise ValueError("only an award without obstacle has a day")
    return max(earned, seen)


def obstacle(reading: Reading, completion: Completion, award: Award) -> str | None:
    """Why this award does not count for this completion; None when it does. An expiry never matters."""
    if award.result != "passed" or award.awarded_on is None:
        return "failed" if award.result == "failed" else "in_progress"
    if reading.tiers is not None:
        tier = award.tiers.get(completion.program_id)
        if tier is None:
            return "not_aligned"
        if tier not in reading.tiers:
            return "tier"
    if award.awarded_on < completion.started_on:
        return "early"
    if award.awarded_on > a_year_after(completion.completed_on):
        return "late"
    if award.revoked_on is not None:
        return "revoked"
    if reading.verified and verified_on(award.verifications) is None:
        return "not_verified"
    return None


def _why(reading: Reading, completions: list[Completed], awards: list[Awarded], as_of: date) -> Reason:
    pairs = []
    for award_id, award in awards:
        for completion_id, completion in completions:
            code = obstacle(reading, completion, award)
            day = decided_on(reading, award) if code is None else None
            seen = verified_on(award.verifications) if reading.verified else None
            ends = a_year_after(completion.completed_on)
            pairs.append(Near(code, day, completion_id, completion, award_id, award, ends, seen))
    last_id, last = max(completions, key=lambda found: (found[1].completed_on, found[0]))
    return reason(pairs, last_id, a_year_after(last.completed_on), as_of)


def _measure(key: str, title: str, rule: str, reading: Reading, version: int = 1) -> Measure:
    places = "a central campus" if reading.central_only else "a central campus or a satellite"
    unit = "student x program" if reading.per_program else "student"
    once = "each student and program" if reading.per_program else "each student"
    return Measure(
        key=key,
        version=version,
        title=title,
        unit=unit,
        population=f"{once} with a completion at {places} in the school year, once, on the year's last completion day",
        rule=rule,
        window="from the start of the program through the same calendar day one year after completion",
        reads=frozenset({Completion.kind, Award.kind}) | READ_FOR_DIMENSIONS,
        found_by=(Completion.kind,),
        dimensions=DIMENSIONS,
        members=credentialed_within_a_year(reading),
    )


EARNED = "an award, passed and not revoked, earned inside the window"
ALIGNED = f"{EARNED}, of a credential that on the award date was"

MEASURES = (
    _measure(
        "W1.headline",
        "Central completers with a high-value credential within one year",
        f"{ALIGNED} required, preferred or relevant for the completed program",
        Reading(),
    ),
    _measure(
        "W1.strict",
        "The same, required or preferred credentials only",
        f"{ALIGNED} required or preferred for the completed program",
        Reading(tiers=STRICT),
    ),
    _measure(
        "W1.with_satellites",
        "The same, completers at satellite campuses included",
        f"{ALIGNED} required, preferred or relevant for the completed program",
        Reading(central_only=False),
    ),
    _measure(
        "W1.verified",
        "The same, awards confirmed by a third party only",
        f"{ALIGNED} required, preferred or relevant for the completed program, "
        "and confirmed by issuer lookup or better, on whatever day",
        Reading(verified=True),
    ),
    _measure(
        "W1.any_credential",
        "Central completers with any industry credential within one year",
        f"{EARNED}, of any credential, whatever its tier and program",
        Reading(tiers=None),
    ),
    _measure(
        "W1.by_program",
        "Central completions with a high-value credential within one year, per student and program",
        f"{ALIGNED} required, preferred or relevant for that program",
        Reading(per_program=True),
    ),
)
