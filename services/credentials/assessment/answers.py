"""What callers are answered about assessments and a program's cuts."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.credentials.assessment.bodies import CutBody
from services.credentials.award.answers import Kept, Pointed, WouldRestate, pointed
from services.credentials.award.commands import Logged
from shared.contracts.credentials import AssessmentKind, Phase
from shared.contracts.roster import OrganisationType
from shared.errors import Conflict

EXAMPLE: dict[str, Any] = {
    "id": "7c1f6a9a513d2f7f0e8c11a3f1c2",
    "version": 1,
    "void": False,
    "student_id": "p1",
    "program_id": "it-security",
    "kind": "technical_skills",
    "phase": None,
    "form": "spring-a",
    "scale": "items",
    "taken_on": "2025-04-10",
    "operational_items": 80,
    "correct": 58,
    "score": None,
    "passed": None,
    "cut": None,
    "organisation_id": "northwest",
    "organisation_type": "central_campus",
    "batch_id": None,
    "updated_at": "2025-04-11T18:00:00Z",
}


class AssessmentRecord(Kept):
    """One sitting of an assessment, as it is kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    student_id: str = Field(description="the person id, whatever name it was logged under")
    program_id: str
    kind: AssessmentKind
    phase: Phase | None
    form: str
    scale: str
    taken_on: date
    operational_items: int | None
    correct: int | None
    score: str | None
    passed: bool | None = Field(description="the verdict as it was told; null: the cut in force decides")
    cut: str | None
    organisation_id: str | None = Field(description="where the student was taught; filled in from the enrolment")
    organisation_type: OrganisationType | None = Field(description="of what type that place is now; not kept")
    batch_id: str | None = Field(description="the class list that it came with")
    attempt: int = Field(default=1, description="which sitting of the form on that day; left out of the first")


class AssessmentPage(BaseModel):
    """Some assessments; `next` is the cursor of the page behind."""

    items: list[AssessmentRecord]
    next: str | None


class CutsRecord(Kept):
    """What a program asks, by date, as it is kept."""

    program_id: str
    cuts: list[CutBody]


class CutsKept(CutsRecord):
    """The cuts as they are kept now, and how many assessments they restate."""

    restated: int = Field(description="assessments that may say something else since, and are published again")


class CutsWould(WouldRestate):
    """What would become of a program's cuts."""

    program_id: str


class RowAnswer(BaseModel):
    """What became of one row of a class list."""

    row: int = Field(description="as in the request, from 0")
    outcome: Literal["created", "unchanged", "refused"]
    assessment_id: str | None
    warnings: list[str]
    problem: str | None = Field(description="why the row was refused, and what would work")
    existing: str | None = Field(description="the assessment that stands in the way")
    errors: list[Pointed]


class BatchAnswer(BaseModel):
    """What became of a class list."""

    batch_id: str
    dry_run: bool
    created: int
    unchanged: int
    refused: int
    rows: list[RowAnswer]


def batch_answer(batch_id: str, logged: list[Logged], *, dry_run: bool) -> BatchAnswer:
    """The answer to a class list, row by row."""
    outcomes = [one.outcome for one in logged]
    return BatchAnswer(
        batch_id=batch_id,
        dry_run=dry_run,
        created=outcomes.count("created"),
        unchanged=outcomes.count("unchanged"),
        refused=outcomes.count("refused"),
        rows=[_row_answer(row, one) for row, one in enumerate(logged)],
    )


def _row_answer(row: int, logged: Logged) -> RowAnswer:
    refusal = logged.refusal
    return RowAnswer(
        row=row,
        outcome=logged.outcome,
        assessment_id=logged.id or None,
        warnings=[one.said for one in logged.warnings],
        problem=refusal.detail if refusal else None,
        existing=refusal.existing or None if isinstance(refusal, Conflict) else None,
        errors=pointed(row, refusal),
    )
