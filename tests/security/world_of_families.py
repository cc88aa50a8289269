"""Two places where families are spoken with, each with one of everything, and a mother with a child at both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from services.family_touchpoints.main import PRODUCER
from shared.process.settings import Settings
from tests import producer_app
from tests.family_app import LAST_DAY, TIME, Families, clock
from tests.producer_app import started
from tests.security.world import LATER, SIDES, Who, World, who_of
from tests.workshops_app import place

TABLES = {
    "import_touchpoints": "external_id,student_id,guardian_id,program_id,method,purpose,held_on,outcome\n"
    "dialer-1,{student},{guardian},{program},Phone,work_based_learning,2025-09-20,no_answer\n",
    "import_attendance": "workshop_id,guardian_id,student_ids\n{workshop},{guardian},{student}\n",
    "import_rules": "rule_id,student_id,guardian_id,rule,basis,from\n"
    "{rule}-2,{student},{guardian},no_records,guardian_request,2026-06-01\n",
    "import_consents": "guardian_id,channel,about,status,on,how\n{guardian},email,school,granted,2025-10-01,form\n",
    "import_survey_responses": "survey_id,survey_version,guardian_id,student_id,answered_on,language,answered\n"
    "{survey},{survey_version},{guardian},{student},2025-11-21,spa,own_needs\n",
    "import_sharing": "student_id,status,on\n{student},student_consents,2025-12-05\n",
}
# On the roll of the evening for both places: a guardian of whom each place has a child.
MOTHER = "gmother"
HEADS = {"head_count": 40, "head_count_of": "everyone"}


@asynccontextmanager
async def family_touchpoints(settings: Settings, keys: Path) -> AsyncIterator[World]:
    """Two places with a family, whom it is not to be contacted, what was tried, an evening with its roll, a plan."""
    TIME["now"] = LAST_DAY
    async with started(PRODUCER, settings, keys, Families, now=clock) as opened:
        places = {side: _who(side) for side in SIDES}
        await opened.told(producer_app.cted())
        for who in places.values():
            await _told(opened, who)
        await opened.told(*producer_app.heartbeats(LATER))
        marks = {side: await _furnished(opened, side, who) for side, who in places.items()}
        await _evening_of_both(opened, places)
        marks["idle"] = await _idle(opened, places["ours"])
        app = opened.client._transport.app  # type: ignore[attr-defined]
        yield World(app, opened.client, keys, opened.desk.records.database, places, TABLES, marks)


def _who(side: str) -> dict[str, str]:
    words = ("touchpoint", "workshop", "attendance", "rule", "idle")
    own = {word: f"{side}-{word}" for word in words} | {"channel": "text", "about": "school"}
    own |= {"survey": f"{side}-needs", "survey_version": "1", "token": "of-nobody"}
    guardians = {"guardian": f"g-{side}", "shut": f"g-{side}-shut", "walk_in": f"w-{side}"}
    return who_of(side) | own | guardians


async def _told(opened: Families, who: Who) -> None:
    """What roster tells of a place: a student with two guardians and one whom both places know, and one idle."""
    await opened.told(
        place(who["district"], "district", "cted"),
        place(who["campus"], "satellite_campus", who["district"]),
        producer_app.program(who["program"]),
        producer_app.student(who["student"], district=who["district"]),
        producer_app.enrolment(who["enrolment"], who["student"], who["program"], who["campus"]),
        *(producer_app.guardian(who[name], who["student"]) for name in ("guardian", "shut")),
        producer_app.guardian(MOTHER, who["student"]),
        producer_app.student(who["idle"], district=who["district"]),
        producer_app.guardian(who["guardian"], who["idle"]),
    )


async def _furnished(opened: Families, side: str, who: dict[str, str]) -> frozenset[str]:
    """One of everything, whose ids go into `who`; what of it nobody else is to read."""
    marked = {what: f"{what}-of-{side}" for what in ("note", "told", "breach", "walkin", "words")}
    phone = f"602 555 {'0101' if side == 'ours' else '0102'}"
    await _contact(opened, who, marked, phone)
    plain = {"students": [who["student"]], "program_id": who["program"], "method": "Phone", "purpose": "progress"}
    called = {**plain, "guardian_ids": [who["guardian"]], "outcome": "reached"}
    kept = await opened.post("/touchpoints", {**called, "held_on": "2025-10-09", "note": marked["note"]})
    breach = {**called, "guardian_ids": [who["shut"]], "held_on": "2025-10-10", "breach": marked["breach"]}
    broken = await opened.post("/touchpoints", breach)
    ids = [one["touchpoints"][0]["id"] for one in (kept, broken)]
    # What is planned is what a step is taken of; work-based learning is what a coordinator reads of it.
    planned = {**plain, "purpose": "work_based_learning", "planned_for": "2026-05-01"}
    steps = await opened.post("/touchpoints", {**planned, "guardian_ids": [who["guardian"]]})
    who["touchpoint"] = steps["touchpoints"][0]["id"]
    workshop = await _workshop(opened, [who["campus"]], program_ids=[who["program"]])
    came = {"guardian_id": who["guardian"], "student_ids": [who["student"]]}
    walked = {"walk_in": {"name": marked["walkin"], "phone": phone}, "student_ids": [who["student"]]}
    rows = await _roll(opened, workshop, came, walked)
    who["workshop"], who["attendance"] = workshop, rows[0]["attendance_id"]
    plan = {"points": [], "steps": [{"status": "proposed", "on": "2025-04-01"}]}
    await opened.put(f"/programs/{who['program']}/touchpoint-plan", plan)
    ids += await _asked(opened, who, marked["words"])
    ids += [who["touchpoint"], *(row["attendance_id"] for row in rows), rows[1]["guardian_id"]]
    named = (who[name] for name in ("student", "guardian", "shut", "walk_in", "rule"))
    return frozenset({*ids, *named, *marked.values(), phone})


async def _contact(opened: Families, who: Who, marked: Who, phone: str) -> None:
    """A rule, a consent, what a student of age shares, a guardian's wishes, and somebody who walked in."""
    student, guardian = f"/students/{who['student']}", f"/guardians/{who['guardian']}"
    rule = {"guardian_id": who["shut"], "rule": "no_contact", "basis": "safety_plan", "from": "2025-09-01"}
    await opened.put(f"{student}/rules/{who['rule']}", {**rule, "told_to_staff": marked["told"]})
    text = {"steps": [{"status": "granted", "on": "2025-02-01", "how": "form"}]}
    await opened.put(f"{guardian}/consents/{who['channel']}/{who['about']}", text)
    shares = {"status": "student_consents", "on": "2025-01-02"}
    await opened.put(f"{student}/sharing", {"eighteen_on": "2025-01-01", "steps": [shares]})
    await opened.put(guardian, {"preferred_language": "spa"})
    walked = {"name": f"{marked['walkin']}-too", "phone": phone, "student_ids": [who["student"]]}
    await opened.put(f"/guardians/{who['walk_in']}", walked)


