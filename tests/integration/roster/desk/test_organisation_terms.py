"""Terms of a school year are set by those who may write the organisation, kept by every other write, and published."""

import asyncio

import pytest

from tests.oneroster_sending import load
from tests.oneroster_zips import org, sound
from tests.roster_app import running

PATH = "/organisations/north-high/terms/2025-26"
TERMS = [{"term": "fall", "begins": "2025-08-04"}, {"term": "spring", "begins": "2026-01-05"}]
KEPT = [{"school_year": "2025-26", **each} for each in TERMS]


@pytest.fixture
async def roster(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        yield opened


async def shown(roster):
    return (await roster.get("/organisations/north-high")).get("terms")


async def test_terms_are_shown_and_what_is_so_already_writes_nothing(roster):
    first = await roster.put(PATH, terms=TERMS, version=1)
    again = await roster.put(PATH, terms=TERMS)
    await roster.put(PATH, 412, terms=[], version=1)

    assert (first["outcome"], first["version"], first["terms"]) == ("changed", 2, KEPT)
    assert (again["outcome"], again["version"]) == ("unchanged", 2)
    assert await shown(roster) == KEPT
    gone = await roster.put(PATH, terms=[], version=2)
    assert (gone["outcome"], gone["version"]) == ("changed", 3)
    assert await shown(roster) is None
    assert (await roster.put(PATH, terms=[]))["outcome"] == "unchanged"


async def test_every_other_write_keeps_the_terms(roster):
    await roster.put(PATH, terms=TERMS)

    await roster.put("/organisations/north-high", name="Other", type="school", parent_id="north")
    assert await shown(roster) == KEPT
    await roster.load("organisations", "id,name,type,parent_id\nnorth-high,Another,school,north\n")
    assert await shown(roster) == KEPT
    await roster.maps("north-high", "sample-sis:north-high")
    assert await shown(roster) == KEPT
    rows = sound()
    rows["orgs"].append(org("north-high", parent=""))
    done = await load(roster, rows)
    assert done["counts"]["orgs.csv"]["changed"] == 1
    assert await shown(roster) == KEPT


async def test_terms_set_while_others_write_the_organisation_are_not_lost(roster):
    names = [{"name": f"Name {n}", "type": "school", "parent_id": "north"} for n in range(4)]

    await asyncio.gather(
        *(roster.put("/organisations/north-high", **name) for name in names),
        roster.put(PATH, terms=TERMS),
        roster.put("/organisations/north-high/terms/2024-25", terms=[
            {"term": "a", "begins": "2024-08-05"}, {"term": "b", "begins": "2025-01-06"},
        ]),
    )  # fmt: skip

    assert [each["term"] for each in await shown(roster)] == ["a", "b", "fall", "spring"]


async def test_the_year_is_cut_as_the_cted_says(roster):
    cted = {"name": "Sample", "type": "cted", "time_zone": "America/Phoenix", "school_year_starts": "08-15"}
    await roster.put("/organisations/cted", **cted)

    refused = await roster.put(PATH, 422, terms=TERMS)

    assert "which is not in 2025-26" in refused["detail"]
    assert "from 2025-08-15 to 2026-08-14" in refused["detail"]


async def test_only_who_may_write_the_organisation_sets_its_terms(roster):
    await roster.by("data_manager", districts=["south"]).put(PATH, 404, terms=TERMS)
    await roster.by("data_manager", districts=["north"]).put("/organisations/cted/terms/2025-26", 404, terms=TERMS)
    for role in ("instructor", "coordinator", "counselor", "leader", "student"):
        await roster.by(role, districts=["*"], campuses=["*"], programs=["*"]).put(PATH, 403, terms=TERMS)
    assert (await roster.by("data_manager", districts=["north"]).put(PATH, terms=TERMS))["outcome"] == "changed"
    assert (await roster.by("service").put("/organisations/cted/terms/2025-26", terms=TERMS))["version"] == 2


async def test_one_that_is_void_has_no_terms(roster):
    await roster.void("/organisations/north-sat", 1)

    refused = await roster.put("/organisations/north-sat/terms/2025-26", 409, terms=TERMS)

    assert "brings it back" in refused["detail"]
