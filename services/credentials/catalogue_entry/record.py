"""How an entry of the catalogue is kept under its code, and what is published of it."""

from collections.abc import Collection

import msgspec

from services.credentials.catalogue_entry.rules import Credential
from shared.contracts import credentials as contract
from shared.contracts.credentials import DatedTier
from shared.producer.desk import Desk, Kind, each
from shared.records.record import Draft, Entry, Record
from shared.records.relay import Outgoing

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


async def credentials(desk: Desk, codes: Collection[str]) -> dict[str, Credential]:
    """Those of the catalogue's entries that exist, by code."""
    found = await desk.records.get_many(CATALOGUE, codes) if codes else {}
    return {code: credential_of(record) for code, record in found.items()}


async def codes_of(desk: Desk) -> list[str]:
    """Every code of the catalogue."""
    cursor = desk.records.collection.find({"kind": CATALOGUE, "void": False}, {"_id": 1})
    return sorted([document["_id"].partition("/")[2] async for document in cursor])


KIND = Kind(name=CATALOGUE, facts=each(catalogue_fact))
