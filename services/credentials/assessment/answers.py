"""What callers are answered about assessments and a program's cuts."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.credentials.assessment.bodies import CutBody
from shared.contracts.credentials import AssessmentKind, Phase
from shared.contracts.roster import OrganisationType
from shared.producer.answers import ListAnswer, RecordView, RowAnswer, WouldRestate

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


class AssessmentRecord(RecordView):
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


class CutsRecord(RecordView):
    """What a program asks, by date, as it is kept."""

    program_id: str
    cuts: list[CutBody]


class CutsKept(CutsRecord):
    """The cuts as they are kept now, and how many assessments they restate."""

    restated: int = Field(description="assessments that may say something else since, and are published again")


class CutsWould(WouldRestate):
    """What would become of a program's cuts."""

    program_id: str


class AssessmentRowAnswer(RowAnswer):
    """What became of one row of a class list."""

    assessment_id: str | None


class AssessmentListAnswer(ListAnswer):
    """What became of a class list."""

    rows: list[AssessmentRowAnswer]
