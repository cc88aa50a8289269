"""What the sample sends to family_touchpoints: plans, restrictions, what was tried, two evenings and a survey."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from deploy.sample import programs
from deploy.sample.district import CURRENT_YEAR, District
from deploy.sample.families import touches
from deploy.sample.families.touches import YEAR, Family, families
from deploy.sample.people import Person
from deploy.sample.places import CENTRAL, CTED
from deploy.sample.sending import Rows, Sending, Share, Step, ask, csv_step

SERVICE = "family_touchpoints"
TERMS = {
    YEAR: (("fall", "2025-08-04"), ("spring", "2026-01-05")),
    CURRENT_YEAR: (("fall", "2026-08-03"), ("spring", "2027-01-04")),
}
POINTS = (
    {"code": "autumn-call", "term": 1, "purpose": "introduction", "within_days": 60},
    {"code": "autumn-progress", "term": 1, "purpose": "progress", "within_days": 120},
    {"code": "spring-progress", "term": 2, "purpose": "progress", "within_days": 90},
)
STEPS = ({"status": "proposed", "on": "2025-03-03"}, {"status": "approved", "on": "2025-05-06"})
SURVEY, VERSION = "families", 1
ASKS = {"child_needs": True, "own_needs": True, "satisfaction": True}
QUESTIONS = (
    {
        "code": "child-help",
        "kind": "yes_no",
        "about": "child_needs",
        "texts": {
            "eng": "Does your child have what the program asks for?",
            "spa": "¿Su hijo o hija tiene lo que pide el programa?",
        },
    },
    {
        "code": "own-help",
        "kind": "yes_no",
        "about": "own_needs",
        "texts": {
            "eng": "Would you like to know more about careers?",
            "spa": "¿Quiere saber más sobre las carreras?",
        },
    },
    {
        "code": "content",
        "kind": "scale",
        "about": "satisfaction",
        "texts": {
            "eng": "How content are you with the program?",
            "spa": "¿Qué tan contento está con el programa?",
        },
    },
)
EVENINGS = (
    {
        "kind": "orientation",
        "title": "Welcome evening (sample)",
        "held_on": "2025-09-10",
        "starts_at": "18:00",
        "organisation_ids": ["northwest"],
    },
    {
        "kind": "presentation",
        "title": "What the program leads to (sample)",
        "held_on": "2026-02-12",
        "starts_at": "18:30",
        "organisation_ids": ["central"],
    },
)


def files(made: District) -> Mapping[str, Rows]:
    """The CSV files by name."""
    of_year = list(families(made, YEAR))
    return {
        "touchpoints.csv": touches.rows(made, made.until),
        "rules.csv": list(_rules(of_year)),
        "sharing.csv": list(_sharing(of_year)),
        "survey-responses.csv": list(_responses(of_year, made.seed)),
    }


def _excused(of_year: Iterable[Family], *, odd: bool) -> Iterable[Person]:
    found = {one.course.student.number: one.course.student for one in of_year if one.fate == "excused"}
    return (student for number, student in found.items() if number % 2 == odd)


def _rules(of_year: Iterable[Family]) -> Iterable[dict[str, str]]:
    """Of those who are excused every second has a rule about everybody."""
    for student in _excused(of_year, odd=False):
        yield {
            "rule_id": f"sample-{student.number:06d}",
            "student_id": student.alias,
            "guardian_id": "everybody",
            "rule": "no_contact",
            "basis": "safety_plan",
            "from": "2025-07-01",
            "to": "2026-06-30",
            "seen_on": "2025-07-15",
            "told_to_staff": "Ask the counselor before you contact anybody (sample).",
        }


def _sharing(of_year: Iterable[Family]) -> Iterable[dict[str, str]]:
    """The others are of age and share nothing."""
    for student in _excused(of_year, odd=True):
        yield {"student_id": student.alias, "eighteen_on": "2025-09-01"}


def _responses(of_year: Iterable[Family], seed: int) -> Iterable[dict[str, str]]:
    """One family in nine has answered, once for all its children; some the part about their child alone."""
    for one in of_year:
        random = Random(f"{seed} survey {one.course.student.number}")
        eldest = one.guardians[0].family == one.course.student.number
        if one.fate != "excused" and eldest and random.random() < 1 / 9:
            matters = ["child_needs", "own_needs", "satisfaction"] if random.random() < 0.8 else ["child_needs"]
            yield {
                "survey_id": SURVEY,
                "survey_version": str(VERSION),
                "guardian_id": one.guardians[0].id,
                "student_id": one.course.student.alias,
                "answered_on": date(2025, 10, random.randint(6, 31)).isoformat(),
                "language": one.guardians[0].language,
                "answered": ";".join(matters),
            }


async def _terms(to: Sending) -> None:
    for year, terms in TERMS.items():
        body = {"terms": [{"term": term, "begins": begins} for term, begins in terms]}
        await ask(to.services["roster"], "PUT", f"/v1/organisations/{CTED}/terms/{year}", json=body)


async def _plans(to: Sending) -> None:
    """Every program has designed its touch points but the newest."""
    for program in programs.PROGRAMS:
        if program.id != programs.NEWEST:
            body = {"points": POINTS, "steps": STEPS}
            await ask(to.services[SERVICE], "PUT", f"/v1/programs/{program.id}/touchpoint-plan", json=body)


async def _planned(to: Sending) -> None:
    """Some families were to come in: one in three did not, and was met a week later; one in nine we did not make."""
    of_year = [one for one in families(to.made, YEAR) if one.fate == "both" and one.course.student.number % 5 == 0]
    for one in of_year:
        number, first = one.course.student.number, date(2025, 10, 6) + timedelta(days=one.course.student.number % 4)
        body = {
            "students": [one.course.student.alias],
            "guardian_ids": [one.guardians[0].id],
            "method": "InPerson",
            "purpose": "progress",
            "program_id": one.course.program,
            "planned_for": first.isoformat(),
        }
        (made,) = (await _posted(to, "/v1/touchpoints", body, f"sample-plan-{number}"))["touchpoints"]
        if made["version"] > 1:
            continue
        later = (first + timedelta(days=7)).isoformat()
        steps = {0: (("missed", first.isoformat()), ("held", later)), 1: (("not-made", first.isoformat()),)}
        for action, day in steps.get(number // 3 % 3, (("held", first.isoformat()),)):
            said = {"on": day, "outcome": "reached"} if action == "held" else {"on": day}
            match = {"If-Match": f'"{made["version"]}"'}
            path = f"/v1/touchpoints/{made['id']}/{action}"
            made = (await ask(to.services[SERVICE], "POST", path, json=said, headers=match)).json()


async def _evenings(to: Sending) -> None:
    """An evening each at two campuses, with those who came by name, and more who were counted."""
    for number, said in enumerate(EVENINGS):
        body = {**said, "career_related": True, "level": "high", "languages": ["eng"], "interpreted": ["spa"]}
        made = await _posted(to, "/v1/workshops", body, f"sample-evening-{number}")
        rows = _came(to.made, str(said["organisation_ids"][0]), number)
        roll = {"on": said["held_on"], "rows": rows, "head_count": len(rows) + 12, "head_count_of": "everyone"}
        await _posted(to, f"/v1/workshops/{made['id']}/roll", roll, f"sample-roll-{number}")


def _came(made: District, campus: str, number: int) -> list[dict[str, Any]]:
    """Some families of the campus."""
    day = date.fromisoformat(str(EVENINGS[number]["held_on"]))
    here = [one for one in families(made, YEAR) if one.course.organisation == campus and one.fate != "excused"]
    here = [one for one in here if one.first <= day <= one.last and one.course.student.number % 7 == number]
    return [
        {
            "guardian_id": one.guardians[0].id,
            "student_ids": [one.course.student.alias],
            "language": one.guardians[0].language,
        }
        for one in here
    ]


async def _survey(to: Sending) -> None:
    body = {"published_on": "2025-10-01", "languages": ["eng", "spa"], "asks": ASKS, "questions": QUESTIONS}
    await ask(to.services[SERVICE], "PUT", f"/v1/surveys/{SURVEY}/{VERSION}", json=body)
    for number, campus in enumerate(CENTRAL):
        counted = (
            {"complete": 20 + number, "partial": 4} if to.made.every == 1 else {"complete": 7 + number, "partial": 1}
        )
        tally = {"answered_on": "2025-11-05", "language": "eng", "organisation_id": campus, **counted}
        await _posted(to, f"/v1/surveys/{SURVEY}/{VERSION}/tallies", tally, f"sample-tally-{campus}")


async def _posted(to: Sending, path: str, body: Mapping[str, Any], key: str) -> dict[str, Any]:
    made: dict[str, Any] = (
        await ask(to.services[SERVICE], "POST", path, json=body, headers={"Idempotency-Key": key})
    ).json()
    return made


SHARE = Share(
    SERVICE,
    files,
    (
        Step("terms", _terms, after=("mapped",)),
        Step("touch point plans", _plans, after=("programs",)),
        csv_step(SERVICE, "rules", "/v1/rules/imports", after=("enrolments",)),
        csv_step(SERVICE, "sharing", "/v1/sharing/imports", after=("enrolments",)),
        csv_step(SERVICE, "touchpoints", "/v1/touchpoints/imports", after=("terms", "rules", "sharing")),
        Step("planned", _planned, after=("touchpoints",)),
        Step("evenings", _evenings, after=("touchpoints",)),
        Step("survey", _survey, after=("enrolments",)),
        csv_step(SERVICE, "survey-responses", "/v1/survey-responses/imports", after=("survey",)),
    ),
)
