"""Guardians of students, classes of students and teachers, by OneRoster's links: since when, until when, for whom."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog

from services.roster.main import facts_in
from services.roster.oneroster.derive import families as families_read
from services.roster.oneroster.derive.guardians import guardian_id
from tests.oneroster_exports import older
from tests.oneroster_sending import change, ended, load, send
from tests.oneroster_zips import ACTIVE, DELETED, enrollment, org, role, row, sound, user, zipped
from tests.roster_app import NOW, Roster, running

TODAY = NOW.date().isoformat()


@pytest.fixture
async def roster(mongo_settings, keys) -> AsyncIterator[Roster]:
    async with running(mongo_settings, keys) as roster:
        yield roster


def family() -> dict[str, list[str]]:
    """Two students; one parent named by a student, one guardian who names both, and a teacher who names one."""
    rows = sound()
    rows["users"] = [
        user("s-1", "0900001", agentSourcedIds="g-1"),
        user("s-2", "0900002"),
        user("g-1", givenName="Parent", familyName="Made-Up One", grades=""),
        user("g-2", givenName="Guardian", familyName="Made-Up Two", grades="", agentSourcedIds="s-1,s-2"),
        user("t-1", grades="", agentSourcedIds="s-1"),
    ]
    rows["roles"] = [
        role("s-1"),
        role("s-2"),
        role("g-1", kind="parent"),
        role("g-2", kind="guardian"),
        role("t-1", kind="teacher"),
    ]
    rows["enrollments"] = [enrollment("e-1", "s-1"), enrollment("e-2", "s-2"), enrollment("e-3", "t-1", role="teacher")]
    return rows


async def guardians(roster: Roster, student: str = "sample-sis:s-1") -> list[Any]:
    answer = await roster.get(f"/persons/{student}/guardians")
    return [(each["family_name"], each["relation"], each["begin"], each["end"]) for each in answer["items"]]


async def test_guardians_are_those_whom_either_side_names_and_whose_role_says_so(roster):
    done = await load(roster, family())

    assert done["problems"] == []
    assert await guardians(roster) == [
        ("Made-Up One", "parent", TODAY, None),
        ("Made-Up Two", "guardian", TODAY, None),
    ]
    assert await guardians(roster, "sample-sis:s-2") == [("Made-Up Two", "guardian", TODAY, None)]
    ties = [each async for each in roster.store.every("guardian", {})]
    assert not any("Made-Up" in str(each.state) for each in ties)
    await load(roster, family())
    assert [each.version async for each in roster.store.every("guardian", {})] == [1, 1, 1]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"users": [user("s-1", "0900001", **ACTIVE)]}, id="the student's row names nobody any more"),
        pytest.param({"users": [row("users", sourcedId="g-1", **DELETED)]}, id="the parent is there no more"),
        pytest.param({"roles": [row("roles", sourcedId="r-g-1-hs-1", **DELETED)]}, id="is a parent no more"),
        pytest.param({"roles": [row("roles", sourcedId="r-s-1-hs-1", **DELETED)]}, id="is a student no more"),
    ],
)
async def test_a_tie_ends_with_what_it_hangs_on_and_goes_on_when_it_is_told_again(roster, changed):
    await load(roster, family())

    await change(roster, changed, confirm_removals=2 if "g-1,tobedeleted" in str(changed.get("users")) else 1)
    ended = [tie for tie in await guardians(roster) if tie[0] == "Made-Up One"]
    await load(roster, family())

    assert ended == [("Made-Up One", "parent", TODAY, TODAY)]
    assert ("Made-Up One", "parent", TODAY, None) in await guardians(roster)


async def test_an_agent_whom_nobody_knows_is_a_note_and_costs_the_row_nothing(roster):
    rows = family()
    rows["users"][1] = user("s-2", "0900002", agentSourcedIds="g-9")

    done = await load(roster, rows)

    assert [(each["row"], each["column"], each["value"], each["effect"]) for each in done["problems"]] == [
        (3, "agentSourcedIds", "g-9", "note")
    ]
    assert done["counts"]["users.csv"]["refused"] == 0


def says(rows: dict[str, list[str]], **cells: str) -> dict[str, list[str]]:
    """The package with more in the parent's own row."""
    told = {"givenName": "Parent", "familyName": "Made-Up One", "grades": "", **cells}
    return {**rows, "users": [user("g-1", **told) if one.startswith("g-1,") else one for one in rows["users"]]}


