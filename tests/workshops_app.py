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
