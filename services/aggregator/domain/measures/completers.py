"""How many students complete a program, at central campuses and everywhere."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from services.aggregator.domain.dimensions import DIMENSIONS, READ_FOR_DIMENSIONS, where
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.shapes import Measure, Member, Reason
from shared.contracts.roster import Completion


def completers(*, central_only: bool) -> Callable[[Subject], Iterator[Member]]:
    """Each student once per school year, at the last completion of the year, as W1 places them."""

    def members(subject: Subject) -> Iterator[Member]:
        last: dict[str, tuple[date, str, Completion]] = {}
        for key, completion in subject.of(Completion):
            if central_only and completion.organisation_type != "central_campus":
                continue
            found = (completion.completed_on, key, completion)
            last[completion.school_year] = max(last.get(completion.school_year, found), found, key=lambda c: c[:2])
        for school_year, (day, key, completion) in last.items():
            yield Member(
                school_year=school_year,
                unit=subject.id,
                where=where(subject, school_year, completion.program_id, completion.organisation_id),
                cohort_day=None,
                counted_day=day,
                matured_day=None,
                why=partial(_why_completed, key, completion),
            )

    return members


def _why_completed(key: str, completion: Completion, _: date) -> Reason:
    words = f"completed {completion.program_id} at {completion.organisation_id} on {completion.completed_on}"
    return Reason("completed", words, (key,))


_COMPLETER_READS = frozenset({Completion.kind}) | READ_FOR_DIMENSIONS
_COMPLETER_RULE = "a completion in the school year; a student with several is counted once, at the last one"


def _measure(key: str, title: str, population: str, *, central_only: bool) -> Measure:
    return Measure(
        key=key,
        version=1,
        title=title,
        unit="student",
        population=population,
        rule=_COMPLETER_RULE,
        window="the school year",
        reads=_COMPLETER_READS,
        found_by=(Completion.kind,),
        dimensions=DIMENSIONS,
        shape="things",
        members=completers(central_only=central_only),
    )


MEASURES = (
    _measure(
        "completers.central",
        "Completers at central campuses",
        "students with a completion at a central campus in the school year",
        central_only=True,
    ),
    _measure(
        "completers.all",
        "Completers at central campuses and satellites",
        "students with a completion in the school year",
        central_only=False,
    ),
)
