"""Whatever order calls, rolls, rules, joined ids and roster's news come in, what is told in the end is the same."""

import asyncio
import json
from contextlib import AsyncExitStack
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.contracts.roster import TermBegins
from shared.producer.life import facts_of
from tests import family_app
from tests.heard import Heard
from tests.producer_app import enrolment, guardian, student
from tests.workshops_app import place

# What fails is not made smaller: each try is some dozen requests.
FEW = settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NUMBERS = count()
# Ids are each record's own. Where a call is filed that was logged before its enrolment was told: nothing counts by it.
IDS = ("touchpoint_id", "occasion_id", "attendance_id", "workshop_id", "contact_year_id", "organisation_id")
CALL = {"method": "Phone", "purpose": "progress", "outcome": "reached"}
KINDS = ("touchpoint/", "attendance/", "workshop/", "contact_year/")


@pytest.fixture
def app(mongo_settings, keys):
    """The service and a runner of its own loop, for all examples."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        families = runner.run(stack.enter_async_context(family_app.running(mongo_settings, keys)))
        runner.run(families.told(place("north", "district", "cted")))
        runner.run(families.put("/programs/welding/touchpoint-plan", PLAN))
        yield families, runner
        runner.run(stack.aclose())


POINTS = [{"code": f"talk-{term}", "term": term, "purpose": "progress", "within_days": 20} for term in (1, 2)]
PLAN = {
    "points": POINTS,
    "steps": [{"status": "proposed", "on": "2025-04-01"}, {"status": "approved", "on": "2025-05-06"}],
}


class Everything:
    """All that happens about one student, who is called by a word of their own; each list in its own order."""

    def __init__(self, families, word):
        self.app, self.word = families, word
        self.student, self.campus, self.mother, self.aunt = (f"{name}{word}" for name in ("p", "c", "ga", "gb"))

    async def begins(self):
        """What the rest cannot do without."""
        await self.app.told(
            place(self.campus, "satellite_campus", "cted"),
            student(self.student, district="south"),
            guardian(self.mother, self.student),
            guardian(self.aunt, self.student),
        )
        evening = {"kind": "workshop", "career_related": True, "level": "high", "organisation_ids": [self.campus]}
        self.workshop = (await self.app.post("/workshops", {**evening, "held_on": "2026-03-12"}))["id"]

    def news(self):
        return [
            [self.terms("2026-03-20", 2), self.terms("2026-04-10", 3, parent="north")],
            [self.enrolled(1), self.enrolled(2, end="2026-05-08")],
            [lambda: self.app.told(student(self.student, district="north", version=2))],
            [self.call(held_on="2026-03-25"), self.missed],
            [self.call(held_on="2026-04-20", program_id="welding")],
            [self.roll(self.mother), self.roll(self.aunt), self.heads],
            [self.rule("2026-01-31"), self.rule("2026-02-20")],
            [
                self.joined("same-as", same_as=self.aunt),
                self.joined("separate"),
                self.joined("same-as", same_as=self.aunt),
            ],
        ]

    def terms(self, begins, version, parent="cted"):
        table = tuple(TermBegins(school_year="2025-26", term=day, begins=day) for day in ("2025-08-04", begins))
        return lambda: self.app.told(place(self.campus, "satellite_campus", parent, version, terms=table))

    def enrolled(self, version, end="2026-05-22"):
        year = {"begin": "2025-08-04", "end": end, "version": version}
        return lambda: self.app.told(enrolment(f"e{self.word}", self.student, "welding", self.campus, **year))

    def call(self, **more):
        body = {**CALL, "students": [self.student], "guardian_ids": [self.mother], **more}
        return lambda: self.app.post("/touchpoints", body)

    async def missed(self):
        body = {**CALL, "students": [self.student], "planned_for": "2026-04-01"}
        del body["outcome"]
        one = (await self.app.post("/touchpoints", body))["touchpoints"][0]
        await self.app.post(f"/touchpoints/{one['id']}/missed", {"on": "2026-04-01"}, version=one["version"])

    def roll(self, guardian_id):
        row = {"guardian_id": guardian_id, "student_ids": [self.student]}
        return lambda: self.app.post(f"/workshops/{self.workshop}/roll", {"on": "2026-03-12", "rows": [row]})

    async def heads(self):
        counted = {"on": "2026-03-12", "head_count": 9, "head_count_of": "everyone"}
        await self.app.post(f"/workshops/{self.workshop}/roll", counted)

    def rule(self, until):
        said = {"guardian_id": None, "rule": "no_contact", "basis": "safety_plan", "from": "2025-08-04", "to": until}
        return lambda: self.app.put(f"/students/{self.student}/rules/r", said)

    def joined(self, action, **said):
        return lambda: self.app.post(f"/guardians/{self.mother}/{action}", {**said, "reason": "made up"}, 200)


@st.composite
def in_some_order(draw):
    """Which list has its turn, in an order that keeps each one's own; and after which the relay gets round to it."""
    lengths = [len(one) for one in Everything(None, "").news()]
    turns = draw(st.permutations([number for number, length in enumerate(lengths) for _ in range(length)]))
    return [(number, draw(st.booleans())) for number in turns]


async def told_in(families, order):
    """What stands in the end of what a consumer has heard, without ids."""
    heard = Heard(families.desk.records, facts_of(families.desk))
    about = Everything(families, f"x{next(NUMBERS)}x")
    await about.begins()
    left = [list(one) for one in about.news()]
    for number, relayed in order:
        await left[number].pop(0)()
        if relayed:
            await heard.listen()
    await heard.listen()
    found = [
        (subject.partition("/")[0], record.partition("/")[0], {k: v for k, v in state.items() if k not in IDS})
        for (subject, record), state in heard.now().items()
        if record.startswith(KINDS) and about.word in str(state)
    ]
    said = json.dumps(sorted(found, key=str), default=str).replace(about.word, "")
    return sorted(json.loads(said), key=str)


@FEW
@given(in_some_order(), in_some_order())
def test_what_is_told_of_families_is_the_same_in_whatever_order_it_came(app, one, other):
    families, runner = app
    first, second = (runner.run(told_in(families, order)) for order in (one, other))

    assert first == second
    told = {
        kind: [state for _, each, state in first if each == kind] for kind in ("touchpoint", "contact_year", "workshop")
    }
    assert sorted(one["term"] for one in told["touchpoint"]) == [1, 1, 2]
    assert [one["excused"] for one in told["contact_year"]] == [True]
    assert [(one["unnamed"], one["districts"]) for one in told["workshop"]] == [(8, ["north"])]
