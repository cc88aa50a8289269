"""Who was shown why somebody may not be contacted, or a family's own page, is noted: by whom, of whom, when, where."""

from collections.abc import Collection
from typing import Any

import structlog

from shared.mongo import Database
from shared.producer.desk import Desk

log = structlog.get_logger(__name__)


async def disclosed(desk: Desk, by: str, *, what: str, about: Collection[str], route: str) -> None:
    """Note what is about to be shown, such as `basis of a rule`, before it is; the log says of nobody whose it was.

    `about` gives for each thing that is shown the id of its person, or the digest of what stands for
    one: by them erasing finds the notes.
    """
    if not about:
        return
    at = desk.now()
    notes = [{"at": at, "by": by, "what": what, "about": one, "route": route} for one in sorted(set(about))]
    await _notes(desk.records.database).insert_many(notes)
    log.info("disclosed", who=by, what=what, route=route, how_many=len(about))


async def forget_disclosures(database: Database, ids: Collection[str]) -> int:
    """Take out the notes about these persons; how many there were."""
    done = await _notes(database).delete_many({"about": {"$in": sorted(ids)}})
    return int(done.deleted_count)


def _notes(database: Database) -> Any:
    return database["disclosures"]
