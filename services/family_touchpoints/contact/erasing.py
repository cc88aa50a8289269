"""With a student what is kept of their guardians is forgotten too, as far as no other student has the same guardian."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from services.family_touchpoints.contact.disclosures import forget_disclosures
from services.family_touchpoints.contact.guardian.commands import SAME
from services.family_touchpoints.contact.reached import tied_to
from services.family_touchpoints.contact.reading import same_persons, standing
from services.family_touchpoints.contact.record import CONSENT, PROFILE
from shared.contracts.roster import Guardian
from shared.mongo import Database
from shared.producer.life import Outside
from shared.records.changes import put
from shared.records.erasing import ERASED, erase
from shared.records.record import Draft, Record
from shared.records.store import Records
from shared.roster_copy.following import notes_of

OF_TIES = f"{Guardian.kind}/"


def with_guardians(outside: Outside) -> Outside:
    """The same, of which a student is forgotten with the guardians whom nobody else has."""
    forgetting = outside.forgetting
    if forgetting is None:
        raise ValueError("who forgets nobody forgets no guardians")
    inner = forgetting.erase

    async def forget(database: Database, ids: Sequence[str], names: Sequence[str]) -> dict[str, int]:
        """Guardians first: whose they are is known as long as what roster told of the student is."""
        done = await forget_guardians(Records(database), ids)
        for what, number in (await inner(database, ids, names)).items():
            done[what] = done.get(what, 0) + number
        return done

    return replace(outside, forgetting=replace(forgetting, erase=forget))


async def forget_guardians(records: Records, student_ids: Collection[str]) -> dict[str, int]:
    """Forget whom nobody but the student with these ids has as a guardian, under every id; safe to repeat."""
    same = await same_persons(records)
    ids = same.all_together(await _guardians_of(records, student_ids))
    tied = await tied_to(records, ids)
    others = {same.survivor(id) for id, students in tied.items() if not students <= set(student_ids)}
    gone = sorted(id for id in ids if same.survivor(id) not in others)
    where = {"kind": {"$in": [CONSENT, PROFILE]}, "state.guardian_id": {"$in": gone}}
    done = {"records": await erase(records, where) if gone else 0}
    await notes_of(records).delete_many({"_id": {"$in": [f"{SAME}/{id}" for id in gone]}})
    await _leave_to_others(records, student_ids)
    done["disclosures"] = await forget_disclosures(records.database, [*student_ids, *gone])
    return done


async def _guardians_of(records: Records, student_ids: Collection[str]) -> set[str]:
    """Whom roster has tied to the student, and who walked in for them."""
    subjects = [f"student/{id}" for id in student_ids]
    found: set[str] = set()
    async for document in records.database["known"].find({"_id": {"$in": subjects}}, {"facts": 1}):
        told: dict[str, Any] = document.get("facts", {})
        found |= {one["s"]["guardian_id"] for key, one in told.items() if key.startswith(OF_TIES) and one["s"]}
    walked_in = await standing(records, PROFILE, {"state.student_ids": {"$in": list(student_ids)}})
    return found | {state["guardian_id"] for state in walked_in}


async def _leave_to_others(records: Records, student_ids: Collection[str]) -> None:
    """Take the student off those who walked in for others too."""

    def without(now: Record | None) -> Draft | None:
        if now is None or not set(student_ids).intersection(now.state["student_ids"]):
            return None
        left = [id for id in now.state["student_ids"] if id not in student_ids]
        return Draft(PROFILE, now.id, {**now.state, "student_ids": left}, ERASED)

    for state in await standing(records, PROFILE, {"state.student_ids": {"$in": list(student_ids)}}):
        await put(records, PROFILE, state["guardian_id"], without)
