"""Programs on offer, each in force with what a record of dated steps says of it: in stretches that stand alike."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import Protocol, TypeVar

from services.aggregator.domain.facts import Subject
from services.aggregator.domain.shapes import Measure, Member, Reason
from shared.contracts.envelope import Fact
from shared.contracts.roster import Program
from shared.school_year import school_year_of

ON_OFFER = "programs on offer on the day, each once"
LAST_DAY = "the last day of the school year, or the day asked for when that is earlier"


class Step(Protocol):
    """What became of it on a day."""

    @property
    def status(self) -> str: ...
    @property
    def on(self) -> date: ...


S = TypeVar("S", bound=Step)


def programs_by(
    listed: Callable[[Subject, str], Sequence[tuple[str, Sequence[S]]]], approved: frozenset[str], what: str
) -> Callable[[Subject], Iterator[Member]]:
    """The members of a measure of programs: counted while the last step is one of those that approve.

    `listed` gives the records of a program with their steps; `what` is what these are, in words and as a code.
    """

    def members(subject: Subject) -> Iterator[Member]:
        for key, program in subject.of(Program):
            found = listed(subject, program.program_id)
            record, steps = found[-1] if found else (None, ())
            gone = program.active_to + timedelta(days=1) if program.active_to else None
            for begins, ends, step in _stretches(program.active_from, gone, steps):
                holds = step is not None and step.status in approved
                yield Member(
                    school_year=school_year_of(begins),
                    unit=subject.id,
                    where=("all", program.program_id, program.cluster),
                    cohort_day=begins,
                    counted_day=begins if holds else None,
                    matured_day=None,
                    why=partial(_why, what, tuple(one for one in (key, record) if one), step, holds),
                    gone_day=ends,
                )

    return members


def of_programs(
    key: str, title: str, rule: str, fact: type[Fact], members: Callable[[Subject], Iterator[Member]]
) -> Measure:
    """The measure of programs that is read so."""
    return Measure(
        key=key,
        version=1,
        title=title,
        unit="program",
        population=ON_OFFER,
        rule=rule,
        window=LAST_DAY,
        reads=frozenset({Program.kind, fact.kind}),
        found_by=(Program.kind,),
        dimensions=("all", "program", "cluster"),
        members=members,
        shape="in_force",
        subjects=("program",),
    )


def _stretches(begins: date, gone: date | None, steps: Sequence[S]) -> Iterator[tuple[date, date | None, S | None]]:
    """The days from `begins` until before `gone`, cut at each step, each with the step that holds there."""
    last_of_day = {step.on: step for step in steps}
    before = [on for on in sorted(last_of_day) if on <= begins]
    cuts = [begins, *(on for on in sorted(last_of_day) if on > begins and (gone is None or on < gone))]
    holds = [last_of_day[before[-1]] if before else None, *(last_of_day[on] for on in cuts[1:])]
    if gone is None or begins < gone:
        for (first, end), step in zip(pairwise([*cuts, gone]), holds, strict=True):
            if first is not None:
                yield first, end, step


def _why(what: str, records: tuple[str, ...], step: Step | None, holds: bool, _: date) -> Reason:
    if step is None:
        return Reason(f"no_{what.split(maxsplit=1)[0]}", f"no {what} has been proposed for it", records)
    words = f"its {what} was {step.status} on {step.on}"
    return (
        Reason("approved", words, records) if holds else Reason("not_approved", f"{words} and is not approved", records)
    )
