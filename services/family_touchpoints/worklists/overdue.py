"""Points of a program's plan that are due by now, and for which the family has not been reached to this day. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from services.family_touchpoints.contact_year.rules import ContactYear
from services.family_touchpoints.worklists.unreached import Touch
from shared.contracts.family_touchpoints import DuePoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A point of the plan that nobody has made for an enrolment."""

    student_id: str
    program_id: str
    organisation_id: str
    code: str
    purpose: str
    method: str | None
    since: date
    due: date


def overdue(student_id: str, year: ContactYear, touches: Iterable[Touch], today: date) -> Iterator[Overdue]:
    """What is due by now in a year of an enrolment, and was not made; what was made late is made."""
    about = [one for one in touches if one.is_for(year.program_id)]
    for point in year.points:
        if point.due < today and not any(_makes(one, point) and point.since <= one.on <= today for one in about):
            yield Overdue(
                student_id=student_id,
                program_id=year.program_id,
                organisation_id=year.organisation_id,
                code=point.code,
                purpose=point.purpose,
                method=point.method,
                since=point.since,
                due=point.due,
            )


def _makes(touch: Touch, point: DuePoint) -> bool:
    return touch.purpose == point.purpose or touch.point == point.code
