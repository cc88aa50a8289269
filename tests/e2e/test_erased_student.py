"""A marked student is put into everything that keeps anything, erased by command, and found nowhere any more."""

from functools import partial
from types import SimpleNamespace

import msgspec
import pytest
from pymongo import MongoClient

from shared.contracts.envelope import HEARTBEAT_TYPE, header
from tests.commands import aurora, aurora_json
from tests.e2e.whole_line import WholeLine, patiently
from tests.faults.evidence import logs_of
from tests.oneroster_zips import as_files, demographics, enrollment, role, sound, user, zipped

pytestmark = pytest.mark.faults

GIVEN, FAMILY, EMAIL, STATE_ID = "Canarygiven", "Canaryfamily", "canarymail@example.org", "90700300917"
BORN, LICENCE, LINK, TYPED = "1907-03-09", "CANARYLICENCE1", "https://example.org/canarylink", "canarywords"
SOURCED = "uX7can"
# Of her family: what staff are told, a note, why she was called all the same, who came for her alone, what they said.
TOLD, NOTE, BREACH, WALK_IN, ANSWER = "canarytold", "canarynote", "canarybreach", "Canarywalkin", "canaryanswer"
MARKS = (GIVEN, FAMILY, EMAIL, STATE_ID, BORN, LICENCE, LINK, TYPED, SOURCED, TOLD, NOTE, BREACH, WALK_IN, ANSWER)
REASON = "request 2026-17 of the family"


def package():
    rows = sound()
    marked = user(SOURCED, STATE_ID, givenName=GIVEN, familyName=FAMILY, email=EMAIL)
    rows["users"] += [marked, user("guardian-1", agentSourcedIds=f"{SOURCED},s-1")]
    rows["roles"] += [role(SOURCED), role("guardian-1", kind="guardian")]
    rows["demographics"] += [demographics(SOURCED, sex="female", birthDate=BORN)]
    rows["enrollments"] += [enrollment("e-x", SOURCED)]
    return zipped(as_files(rows))


def imported(line):
    """The end of an import of the package, with what is wrong with it."""
    at = "/oneroster/imports"
    headers = {"Content-Type": "application/zip"}
    sent = line.ask("roster", "POST", f"{at}?source=sis&school_year=2024-25", content=package(), headers=headers)
    assert sent.status_code == 202, sent.text
    for _ in patiently():
        found = line.ask("roster", "GET", f"{at}/{sent.json()['id']}").json()
        if found["finished_at"]:
            return found
    raise AssertionError(found)


def put_in(line):
    """The person's id, and that of a second record of her."""
    assert imported(line)["status"] == "done"
    found = line.ask("roster", "GET", "/students", params={"identifier": f"stateStudentId:{STATE_ID}"}).json()
    person = found["items"][0]["id"]
    place = {"program_id": "welding", "organisation_id": "north"}
    line.put("roster", "/students/second", given_name=GIVEN, family_name=FAMILY)
    line.put("roster", "/enrolments/of-hers", **place, student_id=person, begin="2023-08-07")
    line.put("roster", "/completions/of-hers", **place, student_id=person, completed_on="2025-05-20")
    line.put("roster", "/enrolments/of-second", **place, student_id="second", begin="2023-08-07")
    merge = {"other": "second", "reason": TYPED}
    assert line.ask("roster", "POST", f"/persons/{person}/merge", json=merge).status_code == 200
    assert line.award(person, "hers", license_number=LICENCE, evidence_url=LINK).status_code == 201
    late = line.award("second", "second", awarded_on="2025-06-02", license_number=LICENCE)
    assert late.status_code == 201, late.text
    void = {"json": {"reason": TYPED}, "headers": {"If-Match": late.headers["ETag"]}}
    assert line.ask("credentials", "POST", f"/awards/{late.json()['id']}/void", **void).status_code == 200
    of_family(line, person)
    line.wait_for((1, 4))
    with MongoClient(line.settings.mongo_url) as client:
        for service in ("aggregator", "credentials"):
            unread = {"_id": f"{service}-0-7", "topic": "t", "partition": 0, "offset": 7, "at": None, "times": 1}
            said = {"key": b"x", "value": f"student/{person} {GIVEN}".encode(), "headers": [["ce_id", b"1"]]}
            client[line.settings.database(service)]["parked"].insert_one({**unread, **said, "reason": "-"})
    return person


def of_family(line, person):
    """Somebody who walked in for her, a rule about them, calls, an evening, and when she is of age."""
    about = "family_touchpoints"
    line.put(about, "/guardians/w-hers", name=WALK_IN, phone="602 555 0142", student_ids=[person])
    rule = {"guardian_id": "w-hers", "rule": "no_contact", "basis": "safety_plan", "told_to_staff": TOLD}
    line.put(about, f"/students/{person}/rules/plan", **rule, **{"from": "2025-09-01", "to": "2025-09-30"})
    line.put(about, f"/students/{person}/sharing", eighteen_on="2030-02-11")
    withdrawn = {"status": "withdrawn", "on": "2025-11-05", "how": "reply_stop"}
    line.put(about, "/guardians/w-hers/consents/text/school", steps=[withdrawn])
    call = {"students": [person], "guardian_ids": ["w-hers"], "method": "Phone", "purpose": "progress", "note": NOTE}
    line.post(about, "/touchpoints", **call, outcome="reached", held_on="2025-10-09")
    line.post(about, "/touchpoints", **call, outcome="reached", held_on="2025-09-10", breach=BREACH)
    evening = {"kind": "workshop", "career_related": True, "level": "high", "organisation_ids": ["north"]}
    workshop = line.post(about, "/workshops", **evening, held_on="2025-11-12")
    row = {"guardian_id": "w-hers", "student_ids": [person]}
    line.post(about, f"/workshops/{workshop['id']}/roll", on="2025-11-12", rows=[row])
    question = {"code": "help", "kind": "text", "about": "own_needs", "texts": {"eng": "What helps?"}}
    asks = {"asks": {"own_needs": True}, "questions": [question], "languages": ["eng"]}
    line.put(about, "/surveys/needs/1", published_on="2025-11-03", **asks)
    given = {"guardian_id": "w-hers", "student_id": person, "answered_on": "2025-11-20", "language": "eng"}
    line.post(about, "/surveys/needs/1/responses", **given, answers={"help": ANSWER})
    link = {"purpose": "survey", "survey_id": "needs", "survey_version": 1}
    line.post(about, "/links", **link, guardian_id="w-hers", student_id=person)
    assert line.ask(about, "GET", f"/students/{person}/rules").status_code == 200


