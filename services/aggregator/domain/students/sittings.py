"""A student's sittings of assessments, program by program, each with the place where it was taught for."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.aggregator.domain.facts import Subject
from services.aggregator.domain.students.enrolled import taught_under
from shared.contracts.credentials import Assessment, AssessmentKind
from shared.contracts.roster import Enrolment
from shared.school_year import last_day, parse_start

CENTRAL = "central_campus"


@dataclass(frozen=True, slots=True)
class Sitting:
    """One assessment; `campus` is that of the enrolment it was sat under, as enrolments are known now."""

    key: str
    fact: Assessment
    campus: str | None
    central: bool

    @property
    def day(self) -> date:
        return self.fact.taken_on

    @property
    def matured_day(self) -> date:
        """The day after the last one of its school year."""
        starts = parse_start(self.fact.school_year_starts)
        return last_day(self.fact.school_year, starts) + timedelta(days=1)

    def words(self) -> str:
        """`form spring-a on 2025-05-06 (58/80, the cut was 3/5)`."""
        cut = f", the cut was {self.fact.cut}" if self.fact.cut else ""
        share = f" ({self.fact.share}{cut})" if self.fact.share else ""
        return f"form {self.fact.form} on {self.day}{share}"


def sittings(subject: Subject, kind: AssessmentKind) -> dict[str, list[Sitting]]:
    """All sittings of one kind by program, earliest first.

    Of one day they go by their numbers; and nobody sits again what was passed, so that what was not goes first.
    """
    known: dict[str, list[Sitting]] | None = subject.worked_out.get(("sittings", kind))
    if known is not None:
        return known
    found: dict[str, list[Sitting]] = {}
    enrolments = subject.of(Enrolment)
    for key, fact in subject.of(Assessment):
        if fact.assessment_kind == kind:
            under = taught_under(enrolments, fact.program_id, fact.taken_on)
            campus, central = (under.organisation_id, under.organisation_type == CENTRAL) if under else (None, False)
            found.setdefault(fact.program_id, []).append(Sitting(key, fact, campus, central))
    for taken in found.values():
        taken.sort(key=lambda one: (one.day, one.fact.attempt, one.fact.passed, one.key))
    subject.worked_out["sittings", kind] = found
    return found
