"""Each service with two places that mirror each other: whoever belongs to the one has no business in the other."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date
from pathlib import Path

import httpx

from services.roster.oneroster.derive.guardians import guardian_id
from services.roster.oneroster.keep.source_rows import SourceRow, SourceRows
from services.roster.oneroster.read.layout import USERS
from shared.process.settings import Settings
from shared.records.store import Draft, Entry
from tests import credentials_app, insights_world, producer_app, roster_app
from tests.security.world import LATER, SIDES, Who, World, who_of
from tests.security.world_of_families import family_touchpoints

ROSTER_TABLES = {
    "import_course_programs": "source,course_code,program_id\nsecurity-sis,C-1,{program}\n",
    "import_outcomes": "id,student_id,placement,source,observed_on,found_by\n"
    "{outcome},{student},military,district-survey,2025-06-01,survey\n",
    "import_organisations": "id,name,type,parent_id\n{campus},Marked,satellite_campus,{district}\n",
    "import_programs": "id,title,cip_code,cluster,active_from\n{program},Marked,48.0508,Sample,2019-07-01\n",
    "import_students": "id,given_name,family_name\n{student},Changed,Changed\n",
    "import_demographics": "student_id,school_year,sex\n{student},2024-25,other\n",
    "import_enrolments": "id,student_id,program_id,organisation_id,begin\n"
    "{enrolment},{student},{program},{campus},2024-08-06\n",
    "import_completions": "id,student_id,program_id,organisation_id,completed_on\n"
    "{completion},{student},{program},{campus},2025-05-21\n",
}
CREDENTIALS_TABLES = {
    "import_program_catalogues": "program_id,status,on,body\n{program},approved,2024-08-01,Board\n",
    "import_verifications": "student_id,credential_code,awarded_on,level,verified_on,outcome\n"
    "{student},{credential},2025-05-20,issuer_feed,2025-06-01,confirmed\n",
    "import_catalogue": "code,title,issuer,type,program_id,tier,valid_from\n"
    "{credential},Marked,Sample,Certification,{program},other,2020-07-01\n",
    "import_awards": "student_id,credential_code,program_id,result,awarded_on\n"
    "{student},{credential},{program},passed,2025-05-22\n",
    "import_assessments": "student_id,program_id,kind,form,scale,taken_on,operational_items,correct\n"
    "{student},{program},technical_skills,spring-b,items,2025-05-22,80,70\n",
}


def _source(who: Who) -> dict[str, str]:
    source, _, sourced_id = who["source_id"].partition(":")
    return {"source": source, "sourced_id": sourced_id}


@asynccontextmanager
async def roster(settings: Settings, keys: Path) -> AsyncIterator[World]:
    """Two districts with a campus, a program, a student, an enrolment and a completion each."""
    async with roster_app.running(settings, keys) as opened:
        await opened.put("/organisations/cted", name="Sample", type="cted", time_zone="America/Phoenix")
        places = {side: who_of(side) for side in SIDES}
        for side, who in places.items():
            placed = {"program_id": who["program"], "organisation_id": who["campus"], "student_id": who["student"]}
            await opened.put(f"/organisations/{who['district']}", name=side, type="district", parent_id="cted")
            of_district = {"type": "satellite_campus", "parent_id": who["district"]}
            await opened.put(f"/organisations/{who['campus']}", name=side, **of_district)
            program = {"title": side, "cip_code": "48.0508", "cluster": "Sample", "active_from": "2019-07-01"}
            await opened.put(f"/programs/{who['program']}", **program)
            known = {"state_student_id": f"N-{side}", "sources": [_source(who)]}
            await opened.student(who["student"], who["campus"], family_name=f"Marked-{side}", **known)
            await opened.put(f"/enrolments/{who['enrolment']}", **placed, begin="2023-08-05")
            await opened.put(f"/completions/{who['completion']}", **placed, completed_on="2025-05-20")
            await opened.put(f"/students/{who['student']}/demographics/2024-25", sex="female")
            told = {"placement": "employment", "source": "survey", "observed_on": "2025-06-01", "found_by": "survey"}
            asked = await opened.ask(
                "POST",
                "/transfers",
                json={"student": who["student"], "organisation_id": who["campus"], "reason": "moved"},
                headers={"Idempotency-Key": f"transfer-{side}"},
            )
            places[side]["transfer"] = asked.json()["id"]
            await opened.put(f"/outcomes/{who['outcome']}", student_id=who["student"], **told)
            await _family(opened, side, who)
        marks = {
            side: frozenset(
                {who["student"], who["enrolment"], who["completion"], f"Marked-{side}", f"{side}@family.example"}
            )
            for side, who in places.items()
        }
        app = opened.client._transport.app  # type: ignore[attr-defined]
        yield World(app, opened.client, keys, opened.store.records.database, places, ROSTER_TABLES, marks)


async def _family(opened: roster_app.Roster, side: str, who: Who) -> None:
    """A parent of the student, as a package would have told of one."""
    source, user = "security-sis", f"{side}-g1"
    cells = {"givenName": "Parent", "familyName": f"Marked-{side}-parent", "email": f"{side}@family.example"}
    row = SourceRow(user, cells, words=("marked", "parent", side))
    await SourceRows(opened.store.records.database).keep(source, USERS, [row], new={user})
    tie = {"student_id": who["student"], "_under": who["source_id"], "guardian_id": guardian_id(source, user)}
    state = {**tie, "relation": "parent", "source": source, "sourced_id": user, "begin": "2025-06-01", "end": None}
    entry = Entry(by="security", action="oneroster_import")
    await opened.store.records.put(Draft("guardian", f"{side}-tie", state, entry, (f"student/{who['student']}",)))


@asynccontextmanager
async def credentials(settings: Settings, keys: Path) -> AsyncIterator[World]:
    """Two places with a credential, an award, an assessment and a class list of each."""
    async with credentials_app.running(settings, keys) as opened:
        places = {side: who_of(side) for side in SIDES}
        for who in places.values():
            await opened.told(
                producer_app.cted(),
                producer_app.program(who["program"]),
                producer_app.student(who["student"], district=who["district"]),
                producer_app.enrolment(who["enrolment"], who["student"], who["program"], who["campus"]),
            )
            # Of the same district and in no program, with an award that a data manager has logged.
            who["idle"] = f"{who['student']}-idle"
            await opened.told(producer_app.student(who["idle"], district=who["district"]))
        await opened.told(*producer_app.heartbeats(LATER))
        marks = {}
        for side, who in places.items():
            marks[side] = frozenset({*(await _logged(opened, who)), who["student"], f"L-{side}"})
        idle = places["ours"]
        made = await opened.batch(
            [{"student_id": idle["idle"], "license_number": "L-idle"}], credential_code=idle["credential"]
        )
        marks["idle"] = frozenset({made["rows"][0]["award_id"], "L-idle"})
        yield World(
            opened.client._transport.app,  # type: ignore[attr-defined]
            opened.client,
            keys,
            opened.desk.records.database,
            places,
            CREDENTIALS_TABLES,
            marks,
        )


async def _logged(opened: credentials_app.Credentials, who: dict[str, str]) -> list[str]:
    """One of everything; its ids go into `who`."""
    code, side = who["credential"], who["student"].partition("-")[0]
    await opened.catalogued(code, (who["program"], "required", "2020-07-01"))
    listed = await opened.batch([{"student_id": who["student"], "license_number": f"L-{side}"}], credential_code=code)
    who["award"], who["award_batch"] = listed["rows"][0]["award_id"], listed["batch_id"]
    sat = await opened.ask(
        "POST",
        "/assessments/batch",
        json={
            "program_id": who["program"],
            "kind": "technical_skills",
            "form": "spring-b",
            "scale": "items",
            "taken_on": "2025-05-20",
            "rows": [{"student_id": who["student"], "operational_items": 80, "correct": 58}],
        },
        headers={"Idempotency-Key": f"sat-{side}"},
    )
    assert sat.status_code == 200, sat.text
    who["assessment"], who["assessment_batch"] = sat.json()["rows"][0]["assessment_id"], sat.json()["batch_id"]
    return [who["award"], who["assessment"]]


@asynccontextmanager
async def insights(settings: Settings, keys: Path) -> AsyncIterator[World]:
    """Counts and facts of a welder of the north and a nurse of the south."""
    world = await insights_world.open_world(settings)
    places = {
        side: who_of(side) | {"program": program, "campus": campus, "district": district}
        for side, program, campus, district in (
            ("ours", "welding", "northwest", "north"),
            ("theirs", "nursing", "east", "south"),
        )
    }
    await world.district()
    for who in places.values():
        at = {"program": who["program"], "campus": who["campus"], "district": who["district"]}
        await world.complete(who["student"], date(2025, 5, 20), **at)
    await world.heartbeat()
    with insights_world.living(settings, insights_world.Clock()) as app:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://insights")
        async with app.router.lifespan_context(app), client:
            marks = {side: frozenset({who["student"]}) for side, who in places.items()}
            yield World(app, client, keys, world.client[settings.database("insights")], places, {}, marks)
    await insights_world.close_world(world)


Open = Callable[[Settings, Path], AbstractAsyncContextManager[World]]
SERVICES: Mapping[str, Open] = {
    "roster": roster,
    "credentials": credentials,
    "family_touchpoints": family_touchpoints,
    "insights": insights,
}
