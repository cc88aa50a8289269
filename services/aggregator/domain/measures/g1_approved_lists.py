"""G1: which of the programs on offer have an approved list of credentials, on any day."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from services.aggregator.domain.facts import Subject
from services.aggregator.domain.shapes import Measure, Member, Reason
from services.aggregator.domain.stretches import stretches
from shared.contracts.credentials import CatalogueStep, ProgramCatalogue
from shared.contracts.roster import Program
from shared.school_year import school_year_of

APPROVED = frozenset({"approved", "revised"})


def programs(subject: Subject) -> Iterator[Member]:
    """A program, in force while it is on offer: one member for each stretch in which its list stands alike."""
    for key, program in subject.of(Program):
        listed = [(record, one) for record, one in subject.of(ProgramCatalogue) if one.program_id == program.program_id]
        record, steps = (listed[-1][0], listed[-1][1].steps) if listed else (None, ())
        gone = program.active_to + timedelta(days=1) if program.active_to else None
        for begins, ends, step in stretches(program.active_from, gone, steps):
            approved = step is not None and step.status in APPROVED
            yield Member(
                school_year=school_year_of(begins),
                unit=subject.id,
                where=("all", program.program_id, program.cluster),
                cohort_day=begins,
                counted_day=begins if approved else None,
                matured_day=None,
                why=partial(_why, tuple(one for one in (key, record) if one), step, approved),
                gone_day=ends,
            )


def _why(records: tuple[str, ...], step: CatalogueStep | None, approved: bool, _: date) -> Reason:
    if step is None:
        return Reason("no_list", "no list of credentials has been proposed for it", records)
    if approved:
        return Reason("approved", f"its list of credentials was {step.status} on {step.on}", records)
    return Reason(
        "not_approved", f"its list of credentials was {step.status} on {step.on} and is not approved", records
    )


MEASURES = (
    Measure(
        key="G1.approved_lists",
        version=1,
        title="Programs on offer with an approved list of credentials",
        unit="program",
        population="programs on offer on the day, each once",
        rule="its list of credentials was approved or revised last, not proposed anew nor retired",
        window="the last day of the school year, or the day asked for when that is earlier",
        reads=frozenset({Program.kind, ProgramCatalogue.kind}),
        found_by=(Program.kind,),
        dimensions=("all", "program", "cluster"),
        members=programs,
        shape="in_force",
        subjects=("program",),
    ),
)
