"""Evenings for families in the test's own process: a district with two schools, and what callers do with rolls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from shared.contracts.roster import Organisation, OrganisationType
from shared.process.settings import Settings
from tests import family_app
from tests.family_app import Families
from tests.producer_app import Came, event

Said = dict[str, Any]
EVENING: Said = {
    "kind": "workshop",
    "career_related": True,
    "level": "high",
    "organisation_ids": ["high"],
    "held_on": "2025-11-12",
    "title": "Paths after welding",
    "room": "B 12",
}


def place(id: str, type: OrganisationType, parent: str | None, version: int = 1, **more: Any) -> Came:
    """What roster tells of an organisation in another."""
    fact = Organisation(organisation_id=id, name="Sample", type=type, parent_id=parent, **more)
    return event(f"organisation/{id}", f"organisation/{id}", fact, version)


@asynccontextmanager
async def running(settings: Settings, keys: Path) -> AsyncIterator[Families]:
    """The service, told of families, and of a district with a high and a middle school."""
    async with family_app.running(settings, keys) as opened:
        await opened.told(
            place("north", "district", "cted"), place("high", "school", "north"), place("middle", "school", "north")
        )
        yield opened


async def planned(app: Families, answers: int = 201, **more: Any) -> Any:
    """A workshop that is planned, or why not."""
    return await app.post("/workshops", {**EVENING, **more}, answers)


async def act(app: Families, record: Said, action: str, answers: int = 200, **body: Any) -> Any:
    """What comes of an action on the workshop as it was seen."""
    return await app.post(f"/workshops/{record['id']}/{action}", body, answers, version=record["version"])


async def roll(
    app: Families, workshop: Said, *rows: Said, answers: int = 200, key: str | None = None, **more: Any
) -> Any:
    """What comes of a roll of the day itself, unless another is named."""
    dry = {"dry_run": True} if more.pop("dry_run", False) else {}
    body = {"on": "2025-11-12", "rows": list(rows), **more}
    return await app.post(f"/workshops/{workshop['id']}/roll", body, answers, key=key, **dry)


def came(guardian: str, *students: str, **more: Any) -> Said:
    """A row: this guardian of these students."""
    return {"guardian_id": guardian, "student_ids": list(students), **more}


def walked_in(name: str, *students: str, **more: Any) -> Said:
    """A row: somebody whom roster does not know."""
    return {"walk_in": {"name": name, **more}, "student_ids": list(students)}


def outcomes(answer: Said) -> list[str]:
    """What became of the rows, in order."""
    return [row["outcome"] for row in answer["rows"]]


async def attended(app: Families) -> list[tuple[Any, ...]]:
    """By subject, what is told of attendance: whose, of which students, whether it counts."""
    told: list[Any] = sorted(await app.facts("attendance"), key=lambda one: one[0])
    return [
        (subject, fact.guardian_id, fact.student_ids, fact.held and fact.status == "present") for subject, fact in told
    ]


async def unnamed(app: Families) -> int:
    """How many were at the one workshop whom its roll does not name, as it is told."""
    told: list[Any] = await app.facts("workshop")
    return int(told[0][1].unnamed)


async def joined(app: Families, guardian: str, into: str | None) -> None:
    """A data manager has said that both ids are one guardian's; into None: that they are two."""
    said = {"same_as": into, "reason": "the mother"} if into else {"reason": "they are sisters"}
    await app.post(f"/guardians/{guardian}/{'same-as' if into else 'separate'}", said, 200)


async def ruled(app: Families, student_id: str, guardian: str, until: str | None = None) -> None:
    """No contact with this guardian about the student from October on."""
    rule = {"guardian_id": guardian, "rule": "no_contact", "basis": "court_order", "from": "2025-10-01", "to": until}
    await app.put(f"/students/{student_id}/rules/r1", {**rule, "seen_on": "2025-10-01"})
