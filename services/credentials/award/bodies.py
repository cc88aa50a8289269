"""What callers send about awards and the catalogue; frozen, with an example of each."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from services.credentials.award.celebrations import Channel
from services.credentials.catalogue_entry.rules import TYPES
from shared.contracts.credentials import Level, Outcome, Result, Tier
from shared.words.fields import Body, Day, Id, Name, Reason, StudentName
from shared.words.forms import form

ROWS_MAX = 500
TIERS_MAX = 1000
LOOKS_MAX = 50

Attempt = Annotated[
    int,
    Field(ge=1, le=99, description="tells apart several of one day that were not passed; another result needs none"),
]
LICENSE_NUMBER = form(r"^[ -~]{1,100}$", "1 to 100 letters of a to z, digits and signs")
LINK = form(r"^https?://[!-~]{1,1990}$", "an address that begins with https://")
CTDL_ID = form(r"^[!-~]{1,100}$", "the CTDL id of Credential Engine, such as ce-…")
LicenseNumber = Annotated[str, StringConstraints(pattern=LICENSE_NUMBER, strip_whitespace=True)]
Link = Annotated[str, StringConstraints(pattern=LINK)]
Method = Annotated[Name, Field(description="how it was looked up, in a few words; stays in this service")]
# Spelt by hand, so that a misspelt one is answered with the nearest.
CredentialType = Annotated[str, Field(max_length=60, json_schema_extra={"enum": list(TYPES)})]


def _example(**fields: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [fields]})


def _or_left_out(schema: dict[str, Any]) -> None:
    """What stands for a field that was not sent is nobody's business but ours."""
    schema.pop("default", None)


class TierBody(Body):
    """From `valid_from` on, the credential has this tier for the program; null ends the alignment."""

    program_id: Id
    tier: Tier | None
    valid_from: Day


class CredentialBody(Body):
    """One industry credential and what it is worth to which program, by date."""

    model_config = _example(
        title="CompTIA Security+",
        issuer="CompTIA",
        type="Certification",
        ctdl_id="ce-00000000-0000-0000-0000-000000000000",
        tiers=[{"program_id": "it-security", "tier": "required", "valid_from": "2023-07-01"}],
    )

    title: Name
    issuer: Name
    type: CredentialType
    ctdl_id: Annotated[str, StringConstraints(pattern=CTDL_ID)] | None = None
    tiers: Annotated[tuple[TierBody, ...], Field(max_length=TIERS_MAX)] = ()


class VerificationBody(Body):
    """Somebody other than the student looked, on a day, and found it or did not."""

    model_config = _example(level="issuer_lookup", verified_on="2025-05-22", outcome="confirmed")

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

    model_config = _example(
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

    model_config = _example(
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

    model_config = _example(awarded_on="2025-05-21", reason="the certificate says the 21st")

    credential_code: Id = Field(default="", json_schema_extra=_or_left_out)
    program_id: Id | None = None
    result: Result = Field(default="passed", json_schema_extra=_or_left_out)
    taken_on: Day | None = None
    awarded_on: Day | None = None
    expires_on: Day | None = None
    license_number: LicenseNumber | None = None
    evidence_url: Link | None = None
    revoked_on: None = Field(default=None, description="null lifts a revocation; POST .../revocation sets one")
    verifications: Annotated[tuple[VerificationBody, ...], Field(max_length=LOOKS_MAX)] = Field(
        default=(), description="all that are to stand; POST .../verification adds one", json_schema_extra=_or_left_out
    )
    renews: Id | None = None
    attempt: Attempt = Field(default=1, json_schema_extra=_or_left_out)
    celebrations: Annotated[tuple[CelebrationBody, ...], Field(max_length=LOOKS_MAX)] = Field(
        default=(),
        description="those that are to stand, to take one back; POST .../celebration records one",
        json_schema_extra=_or_left_out,
    )
    reason: Reason | None = None


class VerificationAction(VerificationBody):
    """One more look at an award."""

    model_config = _example(level="issuer_lookup", verified_on="2025-05-22", outcome="confirmed")

    reason: Reason | None = None


class CelebrationAction(CelebrationBody):
    """One more celebration of an award."""

    model_config = _example(channel="school_website", celebrated_on="2025-05-23")

    reason: Reason | None = None


class RevocationAction(Body):
    """The issuer has taken the award back."""

    model_config = _example(revoked_on="2025-09-01", reason="the issuer found the exam to be invalid")

    revoked_on: Day
    reason: Reason


class VoidAction(Body):
    """The award should never have been logged."""

    model_config = _example(reason="logged for the wrong student")

    reason: Reason
