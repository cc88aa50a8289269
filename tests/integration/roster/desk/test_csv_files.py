"""Files of each kind: a refused row stops no other, a dry run keeps nothing, the same file twice changes nothing."""

import pytest

from tests.roster_app import running

STUDENTS = """\
id,given_name,family_name,state_student_id,source,sourced_id,school_year,school_id,grade_level,directory_opt_out
,Sample,One,0001,north-sis,u-1,2023-24,north-high,11,
,Sample,One,0001,north-sis,u-1,2024-25,north-high,12,true
,Sample,One,0001,south-sis,v-1,2024-25,south-high,12,
,Sample,Two,0002,south-sis,v-2,2024-25,south-high,10,
,Sample,Two,0003,south-sis,v-2,2024-25,south-high,10,
,Sample,Three,,,,2024-25,south-high,10,
,Sample,Four,0004,,,2024-25,nowhere,10,maybe
,Sample,Five,0005,,,2024-25,nowhere,10,
"""


@pytest.fixture
async def roster(mongo_settings, keys):
    async with running(mongo_settings, keys) as opened:
        await opened.furnish()
        yield opened


async def test_rows_about_one_student_make_one_person(roster):
    trial = await roster.load("students", STUDENTS, dry_run=True)
    assert await roster.ids("/students") == []
    done = await roster.load("students", STUDENTS)

    counts = {name: done[name] for name in ("rows", "created", "changed", "unchanged", "refused")}
    assert {name: trial[name] for name in counts} == counts
    assert counts == {"rows": 8, "created": 2, "changed": 2, "unchanged": 0, "refused": 4}
    assert [(each["row"], each["column"], each["value"]) for each in done["problems"]] == [
        (6, "state_student_id", "0003"),
        (7, None, None),
        (8, "directory_opt_out", "maybe"),
        (9, "school_id", "nowhere"),
    ]
    assert all(each["problem"] and each["what_would_work"] for each in done["problems"])
    one = await roster.get("/students/stateStudentId:0001")
    assert one["version"] == 1
    assert one["directory_opt_out"] is True
    assert [(year["school_year"], year["school_id"]) for year in one["years"]] == [
        ("2023-24", "north-high"),
        ("2024-25", "south-high"),
    ]


async def test_a_grade_is_read_as_one_of_the_vocabulary_or_refused_with_what_works(roster):
    head, names = "source,sourced_id,given_name,family_name,school_year,grade_level\n", "Sample,Made-Up,2024-25"
    done = await roster.load("students", f"{head}sis,g-1,{names},Grade 9\nsis,g-2,{names},senior\n")
    years = [{"school_year": "2024-25", "grade_level": "senior"}]
    body = {"given_name": "Sample", "family_name": "Made-Up", "years": years}
    refused = await roster.ask("PUT", "/students/sis:g-3", json=body)

    assert (await roster.get("/students/sis:g-1"))["years"][0]["grade_level"] == "09"
    (row,) = done["problems"]
    assert (row["row"], row["column"], row["value"]) == (3, "grade_level", "senior")
    assert row["problem"] == "this is no grade that is known"
    assert row["what_would_work"].startswith("write IT, PR, PK, TK, KG, 01 to 13")
    assert refused.status_code == 422
    assert "write IT, PR, PK, TK, KG, 01 to 13" in refused.text


async def test_the_same_file_twice_changes_nothing(roster):
    rows = STUDENTS.splitlines()
    once = "\n".join([rows[0], rows[1], rows[2], rows[4]]) + "\n"
    await roster.load("students", once)

    again = await roster.load("students", once)

    # The second row told something else than the first when each was read; the record is as it was.
    assert (again["created"], again["refused"]) == (0, 0)
    assert {(await roster.get(f"/students/stateStudentId:{n}"))["version"] for n in ("0001", "0002")} == {1}


async def test_organisations_may_name_what_stands_further_down(roster):
    text = "id,name,type,parent_id\nhigh,High,school,east\neast,East,district,cted\nlost,Lost,school,nowhere\n"

    done = await roster.load("organisations", text)

    assert (done["created"], done["refused"]) == (2, 1)
    assert done["problems"][0]["row"] == 4


