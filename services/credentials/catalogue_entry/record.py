"""How an entry of the catalogue is kept under its code, and what is published of it."""

import msgspec

from services.credentials.catalogue_entry.rules import Credential
from shared.contracts import credentials as contract
from shared.contracts.credentials import DatedTier
from shared.contracts.envelope import Outgoing
from shared.producer.kinds import Kind, each
from shared.records.record import Draft, Entry, Record

CATALOGUE = "catalogue"


def catalogue_draft(credential: Credential, entry: Entry, *, expected: int | None = None) -> Draft:
    """A catalogue entry's wanted next state."""
    state = msgspec.to_builtins(credential)
    del state["code"]
    return Draft(CATALOGUE, credential.code, state, entry, (f"credential/{credential.code}",), expected=expected)


def credential_of(record: Record) -> Credential:
    """The catalogue entry that a record holds."""
    tiers = msgspec.convert(record.state["tiers"], tuple[DatedTier, ...])
    return Credential(**{**record.state, "code": record.id, "tiers": tiers})


def catalogue_fact(record: Record) -> Outgoing:
    """One entry of the catalogue, filed under its code."""
    credential = credential_of(record)
    return f"credential/{credential.code}", contract.Catalogue(
        credential_code=credential.code,
        title=credential.title,
        issuer=credential.issuer,
        type=credential.type,
        ctdl_id=credential.ctdl_id,
        tiers=credential.tiers,
    )


KIND = Kind(name=CATALOGUE, facts=each(catalogue_fact))
