"""A marked person is put through every door and looked for where nobody's name may ever be."""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo import MongoClient

from shared.doors import local_key
from shared.kafka import PARTITIONS
from shared.producer.producers import PRODUCERS
from tests.e2e.whole_line import WholeLine, patiently
from tests.oneroster_zips import as_files, org, role, row, user, zipped

# None of these is a word that anything of ours would say by itself.
GIVEN, FAMILY, EMAIL, PHONE = "Canarygiven", "Canaryfamily", "canarymail@example.org", "5550199777"
BORN, LICENCE, TYPED, LINK = "1907-03-09", "CANARYLICENCE1", "canarywords", "https://example.org/canarylink"
# What is kept of a family: why somebody may not be contacted, what staff are told, when a student is of age, how a
# consent was taken away, a note, a breach, who walked in, and what was answered in words.
BASIS, TOLD, OF_AGE, HOW, NOTE = "protection_order", "canarytold", "2026-02-11", "reply_stop", "canarynote"
BREACH, WALK_IN, WALKED_IN_PHONE, BEST_TIME = "canarybreach", "Canarywalkin", "5550199888", "canaryevenings"
ANSWER = "canaryanswer"
OF_FAMILIES = (ANSWER, BASIS, TOLD, OF_AGE, HOW, NOTE, BREACH, WALK_IN, WALKED_IN_PHONE, BEST_TIME)
MARKS = (GIVEN, FAMILY, EMAIL, PHONE, BORN, LICENCE, TYPED, LINK, *OF_FAMILIES)
# A service's own records hold what it is the authority on; nothing else may.
OWN = {
    ("roster", "records"),
    ("credentials", "records"),
    ("family_touchpoints", "records"),
    ("roster", "imports"),
    ("roster", "oneroster_rows"),
}


def put_through(line: WholeLine) -> None:
    """Every API that takes a name, a contact, a number or words, well and badly formed."""
    names = {"given_name": GIVEN, "family_name": FAMILY, "preferred_name": GIVEN}
    line.put("roster", "/students/canary", **names, state_student_id="907001")
    place = {"student_id": "canary", "program_id": "welding", "organisation_id": "north"}
    line.put("roster", "/enrolments/canary", **place, begin="2023-08-07")
    line.put("roster", "/completions/canary", **place, completed_on="2025-05-20")
    more = {"license_number": LICENCE, "evidence_url": LINK}
    logged = line.award("canary", "canary", **more)
    assert logged.status_code == 201, logged.text
    match = {"If-Match": f'"{logged.json()["version"]}"'}
    at = f"/awards/{logged.json()['id']}"
    revoked = line.ask(
        "credentials", "POST", f"{at}/revocation", json={"revoked_on": "2025-06-02", "reason": TYPED}, headers=match
    )
    assert revoked.status_code == 200, revoked.text
    csv = {"Content-Type": "text/csv"}
    table = f"id,given_name,family_name,email\nstateStudentId:907002,{GIVEN},{FAMILY},{EMAIL}\n"
    assert line.ask("roster", "POST", "/students/imports", content=table, headers=csv).status_code < 500
    rows = f"student_id,credential_code,result,awarded_on,license_number\n{FAMILY},welder,passed,{BORN},{LICENCE}\n"
    assert line.ask("credentials", "POST", "/awards/imports", content=rows, headers=csv).status_code < 500
    refused = {"given_name": GIVEN, "family_name": FAMILY, "email": EMAIL}
    assert line.ask("roster", "PUT", "/students/canary2", json=refused).status_code == 422
    assert line.award("canary", "canary3", awarded_on="not a day", license_number=LICENCE).status_code == 422
    marked = {"givenName": GIVEN, "familyName": FAMILY, "email": EMAIL, "phone": PHONE, "sms": PHONE}
    home = {"primaryOrgSourcedId": "canary-high"}
    people = {
        "orgs": [org("canary-high", parent="")],
        "users": [
            user("u-canary", "907003", agentSourcedIds="g-canary", **marked, **home),
            user("g-canary", grades="", **marked, **home, **{"metadata.preferredLanguage": "Spanish"}),
        ],
        "roles": [role("u-canary", "canary-high"), role("g-canary", "canary-high", "parent")],
        "demographics": [row("demographics", sourcedId="u-canary", birthDate=BORN, sex="female")],
    }
    package = line.ask(
        "roster",
        "POST",
        "/oneroster/imports?source=canary-sis&school_year=2024-25",
        content=zipped(as_files(people)),
        headers={"Content-Type": "application/zip"},
    )
    assert package.status_code == 202, package.text
    for _ in patiently():
        state = line.ask("roster", "GET", f"/oneroster/imports/{package.json()['id']}").json()["status"]
        if state not in ("checking", "applying"):
            break
    assert state == "done"
    shown = line.ask("roster", "GET", "/persons/canary-sis:u-canary/guardians").json()["items"]
    assert [one["phone"] for one in shown] == [PHONE]
    person = line.ask("roster", "GET", "/students/canary-sis:u-canary").json()["id"]
    assert line.ask("roster", "POST", "/guardians/lookup", json={"students": [person]}).status_code == 200
    assert len(line.ask("roster", "GET", f"/guardians?search={GIVEN}").json()["items"]) == 1
    line.put("roster", "/enrolments/of-hers", **place | {"student_id": person}, begin="2023-08-07")
    about_family(line, person, shown[0]["guardian_id"])