async def languages(roster: Roster) -> dict[str, tuple[str | None, int]]:
    """By relation, the language that is published of a guardian of the first student, and the version of the tie."""
    ties = [each async for each in roster.store.every("guardian", {"state._under": "sample-sis:s-1"})]
    told = await facts_in(roster.store.records.database)(ties)
    return {tie.state["relation"]: (told[tie.key][0][1].preferred_language, tie.version) for tie in ties}


async def test_the_language_of_a_guardian_is_told_and_so_is_its_change(roster):
    done = await load(roster, says(family(), **{"metadata.preferredLanguage": "Spanish"}))
    assert done["problems"] == []
    assert await languages(roster) == {"parent": ("spa", 1), "guardian": (None, 1)}

    await load(roster, says(family(), **{"metadata.preferredLanguage": "es-MX"}))
    assert await languages(roster) == {"parent": ("spa", 1), "guardian": (None, 1)}
    await change(roster, {"users": says({"users": ["g-1,"]}, **ACTIVE, **{"metadata.homeLanguage": "vi"})["users"]})
    assert await languages(roster) == {"parent": ("vie", 2), "guardian": (None, 1)}
    both = {"metadata.preferredLanguage": "en", "metadata.homeLanguage": "vi"}
    await load(roster, says(family(), **both))
    assert await languages(roster) == {"parent": ("eng", 3), "guardian": (None, 1)}
    await load(roster, family())
    assert await languages(roster) == {"parent": (None, 4), "guardian": (None, 1)}


async def test_a_language_that_nobody_can_be_sure_of_is_a_note_and_left_unsaid(roster):
    done = await load(roster, says(family(), **{"metadata.preferredLanguage": "Karen"}))

    (found,) = done["problems"]
    assert (found["row"], found["column"], found["value"], found["effect"]) == (
        4,
        "metadata.preferredLanguage",
        "Karen",
        "note",
    )
    assert (found["code"], "such as es, spa" in found["what_would_work"]) == ("unknown_language", True)
    assert await languages(roster) == {"parent": (None, 1), "guardian": (None, 1)}


async def test_how_somebody_is_reached_is_kept_of_guardians_alone(roster):
    rows = family()
    reached = {"phone": "602-555-0100", "sms": "602-555-0101", "email": "one@kept.example"}
    others = {"phone": "602-555-0199", "sms": "602-555-0198", "email": "other@never.example"}
    spoken = {"metadata.homeLanguage": "Somali"}
    rows["users"] = [
        user("s-1", "0900001", agentSourcedIds="g-1", **others, **spoken),
        user("t-1", grades="", **others),
    ]
    rows["users"].append(user("g-1", givenName="Parent", familyName="Made-Up One", grades="", **reached))
    rows["roles"] = [
        role("s-1"),
        role("g-1", kind="parent"),
        role("t-1", kind="teacher"),
        role("g-1", "d-1", "teacher"),
    ]
    rows["enrollments"], rows["demographics"] = [enrollment("e-1", "s-1")], []
    del rows["demographics"]

    await load(roster, rows)
    await change(roster, {"users": [user("s-1", "0900001", agentSourcedIds="g-1", **others, **ACTIVE)]})

    database = roster.store.records.database
    kept = {
        name: str([each async for each in database[name].find()]) for name in await database.list_collection_names()
    }
    assert [name for name, text in kept.items() if any(value in text for value in reached.values())] == [
        "oneroster_rows"
    ]
    assert all(value in kept["oneroster_rows"] for value in reached.values())
    assert not any(value in text for text in kept.values() for value in (*others.values(), "'som'"))
    moved = {"givenName": "Parent", "familyName": "Made-Up One", "grades": "", **reached, "phone": "602-555-0177"}
    await change(roster, {"users": [user("g-1", **moved, **ACTIVE)]})
    assert "602-555-0177" in str([each async for each in database["oneroster_rows"].find()])


