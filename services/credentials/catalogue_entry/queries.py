"""What is asked of the catalogue as it is stored: entries by their codes, and every code."""

from collections.abc import Collection

from services.credentials.catalogue_entry.record import CATALOGUE, credential_of
from services.credentials.catalogue_entry.rules import Credential
from shared.producer.desk import Desk


async def credentials(desk: Desk, codes: Collection[str]) -> dict[str, Credential]:
    """Those of the catalogue's entries that exist, by code."""
    found = await desk.records.get_many(CATALOGUE, codes) if codes else {}
    return {code: credential_of(record) for code, record in found.items()}


async def codes_of(desk: Desk) -> list[str]:
    """Every code of the catalogue."""
    cursor = desk.records.collection.find({"kind": CATALOGUE, "void": False}, {"_id": 1})
    return sorted([document["_id"].partition("/")[2] async for document in cursor])
