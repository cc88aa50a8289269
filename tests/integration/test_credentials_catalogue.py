"""The catalogue over HTTP: dated tiers, and a change restates exactly the awards that it touches."""

import pytest

from services.credentials.catalogue_entry.restating import follow_entries
from shared.producer.life import facts_of
from shared.records.store import Record
from tests.credentials_app import settled
from tests.producer_app import cted, enrolment, student


@pytest.fixture
async def credentials(mongo_settings, keys):
    async with settled(mongo_settings, keys) as opened:
        yield opened


async def versions(credentials):
    cursor = credentials.desk.records.collection.find({"kind": "award"}, {"version": 1, "state.day": 1})
    return {document["state"]["day"]: document["version"] async for document in cursor}


async def facts(credentials):
    """What the relay would publish of each award now, by its day."""
    cursor = credentials.desk.records.collection.find({"kind": "award", "void": False})
    records = [Record.of(document) async for document in cursor]
    made = await facts_of(credentials.desk)(records)
    return dict(sorted((str(fact.awarded_on), fact) for [(_, fact)] in made.values()))


async def logged(credentials, *days):
    for day in days:
        await credentials.log(201, awarded_on=day)


async def test_an_entry_is_created_changed_and_left_alone(credentials):
    tiers = (("welding", "required", "2023-07-01"), ("nursing", None, "2024-07-01"))

    made = await credentials.catalogued("first-aid", *tiers)
    again = await credentials.catalogued("first-aid", *reversed(tiers))
    changed = await credentials.catalogued("first-aid", *tiers, title="First Aid")

    assert [each["outcome"] for each in (made, again, changed)] == ["created", "unchanged", "changed"]
    assert (changed["code"], changed["version"], changed["title"]) == ("first-aid", 2, "First Aid")
    assert [tier["program_id"] for tier in made["tiers"]] == ["nursing", "welding"]
    listed = (await credentials.get("/catalogue"))["items"]
    assert [item["code"] for item in listed] == ["first-aid", "osha-10"]
    assert [i["code"] for i in (await credentials.get("/catalogue", program="nursing", type="Badge"))["items"]] == []
    shown = await credentials.get("/catalogue/first-aid", history="true")
    assert [line["action"] for line in shown["history"]] == ["put", "put"]
    await credentials.get("/catalogue/first-ade", 404)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"type": "Certificaton"}, "the nearest known: Certification", id="a misspelt type"),
        pytest.param(
            {"tiers": [{"program_id": "baking", "tier": "required", "valid_from": "2023-07-01"}]},
            "roster knows no program baking",
            id="an unknown program",
        ),
        pytest.param(
            {
                "tiers": [
                    {"program_id": "welding", "tier": tier, "valid_from": "2023-07-01"} for tier in ("other", None)
                ]
            },
            "keep one",
            id="two tiers from one day on",
        ),
        pytest.param(
            {"tiers": [{"program_id": "welding", "tier": "best", "valid_from": "2023-07-01"}]},
            "required",
            id="a tier that is none",
        ),
    ],
)
async def test_an_entry_is_refused_in_words(credentials, body, words):
    plain = {"title": "First Aid", "issuer": "Sample", "type": "Certification"}

    refused = await credentials.put("first-aid", 422, **{**plain, **body})

    assert words in refused["detail"] + str(refused["errors"])
    await credentials.get("/catalogue/first-aid", 404)


async def test_a_change_needs_no_version_but_minds_the_one_that_is_given(credentials):
    body = {"title": "OSHA", "issuer": "Sample", "type": "Certification"}

    for match, status in (('"9"', 412), ('"1"', 200), ('"1"', 412)):
        answer = await credentials.ask("PUT", "/catalogue/osha-10", json=body, headers={"If-Match": match})
        assert answer.status_code == status
        body = {**body, "title": "OSHA 10"}


