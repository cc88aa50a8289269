"""Facts that credentials publishes: the dated catalogue, and awards with what was in force."""

from datetime import date
from typing import ClassVar, Literal

import msgspec

from shared.contracts.envelope import Fact
from shared.contracts.values import Id, SchoolYear

Tier = Literal["required", "preferred", "relevant", "other"]
Result = Literal["passed", "failed", "in_progress"]
Level = Literal["self_reported", "document_seen", "issuer_lookup", "issuer_feed", "cryptographic"]
Outcome = Literal["confirmed", "not_found"]


class CredentialsFact(Fact, frozen=True, kw_only=True):
    service: ClassVar[str] = "credentials"


class DatedTier(msgspec.Struct, frozen=True, kw_only=True):
    """From `valid_from` on, the credential has this tier for the program; None ends the alignment."""

    program_id: Id
    tier: Tier | None
    valid_from: date


class Catalogue(CredentialsFact, frozen=True, kw_only=True):
    """One industry credential and what it is worth to which program, by date."""

    kind: ClassVar[str] = "catalogue"
    credential_code: Id
    title: str
    issuer: str
    type: str
    ctdl_id: str | None = None
    tiers: tuple[DatedTier, ...] = ()


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody other than the student looked, on a day, and found it or did not."""

    level: Level
    verified_on: date
    outcome: Outcome


class Award(CredentialsFact, frozen=True, kw_only=True):
    """An attempt at a credential and what came of it.

    `tiers` gives, per aligned program, the tier in force on the award date (on `taken_on` when
    nothing was awarded). `school_year` is that of the same date. `program_id` and
    `organisation_id` are where the student was taught when it was logged, when that is known.
    """

    kind: ClassVar[str] = "award"
    award_id: Id
    student_id: Id
    credential_code: Id
    credential_type: str
    result: Result
    school_year: SchoolYear
    program_id: Id | None = None
    organisation_id: Id | None = None
    taken_on: date | None = None
    awarded_on: date | None = None
    expires_on: date | None = None
    revoked_on: date | None = None
    tiers: dict[Id, Tier] = {}
    verifications: tuple[Verification, ...] = ()


FACTS: tuple[type[Fact], ...] = (Catalogue, Award)