async def test_a_parent_of_version_1_1_is_reached_too(roster):
    def line(id: str, kind: str, agents: str = "", phone: str = "") -> str:
        return f"{id},,,TRUE,hs-1,{kind},{id},,Sample,Made-Up {id},,,,,{phone},{agents},,secret"

    users = [line("s-1", "student", "g-1", "602-555-0199"), line("g-1", "parent", phone="602-555-0100")]
    packed = zipped(older(users, {"orgs": sound()["orgs"]}))

    done = await ended(roster, (await send(roster, packed, school_year="2024-25"))["id"])

    assert (done["status"], done["problems"]) == ("done", [])
    (shown,) = (await roster.get("/persons/sample-sis:s-1/guardians"))["items"]
    assert (shown["family_name"], shown["phone"]) == ("Made-Up g-1", "602-555-0100")
    sent = roster.store.records.database["oneroster_rows"]
    assert "602-555-0199" not in str([each async for each in sent.find()])


async def test_a_merged_student_has_the_guardians_of_both(roster):
    await load(roster, family())
    merged = {"other": "sample-sis:s-2", "reason": "one person"}
    assert (await roster.ask("POST", "/persons/sample-sis:s-1/merge", json=merged)).status_code == 200

    assert len(await guardians(roster)) == 3


REACHED = {"phone": "602-555-0100", "sms": "602-555-0101", "email": "parent@school.example"}
SPOKEN = [
    ("data_manager", {"districts": ["north"]}),
    ("counselor", {"campuses": ["north-high"]}),
    ("coordinator", {"campuses": ["central"]}),
    ("instructor", {"programs": ["welding"], "campuses": ["central"]}),
]
NOT_SPOKEN = [
    ("data_manager", {"districts": ["south"]}),
    ("counselor", {"campuses": ["south-high"]}),
    ("coordinator", {"campuses": ["north-sat"]}),
    ("instructor", {"programs": ["welding"], "campuses": ["north-sat"]}),
    ("instructor", {"programs": ["baking"], "campuses": ["central"]}),
]


@pytest.fixture
async def families(roster) -> Roster:
    """Of two districts a student each: one welds at the central campus, and both have one guardian in common."""
    await roster.furnish()
    await roster.maps("north-high", "sample-sis:north-high")
    await roster.maps("south-high", "sample-sis:south-high")
    rows = says(family(), **REACHED, **{"metadata.preferredLanguage": "Spanish"})
    rows["orgs"] += [org("north-high", parent=""), org("south-high", parent="")]
    rows["users"][0] = user("s-1", "0900001", givenName="Ana", agentSourcedIds="g-1", primaryOrgSourcedId="north-high")
    rows["users"][1] = user("s-2", "0900002", givenName="Ben", primaryOrgSourcedId="south-high")
    await load(roster, rows)
    await roster.enrol("e-1", "sample-sis:s-1")
    return roster


async def person(roster: Roster, name: str) -> str:
    return str((await roster.get(f"/students/sample-sis:{name}"))["id"])


async def looked_up(roster: Roster, *persons: str) -> Any:
    response = await roster.ask("POST", "/guardians/lookup", json={"students": persons})
    assert response.status_code == 200, response.text
    return response.json()["items"]