async def test_a_tier_change_restates_exactly_the_awards_it_touches(credentials):
    await logged(credentials, "2023-06-30", "2023-07-01", "2024-06-30", "2024-07-01")
    before = ("welding", "required", "2020-07-01"), ("nursing", "other", "2020-07-01")

    done = await credentials.catalogued(
        "osha-10", *before, ("welding", "relevant", "2023-07-01"), ("welding", "required", "2024-07-01")
    )

    assert done["restated"] == 2
    assert await versions(credentials) == {"2023-06-30": 1, "2023-07-01": 2, "2024-06-30": 2, "2024-07-01": 1}
    assert {day: fact.tiers["welding"] for day, fact in (await facts(credentials)).items()} == {
        "2023-06-30": "required",
        "2023-07-01": "relevant",
        "2024-06-30": "relevant",
        "2024-07-01": "required",
    }
    same = await credentials.catalogued(
        "osha-10", *before, ("welding", "relevant", "2023-07-01"), ("welding", "required", "2024-07-01")
    )
    assert (same["outcome"], same["restated"]) == ("unchanged", 0)


async def test_void_awards_and_other_credentials_are_left_alone(credentials):
    await credentials.catalogued("first-aid", ("welding", "required", "2020-07-01"))
    await credentials.log(201, credential_code="first-aid", awarded_on="2024-01-01")
    gone = await credentials.log(201, awarded_on="2024-01-02")
    await credentials.act(gone["id"], "void", 1, reason="a mistake")

    done = await credentials.catalogued("osha-10", ("welding", "preferred", "2020-07-01"))

    assert done["restated"] == 0
    assert await versions(credentials) == {"2024-01-01": 1, "2024-01-02": 2}