def about_family(line: WholeLine, person: str, guardian: str) -> None:
    """What is kept of her family: a restriction, a consent, her age, calls with words of all sorts, who walked in."""
    rule = {"guardian_id": guardian, "rule": "no_contact", "basis": BASIS, "from": "2025-09-01", "to": "2025-09-30"}
    about, of_her = "family_touchpoints", f"/students/{person}"
    line.put(about, f"{of_her}/rules/order", **rule, seen_on="2025-09-01", told_to_staff=TOLD)
    consent = {"status": "withdrawn", "on": "2025-11-05", "how": HOW}
    line.put(about, f"/guardians/{guardian}/consents/text/school", steps=[consent])
    line.put(about, f"/guardians/{guardian}", preferred_language="spa", best_time=BEST_TIME)
    line.put(about, f"{of_her}/sharing", eighteen_on=OF_AGE, steps=[{"status": "student_consents", "on": "2026-03-01"}])
    line.put(about, "/guardians/w-canary", name=WALK_IN, phone=WALKED_IN_PHONE, student_ids=[person])
    call = {"students": [person], "guardian_ids": [guardian], "method": "Phone", "purpose": "progress"}
    held = {"outcome": "reached", "program_id": "welding", "note": NOTE}
    line.post(about, "/touchpoints", **call, **held, held_on="2025-10-09")
    line.post(about, "/touchpoints", **call, **held, held_on="2025-09-10", breach=BREACH)
    evening = {"kind": "workshop", "career_related": True, "level": "high", "organisation_ids": ["north"]}
    workshop = line.post(about, "/workshops", **evening, held_on="2025-11-12")
    walked_in = {"name": WALK_IN, "phone": WALKED_IN_PHONE}
    rows = [{"walk_in": walked_in, "student_ids": [person]}, {"guardian_id": guardian, "student_ids": [person]}]
    rolled = line.post(about, f"/workshops/{workshop['id']}/roll", on="2025-11-12", rows=rows)
    assert rolled["refused"] == 0, rolled
    texts = {"eng": "What helps?", "spa": "Sample?"}
    questions = [{"code": code, "kind": "text", "about": code, "texts": texts} for code in ("child_needs", "own_needs")]
    asks = {"asks": {"child_needs": True, "own_needs": True}, "questions": questions, "languages": ["eng", "spa"]}
    line.put(about, "/surveys/needs/1", published_on="2025-11-03", **asks)
    given = {"guardian_id": guardian, "student_id": person, "answered_on": "2025-11-20", "language": "spa"}
    line.post(about, "/surveys/needs/1/responses", **given, answers={"child_needs": ANSWER, "own_needs": ANSWER})
    line.post(about, "/links", purpose="contact", guardian_id=guardian, student_id=person)
    shut = {**call, **held, "method": "Text", "planned_for": "2026-12-01"}
    del shut["outcome"]
    refused = line.ask(about, "POST", "/touchpoints", json=shut, headers={"Idempotency-Key": "shut"})
    assert refused.status_code == 422, refused.text
    table = f"external_id,student_id,method,held_on,note\n{NOTE},{FAMILY},Phone,{BORN},{NOTE}\n"
    imported = line.ask(about, "POST", "/touchpoints/imports", content=table, headers={"Content-Type": "text/csv"})
    assert imported.status_code == 200, imported.text
    assert line.ask(about, "GET", f"{of_her}/rules").status_code == 200


