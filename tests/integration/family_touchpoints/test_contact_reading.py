"""What is known of contact is read of many students at once, by every id of a student and of a guardian."""

import pytest

from services.family_touchpoints.contact.reading import families, same_persons
from services.family_touchpoints.contact.record import CONSENT, PROFILE, RULE, SHARING
from services.family_touchpoints.contact.rules import contacts, withdrawn_on
from shared.records.record import Draft, Entry
from tests import family_app
from tests.producer_app import guardian, merged

DAY = family_app.LAST_DAY.date()


@pytest.fixture
async def app(mongo_settings, keys):
    async with family_app.running(mongo_settings, keys) as opened:
        yield opened


async def keep(app, kind, id, void=False, **state):
    await app.desk.records.put(Draft(kind, id, state, Entry(by="test", action="put"), void=void))


def rule(student="p1", guardian="g1", since="2025-10-01", until=None, rule="no_contact"):
    return {"student_id": student, "guardian_id": guardian, "rule": rule, "from": since, "to": until, "channels": []}


async def test_a_family_is_all_that_roster_and_the_liaison_know(app):
    await keep(app, RULE, "r1", **rule())
    await keep(app, RULE, "r2", **rule(guardian="g2"), void=True)
    await keep(app, RULE, "r3", **rule(student="p2", guardian="g2"))
    await keep(app, SHARING, "p1", student_id="p1", eighteen_on="2026-06-01", steps=[])
    await keep(app, PROFILE, "g2", guardian_id="g2", preferred_language="spa", interpreter_needed=True)
    withdrawn = [{"status": "withdrawn", "on": "2025-11-05", "how": "reply_stop"}]
    await keep(app, CONSENT, "c1", guardian_id="g2", channel="text", about="school", steps=withdrawn)

    found = await families(app.desk, ["p1", "nw:u-2", "p3", "nobody"])

    assert {one.guardian_id: bool(one.may) for one in contacts(found["p1"], DAY, liaison=False)} == {
        "g1": False,
        "g2": True,
    }
    assert {one.guardian_id: bool(one.may) for one in contacts(found["nw:u-2"], DAY, liaison=False)} == {
        "g1": True,
        "g2": False,
    }
    (tie,) = [tie for tie in found["p1"].ties if tie.guardian_id == "g2"]
    assert (tie.language, tie.interpreter_needed, tie.walk_in) == ("spa", True, False)
    assert found["p1"].sharing.eighteen_on.isoformat() == "2026-06-01"
    assert [tie.language for tie in found["p3"].ties] == ["spa"]
    assert found["nobody"].ties == ()
    assert withdrawn_on(found["p1"], "g2", "Text", purpose="progress", day=DAY).isoformat() == "2025-11-05"


async def test_a_guardian_is_one_person_by_every_id_also_by_one_that_roster_tied_to_nobody(app):
    await keep(app, PROFILE, "g1", guardian_id="g1", best_time="evenings")
    await keep(app, PROFILE, "g9", guardian_id="g9", same_as="g1", preferred_language="spa")
    withdrawn = [{"status": "withdrawn", "on": "2025-11-05", "how": "reply_stop"}]
    await keep(app, CONSENT, "c1", guardian_id="g9", channel="text", about="school", steps=withdrawn)

    family = (await families(app.desk, ["p1"]))["p1"]

    assert (await same_persons(app.desk.records)).into == {"g9": "g1"}
    (tie,) = [tie for tie in family.ties if tie.guardian_id == "g1"]
    assert (tie.language, tie.best_time) == ("spa", "evenings")
    assert withdrawn_on(family, "g1", "Text", purpose="progress", day=DAY).isoformat() == "2025-11-05"


async def test_of_a_merged_student_each_record_is_read_by_every_id(app):
    await app.told(merged("p2", "p1", 2, "nw:u-2", district="north"), guardian("g4", "p2"))
    await keep(app, RULE, "r1", **rule(student="p2", guardian="g4"))
    await keep(app, SHARING, "p2", student_id="p2", eighteen_on="2026-06-01", steps=[])

    found = await families(app.desk, ["p1", "p2"])

    assert found["p1"] == found["p2"]
    assert {one.guardian_id for one in found["p1"].ties} == {"g1", "g2", "g4"}
    assert [one.guardian_id for one in found["p1"].rules] == ["g4"]
    assert found["p1"].sharing is not None


async def test_who_walked_in_is_tied_from_that_day_on_to_whom_they_came_for(app):
    await keep(app, PROFILE, "w1", guardian_id="w1", walk_in=True, name="A", student_ids=["p1"], since="2025-11-12")

    found = await families(app.desk, ["p1", "p2"])

    (tie,) = [tie for tie in found["p1"].ties if tie.walk_in]
    assert (tie.guardian_id, tie.begin.isoformat(), tie.relation) == ("w1", "2025-11-12", "guardian")
    assert not any(tie.walk_in for tie in found["p2"].ties)
