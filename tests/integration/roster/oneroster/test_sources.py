"""Whose organisation a sourcedId means, what an identifier is, and that one source has one code; all made up."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.roster.oneroster.run.imports import WENT_ON
from services.roster.store import Store
from tests.oneroster_sending import ended, load, send
from tests.oneroster_zips import as_files, demographics, org, role, sound, user, zipped
from tests.roster_app import Roster, running


@pytest.fixture
async def roster(mongo_settings, keys) -> AsyncIterator[Roster]:
    async with running(mongo_settings, keys) as roster:
        yield roster


def school(sourced_id: str, name: str, kind: str = "school", parent: str = "", *, of: str = "x1") -> Any:
    """A package of one organisation with a student of it."""
    return {
        "orgs": [org(sourced_id, kind, parent, name=name)],
        "users": [user(of, primaryOrgSourcedId=sourced_id)],
        "roles": [role(of, sourced_id)],
    }


async def home(roster: Roster, name: str) -> str:
    return str((await roster.get(f"/students/{name}"))["years"][0]["school_id"])


async def named(roster: Roster, organisation: str) -> list[tuple[str, str, str]]:
    found = await roster.get(f"/organisations/{organisation}/sources")
    return [(each["source"], each["sourced_id"], each["how"]) for each in found["sources"]]


async def test_two_districts_schools_of_one_sourced_id_are_two_organisations(roster):
    await load(roster, school("100", "Lincoln High"), source="ps1")
    done = await load(roster, school("100", "Roosevelt Middle", of="y1"), source="ps2")

    assert (await roster.get("/organisations/100"))["name"] == "Lincoln High"
    own = await home(roster, "ps2:y1")
    assert (await roster.get(f"/organisations/{own}"))["name"] == "Roosevelt Middle"
    assert await home(roster, "ps1:x1") == "100"
    assert await named(roster, "100") == [("ps1", "100", "made")]
    assert await named(roster, own) == [("ps2", "100", "made")]
    [note] = done["problems"]
    assert note["effect"] == "note"
    assert own in note["problem"]
    assert "PUT /v1/organisations/100/sources" in note["what_would_work"]
    assert (await load(roster, school("100", "Roosevelt Middle", of="y1"), source="ps2"))["problems"] == []


async def test_a_feed_changes_what_it_made_and_what_is_mapped_to_it(roster):
    await roster.furnish()
    await load(roster, school("100", "Lincoln High"), source="ps1")
    await roster.maps("north-high", "ps1:200")

    rows = school("100", "Lincoln High School")
    rows["orgs"].append(org("200", parent="", name="North High School"))
    done = await load(roster, rows, source="ps1")

    assert (await roster.get("/organisations/100"))["name"] == "Lincoln High School"
    assert (await roster.get("/organisations/north-high"))["name"] == "North High School"
    assert done["counts"]["orgs.csv"]["changed"] == 2


async def test_a_central_campus_keeps_its_name_and_can_be_mapped_after(roster):
    await roster.furnish()
    campus = await roster.get("/organisations/central")
    package = school("central", "Northwest Elementary", of="j1")

    await load(roster, package, source="ps3")
    apart = await home(roster, "ps3:j1")
    assert await roster.get("/organisations/central") == campus
    assert (apart != "central", await named(roster, apart)) == (True, [("ps3", "central", "made")])

    mapped = await roster.maps("central", "ps3:central")
    done = await load(roster, package, source="ps3")

    assert mapped["sources"] == [{"source": "ps3", "sourced_id": "central", "how": "mapped"}]
    assert await named(roster, apart) == []
    assert done["problems"] == []
    assert await home(roster, "ps3:j1") == "central"
    after = await roster.get("/organisations/central", history=True)
    assert {name: after[name] for name in ("name", "type", "parent_id")} == {
        name: campus[name] for name in ("name", "type", "parent_id")
    }
    assert [(each["by"], each["action"]) for each in after["history"]] == [
        ("manager-1", "put"),
        ("manager-1", "sources"),
    ]


@pytest.mark.parametrize("organisation", ["north-high", "100"])
async def test_two_that_were_taken_for_one_can_be_parted(roster, organisation):
    await roster.furnish()
    package = school(organisation, "north")
    await load(roster, package, source="ps5")
    together = await home(roster, "ps5:x1")

    await roster.maps(organisation)
    await load(roster, package, source="ps5")

    assert together == organisation
    assert (await named(roster, organisation), await home(roster, "ps5:x1") != organisation) == ([], True)


async def test_another_districts_school_is_not_moved(roster):
    await roster.furnish()
    before = await roster.get("/organisations/south-high")
    rows = school("south-high", "A Middle", parent="north", of="z3")
    rows["orgs"].append(org("north", "district", "", name="north"))

    done = await load(roster, rows, source="scope-b")

    assert await roster.get("/organisations/south-high") == before
    own = await roster.get(f"/organisations/{await home(roster, 'scope-b:z3')}")
    assert (own["name"], own["parent_id"]) == ("A Middle", "north")
    assert {each["effect"] for each in done["problems"]} == {"note"}
    assert await named(roster, "north") == [("scope-b", "north", "named")]


async def test_what_agrees_in_id_type_and_name_is_named_and_stays_so(roster):
    await roster.furnish()
    before = await roster.get("/organisations/north-high")

    first = await load(roster, school("north-high", "NORTH"), source="ps4")
    await roster.put("/organisations/north-high", name="North High", type="school", parent_id="north")
    second = await load(roster, school("north-high", "NORTH"), source="ps4")

    assert [(each["column"], each["effect"]) for each in first["problems"]] == [("sourcedId", "note")]
    assert await home(roster, "ps4:x1") == "north-high"
    assert second["problems"] == []
    after = await roster.get("/organisations/north-high")
    assert after == {**before, "name": "North High", "version": after["version"], "updated_at": after["updated_at"]}
    assert await named(roster, "north-high") == [("ps4", "north-high", "named")]


async def test_a_person_who_puts_or_imports_an_organisation_leaves_its_names(roster):
    await roster.furnish()
    await roster.maps("north-high", "ps1:7", "ps2:8")

    await roster.put("/organisations/north-high", name="Renamed", type="school", parent_id="north")
    await roster.load("organisations", "id,name,type,parent_id\nnorth-high,Again,school,north\n")

    assert [one[0] for one in await named(roster, "north-high")] == ["ps1", "ps2"]


async def test_a_mapping_that_is_said_while_an_organisation_is_written_stands(roster, monkeypatch):
    await roster.furnish()
    learn = Store.learn

    async def overtaken(store: Store, *asked: Any) -> Any:
        read = await learn(store, *asked)
        monkeypatch.undo()
        await roster.maps("north-high", "ps1:7")
        return read

    monkeypatch.setattr(Store, "learn", overtaken)
    written = await roster.put("/organisations/north-high", name="Renamed", type="school", parent_id="north")

    assert (written["name"], written["version"]) == ("Renamed", 3)
    assert await named(roster, "north-high") == [("ps1", "7", "mapped")]


async def test_mapping_answers_as_every_put(roster):
    await roster.furnish()
    pair = {"source": "ps1", "sourced_id": "7"}

    first = await roster.put("/organisations/north-high/sources", version=1, sources=[pair])
    again = await roster.put("/organisations/north-high/sources", sources=[pair])
    taken = await roster.put("/organisations/south-high/sources", sources=[pair])
    await roster.put("/organisations/north-high/sources", 412, version=1, sources=[])

    assert [one["outcome"] for one in (first, again, taken)] == ["changed", "unchanged", "changed"]
    assert await named(roster, "north-high") == []
    await roster.put("/organisations/nowhere/sources", 404, sources=[pair])
    mine = roster.by("data_manager", districts=["north"])
    await mine.put("/organisations/north-high/sources", 403, sources=[pair])
    assert (await mine.get("/organisations/north-high/sources"))["sources"] == []
    await mine.get("/organisations/south-high/sources", 404)


async def test_what_was_fed_before_names_were_noted_stays_its_sources_own(roster):
    await load(roster, school("100", "Lincoln High"), source="ps1")
    await roster.store.raw.update_one({"_id": "organisation/100"}, {"$unset": {"state._sources": ""}})

    await load(roster, school("100", "Roosevelt Middle", of="y1"), source="ps2")
    assert (await roster.get("/organisations/100"))["name"] == "Lincoln High"
    await load(roster, school("100", "Lincoln Senior High"), source="ps1")

    assert (await roster.get("/organisations/100"))["name"] == "Lincoln Senior High"
    assert await named(roster, "100") == [("ps1", "100", "made")]


async def test_an_import_that_was_stopped_tells_of_places_what_any_other_tells(mongo_settings, keys, monkeypatch):
    in_the_middle = asyncio.Event()

    async def held(_: Any, source: str) -> None:
        in_the_middle.set()
        await asyncio.Event().wait()

    rows = sound()
    rows["orgs"] += [org("central", parent=""), org("north-high", parent="", name="north"), org("north-sat", parent="")]
    with monkeypatch.context() as slow:
        slow.setattr("services.roster.oneroster.run.work.Guardians.run", held)
        async with running(mongo_settings, keys) as roster, asyncio.timeout(60):
            await roster.furnish()
            await roster.maps("north-sat", "sample-sis:north-sat")
            tried = await load(roster, rows, dry_run=True)
            sent = await send(roster, zipped(as_files(rows)), school_year="2024-25")
            await in_the_middle.wait()
    async with running(mongo_settings, keys) as roster:
        done = await ended(roster, sent["id"])

    assert (done["says"], len(done["problems"])) == (WENT_ON, 2)
    assert (done["problems"], done["counts"]) == (tried["problems"], tried["counts"])
    told = {name: done["counts"]["orgs.csv"][name] for name in ("created", "changed", "unchanged")}
    assert told == {"created": 3, "changed": 1, "unchanged": 1}


async def test_programs_follow_from_classes_at_the_organisation_that_the_source_means(roster):
    await roster.furnish()
    rows = sound()
    for name in ("orgs", "roles", "courses", "classes", "enrollments"):
        rows[name] = [each.replace("hs-1", "north-high") for each in rows[name]]
    rows["users"] = [user(name, primaryOrgSourcedId="north-high") for name in ("s-1", "s-2", "t-1")]
    rows["demographics"] = [demographics("s-1", sex="female")]
    await load(roster, rows)
    apart = await home(roster, "sample-sis:s-1")
    course = "source,course_sourced_id,program_id\nsample-sis,c-1,welding\n"

    await roster.load("course-programs", course)
    at = {each["organisation_id"] for each in (await roster.get("/enrolments"))["items"]}
    await roster.maps("north-high", "sample-sis:north-high")
    await load(roster, rows)

    assert at == {apart} != {"north-high"}
    assert {each["organisation_id"] for each in (await roster.get("/enrolments"))["items"]} == {"north-high"}
    assert (await roster.get("/persons/sample-sis:s-1/classes"))["items"][0]["organisation_id"] == "north-high"


async def test_a_local_number_is_no_state_id_and_costs_nobody_a_row(roster):
    rows = sound()
    rows["users"] = [
        user("s-1", "AZ55500001", identifier="10234"),
        user("s-2", identifier="user identifier"),
        user("t-1", identifier="77"),
    ]

    done = await load(roster, rows)

    assert done["counts"]["users.csv"]["refused"] == 0
    assert (await roster.get("/students/sample-sis:s-1"))["state_student_id"] == "AZ55500001"
    assert (await roster.get("/students/sample-sis:s-2"))["state_student_id"] is None
    [note] = done["problems"]
    assert (note["row"], note["column"], note["value"], note["effect"]) == (None, "identifier", "", "note")
    assert 'PUT /v1/sources/sample-sis {"identifier_is": "state_id"}' in note["what_would_work"]


async def test_an_identifier_is_a_state_id_where_a_data_manager_says_so(roster):
    unsaid = await roster.get("/sources/sample-sis")
    said = await roster.put("/sources/sample-sis", identifier_is="state_id")
    rows = sound()
    rows["users"][1] = user("s-2", identifier="0900002")

    done = await load(roster, rows)

    assert (unsaid["identifier_is"], unsaid["version"]) == ("local_id", 0)
    assert (said["identifier_is"], said["outcome"]) == ("state_id", "created")
    assert done["problems"] == []
    assert (await roster.get("/students/sample-sis:s-2"))["state_student_id"] == "0900002"
    await roster.put("/sources/sample-sis", version=1, identifier_is="local_id")
    found = await roster.get("/sources/sample-sis", history=True)
    assert [(each["by"], each["action"], each["version"]) for each in found["history"]] == [
        ("manager-1", "put", 1),
        ("manager-1", "put", 2),
    ]
    await roster.put("/sources/sample-sis", 412, version=1, identifier_is="state_id")
    mine = roster.by("data_manager", districts=["north"])
    await mine.put("/sources/sample-sis", 403, identifier_is="state_id")
    assert (await mine.get("/sources/sample-sis"))["identifier_is"] == "local_id"


async def test_a_source_that_differs_from_a_known_one_by_case_is_refused_and_told_which(roster):
    await load(roster, sound(), source="CaseSis")
    before = (await roster.get("/students"))["items"]

    for dry_run in (True, False):
        refused = await load(roster, sound(), source="casesis", dry_run=dry_run)
        assert refused["status"] == "refused"
        [problem] = refused["problems"]
        assert (problem["column"], problem["value"]) == ("source.systemCode", "casesis")
        assert "?source=CaseSis" in problem["what_would_work"]

    assert (await roster.get("/students"))["items"] == before
    assert (await load(roster, sound(), source="CaseSis"))["status"] == "done"
    await roster.put("/sources/CASESIS", 422, identifier_is="state_id")
    await roster.furnish()
    await roster.put("/organisations/north/sources", 422, sources=[{"source": "caseSis", "sourced_id": "7"}])
    report = await roster.load("course-programs", "source,course_code,program_id\ncasesis,W1,welding\n")
    assert (report["refused"], report["problems"][0]["column"]) == (1, "source")
    assert "CaseSis" in str(report["problems"][0])
    people = "given_name,family_name,source,sourced_id\nSample,Made-Up,CASESIS,s-1\nSample,Made-Up,CaseSis,s-1\n"
    report = await roster.load("students", people)
    assert ([each["row"] for each in report["problems"]], report["refused"]) == ([2], 1)
    outcome = "id,student_id,placement,source,observed_on,found_by\no1,CaseSis:s-1,military,casesis,2025-06-01,survey\n"
    assert (await roster.load("outcomes", outcome))["created"] == 1, "who says so is no source of a roster"


async def test_a_source_known_by_people_alone_is_known(roster):
    await roster.put("/students/North-Sis:u-1", given_name="Sample", family_name="Made-Up")

    assert (await load(roster, sound(), source="north-sis"))["status"] == "refused"


async def test_what_was_refused_or_only_tried_makes_no_source_known(roster):
    await load(roster, sound(), source="CaseSis", dry_run=True)
    packed = zipped(as_files(sound(), oneroster__version="9"))
    assert (await send(roster, packed, source="CASESIS"))["status"] == "refused"

    assert (await ended(roster, (await send(roster, zipped(as_files(sound())), source="casesis"))["id"]))[
        "status"
    ] == "done"
