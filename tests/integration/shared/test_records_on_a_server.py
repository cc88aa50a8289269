"""What only a real server shows of records: an answer that is lost, and the concerns that were asked for."""

import pytest

from shared.records.outbox import Outbox
from tests.recording import award


@pytest.mark.parametrize(
    "fault", [{"closeConnection": True}, {"writeConcernError": {"code": 91, "errmsg": "shutdown"}}]
)
async def test_a_lost_answer_writes_once(records, database, fault):
    await records.create(award())
    where = {"failCommands": ["update"], "appName": "aurora", **fault}
    await database.client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 1}, "data": where})
    saved = await records.change(award(code="a+", expected=1, key="k", digest="d"))

    assert saved.outcome == "changed"
    assert len(saved.record.history) == 2


async def test_every_read_and_write_has_majority_concern(records, database):
    await database.command("profile", 2)
    await records.create(award())
    await records.change(award(code="a+", expected=1))
    await records.find("award", {}, limit=10)
    await records.raise_versions({"kind": "award"})
    await records.mark_for_republish({})
    await records.unpublished()
    outbox = Outbox(records)
    await outbox.note_subjects({"award/a1": ["student/x"]})
    await outbox.published([one.record for one in await outbox.oldest(10)])
    await database.command("profile", 0)

    # What a weaker concern would lose shows only when a primary fails, so what was asked for is looked at.
    profile = database["system.profile"].find({"ns": records.collection.full_name})
    commands = [one["command"] async for one in profile]
    levels = [one["readConcern"]["level"] for one in commands if "find" in one or "aggregate" in one]
    assert levels == ["majority"] * 5
    assert records.collection.write_concern.document == {"w": "majority", "j": True}
