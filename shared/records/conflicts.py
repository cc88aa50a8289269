"""A write that met a natural key is answered with the record that has the key."""

from collections.abc import Mapping
from typing import Any

from shared.errors import Conflict
from shared.mongo import Collection
from shared.records.record import Draft, Natural


async def conflict(
    collection: Collection, naturals: Mapping[str, Natural], draft: Draft, failed: Mapping[str, Any]
) -> Conflict | None:
    """Name whose key refused a draft. None when nobody has it any more, or the draft's own record is there."""
    if failed["keyPattern"] == {"_id": 1}:
        return None
    natural = next((one for one in naturals.values() if f" index: {one.name} " in failed["errmsg"]), None)
    if natural is None:
        said = f"another {draft.kind} has the same {' and '.join(failed['keyPattern'])}"
        return Conflict(said, works="change or void that one", code="taken")
    # The index, entered at the key, names the holder even where a path goes through an array.
    cursor = collection.find(natural.holds_for() | failed["keyValue"], {"_id": 1})
    async for holder in cursor.hint(natural.name).min(list(failed["keyValue"].items())).limit(1):
        existing = holder["_id"].partition("/")[2]
        if existing != draft.id:
            return Conflict(
                f"{draft.kind} {existing} has the same {' and '.join(natural.fields)}",
                works="change or void that one",
                code="taken",
                existing=existing,
            )
    return None
