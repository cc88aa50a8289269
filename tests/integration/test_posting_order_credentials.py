"""The order of posting never changes a number: awards and sittings over HTTP, enrolments as roster tells them."""

import asyncio
from contextlib import AsyncExitStack
from datetime import date
from itertools import count
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.contracts.roster import Enrolment
from shared.producer.life import facts_of
from tests import credentials_app, oracle, producer_app
from tests.heard import Heard

# What fails is not made smaller: each try is some dozen requests.
FEW = settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DAYS = ("2024-08-05", "2025-01-07", "2025-05-20")
AS_OF = date(2030, 1, 1)
NUMBERS = count()
SAT = {"program_id": "welding", "kind": "technical_skills", "form": "a", "scale": "items"}


@pytest.fixture
def app(mongo_settings, keys):
    """The service and a runner of its own loop, for all examples."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        credentials = runner.run(stack.enter_async_context(credentials_app.running(mongo_settings, keys)))
        runner.run(credentials.furnish())
        runner.run(credentials.all_heard())
        yield credentials, runner
        runner.run(stack.aclose())


@st.composite
def what_happened(draw):
    """One student's enrolments, each with what became of it, and their attempts and sittings: some of one day."""
    day = st.sampled_from(DAYS)
    told = []
    for number in range(draw(st.integers(0, 2))):
        states = []
        for _ in range(draw(st.integers(1, 2))):
            begin, end = draw(day), draw(st.sampled_from((None, *DAYS)))
            campus = draw(st.sampled_from(("north", "south")))
            ended = max(begin, end) if end else None
            states.append({"at": campus, "begin": begin, "end": ended})
        told.append([("enrolment", f"e{number}", one) for one in states])
        if draw(st.booleans()):
            told[-1].append(("enrolment", f"e{number}", None))
    one_of_two = st.sampled_from(DAYS[1:])
    attempts = draw(
        st.sets(st.tuples(st.sampled_from(("passed", "failed")), one_of_two, st.integers(1, 2)), max_size=5)
    )
    for result, on, attempt in sorted(attempts):
        if result == "failed" or attempt == 1:
            body = {"result": result, "taken_on": on, "attempt": attempt}
            body |= {"awarded_on": on} if result == "passed" else {}
            body |= draw(st.sampled_from(({}, {"program_id": "welding"})))
            told.append([("awards", "", body)])
    sittings = draw(st.sets(st.tuples(st.booleans(), one_of_two), max_size=3))
    told += [[("assessments", "", {"passed": passed, "taken_on": on})] for passed, on in sorted(sittings)]
    return told


@st.composite
def in_some_order(draw, told):
    """All that is told, in an order that keeps each record's own; and after which of it the relay gets round to it."""
    turns = draw(st.permutations([number for number, one in enumerate(told) for _ in one]))
    left = [list(one) for one in told]
    return [(left[number].pop(0), draw(st.booleans())) for number in turns]


async def told_in(credentials, order, who):
    """What a consumer has heard of these writes in the end, as (subject, record, version, state)."""
    await credentials.told(producer_app.student(who))
    heard = Heard(
        credentials.desk.records,
        facts_of(credentials.desk),
    )
    for version, ((kind, id, said), relayed) in enumerate(order, 1):
        if kind == "enrolment":
            await credentials.told(enrolment(f"{who}-{id}", who, said, version))
        else:
            body = {"student_id": who, **({"credential_code": "osha-10"} if kind == "awards" else SAT), **said}
            headers = {"Idempotency-Key": uuid4().hex}
            response = await credentials.ask("POST", f"/{kind}", json=body, headers=headers)
            assert response.status_code == 201, response.text
        if relayed:
            await heard.listen()
    await heard.listen()
    return [one for one in heard.events if one[0] == f"student/{who}"]


def enrolment(id, who, said, version):
    if said is None:
        return producer_app.event(f"student/{who}", f"enrolment/{id}", Enrolment, version)
    return producer_app.enrolment(id, who, **said, version=version)


def enrolments_of(told, who):
    """What roster says of the student in the end."""
    last = {one[-1][1]: one[-1][2] for one in told if one[0][0] == "enrolment"}
    return [
        (f"student/{who}", f"enrolment/{id}", 1, {
            "program_id": "welding", "organisation_id": said["at"], "organisation_type": "central_campus",
            "begin": said["begin"], "end": said["end"],
        })
        for id, said in last.items() if said is not None
    ]  # fmt: skip


def expected(told, who):
    """What should be counted: each attempt and sitting as it was said, in whatever order."""
    worth = {"credential_code": "osha-10", "credential_type": "Certification"}
    worth |= {"tiers": {"welding": "required", "nursing": "other"}}
    found = enrolments_of(told, who)
    for number, ((kind, _, said), *_) in enumerate(told):
        record = f"{kind.removesuffix('s')}/{number}"
        if kind == "awards":
            state = {**worth, **said, "school_year": "2024-25", "program_named": "program_id" in said}
            found.append((f"student/{who}", record, 1, state))
        if kind == "assessments":
            state = {**SAT, **said, "assessment_kind": SAT["kind"], "school_year": "2024-25"}
            found.append((f"student/{who}", record, 1, state))
    return oracle.tally(oracle.final(found), AS_OF)


@FEW
@given(what_happened(), st.data())
def test_awards_and_sittings_count_the_same_in_whatever_order_they_and_enrolments_are_told(app, told, data):
    credentials, runner = app
    for _ in range(2):
        who = f"x{next(NUMBERS)}"
        events = runner.run(told_in(credentials, data.draw(in_some_order(told)), who))
        found = oracle.tally(oracle.final([*events, *enrolments_of(told, who)]), AS_OF)
        assert found == expected(told, who)