async def test_only_who_speaks_with_families_of_the_own_students_sees_guardians(families):
    path, persons = "/persons/sample-sis:s-1/guardians", [await person(families, "s-1"), await person(families, "s-2")]

    for role_, reach in SPOKEN:
        mine = families.by(role_, **reach)
        shown = (await mine.get(path))["items"]
        assert [each["family_name"] for each in shown] == ["Made-Up One", "Made-Up Two"]
        assert {name: shown[0][name] for name in (*REACHED, "preferred_language")} == {
            **REACHED,
            "preferred_language": "spa",
        }
        assert [each["person_id"] for each in await looked_up(mine, *persons)] == persons[:1]
    for role_, reach in NOT_SPOKEN:
        other = families.by(role_, **reach)
        await other.get(path, status=404)
        assert persons[0] not in [each["person_id"] for each in await looked_up(other, *persons)]
    for role_ in ("leader", "student"):
        nobody = families.by(role_, programs=["*"], campuses=["*"], districts=["*"], student_id=persons[0])
        await nobody.get(path, status=403)
        await nobody.get("/guardians", status=403, search="made")
        assert (await nobody.ask("POST", "/guardians/lookup", json={"students": persons})).status_code == 403


async def test_a_class_is_told_whom_to_call_at_once_and_only_those_of_today(families):
    persons = [await person(families, "s-1"), await person(families, "s-2")]
    before = {each.id: each.version async for each in families.store.every("guardian", {})}

    ana, ben = await looked_up(families, *persons, persons[0], "nobody")

    assert (ana["person_id"], ana["given_name"], ben["given_name"]) == (persons[0], "Ana", "Ben")
    assert ana["guardians"][0] == {
        "guardian_id": guardian_id("sample-sis", "g-1"),
        "relation": "parent",
        "given_name": "Parent",
        "family_name": "Made-Up One",
        "preferred_language": "spa",
        **REACHED,
    }
    assert [(each["family_name"], each["phone"]) for each in ben["guardians"]] == [("Made-Up Two", None)]
    assert {each.id: each.version async for each in families.store.every("guardian", {})} == before
    too_many = await families.ask("POST", "/guardians/lookup", json={"students": ["p"] * 201})
    assert too_many.status_code == 422


async def test_of_a_guardian_of_before_no_number_is_shown(families):
    await change(families, {"roles": [row("roles", sourcedId="r-g-1-hs-1", **DELETED)]}, confirm_removals=1)

    ended = (await families.get("/persons/sample-sis:s-1/guardians"))["items"][-1]

    assert (ended["family_name"], ended["end"]) == ("Made-Up One", TODAY)
    assert {ended[name] for name in REACHED} == {None}
    (ana,) = await looked_up(families, await person(families, "s-1"))
    assert [each["family_name"] for each in ana["guardians"]] == ["Made-Up Two"]


async def test_a_merged_student_is_called_at_all_the_numbers_of_both_by_one_id(families):
    persons = [await person(families, "s-1"), await person(families, "s-2")]
    merged = {"other": "sample-sis:s-2", "reason": "one person"}
    assert (await families.ask("POST", "/persons/sample-sis:s-1/merge", json=merged)).status_code == 200

    (one,) = await looked_up(families, *persons)

    assert one["person_id"] == persons[0]
    assert [each["family_name"] for each in one["guardians"]] == ["Made-Up One", "Made-Up Two"]


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        pytest.param("made-up two", ["Made-Up Two"], id="a guardian's own name"),
        pytest.param("PAR", ["Made-Up One"], id="its beginning, in any case"),
        pytest.param("ana", ["Made-Up One", "Made-Up Two"], id="a student's name"),
        pytest.param("ben", ["Made-Up Two"], id="another student's name"),
        pytest.param("made", ["Made-Up One", "Made-Up Two"], id="a name of guardians and students: each once"),
        pytest.param("nobody", [], id="nobody's name"),
    ],
)
async def test_a_guardian_is_found_by_the_own_name_or_that_of_a_child(families, asked, there):
    found = (await families.get("/guardians", search=asked))["items"]

    assert [each["family_name"] for each in found] == there
    assert not any(value in str(found) for value in REACHED.values())


