"""What is asked of rules, consents and sharing, one or a file of them, becomes what their records are to say next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from services.family_touchpoints.contact.closing.rules import (
    added,
    consent_next,
    rule_next,
    says_the_same,
    sharing_next,
)
from services.family_touchpoints.contact.keeping import State, Wish
from services.family_touchpoints.contact.reading import families, standing
from services.family_touchpoints.contact.record import RULE, SHARING, consent_key, rule_key
from services.family_touchpoints.contact.rules import About, Channel
from shared.errors import Conflict
from shared.producer.desk import Desk
from shared.records.record import Record
from shared.roster_copy.students import Student


@dataclass(frozen=True, slots=True)
class RuleAsked:
    """A rule about a student, under the id that the caller has for it."""

    student: Student
    rule_id: str
    said: State


@dataclass(frozen=True, slots=True)
class ConsentAsked:
    """What a guardian is said to have given or taken away."""

    guardian_id: str
    channel: Channel
    about: About
    steps: Sequence[State]


@dataclass(frozen=True, slots=True)
class SharingAsked:
    """What a student is said to share."""

    student: Student
    said: State


async def rule_wishes(desk: Desk, asked: Sequence[RuleAsked], *, by: str) -> list[Wish]:
    """The rules, each under the id of the person's under which there is one already."""
    today = await desk.today()
    known = await families(desk, {one.student.id for one in asked})
    there = await desk.records.get_many(RULE, {key for one in asked for key in _keys(one)})
    of_them = {"state.student_id": {"$in": sorted({id for one in asked for id in one.student.ids})}}
    beside = await standing(desk.records, RULE, of_them)

    def wish(one: RuleAsked) -> Wish:
        guardian = one.said["guardian_id"]
        becomes = partial(
            rule_next,
            said=one.said,
            whose={"student_id": one.student.id, "rule_id": one.rule_id},
            tied=guardian is None or known[one.student.id].tied(guardian) is not None,
            twin=next((other["rule_id"] for other in beside if _are_twins(one, other)), None),
            by=by,
            today=today,
        )
        return Wish(_first_of(_keys(one), there) or rule_key(one.student.id, one.rule_id), becomes)

    return [wish(one) for one in asked]


async def consent_wishes(desk: Desk, asked: Sequence[ConsentAsked], *, adding: bool = False) -> list[Wish]:
    """What guardians have said; `adding`: besides what they said before, and not in its place."""
    today = await desk.today()

    def becomes(one: ConsentAsked, before: State | None) -> State:
        whose = {"guardian_id": one.guardian_id, "channel": one.channel, "about": one.about}
        return consent_next(whose, added(before, one.steps) if adding else one.steps, today)

    return [Wish(consent_key(one.guardian_id, one.channel, one.about), partial(becomes, one)) for one in asked]


async def sharing_wishes(
    desk: Desk, asked: Sequence[SharingAsked], *, own: bool = False, adding: bool = False
) -> list[Wish]:
    """What students share, each under the id of the person's under which something is kept already."""
    today = await desk.today()
    there = await desk.records.get_many(SHARING, {id for one in asked for id in one.student.ids})

    def becomes(one: SharingAsked, before: State | None) -> State:
        said = {**one.said, "steps": added(before, one.said["steps"])} if adding else one.said
        return sharing_next(before, said, student_id=one.student.id, own=own, today=today)

    return [Wish(_first_of(one.student.ids, there) or one.student.id, partial(becomes, one)) for one in asked]


async def record_of_rule(desk: Desk, student: Student, rule_id: str) -> Record | None:
    """A student's rule, under whichever id of theirs it was entered."""
    keys = [rule_key(id, rule_id) for id in student.ids]
    there = await desk.records.get_many(RULE, keys)
    return there.get(_first_of(keys, there) or "")


async def record_of_sharing(desk: Desk, student: Student) -> Record | None:
    """What a student shares, under whichever id of theirs it was entered."""
    there = await desk.records.get_many(SHARING, student.ids)
    return there.get(_first_of(student.ids, there) or "")


async def worded(desk: Desk, refusal: Conflict) -> Conflict:
    """The refusal of a rule beside another that says the same, by the id that callers have for that one."""
    other = await desk.records.get(RULE, refusal.existing)
    if other is None:
        return refusal
    return says_the_same(other.state["rule_id"])


def _are_twins(asked: RuleAsked, other: Mapping[str, Any]) -> bool:
    same = all(asked.said[name] == other[name] for name in ("guardian_id", "rule", "from"))
    return same and other["student_id"] in asked.student.ids and other["rule_id"] != asked.rule_id


def _keys(asked: RuleAsked) -> list[str]:
    return [rule_key(id, asked.rule_id) for id in asked.student.ids]


def _first_of(ids: Sequence[str], there: dict[str, Record]) -> str | None:
    return next((id for id in ids if id in there), None)
