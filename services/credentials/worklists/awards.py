"""What waits to be done about awards: to be followed up, to be renewed, to be announced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.credentials.award import renewals
from services.credentials.award.looks import Look, how_sure, to_follow_up
from services.credentials.award.record import AWARD, award_of
from services.credentials.award.rules import PASSED, Award
from services.credentials.worklists.merged import of_persons, records_of_each
from shared.contracts.credentials import Level
from shared.producer.desk import Desk
from shared.producer.worklists import Due, Worklist
from shared.records.record import Record


@dataclass(frozen=True, slots=True)
class Once:
    """An award that is listed once, and every record of it that is passed and stands: on the list or not."""

    record: Record
    award: Award
    records: Mapping[str, Award]

    @property
    def looks(self) -> list[Look]:
        """What was seen of it, whichever record says so."""
        return [look for each in self.records.values() for look in each.verifications]

    @property
    def beside(self) -> str:
        """Which other records there are, in words to be put behind a reason."""
        others = [id for id in self.records if id != self.record.id]
        return f"; also recorded as {', '.join(others)}" if others else ""


async def _once(desk: Desk, records: Sequence[Record], listed: Mapping[str, Any]) -> list[Once]:
    """The awards of a list; of one that stands twice the record on the list that counts first."""
    awards = {record.id: award_of(record.state) for record in records}
    of_each = await records_of_each(desk, awards)
    twice = {f"{AWARD}/{id}" for found in of_each.values() if len(found) > 1 for id in found}
    cursor = (
        desk.records.collection.find({"$and": [listed, {"_id": {"$in": sorted(twice)}}]}, {"_id": 1}) if twice else None
    )
    on_it = {document["_id"].partition("/")[2] async for document in cursor} if cursor else set[str]()
    return [
        Once(record, awards[record.id], _earned(of_each[record.id]))
        for record in records
        if record.id == next((id for id in of_each[record.id] if id in on_it), record.id)
    ]


def _earned(records: Mapping[str, Award]) -> dict[str, Award]:
    return {id: one for id, one in records.items() if one.result == PASSED and one.revoked_on is None}


def follow_up(desk: Desk, places: Mapping[str, Any], *, today: date, after_days: int, level: Level) -> Worklist:
    """Passed awards that nobody has confirmed on that level since they were earned so many days ago, oldest first."""

    async def keep(records: Sequence[Record], listed: Mapping[str, Any]) -> list[Due]:
        return [
            Due(one.record, f"{why}{one.beside}")
            for one in await _once(desk, records, listed)
            if (why := to_follow_up(one.looks, level))
        ]

    last = (today - timedelta(days=after_days)).isoformat()
    where = {"state.result": PASSED, "state.revoked_on": None, "state.awarded_on": {"$lte": last}}
    return Worklist(kind=AWARD, where={**where, **places}, by="awarded_on", keep=keep)


def expiring(desk: Desk, places: Mapping[str, Any], *, today: date, within_days: int) -> Worklist:
    """Awards in force that expire within so many days, soonest first; what is renewed already is left out."""

    async def keep(records: Sequence[Record], _: Mapping[str, Any]) -> list[Due]:
        awards = {record.id: award_of(record.state) for record in records}
        merges = await desk.roster.merges()
        held = await of_persons(desk, awards, merges)
        return [
            Due(record, _expires(one, today))
            for record, one in zip(records, awards.values(), strict=True)
            if renewals.in_force(held.get((merges.survivor(one.student_id), one.credential_code), {}), today)
            == record.id
        ]

    days = {"$gte": today.isoformat(), "$lte": (today + timedelta(days=within_days)).isoformat()}
    where = {"state.result": PASSED, "state.revoked_on": None, "state.expires_on": days}
    return Worklist(kind=AWARD, where={**where, **places}, by="expires_on", keep=keep)


def _expires(award: Award, today: date) -> str:
    days = (award.expires_on - today).days if award.expires_on else 0
    return "expires today" if not days else f"expires in {days} day{'s' * (days > 1)}"


def upcoming(desk: Desk, places: Mapping[str, Any], *, today: date, since: date) -> Worklist:
    """New credentials that a school may announce, oldest first: none that was celebrated, revoked or has expired.

    A renewal is no new credential. Who has opted out of directory information is left out, and
    so is a student of whom roster has not told yet.
    """

    async def keep(records: Sequence[Record], listed: Mapping[str, Any]) -> list[Due]:
        found = await _once(desk, records, listed)
        told = (await desk.roster.told({one.award.student_id for one in found}, ())).students
        return [
            Due(one.record, f"{how_sure(one.looks)}{one.beside}")
            for one in found
            if (student := told.get(one.award.student_id))
            and not student.directory_opt_out
            and not any(each.celebrations for each in one.records.values())
        ]

    where = {
        "state.result": PASSED,
        "state.revoked_on": None,
        "state.renews": None,
        "state.celebrations.0": {"$exists": False},
        "state.awarded_on": {"$gte": since.isoformat()},
        "$or": [{"state.expires_on": None}, {"state.expires_on": {"$gte": today.isoformat()}}],
    }
    return Worklist(kind=AWARD, where={**where, **places}, by="awarded_on", keep=keep)
