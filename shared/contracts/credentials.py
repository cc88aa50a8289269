"""Facts that credentials publishes: the dated catalogue, awards and assessments with what was in force."""

from datetime import date
from typing import ClassVar, Literal

import msgspec

from shared.contracts.envelope import Fact
from shared.contracts.roster import OrganisationType
from shared.contracts.values import Id, SchoolYear, Share, YearStart

Tier = Literal["required", "preferred", "relevant", "other"]
Result = Literal["passed", "failed", "in_progress"]
Level = Literal["self_reported", "document_seen", "issuer_lookup", "issuer_feed", "cryptographic"]
Outcome = Literal["confirmed", "not_found"]
CatalogueStatus = Literal["proposed", "approved", "revised", "retired"]
AssessmentKind = Literal["technical_skills", "program"]
Phase = Literal["pre", "interim", "post"]


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


class CatalogueStep(msgspec.Struct, frozen=True, kw_only=True):
    """From `on` a program's list of credentials stands so, until its next step."""

    status: CatalogueStatus
    on: date


class ProgramCatalogue(CredentialsFact, frozen=True, kw_only=True):
    """Whether the list of credentials that a program leads to is approved, by date.

    It is approved from a step `approved` or `revised` until one that is neither. Of two steps on one
    day the one that is listed later stands.
    """

    kind: ClassVar[str] = "approval"
    program_id: Id
    steps: tuple[CatalogueStep, ...] = ()


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody other than the student looked, on a day, and found it or did not."""

    level: Level
    verified_on: date
    outcome: Outcome


class Award(CredentialsFact, frozen=True, kw_only=True):
    """An attempt at a credential and what came of it.

    `tiers` gives, per aligned program, the tier in force on the award date (on `taken_on` when
    nothing was awarded). `school_year` is that of the same date. `program_id` and
    `organisation_id` are where the student was taught when it was logged, when that is known;
    `program_named` tells that whoever logged it has said the program. What was filled in from
    enrolments may be otherwise by now: whoever counts works it out of those.
    `celebrated_on` is the day of its first celebration. `renews` is the award whose validity this one
    goes on with: a renewal is no further credential earned. `attempt` tells apart attempts of one
    day with the same result.
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
    celebrated_on: date | None = None
    renews: Id | None = None
    attempt: int = 1
    program_named: bool = True


class Assessment(CredentialsFact, frozen=True, kw_only=True):
    """One sitting of a technical skills assessment or of a program's own assessment, and what came of it.

    `share` is the exact part of what could be reached; None when only the verdict was told.
    `passed` is the verdict as told, else whether `share` reaches `cut`, the one in force on
    `taken_on`; `cut` is None when no cut decided. `minimum_gain` is what a `post` must gain on
    its `pre`; None: more than nothing. `school_year` is that of `taken_on`.
    `organisation_id` is where the student was taught when it was logged, when that is known; who
    counts works it out of the enrolments. `attempt` tells apart sittings of one form on one day, in their order.
    """

    kind: ClassVar[str] = "assessment"
    assessment_id: Id
    student_id: Id
    program_id: Id
    assessment_kind: AssessmentKind
    form: Id
    scale: Id
    taken_on: date
    school_year: SchoolYear
    passed: bool
    school_year_starts: YearStart = "07-01"
    phase: Phase | None = None
    share: Share | None = None
    cut: Share | None = None
    minimum_gain: Share | None = None
    organisation_id: Id | None = None
    organisation_type: OrganisationType | None = None
    attempt: int = 1


FACTS: tuple[type[Fact], ...] = (Catalogue, ProgramCatalogue, Award, Assessment)
