"""From what callers send to what the rules decide on."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.credentials.bodies import (
    AwardBody,
    AwardChange,
    BatchBody,
    BatchRow,
    CredentialBody,
    Details,
    ImportedAward,
    VerificationBody,
)
from services.credentials.catalogue import Credential
from services.credentials.domain import PASSED, Award
from shared.contracts.credentials import DatedTier, Verification


def verification_from(body: VerificationBody) -> Verification:
    """One look at an award."""
    return Verification(level=body.level, verified_on=body.verified_on, outcome=body.outcome)


def award_from(body: AwardBody) -> Award:
    """The award that is asked for, its student still as the caller named it."""
    return Award(
        student_id=body.student_id,
        credential_code=body.credential_code,
        program_id=body.program_id,
        result=body.result,
        taken_on=body.taken_on,
        awarded_on=body.awarded_on,
        revoked_on=body.revoked_on if isinstance(body, ImportedAward) else None,
        **_details(body),
    )


def batch_awards(body: BatchBody, batch_id: str) -> Iterable[Award]:
    """The awards of a class list, row by row."""
    return (_of_row(body, row, batch_id) for row in body.rows)


def _of_row(body: BatchBody, row: BatchRow, batch_id: str) -> Award:
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
        **_details(row),
    )


def _details(body: Details) -> dict[str, Any]:
    return {
        "expires_on": body.expires_on,
        "license_number": body.license_number,
        "evidence_url": body.evidence_url,
        "verifications": (verification_from(body.verification),) if body.verification else (),
    }


def changes_from(body: AwardChange) -> Mapping[str, Any]:
    """Only what was sent."""
    changes = {name: getattr(body, name) for name in body.model_fields_set - {"reason"}}
    if "verifications" in changes:
        changes["verifications"] = tuple(verification_from(one) for one in body.verifications)
    return changes


def credential_from(code: str, body: CredentialBody) -> Credential:
    """The catalogue entry that is asked for."""
    return Credential(
        code=code,
        title=body.title,
        issuer=body.issuer,
        type=body.type,
        ctdl_id=body.ctdl_id,
        tiers=tuple(
            DatedTier(program_id=one.program_id, tier=one.tier, valid_from=one.valid_from) for one in body.tiers
        ),
    )
