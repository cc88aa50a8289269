"""What callers are answered about awards and the catalogue."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.credentials.award.bodies import CelebrationBody, TierBody, VerificationBody
from services.credentials.award.commands import Logged
from shared.contracts.credentials import Result
from shared.csv.rows import ImportReport
from shared.errors import Conflict, Refused, apart
from shared.producer.puts import Outcome
from shared.web.views import Past

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


class Kept(BaseModel):
    """What every record has."""

    id: str
    version: int
    void: bool
    updated_at: datetime
    history: list[Past] | None = Field(default=None, description="with ?history=true")


class LookRecord(VerificationBody):
    """One look at an award, as it is kept."""

    by: str | None = Field(default=None, description="who recorded it")


class AwardRecord(Kept):
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


class CredentialRecord(Kept):
    """One entry of the catalogue, as it is kept; its tiers by program and day."""

    code: str
    title: str
    issuer: str
    type: str
    ctdl_id: str | None
    tiers: list[TierBody]


class CredentialKept(CredentialRecord):
    """An entry as it is kept now, and how many awards it restates."""

    restated: int = Field(description="awards that say something else since, and are published again")


class WouldRestate(BaseModel):
    """What would become of it; nothing was written."""

    outcome: Outcome
    restated: int = Field(description="awards or assessments that would say something else, and be published again")
    dry_run: bool


class EntryWould(WouldRestate):
    """What would become of an entry of the catalogue."""

    code: str


class CatalogueReport(ImportReport):
    """What became of each row, and how many awards the entries restate."""

    restated: int = Field(description="awards that say something else since; in a dry run, that would")


class CredentialPage(BaseModel):
    """Some entries of the catalogue; `next` is the cursor of the page behind."""

    items: list[CredentialRecord]
    next: str | None


class Pointed(BaseModel):
    """One thing wrong, and where."""

    pointer: str
    detail: str
    what_would_work: str = ""
    code: str = Field(default="", description="The kind of trouble, for programs.")


class BatchRowAnswer(BaseModel):
    """What became of one row of a class list."""

    row: int = Field(description="as in the request, from 0")
    outcome: Literal["created", "unchanged", "refused"]
    award_id: str | None
    warnings: list[str]
    problem: str | None = Field(description="why the row was refused, and what would work")
    existing: str | None = Field(description="the award that stands in the way")
    errors: list[Pointed]


class BatchAnswer(BaseModel):
    """What became of a class list."""

    batch_id: str
    dry_run: bool
    created: int
    unchanged: int
    refused: int
    rows: list[BatchRowAnswer]


class BatchVoided(BaseModel):
    """How many awards of a class list were taken out, and how many already had been."""

    batch_id: str
    voided: int
    unchanged: int


def batch_answer(batch_id: str, logged: list[Logged], *, dry_run: bool) -> dict[str, Any]:
    """The answer to a class list, row by row."""
    outcomes = [one.outcome for one in logged]
    return {
        "batch_id": batch_id,
        "dry_run": dry_run,
        "created": outcomes.count("created"),
        "unchanged": outcomes.count("unchanged"),
        "refused": outcomes.count("refused"),
        "rows": [_row_answer(row, one) for row, one in enumerate(logged)],
    }


def pointed(row: int, refusal: Refused | None) -> list[Pointed]:
    """What is wrong with a row of a list, each thing with its pointer into the request."""
    return [
        Pointed(pointer=f"/rows/{row}{one.pointer}", detail=one.detail, what_would_work=one.works, code=one.code)
        for one in (apart(refusal) if refusal else ())
    ]


def _row_answer(row: int, logged: Logged) -> dict[str, Any]:
    refusal = logged.refusal
    return {
        "row": row,
        "outcome": logged.outcome,
        "award_id": logged.id or None,
        "warnings": [one.said for one in logged.warnings],
        "problem": refusal.detail if refusal else None,
        "existing": refusal.existing or None if isinstance(refusal, Conflict) else None,
        "errors": [one.model_dump() for one in pointed(row, refusal)],
    }
