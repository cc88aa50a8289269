"""Lists of touchpoints that somebody has to look at: each says which, within whose reach, and why it stands there."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.family_touchpoints.contact.reading import families, same_persons
from services.family_touchpoints.contact.reading import standing as on_record
from services.family_touchpoints.contact.record import CONSENT
from services.family_touchpoints.contact.rules import CHANNEL_OF, Family, withdrawn_on
from services.family_touchpoints.touchpoint.against import CHANNELS, standing
from services.family_touchpoints.touchpoint.answers import seen
from services.family_touchpoints.touchpoint.queries import seen_by
from services.family_touchpoints.touchpoint.record import TOUCHPOINT, touchpoint_of
from services.family_touchpoints.touchpoint.rules import ENGLISH, Touchpoint
from shared.contracts.family_touchpoints import Method
from shared.doors.auth import Caller
from shared.producer.desk import Desk
from shared.producer.worklists import Due, Worklist
from shared.records.record import Record

TRIES = 3
AHEAD = timedelta(days=7)
UNSENT = ("wrong_number", "bounced")
HELD_TO_FAMILY = {"state.status": "held", "state.direction": "to_family", "state.breach": None}
# Why each stands on the list, by record key; one without a reason does not.
Reasons = Callable[[Sequence[tuple[str, Touchpoint]]], Awaitable[Mapping[str, str]]]


async def planned(desk: Desk, caller: Caller) -> Worklist:
    """What is planned for today, and what was planned for a day before and has not become anything."""

    async def why(found: Sequence[tuple[str, Touchpoint]]) -> Mapping[str, str]:
        return {key: f"planned for {one.on}" for key, one in found}

    today = (await desk.today()).isoformat()
    return await _listed(desk, caller, {"state.status": "planned", "state.day": {"$lte": today}}, why)


async def missed(desk: Desk, caller: Caller) -> Worklist:
    """What was missed or not made, and is to be made again."""

    async def why(found: Sequence[tuple[str, Touchpoint]]) -> Mapping[str, str]:
        return {key: f"{'missed' if one.status == 'missed' else 'not made'} on {one.on}" for key, one in found}

    return await _listed(desk, caller, {"state.status": {"$in": ["missed", "not_made"]}}, why)


async def unanswered(desk: Desk, caller: Caller) -> Worklist:
    """Who did not answer three tries by one way since somebody was reached: another way is due."""

    async def why(found: Sequence[tuple[str, Touchpoint]]) -> Mapping[str, str]:
        return {key: said for theirs in (await _beside(desk, found)).values() for key, said in _tries(theirs)}

    return await _listed(desk, caller, {**HELD_TO_FAMILY, "state.outcome": "no_answer"}, why)


async def wrong(desk: Desk, caller: Caller) -> Worklist:
    """Numbers and addresses that were wrong, unless somebody was reached that way since: roster is to be asked."""

    async def why(found: Sequence[tuple[str, Touchpoint]]) -> Mapping[str, str]:
        beside = await _beside(desk, found)
        return {
            key: "wrong number" if one.outcome == "wrong_number" else "it came back"
            for key, one in found
            if not any(
                other.method == one.method and other.outcome == "reached" and other.day >= one.on
                for _, other in beside[one.student_id]
            )
        }

    return await _listed(desk, caller, {**HELD_TO_FAMILY, "state.outcome": {"$in": list(UNSENT)}}, why)


async def interpreted(desk: Desk, caller: Caller) -> Worklist:
    """What is planned for the next week with a family of another language, unless the caller speaks it."""

    async def why(found: Sequence[tuple[str, Touchpoint]]) -> Mapping[str, str]:
        return {
            key: f"{one.preferred_language}, interpreter: {(one.interpreter or 'none').replace('_', ' ')}"
            for key, one in found
            if not _spoken(one)
        }

    today = await desk.today()
    where = {
        "state.status": "planned",
        "state.day": {"$gte": today.isoformat(), "$lte": (today + AHEAD).isoformat()},
        "state.preferred_language": {"$nin": [None, ENGLISH]},
    }
    return await _listed(desk, caller, where, why)


async def against(desk: Desk, caller: Caller) -> Worklist:
    """What was planned before something stood against it: in the words that a new plan would be refused with."""

    async def why(found: Sequence[tuple[str, Touchpoint]]) -> Mapping[str, str]:
        known = await families(desk, {one.student_id for _, one in found})
        stands = {key: standing(one, known[one.student_id], liaison=one.by_liaison) for key, one in found}
        return {key: one.against.said for key, one in stands.items() if one.against is not None}

    return await _listed(desk, caller, {"state.status": "planned"}, why)


async def breaches(desk: Desk, caller: Caller) -> Worklist:
    """What has happened although something stood against it; for whoever handles restrictions alone."""

    async def why(found: Sequence[tuple[str, Touchpoint]]) -> Mapping[str, str]:
        return {key: one.breach for key, one in found if one.breach is not None}

    return await _listed(desk, caller, {"state.breach": {"$gt": ""}}, why)


async def after_withdrawal(desk: Desk, caller: Caller) -> Worklist:
    """What went a way that the guardian had closed by then, as we have learned since."""

    async def why(found: Sequence[tuple[str, Touchpoint]]) -> Mapping[str, str]:
        known = await families(desk, {one.student_id for _, one in found})
        said = {key: _withdrawn(one, known[one.student_id]) for key, one in found}
        return {key: text for key, text in said.items() if text}

    consents = await on_record(desk.records, CONSENT, {"state.steps.status": "withdrawn"})
    theirs = (await same_persons(desk.records)).all_together({each["guardian_id"] for each in consents})
    where = {
        **HELD_TO_FAMILY,
        "state.guardian_ids": {"$in": theirs},
        "state.method": {"$in": sorted(CHANNEL_OF)},
        "state.purpose": {"$ne": "emergency"},
    }
    return await _listed(desk, caller, where, why)


async def _listed(desk: Desk, caller: Caller, where: Mapping[str, Any], why: Reasons) -> Worklist:
    async def keep(records: Sequence[Record], _: Mapping[str, Any]) -> list[Due]:
        reasons = await why([(record.key, touchpoint_of(record.state)) for record in records])
        return [Due(seen(one, caller, listed=True), reasons[one.key]) for one in records if one.key in reasons]

    within = {"$and": [dict(where), await seen_by(desk, caller)]}
    return Worklist(kind=TOUCHPOINT, where=within, by="day", keep=keep)


async def _beside(desk: Desk, found: Sequence[tuple[str, Touchpoint]]) -> Mapping[str, list[tuple[str, Touchpoint]]]:
    """All that was tried with the families of these students, by student, in the order of days."""
    students = sorted({one.student_id for _, one in found})
    where = {"kind": TOUCHPOINT, "void": False, "state.student_id": {"$in": students}, "state.status": "held"}
    cursor = desk.records.collection.find(where, {"state": 1}).sort([("state.day", 1), ("_id", 1)])
    theirs: dict[str, list[tuple[str, Touchpoint]]] = defaultdict(list)
    async for document in cursor:
        one = touchpoint_of(document["state"])
        theirs[one.student_id].append((document["_id"], one))
    return theirs


def _tries(theirs: Sequence[tuple[str, Touchpoint]]) -> Iterator[tuple[str, str]]:
    """The last try of each way by which nobody has answered often enough since somebody was reached, and why."""
    since: dict[Method, list[tuple[str, Touchpoint]]] = defaultdict(list)
    for key, one in theirs:
        if one.outcome == "reached":
            since.clear()
        elif one.outcome == "no_answer" and one.direction == "to_family":
            since[one.method].append((key, one))
    for method, tries in since.items():
        if len(tries) >= TRIES:
            yield tries[-1][0], f"{len(tries)} tries by {method} since {tries[0][1].on}; try another way"


def _spoken(one: Touchpoint) -> bool:
    own = one.language == one.preferred_language and one.interpreter == "not_needed"
    return own or one.interpreter == "bilingual_caller"


def _withdrawn(one: Touchpoint, family: Family) -> str:
    days = [withdrawn_on(family, each, one.method, purpose=one.purpose, day=one.on) for each in one.guardian_ids]
    known = [day for day in days if day is not None]
    return f"{CHANNELS[CHANNEL_OF[one.method]]} were withdrawn on {max(known)}" if known else ""