async def test_every_other_kind_is_loaded_too(roster):
    await roster.load("students", STUDENTS)
    demographics = "student_id,school_year,sex,race_ethnicity,low_income\nstateStudentId:0001,2024-25,female,,true\n"
    enrolments = (
        "id,student_id,program_id,organisation_id,begin,end,concentrator_on\n"
        "e1,north-sis:u-1,welding,central,2023-08-07,2025-05-22,\n"
        "e1,north-sis:u-1,welding,central,2023-08-08,,\n"
        "e2,stateStudentId:0002,welding,central,someday,,\n"
    )
    completions = (
        "id,student_id,program_id,organisation_id,completed_on\nc1,stateStudentId:0001,welding,central,2025-05-22\n"
        "c2,stateStudentId:0001,sewing,central,2025-05-22\n"
    )
    programs = "id,title,cip_code,cluster,active_from,active_to\nsewing,Sewing,48.0303,Sample,2020-07-01,\n"

    assert (await roster.load("programs", programs))["created"] == 1
    assert (await roster.load("demographics", demographics))["created"] == 1
    loaded = await roster.load("enrolments", enrolments)
    assert (loaded["created"], loaded["refused"]) == (1, 2)
    assert [(each["row"], each["column"]) for each in loaded["problems"]] == [(3, None), (4, "begin")]
    completed = await roster.load("completions", completions)
    assert completed["created"] == 2
    assert [(each["row"], each["what_would_work"]) for each in completed["warnings"]] == [
        (3, "send started_on, or the enrolment")
    ]
    assert (await roster.get("/completions/c1"))["begun_on"] == "2023-08-07"
    assert (await roster.load("enrolments", enrolments))["unchanged"] == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("id,title\nx,y\n", "column cip_code is missing", id="a missing column"),
        pytest.param('id,title,cip_code,cluster,active_from\nx,"y\n', "row 2", id="a quote left open at the end"),
        pytest.param(
            "id,title,cip_code,cluster,active_from\n" + "new,T,48.0508,S,2020-07-01\n" * 600 + 'x,"y\n',
            "row 602",
            id="a quote left open far down",
        ),
        pytest.param("id,title,cip_code,cluster,active_from,colour\n", "there is no column colour", id="one too many"),
    ],
)
async def test_a_file_that_cannot_be_read_is_not_half_read(roster, text, words):
    refused = await roster.load("programs", text, 422)

    assert words in refused["detail"]
    assert await roster.ids("/programs") == ["baking", "welding"]


async def test_a_school_year_in_full_is_read_in_a_file_and_put_into_words_in_json(roster):
    await roster.load("students", STUDENTS)
    text = "student_id,school_year,low_income\nstateStudentId:0001,2026-2027,true\nstateStudentId:0002,2026-2028,true\n"

    done = await roster.load("demographics", text)

    (made,) = (await roster.get("/demographics"))["items"]
    assert made["school_year"] == "2026-27"
    assert [(one["row"], one["what_would_work"]) for one in done["problems"]] == [(3, "write a school year as 2024-25")]
    years = [{"school_year": "2026-2027"}]
    refused = await roster.put("/students/stateStudentId:0009", 422, given_name="A", family_name="B", years=years)
    (error,) = refused["errors"]
    assert (error["pointer"], error["what_would_work"]) == ("/years/0/school_year", "write 2026-27")


OUTCOMES = """\
id,student_id,placement,source,observed_on,found_by
o1,ann,employment,district-survey,2025-05-30,survey
o2,stateStudentId:0001,Military,district-survey,2025-05-30,survey
o3,ann,postsecondary,clearinghouse,2025-06-16,records_match
"""


async def test_outcomes_after_school_one_by_one_and_by_file(roster):
    await roster.student("ann", state_student_id="0001")

    done = await roster.load("outcomes", OUTCOMES)

    assert (done["created"], done["refused"]) == (1, 2)
    assert [(each["row"], each["column"]) for each in done["problems"]] == [(3, "placement"), (4, "observed_on")]
    body = {"student_id": "ann", "placement": "service", "source": "district-survey", "found_by": "call"}
    made = await roster.put("/outcomes/o4", 201, **body, observed_on="2025-06-01")
    assert made["student_id"] == "ann"
    assert await roster.ids("/outcomes", student_id="stateStudentId:0001") == ["o1", "o4"]
    assert await roster.by("student", student_id="ann").ids("/outcomes") == ["o1", "o4"]
    assert await roster.by("student", student_id="bob").ids("/outcomes") == []
