"""What an industry credential is worth to which program, and from which day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from services.credentials.in_force import ALWAYS, Span, differing
from shared.contracts.credentials import DatedTier, Tier
from shared.errors import Problem, refused

# Open Badges 3.0 achievementType, most of which are terms of CTDL as well.
TYPES = (
    "Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree", "Award", "Badge",
    "BachelorDegree", "Certificate", "CertificateOfCompletion", "Certification", "CommunityService", "Competency",
    "Course", "CoCurricular", "Degree", "Diploma", "DoctoralDegree", "Fieldwork", "GeneralEducationDevelopment",
    "JourneymanCertificate", "LearningProgram", "License", "Membership", "ProfessionalDoctorate",
    "QualityAssuranceCredential", "MasterCertificate", "MasterDegree", "MicroCredential", "ResearchDoctorate",
    "SecondarySchoolDiploma",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One entry of the catalogue; a tier holds from its day until the program's next one."""

    code: str
    title: str
    issuer: str
    type: str
    ctdl_id: str | None = None
    tiers: tuple[DatedTier, ...] = ()

    def tiers_on(self, day: date) -> dict[str, Tier]:
        """Per aligned program, the tier in force on a day."""
        in_force = {dated.program_id: dated.tier for dated in self.tiers if dated.valid_from <= day}
        return {program: tier for program, tier in in_force.items() if tier is not None}

    def first_day(self) -> date | None:
        """The day of the first tier for any program; None while there is none."""
        return min((dated.valid_from for dated in self.tiers), default=None)


def tier_in_force(credential: Credential, program_id: str, day: date) -> Tier | None:
    """What the credential is worth to the program on that day; None when they are not aligned."""
    return credential.tiers_on(day).get(program_id)


def catalogued(wanted: Credential) -> Credential:
    """The entry as it will be kept, its tiers in order, or Refused."""
    problems = []
    seen: dict[tuple[str, date], int] = {}
    for row, dated in enumerate(wanted.tiers):
        earlier = seen.setdefault((dated.program_id, dated.valid_from), row)
        if earlier != row:
            said = f"{dated.program_id} already has a tier from {dated.valid_from} on, in row {earlier}"
            works = "keep one"
            problems.append(Problem(f"/tiers/{row}/valid_from", said, works, "twice"))
    if wanted.type not in TYPES:
        problems.append(unknown_type(wanted.type))
    if problems:
        raise refused(*problems)
    tiers = tuple(sorted(wanted.tiers, key=lambda dated: (dated.program_id, dated.valid_from)))
    return Credential(
        code=wanted.code,
        title=wanted.title,
        issuer=wanted.issuer,
        type=wanted.type,
        ctdl_id=wanted.ctdl_id,
        tiers=tiers,
    )


def restated(before: Credential, after: Credential) -> tuple[Span, ...]:
    """The days on which a published award says something else than it would now.

    A new type is in every award; a new title or issuer is in none.
    """
    if before.type != after.type:
        return (ALWAYS,)
    dated = (*before.tiers, *after.tiers)
    programs = {one.program_id for one in dated}
    return differing(
        (one.valid_from for one in dated),
        lambda day: any(tier_in_force(before, each, day) != tier_in_force(after, each, day) for each in programs),
    )


def unknown_code(code: str, known: Sequence[str]) -> Problem:
    """What to tell a caller whose code is not in the catalogue."""
    works = _nearest(code, known, "have the credential put into the catalogue first")
    return Problem("/credential_code", f"{code} is not in the catalogue", works, "unknown_credential")


def unknown_type(name: str) -> Problem:
    """What to tell a caller whose credential type is not one of Open Badges."""
    works = _nearest(name, TYPES, "Certification is the usual one")
    return Problem("/type", f"{name} is not a credential type of Open Badges", works, "unknown_type")


def _nearest(text: str, known: Sequence[str], otherwise: str) -> str:
    folded = {one.casefold(): one for one in known}
    near = get_close_matches(text.casefold(), folded, n=3, cutoff=0.6)
    return f"the nearest known: {', '.join(folded[one] for one in near)}" if near else otherwise