async def test_a_change_that_was_killed_before_it_restated_is_finished_at_the_next_start(credentials, monkeypatch):
    await logged(credentials, "2024-01-01")

    async def killed(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(credentials.desk.records, "raise_versions", killed)
        with pytest.raises(KeyboardInterrupt):
            await credentials.catalogued("osha-10", ("welding", "preferred", "2020-07-01"))
    assert await versions(credentials) == {"2024-01-01": 1}

    await follow_entries(credentials.desk)
    assert await versions(credentials) == {"2024-01-01": 2}
    await follow_entries(credentials.desk)
    assert await versions(credentials) == {"2024-01-01": 2}


async def test_a_change_that_was_killed_and_then_taken_back_is_restated_too(credentials, monkeypatch):
    """An award published while the killed change stood says its tier, and must say the old one again."""
    await logged(credentials, "2024-01-01")

    async def killed(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(credentials.desk.records, "raise_versions", killed)
        with pytest.raises(KeyboardInterrupt):
            await credentials.catalogued("osha-10", ("welding", "preferred", "2020-07-01"))

    back = await credentials.catalogued(
        "osha-10", ("welding", "required", "2020-07-01"), ("nursing", "other", "2020-07-01")
    )
    assert back["restated"] == 1


async def test_another_start_of_the_school_year_restates_every_award(credentials):
    await logged(credentials, "2024-06-30", "2024-07-15")
    assert [fact.school_year for fact in (await facts(credentials)).values()] == ["2023-24", "2024-25"]

    await credentials.told(cted(starts="08-01", version=2))

    assert await versions(credentials) == {"2024-06-30": 2, "2024-07-15": 2}
    assert [fact.school_year for fact in (await facts(credentials)).values()] == ["2023-24", "2023-24"]
    await credentials.told(cted(starts="08-01", version=2), cted(starts="08-01", zone="UTC", version=3))
    assert await versions(credentials) == {"2024-06-30": 2, "2024-07-15": 2}


async def test_facts_carry_neither_licence_numbers_nor_links(credentials):
    await credentials.log(license_number="LIC-77", evidence_url="https://example.org/secret")

    [fact] = (await facts(credentials)).values()

    assert "LIC-77" not in repr(fact)
    assert "secret" not in repr(fact)
    assert (fact.program_id, fact.organisation_id, fact.credential_type) == ("welding", "central", "Certification")
    assert fact.tiers == {"welding": "required", "nursing": "other"}


HEADER = "code,title,issuer,type,ctdl_id,program_id,tier,valid_from\n"


async def test_the_rows_of_one_code_are_gathered(credentials):
    text = (
        HEADER
        + "first-aid,First Aid,Sample,Certification,,welding,required,2023-07-01\n"
        + "cpr,CPR,Sample,Badge,,,,\n"
        + "first-aid,First Aid,Sample,Certification,,nursing,,2024-07-01\n"
    )

    dry = await credentials.load("catalogue", text, dry_run="true")
    assert (dry["created"], dry["dry_run"]) == (3, True)
    await credentials.get("/catalogue/cpr", 404)
    done = await credentials.load("catalogue", text)
    again = await credentials.load("catalogue", text)

    assert (done["rows"], done["created"], again["unchanged"], again["refused"]) == (3, 3, 3, 0)
    assert [tier["tier"] for tier in (await credentials.get("/catalogue/first-aid"))["tiers"]] == [None, "required"]


async def test_a_code_is_kept_with_all_its_rows_or_not(credentials):
    done = await credentials.load(
        "catalogue",
        HEADER
        + "first-aid,First Aid,Sample,Certification,,welding,required,2023-07-01\n"
        + "first-aid,First Aid,Sample,Certification,,nursing,best,2023-07-01\n"
        + "cpr,CPR,Sample,Badge,,baking,other,2023-07-01\n"
        + "cnc,CNC,Sample,Badge,,welding,other,2023-07-01\n"
        + "cnc,CNC 2,Sample,Badge,,nursing,other,2023-07-01\n"
        + "mig,MIG,Sample,Badge,,welding,other,2023-07-01\n",
    )

    assert (done["created"], done["refused"]) == (1, 5)
    found = {(each["row"], each["column"]): each["problem"] for each in done["problems"]}
    assert "row 3 of the same code is refused" in found[2, None]
    assert found[3, "tier"]
    assert "roster knows no program baking" in found[4, "program_id"]
    assert "row 5 says otherwise of cnc" in found[6, "title"]


AWARDS = (
    "student_id,credential_code,program_id,result,taken_on,awarded_on,expires_on,license_number,"
    "verification_level,verified_on,verification_outcome\n"
)


async def test_a_file_of_awards_is_kept_row_by_row_and_again_changes_nothing(credentials):
    text = (
        AWARDS
        + "stateStudentId:900001,osha-10,welding,passed,,2025-05-20,,,issuer_lookup,2025-06-01,confirmed\n"
        + "p2,osha-10,,failed,2025-05-20,,,,,,\n"
        + "nobody,osha-10,,passed,,2025-05-20,,,,,\n"
        + "p3,osha-10,,passed,,2025-13-20,,,,,\n"
        + "p3,osha-10,,passed,,2025-05-20,,,best,2025-06-01,confirmed\n"
        + "p3,osha-10,,,,2025-05-20,,,,,\n"
    )

    dry = await credentials.load("awards", text, dry_run="true")
    assert await credentials.ids() == []
    done = await credentials.load("awards", text)
    again = await credentials.load("awards", text)

    assert (dry["created"], dry["refused"]) == (done["created"], done["refused"]) == (2, 4)
    assert (again["unchanged"], again["created"]) == (2, 0)
    found = {(each["row"], each["column"]): each for each in done["problems"]}
    assert found.keys() == {(4, "student_id"), (5, "awarded_on"), (6, "verification_level"), (7, "result")}
    assert "put into roster, and enrolled with you" in found[4, "student_id"]["what_would_work"]
    [one] = (await credentials.get("/awards", student="p1"))["items"]
    look = {"level": "issuer_lookup", "verified_on": "2025-06-01", "outcome": "confirmed", "method": None}
    assert one["verifications"] == [{**look, "by": "manager-1"}]


async def test_a_file_waits_for_roster_once(credentials):
    rows = "".join(f"n{n},osha-10,,passed,,2025-05-20,,,,,\n" for n in range(3))
    await credentials.told(student("n0"), enrolment("f0", "n0"))

    done = await credentials.load("awards", AWARDS + rows)

    assert (done["created"], done["refused"]) == (1, 2)


async def test_a_file_without_a_column_is_refused_as_a_whole(credentials):
    refused = await credentials.load("awards", "student_id,result\np1,passed\n", 422)

    assert "column credential_code is missing" in refused["detail"]
