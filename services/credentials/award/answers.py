"""What callers are answered about awards."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.credentials.award.bodies import CelebrationBody, VerificationBody
from shared.contracts.credentials import Result
from shared.producer.answers import ListAnswer, RecordView, RowAnswer

EXAMPLE_AWARD: dict[str, Any] = {
    "id": "4f6a9a513d2f7f0e8c11a3f1c2e4",
    "version": 1,
    "void": False,
    "student_id": "p1",
    "credential_code": "security-plus",
    "program_id": "it-security",
    "organisation_id": "northwest",
    "result": "passed",
    "taken_on": None,
    "awarded_on": "2025-05-20",
    "expires_on": None,
    "revoked_on": None,
    "license_number": None,
    "evidence_url": None,
    "verifications": [
        {
            "level": "document_seen",
            "verified_on": "2025-05-20",
            "outcome": "confirmed",
            "method": "certificate shown in class",
            "by": "instructor-1",
        }
    ],
    "batch_id": None,
    "renews": None,
    "celebrations": [{"channel": "school_website", "celebrated_on": "2025-05-23"}],
    "day": "2025-05-20",
    "updated_at": "2025-05-20T18:00:00Z",
}


class LookRecord(VerificationBody):
    """One look at an award, as it is kept."""

    by: str | None = Field(default=None, description="who recorded it")


class AwardRecord(RecordView):
    """An attempt at a credential and what came of it, as it is kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_AWARD]})

    student_id: str = Field(description="the person id, whatever name it was logged under")
    credential_code: str
    program_id: str | None
    organisation_id: str | None = Field(description="where the student was taught; filled in from the enrolment")
    result: Result
    taken_on: date | None
    awarded_on: date | None
    expires_on: date | None
    revoked_on: date | None
    license_number: str | None
    evidence_url: str | None
    verifications: list[LookRecord]
    batch_id: str | None = Field(description="the class list that it came with")
    renews: str | None = Field(default=None, description="the award that it goes on with")
    celebrations: list[CelebrationBody] = Field(default=[], description="where and when it was announced")
    attempt: int = Field(default=1, description="which attempt of the day that was not passed; left out of the first")
    program_named: bool = Field(default=True, description="false: the program was filled in from an enrolment")
    day: date = Field(description="awarded_on, else taken_on: with student, credential, result, attempt the key")


class LoggedAward(AwardRecord):
    """An award as it is kept, and what to look at again."""

    warnings: list[str] = Field(description="what may have been forgotten, and what would set it right")


class AwardPage(BaseModel):
    """Some awards; `next` is the cursor of the page behind."""

    items: list[AwardRecord]
    next: str | None


class AwardRowAnswer(RowAnswer):
    """What became of one row of a class list."""

    award_id: str | None


class BatchAnswer(ListAnswer):
    """What became of a class list."""

    rows: list[AwardRowAnswer]