async def log_of(bootstrap: str, topics: Iterable[str]) -> tuple[bytes, int]:
    """Every byte that lies in these topics, and how many records."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[bytes] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for one in records:
                    heads = b"".join(name.encode() + value for name, value in one.headers)
                    found.append((one.key or b"") + heads + (one.value or b""))
    finally:
        await consumer.stop()
    return b"\n".join(found), len(found)


def told_to(line: WholeLine, keys: Path, service: str) -> Iterator[tuple[str, str]]:
    """Every list and page of a service that needs no id, as a leader of everything is answered; also as CSV."""
    token = local_key.sign(keys, {"sub": "leader-1", "roles": ["leader"], "districts": ["*"]})
    url, headers = line.services[service].url, {"Authorization": f"Bearer {token}"}
    paths = httpx.get(f"{url}/openapi.json", headers=headers).json()["paths"]
    for path in sorted(
        path for path, item in paths.items() if "get" in item and "{" not in path and "live" not in path
    ):
        for query in ("", "?format=csv"):
            with httpx.stream("GET", f"{url}{path}{query}", headers=headers, timeout=30) as answer:
                if "event-stream" not in answer.headers.get("Content-Type", ""):
                    yield f"{path}{query} {answer.status_code}", answer.read().decode("utf-8", errors="replace")


def marks_in(where: str, text: str, marks: Iterable[str] = MARKS) -> list[tuple[str, str]]:
    return [(where, mark) for mark in marks if mark.casefold() in text.casefold()]


def test_no_name_leaves_the_service_that_keeps_it(settings, keys, start_service):
    line = WholeLine(settings, keys, start_service)
    line.district(students=1)
    put_through(line)
    line.wait_for((0, 2))

    found = []
    topics = [settings.topic(one.name) for one in PRODUCERS]
    log, records = asyncio.run(log_of(settings.kafka_bootstrap_servers, topics))
    found += marks_in("kafka", log.decode("latin-1"))
    looked = 0
    with MongoClient(settings.mongo_url) as client:
        for name in client.list_database_names():
            service = name.removeprefix(f"{settings.database_prefix}_")
            if service == name:
                continue
            for collection in client[name].list_collection_names():
                if (service, collection) not in OWN:
                    looked += 1
                    text = "\n".join(repr(document) for document in client[name][collection].find())
                    found += marks_in(f"{name}.{collection}", text)
        kept = repr(list(client[settings.database("roster")]["records"].find({"kind": "student"})))
        families = repr(list(client[settings.database("family_touchpoints")]["records"].find()))
    for service in line.services.values():
        found += marks_in(f"log of {service.name}", service.log.read_text())
        found += marks_in(f"metrics of {service.name}", httpx.get(f"{service.url}/metrics").text)
    answered = {name: dict(told_to(line, keys, name)) for name in line.services}
    for name, answers in answered.items():
        found += [each for path, text in answers.items() for each in marks_in(f"{name} {path}", text, OF_FAMILIES)]

    assert found == []
    lists = ("touchpoints", "workshops", "survey-responses", "families/unreached", "worklists/missed?format=csv")
    assert {f"/v1/{what} 200" for what in lists} <= answered["family_touchpoints"].keys()
    assert GIVEN in kept, "the canary was there to be found"
    assert [mark for mark in OF_FAMILIES if mark not in families] == [], "and so was her family's"
    assert {b'"plan_point"' in log, b'"workshop_type"' in log} == {True}, "her family's call and evening were told"
    assert records > 20
    assert looked >= 5
    assert b'"preferred_language":"spa"' in log, "the guardian was told, by an id"
