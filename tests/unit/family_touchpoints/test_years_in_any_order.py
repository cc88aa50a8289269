"""Whatever order news come in, what is told of the years is what one reckoning of everything would tell."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, partial

from hypothesis import given, settings
from hypothesis import strategies as st

from services.family_touchpoints.contact.record import RULE, SHARING
from services.family_touchpoints.contact_year.reckoning import reckon_all, reckon_program
from services.family_touchpoints.main import PRODUCER
from services.family_touchpoints.points import Plan, PlanStep, Point, Version
from services.family_touchpoints.touchpoint_plan.record import plan_draft
from shared.contracts.roster import Enrolment
from shared.process.settings import Settings
from shared.producer.desk import Desk, Producer, desk_over
from shared.producer.life import facts_of
from shared.records.record import NOTHING_THERE, Draft, Entry
from shared.roster_copy.projection import Projection
from tests.examples import examples
from tests.family_app import LAST_DAY
from tests.memory.database import MemoryClient
from tests.producer_app import Came, campus, cted, enrolment, event, guardian, merged, student

WROTE = Entry(by="test", action="put")
YEAR = {"begin": "2025-08-04", "end": "2026-05-22"}
# Follows nothing, until it is asked to reckon everything.
SILENT = replace(PRODUCER, students_told=(), organisations_told=())
ROSTER = (
    (cted(),),
    (campus("central", terms=[("2025-26", "2025-08-11"), ("2025-26", "2026-02-09")]),),
    (student("p1"), enrolment("e1", "p1", **YEAR)),
    (student("p2"), enrolment("e2", "p2", "nursing", **YEAR)),
    # Ended earlier than was told first; begun in the year before, without an end.
    (enrolment("e1", "p1", begin="2025-08-04", end="2025-12-19", version=2),),
    (student("p3"), enrolment("e3", "p3", begin="2024-08-05")),
    (guardian("g1", "p1"), guardian("g3", "p3")),
    # One person with p1: their enrolment goes over to the survivor.
    (merged("p2", "p1", 2),),
    (event("student/p2", "enrolment/e2", Enrolment, 2),),
    (enrolment("e2", "p1", "nursing", **YEAR),),
    (enrolment("e4", "p3", "nursing", **YEAR),),
    (event("student/p3", "enrolment/e4", Enrolment, 2),),
)


def desk_of(producer: Producer) -> Desk:
    database = MemoryClient()[producer.name]
    return desk_over(producer, database, Settings(environment="local"), now=lambda: LAST_DAY, wait_seconds=0.0)


async def told(desk: Desk, records: Sequence[Came]) -> None:
    """Roster tells, and what the producer does then is done."""

    async def organisations(_: object) -> None:
        for follow in desk.producer.organisations_told:
            await follow(desk)

    async def students(_: object, ids: Sequence[str]) -> None:
        await desk.students_changed(ids)

    async def persons(*_: object) -> None:
        """Whom a record is of since is looked up when it is published."""

    await Projection(
        desk.records.database,
        service=desk.producer.name,
        topic=desk.roster.topic,
        keeps=desk.producer.keeps,
        organisations_told=organisations,
        persons_told=persons,
        students_told=students,
    ).learn(records)


async def no_contact(desk: Desk, guardian: str | None, until: str) -> None:
    said = {"guardian_id": guardian, "rule": "no_contact", "from": "2025-08-04", "to": until, "channels": []}
    await entered(desk, Draft(RULE, f"r-{guardian}", {"student_id": "p1", **said}, WROTE), "p1")


async def of_age(desk: Desk) -> None:
    said = {"student_id": "p3", "eighteen_on": "2026-02-01", "steps": []}
    await entered(desk, Draft(SHARING, "p3", said, WROTE), "p3")


async def entered(desk: Desk, draft: Draft, student: str) -> None:
    await desk.records.put(draft)
    await desk.students_changed([student])


async def planned(desk: Desk, program: str) -> None:
    points = tuple(Point(code=f"t{term}", term=term, purpose="progress", within_days=30) for term in (1, 2))
    steps = (PlanStep("proposed", date(2024, 5, 22)), PlanStep("approved", date(2025, 5, 22)))
    plan = Plan(program_id=program, steps=steps, points=points, versions=(Version(steps[1].on, points),))
    await desk.records.put(plan_draft(plan, WROTE, expected=NOTHING_THERE))
    if desk.producer is PRODUCER:
        await reckon_program(desk, program)


News = Callable[[Desk], Awaitable[None]]
NEWS: tuple[News, ...] = (
    *(partial(told, records=records) for records in ROSTER),
    partial(no_contact, guardian=None, until="2025-10-20"),
    partial(no_contact, guardian="g1", until="2026-01-31"),
    of_age,
    partial(planned, program="welding"),
    partial(planned, program="nursing"),
)


async def said(desk: Desk) -> dict[str, object]:
    """What is published of years, those left out of which there is nothing to say."""
    records = await desk.records.find("contact_year", {}, limit=100, include_void=True)
    found = [told for its in (await facts_of(desk)(records)).values() for told in its]
    return {fact.contact_year_id: (subject, fact) for subject, fact in found if fact.excused or fact.points}


@cache
def expected() -> dict[str, object]:
    async def at_the_end() -> dict[str, object]:
        desk = desk_of(SILENT)
        for news in NEWS:
            await news(desk)
        await reckon_all(desk)
        return await said(desk)

    return asyncio.run(at_the_end())


async def followed(order: Sequence[News]) -> dict[str, object]:
    desk = desk_of(PRODUCER)
    for news in order:
        await news(desk)
    found = await said(desk)
    assert await reckon_all(desk) == 0
    return found


@settings(max_examples=examples(60), deadline=None)
@given(st.permutations(NEWS))
def test_any_order_of_news_comes_to_the_same_years(order):
    assert asyncio.run(followed(order)) == expected()


def test_some_of_these_years_are_excused_and_of_others_points_are_due():
    assert {fact.excused for _, fact in expected().values()} == {True, False}