async def _asked(opened: Families, who: dict[str, str], words: str) -> list[str]:
    """A survey with what a guardian has answered in words, a tally, and a link."""
    question = {"code": "help", "kind": "text", "about": "own_needs", "texts": {"eng": "What helps?", "spa": "¿Qué?"}}
    asks = {
        "asks": {"child_needs": True, "own_needs": True},
        "questions": [question, {**question, "about": "child_needs", "code": "child"}],
    }
    version = f"/surveys/{who['survey']}/{who['survey_version']}"
    await opened.put(version, {"published_on": "2025-11-03", "languages": ["eng", "spa"], **asks})
    given = {"guardian_id": who["guardian"], "student_id": who["student"], "answered_on": "2025-11-19"}
    response = await opened.post(f"{version}/responses", {**given, "language": "spa", "answers": {"help": words}})
    counted = {"answered_on": "2025-11-19", "language": "spa", "organisation_id": who["campus"], "complete": 3}
    tally = await opened.post(f"{version}/tallies", counted)
    link = {"purpose": "contact", "guardian_id": who["guardian"], "student_id": who["student"]}
    made = await opened.post("/links", link)
    who |= {"response": response["id"], "tally": tally["id"], "link": made["id"]}
    return [response["id"], made["id"]]


async def _evening_of_both(opened: Families, places: dict[str, dict[str, str]]) -> None:
    """A mother comes to an evening of both places with a child of each; about neither is she to be contacted."""
    for who in places.values():
        shut = {"guardian_id": MOTHER, "rule": "no_contact", "basis": "safety_plan", "from": "2025-09-01"}
        await opened.put(f"/students/{who['student']}/rules/{who['rule']}-mother", shut)
    workshop = await _workshop(opened, [who["campus"] for who in places.values()], title="Both", starts_at="18:00")
    await _roll(opened, workshop, {"guardian_id": MOTHER, "student_ids": [who["student"] for who in places.values()]})
    for who in places.values():
        who["both"] = workshop


async def _idle(opened: Families, who: Who) -> frozenset[str]:
    """What a data manager has logged of a student who is enrolled nowhere."""
    call = {"students": [who["idle"]], "method": "Phone", "purpose": "progress", "held_on": "2025-10-09"}
    kept = await opened.post("/touchpoints", {**call, "outcome": "no_answer", "note": "note-of-idle"})
    return frozenset({kept["touchpoints"][0]["id"], "note-of-idle"})


async def _workshop(opened: Families, campuses: list[str], **more: Any) -> str:
    said = {"kind": "workshop", "career_related": True, "level": "high", "held_on": "2025-11-12", **more}
    planned = await opened.post("/workshops", {**said, "organisation_ids": campuses})
    return str(planned["id"])


async def _roll(opened: Families, workshop: str, *rows: Any) -> list[Any]:
    rolled = await opened.post(f"/workshops/{workshop}/roll", {**HEADS, "on": "2025-11-12", "rows": list(rows)})
    assert not rolled["refused"], rolled
    return list(rolled["rows"])
