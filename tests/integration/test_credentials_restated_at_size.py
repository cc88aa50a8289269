"""A tier change that touches 10,000 awards, killed halfway: the next start finishes it, each award once in effect."""

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime

import msgspec

from deploy.local.state import environment
from services.credentials.award.record import state_of
from services.credentials.award.rules import Award
from services.credentials.catalogue_entry.restating import follow_entries, put_credential
from services.credentials.catalogue_entry.rules import Credential
from services.credentials.main import PRODUCER
from shared import mongo
from shared.contracts.catalogue import BY_TYPE
from shared.contracts.credentials import DatedTier
from shared.contracts.envelope import read_fact
from shared.producer.desk import desk_over
from shared.producer.life import facts_of
from shared.records.store import Entry
from tests.relaying import Watched, all_out, relaying

TOUCHED, BESIDE = 10_000, 300
CPR = Credential(
    code="cpr",
    title="CPR",
    issuer="Made-up",
    type="Certification",
    tiers=(DatedTier(program_id="welding", tier="required", valid_from=date(2020, 7, 1)),),
)
CHANGED = replace(CPR, tiers=(*CPR.tiers, DatedTier(program_id="welding", tier="other", valid_from=date(2024, 7, 1))))


class Read(Watched):
    """What was published of each record: every version, and the state of the highest."""

    def __init__(self):
        super().__init__(None)
        self.versions, self.highest = {}, {}

    async def publish(self, messages):
        for one in messages:
            event = read_fact(BY_TYPE, headers=one.headers, key=one.key, value=one.value).event
            self.versions.setdefault(event.record_id, []).append(event.version)
            if event.version == max(self.versions[event.record_id]):
                self.highest[event.record_id] = event.state


def stored(n):
    day = date(2025, 5, 20) if n < TOUCHED else date(2024, 6, 30)
    award = Award(student_id=f"p{n}", credential_code="cpr", result="passed", awarded_on=day)
    past = {"version": 1, "at": datetime(2025, 6, 1, tzinfo=UTC), "by": "x", "action": "record", "why": ""}
    return {
        "_id": f"award/a{n:05}",
        "kind": "award",
        "version": 1,
        "state": state_of(award),
        "void": False,
        "history": [{**past, "key": "", "digest": ""}],
        "subjects": [f"student/p{n}"],
        "updated_at": past["at"],
    }


async def test_each_award_is_restated_once_in_effect(mongo_settings):
    client = mongo.connect(mongo_settings)
    try:
        desk = desk_over(PRODUCER, client[mongo_settings.database("credentials")], mongo_settings)
        records, raw = desk.records, desk.records.collection
        await records.prepare()
        await put_credential(desk, CPR, Entry(by="manager-1", action="put"))
        await raw.insert_many([stored(n) for n in range(TOUCHED + BESIDE)])
        await raw.update_many({}, {"$unset": {"mark": ""}})

        wanted = msgspec.json.encode(CHANGED).decode()
        command = [sys.executable, "-m", "tests.killed_restating", wanted, f"award/a{TOUCHED // 2:05}"]
        killed = subprocess.run(command, env=environment(mongo_settings), check=False, timeout=60)
        assert killed.returncode == -signal.SIGKILL
        assert await raw.count_documents({"kind": "award", "version": 2}) == TOUCHED // 2

        await follow_entries(desk)
        out = Read()
        async with relaying(mongo_settings, records, out, facts=facts_of(desk)):
            await all_out(records)

        awards = {id: state for id, state in out.highest.items() if id.startswith("award/")}
        assert awards.keys() == {f"award/a{n:05}" for n in range(TOUCHED)}
        assert {tuple(state.tiers.items()) for state in awards.values()} == {(("welding", "other"),)}
        versions = {doc["_id"]: doc["version"] async for doc in raw.find({"kind": "award"}, {"version": 1})}
        assert {id: max(out.versions[id]) for id in awards} == {id: versions[id] for id in awards}
        await follow_entries(desk)
        assert await records.unpublished() == (0, None)
    finally:
        await mongo.close(client)
