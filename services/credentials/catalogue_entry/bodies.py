"""What callers send and are answered about the catalogue; frozen, with an example of each."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from services.credentials.catalogue_entry.rules import TYPES, Credential
from shared.contracts.credentials import DatedTier, Tier
from shared.csv.rows import ImportReport
from shared.producer.answers import RecordView, WouldRestate
from shared.words.fields import Body, Day, Id, Name, example
from shared.words.forms import form

TIERS_MAX = 1000

CTDL_ID = form(r"^[!-~]{1,100}$", "the CTDL id of Credential Engine, such as ce-…")
# Spelt by hand, so that a misspelt one is answered with the nearest.
CredentialType = Annotated[str, Field(max_length=60, json_schema_extra={"enum": list(TYPES)})]


class TierBody(Body):
    """From `valid_from` on, the credential has this tier for the program; null ends the alignment."""

    program_id: Id
    tier: Tier | None
    valid_from: Day


class CredentialBody(Body):
    """One industry credential and what it is worth to which program, by date."""

    model_config = example(
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


class CredentialRecord(RecordView):
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
