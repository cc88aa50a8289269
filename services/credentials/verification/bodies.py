"""What callers send and are answered about many looks at once."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.credentials.award.bodies import ROWS_MAX, LicenseNumber, Method
from services.credentials.award.looks import Look
from services.credentials.verification.commands import AskedLook, Looked
from services.credentials.verification.matching import Named
from shared.contracts.credentials import Level, Outcome
from shared.producer.answers import Pointed, pointed
from shared.words.fields import Body, Day, Id, StudentName, example


class NamedBody(Body):
    """Which award: award_id, or license_number, or student_id with credential_code and awarded_on."""

    award_id: Id | None = None
    license_number: LicenseNumber | None = None
    student_id: StudentName | None = None
    credential_code: Id | None = None
    awarded_on: Day | None = None


class LookRow(NamedBody):
    """One award of a list; what is left out is the list's own."""

    level: Level | None = None
    verified_on: Day | None = None
    outcome: Outcome | None = None
    method: Method | None = None


class Said(Body):
    """What a list or a file says of every row that does not say it itself."""

    level: Level
    verified_on: Day
    outcome: Outcome = "confirmed"
    method: Method | None = None


class VerificationBatch(Said):
    """Many looks, such as a class looked up with the issuer in one afternoon."""

    model_config = example(
        level="issuer_lookup",
        verified_on="2025-05-22",
        method="issuer web page",
        credential_code="security-plus",
        rows=[
            {"license_number": "LIC-77"},
            {"student_id": "stateStudentId:900001", "awarded_on": "2025-05-20", "outcome": "not_found"},
        ],
    )

    credential_code: Id | None = None
    rows: Annotated[tuple[LookRow, ...], Field(min_length=1, max_length=ROWS_MAX)]

    def asked(self, row: int, by: str) -> AskedLook:
        """One row with what the list says for all."""
        return asked_from(self.rows[row], self, row=row, code=self.credential_code, by=by)


def asked_from(one: LookRow, said: Said, *, row: int, code: str | None, by: str) -> AskedLook:
    """The look that a row asks for, and how it names the award."""
    look = Look(
        level=one.level or said.level,
        verified_on=one.verified_on or said.verified_on,
        outcome=one.outcome or said.outcome,
        method=one.method or said.method,
        by=by,
    )
    named = Named(
        award_id=one.award_id,
        license_number=one.license_number,
        student_id=one.student_id,
        credential_code=one.credential_code or code,
        awarded_on=one.awarded_on,
    )
    return AskedLook(row, named, look)


class LookedRow(BaseModel):
    """What became of one row."""

    row: int = Field(description="as in the request, from 0")
    outcome: Literal["changed", "unchanged", "refused"]
    award_id: str | None = Field(description="the award that the row means")
    problem: str | None = Field(description="why the row was refused, and what would work")
    errors: list[Pointed]


class VerificationBatchAnswer(BaseModel):
    """What became of many looks, row by row."""

    dry_run: bool
    changed: int
    unchanged: int
    refused: int
    rows: list[LookedRow]


def batch_answer(looked: list[Looked], *, dry_run: bool) -> VerificationBatchAnswer:
    """The answer, row by row."""
    outcomes = [one.outcome for one in looked]
    return VerificationBatchAnswer(
        dry_run=dry_run,
        changed=outcomes.count("changed"),
        unchanged=outcomes.count("unchanged"),
        refused=outcomes.count("refused"),
        rows=[
            LookedRow(
                row=row,
                outcome=one.outcome,
                award_id=one.id,
                problem=one.refusal.detail if one.refusal else None,
                errors=pointed(row, one.refusal),
            )
            for row, one in enumerate(looked)
        ],
    )
