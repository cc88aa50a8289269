"""What is known of contact about students, read together: guardians, rules, consents, sharing, who is one person."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from services.family_touchpoints.contact.record import (
    CONSENT,
    PROFILE,
    RULE,
    SHARING,
    Profile,
    consent_of,
    profile_of,
    rule_of,
    sharing_of,
)
from services.family_touchpoints.contact.rules import Consent, Family, Rule, Sharing, Tie
from shared.contracts.roster import Guardian
from shared.producer.desk import Desk
from shared.records.store import Records
from shared.roster_copy.merges import Merges

State = Mapping[str, Any]
T = TypeVar("T")


async def families(desk: Desk, student_ids: Collection[str]) -> dict[str, Family]:
    """All that is known of contact about these students, each under the id or name that it was asked by."""
    told = (await desk.roster.told(student_ids, ())).students
    ids = {name: told[name].ids if name in told else (name,) for name in student_ids}
    known = await _known(desk, {id for its in ids.values() for id in its})
    return {name: known.family(its) for name, its in ids.items()}


async def standing(records: Records, kind: str, where: Mapping[str, Any]) -> list[State]:
    """The states of the records of a kind that match and are not void."""
    found = records.collection.find({"kind": kind, "void": False, **where}, {"state": 1})
    return [each["state"] async for each in found.sort("_id", 1)]


async def same_persons(records: Records) -> Merges:
    """Which ids of guardians are one person's."""
    same = await standing(records, PROFILE, {"state.same_as": {"$gt": ""}})
    return Merges({state["guardian_id"]: state["same_as"] for state in same})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was read about some students: by student, each of their ids, and by guardian, as it was logged.

    `persons` are the ids of each guardian who has several, by the one that survives.
    """

    told: Mapping[str, list[Guardian]]
    rules: Mapping[str, list[Rule]]
    sharing: Mapping[str, Sharing]
    walked_in: Mapping[str, list[Profile]]
    consents: Mapping[str, list[Consent]]
    profiles: Mapping[str, Profile]
    same: Merges
    persons: Mapping[str, list[str]]

    def family(self, ids: tuple[str, ...]) -> Family:
        """The family of the person with these ids, the survivor's first."""
        ties = sorted(self._ties(ids), key=lambda tie: (tie.begin, tie.guardian_id))
        guardians = dict.fromkeys(id for tie in ties for id in self._together(tie.guardian_id))
        return Family(
            student_id=ids[0],
            ties=tuple(ties),
            rules=tuple(rule for id in ids for rule in self.rules.get(id, ())),
            consents=tuple(one for id in guardians for one in self.consents.get(id, ())),
            sharing=_as_one([self.sharing[id] for id in ids if id in self.sharing]),
            joined=self.same.into,
        )

    def _ties(self, ids: tuple[str, ...]) -> Iterator[Tie]:
        for id in ids:
            for fact in self.told.get(f"student/{id}", ()):
                yield Tie(
                    guardian_id=fact.guardian_id,
                    relation=fact.relation,
                    begin=fact.begin,
                    end=fact.end,
                    language=self._said(fact.guardian_id, "preferred_language") or fact.preferred_language,
                    interpreter_needed=bool(self._said(fact.guardian_id, "interpreter_needed")),
                    best_time=self._said(fact.guardian_id, "best_time") or "",
                )
        for one in {each.guardian_id: each for id in ids for each in self.walked_in.get(id, ())}.values():
            if one.since:
                yield Tie(
                    guardian_id=one.guardian_id,
                    relation=one.relation,
                    begin=one.since,
                    language=self._said(one.guardian_id, "preferred_language"),
                    interpreter_needed=bool(self._said(one.guardian_id, "interpreter_needed")),
                    best_time=self._said(one.guardian_id, "best_time") or "",
                    walk_in=True,
                )

    def _together(self, guardian_id: str) -> Iterable[str]:
        survivor = self.same.survivor(guardian_id)
        return (survivor, *self.persons.get(survivor, ()))

    def _said(self, guardian_id: str, field: str) -> Any:
        """What the profile of the guardian says, else that of another id of the same person, the survivor's first."""
        profiles = [self.profiles.get(id) for id in (guardian_id, *self._together(guardian_id))]
        return next((said for one in profiles if one and (said := getattr(one, field)) is not None), None)


async def _known(desk: Desk, ids: Collection[str]) -> _Known:
    """Each kind in one read."""
    told = await desk.roster.facts([f"student/{id}" for id in ids], Guardian)
    same = await same_persons(desk.records)
    of_students = {"state.student_id": {"$in": sorted(ids)}}
    walked_in = await standing(desk.records, PROFILE, {"state.student_ids": {"$in": sorted(ids)}})
    named = {fact.guardian_id for facts in told.values() for fact in facts} | {one["guardian_id"] for one in walked_in}
    of_guardians = {"state.guardian_id": {"$in": same.all_together(named)}}
    profiles = [profile_of(state) for state in [*walked_in, *await standing(desk.records, PROFILE, of_guardians)]]
    rules = [(state["student_id"], rule_of(state)) for state in await standing(desk.records, RULE, of_students)]
    consents = [consent_of(state) for state in await standing(desk.records, CONSENT, of_guardians)]
    return _Known(
        told=told,
        rules=_grouped(rules),
        sharing={
            state["student_id"]: sharing_of(state) for state in await standing(desk.records, SHARING, of_students)
        },
        walked_in=_grouped((id, profile_of(state)) for state in walked_in for id in state["student_ids"]),
        consents=_grouped((one.guardian_id, one) for one in consents),
        profiles={one.guardian_id: one for one in profiles},
        same=same,
        persons=_grouped((same.survivor(id), id) for id in sorted(same.into)),
    )


def _grouped(found: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for id, one in found:
        groups[id].append(one)
    return groups


def _as_one(found: Iterable[Sharing]) -> Sharing | None:
    """What records of one person say together, of which each was written while they were two."""
    kept = list(found)
    if not kept:
        return None
    steps = tuple(step for one in kept for step in one.steps)
    return Sharing(eighteen_on=min(one.eighteen_on for one in kept), steps=steps)
