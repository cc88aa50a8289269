"""One wrong number makes nobody another child: refused in every way in, listed with both sides, then taken so."""

from typing import Any

import pytest

from tests.oneroster_sending import ended, send
from tests.oneroster_zips import as_files, demographics, org, role, user, zipped
from tests.roster_app import Roster, running

ANA = {"given_name": "Ana", "family_name": "Made-Up"}
BOB = {"given_name": "Bob", "family_name": "Stone"}


@pytest.fixture
async def roster(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        yield opened


def sent(**names: str) -> dict[str, str]:
    told = {"given_name": "givenName", "family_name": "familyName", "preferred_name": "preferredGivenName"}
    return {told[name]: value for name, value in names.items()}


async def load(roster: Roster, source: str, *users: str, dry_run: bool = False, **files: list[str]) -> Any:
    """A package of a source: its school, and these lines of users.csv, all of them students there."""
    names = [line.partition(",")[0] for line in users]
    rows = {"orgs": [org("d-1", "district", ""), org("hs-1")], "users": [*users], "roles": [role(one) for one in names]}
    packed = zipped(as_files({**rows, **files}, source__systemCode=source))
    return await ended(roster, (await send(roster, packed, school_year="2024-25", dry_run=dry_run))["id"])


def of_people(done: Any) -> list[Any]:
    """What was found of people: another source's school of one sourcedId is noted beside."""
    return [each for each in done["problems"] if each.get("file") != "orgs.csv"]


async def people(roster: Roster) -> dict[str, Any]:
    return {each["given_name"]: each for each in (await roster.get("/students"))["items"]}


async def waiting(roster: Roster) -> Any:
    return (await roster.get("/persons/conflicts"))["items"]


async def decide(roster: Roster, id: str, decision: str, status: int = 200, **more: str) -> Any:
    body = {"decision": decision, "reason": "looked into", **more}
    response = await roster.ask("POST", f"/persons/conflicts/{id}", json=body)
    assert response.status_code == status, response.text
    return response.json()


async def records(roster: Roster) -> list[Any]:
    return [each async for each in roster.store.raw.find({"kind": {"$nin": ["conflict", "organisation", "heartbeat"]}})]


async def of_a_source(roster: Roster, dry_run: bool) -> tuple[int, str]:
    done = await load(roster, "dist2", user("1", "10001", **sent(**BOB)), dry_run=dry_run)
    (problem,) = of_people(done)
    assert (problem["file"], problem["row"], problem["column"]) == ("users.csv", 2, "userIds")
    return done["counts"]["users.csv"]["refused"], problem["what_would_work"]


async def of_a_file(roster: Roster, dry_run: bool) -> tuple[int, str]:
    text = "given_name,family_name,state_student_id,source,sourced_id\nBob,Stone,10001,dist2,1\n"
    done = await roster.load("students", text, dry_run=dry_run)
    assert of_people(done)[0]["column"] == "state_student_id"
    return done["refused"], of_people(done)[0]["what_would_work"]


async def of_a_file_without_source(roster: Roster, dry_run: bool) -> tuple[int, str]:
    done = await roster.load("students", "given_name,family_name,state_student_id\nBob,Stone,10001\n", dry_run=dry_run)
    return done["refused"], of_people(done)[0]["what_would_work"]


async def of_a_put(roster: Roster, dry_run: bool) -> tuple[int, str]:
    refused = await roster.put("/students/dist2:1", 409, **BOB, state_student_id="10001") if not dry_run else None
    return 1, refused["detail"] if refused else "/v1/persons/conflicts/"


async def of_a_put_by_number(roster: Roster, dry_run: bool) -> tuple[int, str]:
    refused = await roster.put("/students/stateStudentId:10001", 409, **BOB) if not dry_run else None
    return 1, refused["detail"] if refused else "/v1/persons/conflicts/"


WAYS = [of_a_source, of_a_file, of_a_file_without_source, of_a_put, of_a_put_by_number]


@pytest.mark.parametrize("way", WAYS)
async def test_another_given_name_is_a_conflict_that_changes_nothing_and_is_listed_with_both_sides(roster, way):
    await load(roster, "dist1", user("1", "10001", **sent(**ANA)))
    before = await records(roster)

    assert (await way(roster, True))[0] == 1
    assert await waiting(roster) == []
    refused, works = await way(roster, False)

    (conflict,) = await waiting(roster)
    assert refused == 1
    assert f"POST /v1/persons/conflicts/{conflict['id']}" in works
    assert (conflict["why"], [each["given_name"] for each in conflict["persons"]]) == (
        ["the given names differ"],
        ["Ana"],
    )
    incoming = conflict["incoming"]
    assert (incoming["given_name"], incoming["family_name"], incoming["state_student_id"]) == ("Bob", "Stone", "10001")
    by_source = way in (of_a_source, of_a_file, of_a_put)
    assert (incoming["source"], incoming["sourced_id"]) == (("dist2", "1") if by_source else (None, None))
    after = await records(roster)
    assert [each for each in after if each["kind"] == "student"] == [
        each for each in before if each["kind"] == "student"
    ]


@pytest.mark.parametrize("way", [of_a_source, of_a_file, of_a_put])
async def test_two_persons_come_in_as_two_the_next_night_and_every_night(roster, way):
    await load(roster, "dist1", user("1", "10001", **sent(**ANA)))
    await way(roster, False)
    (conflict,) = await waiting(roster)
    done = await decide(roster, conflict["id"], "two_persons")
    assert (done["decided"], done["survivor"]) == ("two_persons", None)

    for _ in range(2):
        if way is of_a_put:
            await roster.put("/students/dist2:1", **BOB, state_student_id="10001")
            continue
        loaded = await load(roster, "dist2", user("1", "10001", **sent(**BOB)))
        (note,) = of_people(loaded)
        assert (note["effect"], note["column"]) == ("note", "userIds")
        assert "as was decided" in note["problem"]

    now = await people(roster)
    assert {name: each["state_student_id"] for name, each in now.items()} == {"Ana": "10001", "Bob": None}
    assert now["Bob"]["sources"] == [{"source": "dist2", "sourced_id": "1"}]
    assert await waiting(roster) == []


@pytest.mark.parametrize("way", [of_a_source, of_a_file, of_a_put])
async def test_one_person_is_joined_by_the_next_load(roster, way):
    await load(roster, "dist1", user("1", "10001", **sent(**ANA)))
    await way(roster, False)
    (conflict,) = await waiting(roster)
    ana = (await people(roster))["Ana"]["id"]
    await decide(roster, conflict["id"], "merge", 422, survivor="somebody")
    assert (await decide(roster, conflict["id"], "merge"))["survivor"] == ana

    if way is of_a_put:
        await roster.put("/students/dist2:1", **BOB, state_student_id="10001")
    else:
        assert (await load(roster, "dist2", user("1", "10001", **sent(**BOB))))["counts"]["users.csv"]["refused"] == 0

    (person,) = (await people(roster)).values()
    assert person["id"] == ana
    assert [each["source"] for each in person["sources"]] == ["dist1", "dist2"]
    assert "separate" in (await decide(roster, conflict["id"], "two_persons", 409))["detail"]


async def test_a_new_name_of_one_who_has_no_source_id_is_decided_or_put_by_person_id(roster):
    await roster.put("/students/stateStudentId:10001", **ANA)
    ana = (await people(roster))["Ana"]
    refused = await roster.put("/students/stateStudentId:10001", 409, **BOB)
    assert "PUT by person id, with If-Match" in refused["detail"]
    (conflict,) = await waiting(roster)

    await decide(roster, conflict["id"], "two_persons")
    assert "its own number" in (await roster.put("/students/stateStudentId:10001", 409, **BOB))["detail"]
    await decide(roster, conflict["id"], "merge")
    assert (await roster.put("/students/stateStudentId:10001", **BOB))["id"] == ana["id"]
    renamed = await roster.put(f"/students/{ana['id']}", version=2, **ANA, state_student_id="10001")
    assert renamed["given_name"] == "Ana"


async def test_a_number_given_again_after_its_owner_left_is_never_silence(roster):
    others = [user(f"f{at}", givenName=f"Fill{at}") for at in range(30)]
    await load(roster, "sis", user("t7", "25007", givenName="Hana"), *others)
    await roster.enrol("e7", "sis:t7")

    done = await load(roster, "sis", user("t8", "25007", givenName="Ivan"), *others)

    assert done["counts"]["users.csv"]["refused"] == 1
    (conflict,) = await waiting(roster)
    assert (conflict["persons"][0]["given_name"], conflict["incoming"]["given_name"]) == ("Hana", "Ivan")
    assert "Ivan" not in await people(roster)
    # The number is the newcomer's: take it from who had it, and the row comes in with it.
    hana = (await people(roster))["Hana"]
    body = {name: hana[name] for name in ("given_name", "family_name", "sources", "years")}
    await roster.put(f"/students/{hana['id']}", version=hana["version"], **body)
    await load(roster, "sis", user("t8", "25007", givenName="Ivan"), *others)
    now = await people(roster)
    assert (now["Ivan"]["state_student_id"], now["Hana"]["state_student_id"]) == ("25007", None)
    assert (await roster.get("/enrolments/e7"))["student_id"] == hana["id"]
    assert await waiting(roster) == []


@pytest.mark.parametrize("dry_run", [True, False])
async def test_two_rows_of_one_package_lend_each_other_no_name_and_both_are_told(roster, dry_run):
    twins = (user("t1", "20001", givenName="Carla"), user("t2", "20001", givenName="Dmitri"))

    done = await load(roster, "sis", *twins, dry_run=dry_run)

    told = sorted((each["row"], each["effect"], each["column"]) for each in of_people(done))
    assert told == [(2, "note", "userIds"), (3, "refuses_row", "userIds")]
    assert (await people(roster)).keys() == (set() if dry_run else {"Carla"})
    assert len(await waiting(roster)) == (0 if dry_run else 1)


async def test_a_number_that_the_source_corrects_brings_the_other_one_in(roster):
    twins = (user("t1", "20001", givenName="Carla"), user("t2", "20001", givenName="Dmitri"))
    await load(roster, "sis", *twins)

    done = await load(roster, "sis", twins[0], user("t2", "20002", givenName="Dmitri"))

    assert of_people(done) == []
    assert {name: each["state_student_id"] for name, each in (await people(roster)).items()} == {
        "Carla": "20001",
        "Dmitri": "20002",
    }
    assert await waiting(roster) == []


async def test_a_birth_date_speaks_against_a_number_and_is_shown_to_nobody(roster):
    born = demographics("1", birthDate="2008-03-01")
    await load(roster, "dist1", user("1", "10001", **sent(**ANA)), demographics=[born])

    text = (
        "given_name,family_name,state_student_id,source,sourced_id,birth_date\nAna,Made-Up,10001,dist2,1,2009-03-01\n"
    )
    assert (await roster.load("students", text))["refused"] == 1
    (conflict,) = await waiting(roster)
    assert conflict["why"] == ["the birth dates differ"]
    person = (await people(roster))["Ana"]
    shown = [person, await roster.get(f"/students/{person['id']}", history="true"), conflict]
    shown.append(await roster.get(f"/persons/{person['id']}/sources"))
    assert "2008-03-01" not in str(shown)
    assert "birth" not in str([person, shown[1]])
    same = text.replace("2009-03-01", "2008-03-01")
    assert (await roster.load("students", same))["changed"] == 1


async def test_who_does_not_reach_the_other_side_is_told_no_more_than_that_there_is_one(roster):
    await roster.student("a1", "north-high", **ANA, state_student_id="10001")
    south = roster.by("data_manager", districts=["south"])
    years = [{"school_year": "2024-25", "school_id": "south-high", "grade_level": "12"}]

    refused = await south.put("/students/dist2:1", 409, **BOB, state_student_id="10001", years=years)

    assert "outside of your district" in refused["detail"]
    assert "a1" not in str(refused)
    assert (await south.get("/persons/conflicts"))["items"] == []
    assert (await roster.by("data_manager", districts=["north"]).get("/persons/conflicts"))["items"] == []
    assert len(await waiting(roster)) == 1


async def test_what_has_settled_itself_hides_nothing_that_waits(roster, monkeypatch):
    monkeypatch.setattr("services.roster.persons.conflicts.AT_ONCE", 1)
    await roster.put("/students/stateStudentId:10001", **ANA)
    names = [f"dist2:{at}" for at in range(4)]
    for name in names:
        await roster.put(f"/students/{name}", 409, **BOB, state_student_id="10001")
    for name in names[:3]:
        await roster.put(f"/students/{name}", **BOB)

    assert [each["incoming"]["name"] for each in await waiting(roster)] == [names[3]]


async def test_two_new_names_of_one_number_in_one_file_are_both_listed(roster):
    await roster.put("/students/stateStudentId:10001", **ANA)

    text = "given_name,family_name,state_student_id\nBob,Stone,10001\nCarla,Stone,10001\n"
    assert (await roster.load("students", text))["refused"] == 2

    assert {each["incoming"]["given_name"] for each in await waiting(roster)} == {"Bob", "Carla"}