async def test_who_is_searched_for_is_found_within_reach_alone(families):
    ana, ben = await person(families, "s-1"), await person(families, "s-2")

    async def found(of: Roster, asked: str) -> dict[str, list[str]]:
        items = (await of.get("/guardians", search=asked))["items"]
        return {each["family_name"]: [one["person_id"] for one in each["students"]] for each in items}

    assert await found(families, "two") == {"Made-Up Two": [ana, ben]}
    for role_, reach in SPOKEN:
        mine = families.by(role_, **reach)
        assert await found(mine, "made") == {"Made-Up One": [ana], "Made-Up Two": [ana]}
        assert await found(mine, "ben") == {}
    for role_, reach in NOT_SPOKEN:
        assert ana not in str(await found(families.by(role_, **reach), "made"))
    assert await found(families.by("counselor", campuses=["south-high"]), "parent") == {}
    refused = await families.get("/guardians", status=422, search="m")
    assert "too little to find a guardian by" in refused["detail"]


async def test_at_most_twenty_are_found_and_a_name_that_very_many_have_is_refused(roster, monkeypatch):
    rows = family()
    many = [f"g-{number}" for number in range(10, 40)]
    rows["users"] += [user(id, givenName="Many", grades="", agentSourcedIds="s-1") for id in many]
    rows["roles"] += [role(id, kind="parent") for id in many]
    await load(roster, rows)

    assert len((await roster.get("/guardians", search="many"))["items"]) == 20
    monkeypatch.setattr(families_read, "LOOKED_AT_MOST", 29)
    refused = await roster.get("/guardians", status=422, search="many")
    assert "write more of the name" in refused["detail"]


async def test_who_was_shown_guardians_is_logged_and_never_whose(families):
    who = await person(families, "s-1")
    with structlog.testing.capture_logs() as lines:
        await families.get("/persons/sample-sis:s-1/guardians")
        await looked_up(families, who)
        await families.get("/guardians", search="ana")

    shown = [line for line in lines if line["event"] == "guardians were shown"]
    assert [(line["by"], line["route"], line["students"], line["guardians"]) for line in shown] == [
        ("manager-1", "get_person_guardians", 1, 2),
        ("manager-1", "lookup_guardians", 1, 2),
        ("manager-1", "find_guardians", 2, 2),
    ]
    assert not any(value in str(shown).lower() for value in (who, "made-up", "parent", "602-555"))


async def test_the_classes_of_a_student_and_of_a_teacher(roster):
    await roster.furnish()
    await roster.maps("north-high", "sample-sis:north-high")
    rows = family()
    rows["orgs"] = [org("hs-1", parent=""), org("north-high", parent="")]
    rows["courses"] = [row("courses", sourcedId="c-1", title="Welding 1", courseCode="W1", orgSourcedId="hs-1")]
    rows["classes"] = [each.replace("scheduled,,hs-1", "scheduled,,north-high") for each in rows["classes"]]
    rows["enrollments"] = [each.replace("hs-1", "north-high") for each in rows["enrollments"]]
    await load(roster, rows)
    await roster.load("course-programs", "source,course_code,program_id\nsample-sis,W1,welding\n")

    seat = {
        "source": "sample-sis",
        "class_id": "k-1",
        "title": "Welding 1 A",
        "course": "Welding 1",
        "program_id": "welding",
        "organisation_id": "north-high",
        "role": "student",
        "begin": "2024-08-01",
        "end": "2024-12-20",
    }
    assert (await roster.get("/persons/sample-sis:s-1/classes"))["items"] == [seat]
    taught = [{**seat, "role": "teacher"}]
    assert (await roster.get("/persons/sample-sis:t-1/classes"))["items"] == taught
    mine = roster.by("data_manager", districts=["north"])
    assert (await mine.get("/persons/sample-sis:t-1/classes"))["items"] == taught
    await roster.by("data_manager", districts=["south"]).get("/persons/sample-sis:t-1/classes", status=404)
    await roster.by("data_manager", districts=["south"]).get("/persons/sample-sis:s-1/classes", status=404)
    assert (await roster.get("/persons/sample-sis:nobody/classes"))["items"] == []