def kept(line):
    """Which marks stand where, in every collection of every service's database, and in every log."""
    found = set()
    with MongoClient(line.settings.mongo_url) as client:
        for database in client.list_database_names():
            if database.startswith(line.settings.database_prefix):
                for name in client[database].list_collection_names():
                    said = repr(list(client[database][name].find()))
                    found |= {(database.rpartition("_")[2], name, mark) for mark in MARKS if mark in said}
    for name, service in line.services.items():
        said = service.log.read_text()
        found |= {("log", name, mark) for mark in MARKS if mark in said}
    return found


async def test_an_erased_student_is_found_nowhere_and_is_not_kept_again(settings, keys, start_service):
    line = WholeLine(settings, keys, partial(start_service, heartbeat_seconds=0.3))
    line.district(students=3)
    person = put_in(line)
    before = kept(line)
    assert {mark for *_, mark in before} == set(MARKS) - {EMAIL}, "the canary was there to be found"
    assert {("roster", "oneroster_rows"), ("credentials", "records"), ("aggregator", "parked")} <= {
        (database, name) for database, name, _ in before
    }

    wrong = ["--reason", REASON, "--confirm", f"student/{person}x"]
    assert "nothing was erased" in (await aurora(settings, "erase", f"student/{person}", *wrong, expect=1)).output
    naming = ["--reason", f"{FAMILY.lower()} asked", "--confirm", "student/second"]
    assert "must not say who" in (await aurora(settings, "erase", "student/second", *naming, expect=1)).output
    assert (await aurora(settings, "erase", "student/nobody", *wrong, expect=1)).output.count("no student nobody") == 1
    assert kept(line) == before

    told = ["erase", "student/second", "--reason", REASON, "--by", "made-up-operator", "--confirm", "student/second"]
    answer = await aurora_json(settings, *told)
    assert (answer["students"], answer["follows"]) == ([person, "second"], [])
    assert answer["erased"]["credentials: records"] == 2
    # Calls, a rule, her age, a seat, a response, a link; who walked in for her, and what they said of texts.
    assert answer["erased"]["family_touchpoints: records"] == 2 + 1 + 1 + 1 + 1 + 1 + 2
    line.wait_for((0, 3))
    assert kept(line) == set()
    with MongoClient(settings.mongo_url) as client:
        roster = client[settings.database("roster")]
        (note,) = roster["erasures"].find()
        assert (note["by"], note["reason"], note["students"]) == ("made-up-operator", REASON, [person, "second"])
        assert note["finished_at"] >= note["at"]
        shown = client[settings.database("family_touchpoints")]["disclosures"]
        assert shown.count_documents({}) == 0, "nor who was shown why she may not be called"
        for tombstone in roster["records"].find({"gone": "erased"}):
            assert (tombstone["state"], len(tombstone["history"])) == ({}, 1)
            assert tombstone["kind"] != "student" or tombstone["subjects"]
    for path in (f"/students/{person}", "/students/second", "/completions/of-hers"):
        assert line.ask("roster", "GET", path).status_code == 404
    assert (await aurora_json(settings, "audit"))["drift"] == 0
    await nothing_of_her_stands_in_the_log(settings, {f"student/{person}", "student/second", "guardian/w-hers"})

    again = imported(line)
    refused = [one for one in again["problems"] if "erased" in one["problem"]]
    assert {(one["file"], one["value"]) for one in refused} == {
        (file, "") for file in ("users.csv", "roles.csv", "demographics.csv", "enrollments.csv")
    }
    assert again["status"] == "done"
    names = {"given_name": GIVEN, "family_name": FAMILY}
    for id in (person, "second", f"stateStudentId:{STATE_ID}", f"sis:{SOURCED}"):
        answer = line.ask("roster", "PUT", f"/students/{id}", json=names)
        assert answer.status_code == 422, answer.text
        assert "erased" in answer.text
    place = {"program_id": "welding", "organisation_id": "north", "student_id": "second"}
    more = place | {"completed_on": "2025-05-20"}
    assert line.ask("roster", "PUT", "/completions/of-hers", json=more).status_code == 422
    assert line.award(person, "hers").status_code in (404, 422)
    assert (await aurora_json(settings, *told))["follows"] == []
    assert kept(line) == set(), "nothing of the package that brought her again"
    assert line.headline() == line.recount() == (0, 3)


async def nothing_of_her_stands_in_the_log(settings, subjects):
    """The last word about each of her records is that it is withdrawn; what was said before expires."""
    last = {}
    ground = SimpleNamespace(settings=settings, broker=SimpleNamespace(bootstrap=settings.kafka_bootstrap_servers))
    for records in (await logs_of(ground)).values():
        for record in records:
            if header(record.headers, "ce_type") != HEARTBEAT_TYPE and record.key.decode() in subjects:
                event = msgspec.json.decode(record.value)
                last[record.key, event["record_id"]] = event["state"]
    assert len(last) > 6
    assert set(last.values()) == {None}
