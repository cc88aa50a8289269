"""E4.2: the presentations and workshops that were held for families, and what is taken for one."""

from collections.abc import Callable, Iterator

from services.aggregator.domain.dimensions import NOT_REPORTED
from services.aggregator.domain.facts import Subject
from services.aggregator.domain.shapes import Measure, Member, Reason
from shared.contracts.family_touchpoints import Workshop

SEVERAL = "several"
WORKSHOP_DIMENSIONS = ("all", "kind", "campus", "district", "delivery")


def one_or_several(values: tuple[str, ...]) -> str:
    """The one value; what has several is told apart as that, so that each is in one group."""
    if len(set(values)) > 1:
        return SEVERAL
    return values[0] if values else NOT_REPORTED


def workshops(
    *, levels: frozenset[str] | None = frozenset({"high"}), planned: bool = False, each_district: bool = False
) -> Callable[[Subject], Iterator[Member]]:
    """Each workshop on the day it was held.

    `planned`: one that is still planned too, on the day that it is planned for.
    `each_district`: once for each district that it was for.
    """
    statuses = ("planned", "held") if planned else ("held",)

    def members(subject: Subject) -> Iterator[Member]:
        for key, one in subject.of(Workshop):
            if one.status in statuses and (levels is None or one.level in levels):
                districts = sorted(set(one.districts)) if each_district else ()
                for district in districts or (one_or_several(one.districts),):
                    yield _member(key, one, district)

    return members


def not_named(subject: Subject) -> Iterator[Member]:
    """How many more than the roll names were at a workshop about careers: a head count, in which anybody may recur."""
    for key, one in subject.of(Workshop):
        if one.status == "held" and one.career_related and one.unnamed:
            yield _member(key, one, one_or_several(one.districts), unnamed=one.unnamed)


def _member(key: str, one: Workshop, district: str, *, unnamed: int = 0) -> Member:
    return Member(
        school_year=one.school_year,
        unit=key,
        where=("all", one.workshop_type, one_or_several(one.organisation_ids), district, one.delivery),
        cohort_day=None,
        counted_day=one.held_on,
        matured_day=None,
        why=lambda _: _why(key, one, unnamed),
        n=unnamed or 1,
    )


def _why(key: str, one: Workshop, unnamed: int) -> Reason:
    said = f"{one.workshop_type.replace('_', ' ')} for families ({one.level})"
    when = f"held on {one.held_on}" if one.status == "held" else f"planned for {one.held_on}"
    many = f", {unnamed} more than are named" if unnamed else ""
    return Reason(one.status, f"{said}, {when}{many}", (key,))


def _measure(
    key: str, title: str, population: str, rule: str, members: Callable[[Subject], Iterator[Member]], unit: str
) -> Measure:
    return Measure(
        key=key,
        version=1,
        title=title,
        unit=unit,
        population=population,
        rule=rule,
        window="the school year",
        reads=frozenset({Workshop.kind}),
        found_by=(Workshop.kind,),
        dimensions=WORKSHOP_DIMENSIONS,
        members=members,
        shape="things",
        subjects=("workshop",),
    )


_HIGH = "presentations and workshops for parents of students in high school"

MEASURES = (
    _measure(
        "E4.2",
        "Presentations and workshops for parents at high schools",
        f"{_HIGH}, whatever their kind",
        "it was held, on that day",
        workshops(),
        "workshop",
    ),
    _measure(
        "E4.2.all_levels",
        "The same, of every level",
        "presentations and workshops for parents, of students in whatever school and of adults",
        "it was held, on that day",
        workshops(levels=None),
        "workshop",
    ),
    _measure(
        "E4.2.planned",
        "The same, those included that are still planned",
        f"{_HIGH}, whatever their kind",
        "it was held, on that day, or is planned for it",
        workshops(planned=True),
        "workshop",
    ),
    _measure(
        "E4.2.by_district",
        "The same, once for each district that it was for",
        f"{_HIGH}, once for each member district that they were for",
        "it was held, on that day",
        workshops(each_district=True),
        "workshop x district",
    ),
    _measure(
        "E4.3.unnamed",
        "Those who came to career-related workshops and are not on the roll",
        "head counts of workshops about careers, without those whom the roll names",
        "it was held, on that day; anybody may be in several of these counts, and they are added to no other",
        not_named,
        "person counted at a workshop",
    ),
)
