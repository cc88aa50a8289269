"""A seat in a course that belongs to a program makes its student enrolled in that program. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.roster.enrolments.derived import Span
from services.roster.oneroster.keep.source_rows import SourceRow

# Between spring and fall a student has no class and is still in the program.
LONGEST_BREAK_DAYS = 120


@dataclass(frozen=True, slots=True)
class InProgram:
    """A student of a source in a program at an organisation, by all the seats that say so."""

    id: str
    user: str
    program: str
    organisation: str
    span: Span


def prefix_of(source: str) -> str:
    """What the ids of all enrolments that follow from a source's classes begin with."""
    return f"oneroster-{hashlib.sha256(source.encode()).hexdigest()[:8]}-"


def in_programs(
    source: str,
    seats: Iterable[SourceRow],
    classes: Mapping[str, tuple[str, str]],
) -> list[InProgram]:
    """One enrolment a student, program, organisation and stretch of time; `classes` gives program and organisation.

    Seats less than four months apart are one stretch. A seat that ended before it began never was.
    """
    spans: dict[tuple[str, str, str], list[Span]] = {}
    for seat in seats:
        place = classes.get(seat.cells["classSourcedId"])
        if place is None or seat.cells["role"] != "student" or not seat.begin:
            continue
        end = min((day for day in (seat.end, seat.ended_on) if day), default="")
        if not end or end >= seat.begin:
            spans.setdefault((seat.cells["userSourcedId"], *place), []).append(Span(seat.begin, end))
    found: list[InProgram] = []
    for (user, program, organisation), several in sorted(spans.items()):
        for number, span in enumerate(joined(several)):
            own = hashlib.sha256("\n".join((user, program, organisation, str(number))).encode()).hexdigest()[:32]
            found.append(InProgram(f"{prefix_of(source)}{own}", user, program, organisation, span))
    return found


def joined(spans: Sequence[Span]) -> list[Span]:
    """The same days in as few stretches as can be, breaks of the school year not counted."""
    told = sorted(spans, key=lambda span: (span.begin, span.end))
    stretches: list[Span] = []
    for span in told:
        last = stretches[-1] if stretches else None
        if last is not None and (not last.end or _days(last.end, span.begin) <= LONGEST_BREAK_DAYS):
            end = "" if not last.end or not span.end else max(last.end, span.end)
            stretches[-1] = Span(last.begin, end)
        else:
            stretches.append(span)
    return stretches


def _days(first: str, later: str) -> int:
    return (date.fromisoformat(later) - date.fromisoformat(first)).days
