"""E4.3: the parents who took part in career-related workshops, each once a year, and how often they did."""

from collections.abc import Callable, Iterator

from services.aggregator.domain.dimensions import NOT_REPORTED
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.measures.e4.workshops import one_or_several
from services.aggregator.domain.shapes import Measure, Member, Reason, Shape
from shared.contracts.family_touchpoints import Attendance

PEOPLE_DIMENSIONS = ("all", "district", "language")
Came = tuple[str, Attendance]


def came(subject: Subject, *, any_topic: bool) -> list[Came]:
    """The workshops that a guardian was at, each once, in their order; of two ids joined the first record counts."""
    if not subject.id.startswith("guardian/"):
        return []
    found: dict[str, Came] = {}
    for key, one in sorted(subject.of(Attendance), key=lambda pair: (pair[1].held_on, pair[0])):
        if one.held and one.status == "present" and (any_topic or one.career_related):
            found.setdefault(one.workshop_id, (key, one))
    return list(found.values())


def people(*, any_topic: bool = False) -> Callable[[Subject], Iterator[Member]]:
    """Each guardian once a school year, on the first day of a workshop."""

    def members(subject: Subject) -> Iterator[Member]:
        years: dict[str, list[Came]] = {}
        for key, one in came(subject, any_topic=any_topic):
            years.setdefault(one.school_year, []).append((key, one))
        for found in years.values():
            yield _member(subject.id, *found[0], len(found) - 1)

    return members


def seats(subject: Subject) -> Iterator[Member]:
    """Each time that a guardian was at a workshop."""
    for key, one in came(subject, any_topic=False):
        yield _member(key, key, one, 0)


def _member(unit: str, key: str, one: Attendance, more: int) -> Member:
    return Member(
        school_year=one.school_year,
        unit=unit,
        where=("all", one_or_several(one.districts), one.language or NOT_REPORTED),
        cohort_day=None,
        counted_day=one.held_on,
        matured_day=None,
        why=lambda _: _why(key, one, more),
    )


def _why(key: str, one: Attendance, more: int) -> Reason:
    again = f", and at {more} more of this school year" if more else ""
    return Reason("present", f"present at a {one.workshop_type.replace('_', ' ')} on {one.held_on}{again}", (key,))


def _measure(
    key: str,
    title: str,
    population: str,
    rule: str,
    members: Callable[[Subject], Iterator[Member]],
    *,
    unit: str = "guardian",
    shape: Shape = "people",
) -> Measure:
    return Measure(
        key=key,
        version=1,
        title=title,
        unit=unit,
        population=population,
        rule=rule,
        window="the school year",
        reads=frozenset({Attendance.kind}),
        found_by=(Attendance.kind,),
        dimensions=PEOPLE_DIMENSIONS,
        members=members,
        shape=shape,
        subjects=("guardian",),
    )


_ONCE = "unduplicated: each once a school year, whatever the number of workshops and of ids that are known as one's"
_FIRST = "present at one that was held, counted on the first such day of the school year"

MEASURES = (
    _measure(
        "E4.3",
        "Parents who took part in career-related presentations",
        f"guardians at workshops about careers; {_ONCE}",
        _FIRST,
        people(),
    ),
    _measure(
        "E4.3.seats",
        "The same, each workshop counted",
        "guardians at workshops about careers, once for each workshop",
        "present at one that was held, on that day",
        seats,
        unit="guardian x workshop",
        shape="things",
    ),
    _measure(
        "E4.3.any_topic",
        "The same, at workshops about whatever",
        f"guardians at workshops, whatever their topic; {_ONCE}",
        _FIRST,
        people(any_topic=True),
    ),
)
