"""What callers send about awards; frozen, with an example of each, and what it comes to for the rules."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from services.credentials.award.celebrations import Celebration, Channel
from services.credentials.award.looks import Look
from services.credentials.award.rules import PASSED, Award
from shared.contracts.credentials import Level, Outcome, Result
from shared.words.fields import Body, Day, Id, Name, Reason, StudentName, example, or_left_out
from shared.words.forms import form

ROWS_MAX = 500
LOOKS_MAX = 50

Attempt = Annotated[
    int,
    Field(ge=1, le=99, description="tells apart several of one day that were not passed; another result needs none"),
]
LICENSE_NUMBER = form(r"^[ -~]{1,100}$", "1 to 100 letters of a to z, digits and signs")
LINK = form(r"^https?://[!-~]{1,1990}$", "an address that begins with https://")
LicenseNumber = Annotated[str, StringConstraints(pattern=LICENSE_NUMBER, strip_whitespace=True)]
Link = Annotated[str, StringConstraints(pattern=LINK)]
Method = Annotated[Name, Field(description="how it was looked up, in a few words; stays in this service")]


class VerificationBody(Body):
    """Somebody other than the student looked, on a day, and found it or did not."""

    model_config = example(level="issuer_lookup", verified_on="2025-05-22", outcome="confirmed")

    level: Level
    verified_on: Day
    outcome: Outcome
    method: Method | None = None


class CelebrationBody(Body):
    """An award was announced, somewhere, on a day."""

    channel: Channel
    celebrated_on: Day


class Details(Body):
    """What may be said of any attempt besides its date."""

    expires_on: Day | None = None
    license_number: LicenseNumber | None = Field(default=None, description="stays in this service")
    evidence_url: Link | None = Field(default=None, description="stays in this service")
    verification: VerificationBody | None = None
    renews: Id | None = Field(default=None, description="the award of this student and credential that it goes on with")
    attempt: Attempt = 1


class AwardBody(Details):
    """An attempt at a credential and what came of it; `awarded_on` is needed when it was passed."""

    model_config = example(
        student_id="stateStudentId:900001",
        credential_code="security-plus",
        result="passed",
        awarded_on="2025-05-20",
        verification={"level": "document_seen", "verified_on": "2025-05-20", "outcome": "confirmed"},
    )

    student_id: StudentName
    credential_code: Id
    program_id: Id | None = Field(
        default=None, description="else the one in which the student was enrolled and that the credential serves"
    )
    result: Result
    taken_on: Day | None = None
    awarded_on: Day | None = None


class ImportedAward(AwardBody):
    """One row of an awards file, which may be of an award that was revoked long ago."""

    revoked_on: Day | None = None


class BatchRow(Details):
    """One student of a class; `result` is the list's own unless the row says otherwise."""

    student_id: StudentName
    result: Result | None = None


class BatchBody(Body):
    """A class list: one credential, one day; of a row that was not passed it is the day it was taken."""

    model_config = example(
        credential_code="security-plus",
        awarded_on="2025-05-20",
        rows=[{"student_id": "stateStudentId:900001"}, {"student_id": "northwest-sis:u-18", "result": "failed"}],
    )

    credential_code: Id
    program_id: Id | None = None
    awarded_on: Day
    result: Result = "passed"
    rows: Annotated[tuple[BatchRow, ...], Field(min_length=1, max_length=ROWS_MAX)]


class AwardChange(Body):
    """What is set right; a field that is left out stays as it is, null takes a value away."""

    model_config = example(awarded_on="2025-05-21", reason="the certificate says the 21st")

    credential_code: Id = Field(default="", json_schema_extra=or_left_out)
    program_id: Id | None = None
    result: Result = Field(default="passed", json_schema_extra=or_left_out)
    taken_on: Day | None = None
    awarded_on: Day | None = None
    expires_on: Day | None = None
    license_number: LicenseNumber | None = None
    evidence_url: Link | None = None
    revoked_on: None = Field(default=None, description="null lifts a revocation; POST .../revocation sets one")
    verifications: Annotated[tuple[VerificationBody, ...], Field(max_length=LOOKS_MAX)] = Field(
        default=(), description="all that are to stand; POST .../verification adds one", json_schema_extra=or_left_out
    )
    renews: Id | None = None
    attempt: Attempt = Field(default=1, json_schema_extra=or_left_out)
    celebrations: Annotated[tuple[CelebrationBody, ...], Field(max_length=LOOKS_MAX)] = Field(
        default=(),
        description="those that are to stand, to take one back; POST .../celebration records one",
        json_schema_extra=or_left_out,
    )
    reason: Reason | None = None


class VerificationAction(VerificationBody):
    """One more look at an award."""

    model_config = example(level="issuer_lookup", verified_on="2025-05-22", outcome="confirmed")

    reason: Reason | None = None


class CelebrationAction(CelebrationBody):
    """One more celebration of an award."""

    model_config = example(channel="school_website", celebrated_on="2025-05-23")

    reason: Reason | None = None


class RevocationAction(Body):
    """The issuer has taken the award back."""

    model_config = example(revoked_on="2025-09-01", reason="the issuer found the exam to be invalid")

    revoked_on: Day
    reason: Reason


def look_from(body: VerificationBody, by: str) -> Look:
    """One look at an award, and who recorded it."""
    return Look(level=body.level, verified_on=body.verified_on, outcome=body.outcome, method=body.method, by=by)


def celebration_from(body: CelebrationBody) -> Celebration:
    """One celebration of an award."""
    return Celebration(channel=body.channel, celebrated_on=body.celebrated_on)


def award_from(body: AwardBody, by: str) -> Award:
    """The award that is asked for, its student still as the caller `by` named it."""
    return Award(
        student_id=body.student_id,
        credential_code=body.credential_code,
        program_id=body.program_id,
        result=body.result,
        taken_on=body.taken_on,
        awarded_on=body.awarded_on,
        revoked_on=body.revoked_on if isinstance(body, ImportedAward) else None,
        **_details(body, by),
    )


def batch_awards(body: BatchBody, batch_id: str, by: str) -> Iterable[Award]:
    """The awards of a class list, row by row."""
    return (_of_row(body, row, batch_id, by) for row in body.rows)


def _of_row(body: BatchBody, row: BatchRow, batch_id: str, by: str) -> Award:
    result = row.result or body.result
    passed = result == PASSED
    return Award(
        student_id=row.student_id,
        credential_code=body.credential_code,
        program_id=body.program_id,
        result=result,
        taken_on=None if passed else body.awarded_on,
        awarded_on=body.awarded_on if passed else None,
        batch_id=batch_id,
        **_details(row, by),
    )


def _details(body: Details, by: str) -> dict[str, Any]:
    return {
        "expires_on": body.expires_on,
        "license_number": body.license_number,
        "evidence_url": body.evidence_url,
        "verifications": (look_from(body.verification, by),) if body.verification else (),
        "renews": body.renews,
        "attempt": body.attempt,
    }


def changes_from(body: AwardChange, by: str) -> Mapping[str, Any]:
    """Only what was sent, by whom."""
    changes = {name: getattr(body, name) for name in body.model_fields_set - {"reason"}}
    if "verifications" in changes:
        changes["verifications"] = tuple(look_from(one, by) for one in body.verifications)
    if "celebrations" in changes:
        changes["celebrations"] = tuple(celebration_from(one) for one in body.celebrations)
    return changes
