"""What is left in the database for the operators' page: the lag and the last audit of each partition number."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne

from services.aggregator.recount.audit import Audited
from shared import mongo

# Beside the positions, not in them: nothing of this is counted, and no turn may wait for it.
COLLECTION = "watched"


def audit_fields(audited: Audited, at: datetime) -> dict[str, Any]:
    """The last audit of a partition number; `drift` lists each measure that differs with its days of cells."""
    return {
        "at": at,
        "turn": audited.turn,
        "subjects": audited.subjects,
        "cells": sum(audited.cells.values()),
        "drift": [[measure, days] for measure, days in sorted(audited.drift.items()) if days],
    }


async def leave_audit(database: mongo.Database, audited: Audited) -> None:
    fields = {"audited": audit_fields(audited, datetime.now(UTC))}
    await database[COLLECTION].update_one({"_id": audited.partition}, {"$set": fields}, upsert=True)


async def leave_lag(database: mongo.Database, lag: Mapping[int, int]) -> None:
    """How many records of each partition number were not counted yet when this process last looked."""
    now = datetime.now(UTC)
    updates = [
        UpdateOne({"_id": number}, {"$set": {"lag": {"at": now, "records": records}}}, upsert=True)
        for number, records in sorted(lag.items())
    ]
    if updates:
        await database[COLLECTION].bulk_write(updates, ordered=False)
