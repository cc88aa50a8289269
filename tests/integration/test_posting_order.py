"""The order of posting never changes a number: the same writes over HTTP, in any order that people may send them."""

import asyncio
from contextlib import AsyncExitStack
from datetime import date
from functools import partial
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.roster.enrolments.starts import starts
from services.roster.facts import facts_of
from tests import oracle, roster_app
from tests.heard import Heard

# What fails is not made smaller: each try is some dozen requests.
FEW = settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
BEGINS = ("2012-08-06", "2013-08-05", "2014-05-24", "2014-05-25")
ENDED, ON = "2016-05-20", "2014-05-24"
AWARDED = ("2012-08-06", "2012-12-01", "2013-08-05", "2014-05-24", "2015-05-24", "2015-05-25")
AS_OF = date(2030, 1, 1)
NUMBERS = count()


@pytest.fixture
def app(mongo_settings, keys):
    """The service and a runner of its own loop, for all examples."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        roster = runner.run(stack.enter_async_context(roster_app.running(mongo_settings, keys)))
        runner.run(roster.furnish())
        yield roster, runner
        runner.run(stack.aclose())


@st.composite
def what_happened(draw):
    """What there is to tell, record by record and each in its own order: about two ids that may be of one person."""
    person = st.sampled_from(("ann", "amy"))
    program = st.sampled_from(("welding", "welding", "baking"))
    records = []
    for number in range(draw(st.integers(1, 3))):
        body = {"student_id": draw(person), "program_id": draw(program), "begin": draw(st.sampled_from(BEGINS))}
        told = [("put", f"enrolments/e{number}", body)]
        if draw(st.booleans()):
            changes = {"begin": draw(st.sampled_from(BEGINS)), "program_id": draw(program), "student_id": draw(person)}
            told.append(draw(st.sampled_from((("put", told[0][1], changes), ("void", told[0][1], {})))))
        records.append(told)
    for number in range(draw(st.integers(1, 2))):
        body = {"student_id": draw(person), "program_id": draw(program), "completed_on": ON}
        records.append([("put", f"completions/c{number}", body)])
    if draw(st.booleans()):
        told = [("merge", "ann", {"other": "amy"})]
        records.append([*told, ("unmerge", "amy", {})] if draw(st.booleans()) else told)
    return records


@st.composite
def in_some_order(draw, records):
    """All that is told, in an order that keeps each record's own; and after which of it the relay gets round to it."""
    turns = draw(st.permutations([number for number, told in enumerate(records) for _ in told]))
    left = [list(told) for told in records]
    return [(left[number].pop(0), draw(st.booleans())) for number in turns]


def renamed(mark, name):
    """The same id in a world of its own: examples share the database."""
    folder, _, id = name.rpartition("/")
    return f"{folder}/{mark}-{id}" if folder else f"{mark}-{id}"


async def told_in(roster, order, mark):
    """What a consumer has heard of these writes in the end."""
    for person in ("ann", "amy"):
        await roster.student(f"{mark}-{person}")
    store = roster.store
    heard = Heard(store.records, facts_of(store.organisations, store.merges, partial(starts, store)))
    for (action, name, said), relayed in order:
        fields = {key: renamed(mark, one) if key in ("student_id", "other") else one for key, one in said.items()}
        path = renamed(mark, name)
        if action == "put":
            ended = {"end": ENDED} if name.startswith("enrolments") else {}
            await roster.put(f"/{path}", organisation_id="central", **{**ended, **fields})
        elif action == "void":
            await roster.void(f"/{path}", (await roster.get(f"/{path}"))["version"])
        else:
            response = await roster.ask("POST", f"/persons/{path}/{action}", json={"reason": "looked into", **fields})
            assert response.status_code == 200, response.text
        if relayed:
            await heard.listen()
    await heard.listen()
    return heard


def plain(heard, mark):
    """What stands, without the mark of its world."""
    found = {}
    for (subject, record), state in heard.now().items():
        if mark in subject and record.split("/")[0] in ("completion", "enrolment"):
            bare = {key: one.replace(f"{mark}-", "") if isinstance(one, str) else one for key, one in state.items()}
            found[subject.replace(f"{mark}-", ""), record.replace(f"{mark}-", "")] = bare
    return found


def expected(records):
    """Whom each completion concerns and when it was begun: by what was said last of everything, in plain loops."""
    last = {told[0][1]: told[-1] for told in records}
    first = {told[0][1]: told[0] for told in records}
    one_person = last.get("ann", ("",))[0] == "merge"
    stands = {name: {**first[name][2], **fields} for name, (action, _, fields) in last.items() if action == "put"}
    found = {}
    for name, completion in stands.items():
        if not name.startswith("completions"):
            continue
        begins = [
            one["begin"]
            for other, one in stands.items()
            if other.startswith("enrolments")
            and one["program_id"] == completion["program_id"]
            and (one_person or one["student_id"] == completion["student_id"])
            and one["begin"] <= completion["completed_on"]
        ]
        who = "ann" if one_person else completion["student_id"]
        found[f"student/{who}", f"completion/{name.partition('/')[2]}"] = min(begins, default=None)
    return found


def counts_of(facts, on):
    """W1 by the oracle, were everybody awarded on that day what every program asks for."""
    award = {
        "award_id": "a", "credential_code": "C1", "credential_type": "license", "result": "passed", "awarded_on": on,
        "school_year": "2012-13", "tiers": {"welding": "required", "baking": "required"},
    }  # fmt: skip
    events = [(subject, record, 1, state) for (subject, record), state in facts.items()]
    events += [(subject, "award/a", 1, award) for subject in {subject for subject, _ in facts}]
    return oracle.tally(oracle.final(events), AS_OF)


@FEW
@given(what_happened(), st.data())
def test_completions_start_with_their_enrolments_in_whatever_order_both_are_posted(app, records, data):
    roster, runner = app
    found = []
    for _ in range(2):
        mark = f"x{next(NUMBERS)}"
        heard = runner.run(told_in(roster, data.draw(in_some_order(records)), mark))
        found.append(plain(heard, mark))

    one, other = found
    begun = {
        at: state["started_on"] if state["start_known"] else None
        for at, state in one.items()
        if at[1].startswith("completion/")
    }
    assert begun == expected(records)
    assert one == other
    for on in AWARDED:
        assert counts_of(one, on) == counts_of(other, on)
