"""From what callers send to what the rules decide on."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.credentials.award.bodies import (
    AwardBody,
    AwardChange,
    BatchBody,
    BatchRow,
    CelebrationBody,
    CredentialBody,
    Details,
    ImportedAward,
    VerificationBody,
)
from services.credentials.award.celebrations import Celebration
from services.credentials.award.looks import Look
from services.credentials.award.rules import PASSED, Award
from services.credentials.catalogue_entry.rules import Credential
from shared.contracts.credentials import DatedTier


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
