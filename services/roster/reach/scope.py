"""A caller reaches students by school and enrolment, and everything else by its place or its student."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.roster.identity.people import State, not_there
from services.roster.kinds.organisation import district_of
from services.roster.kinds.rows import ToKeep
from services.roster.reach.writable import PLACED, Writable
from services.roster.store import Store
from shared.doors.auth import NOTHING, Reach, Rows
from shared.doors.roles import ALL_OF_THEM
from shared.errors import Forbidden, Refused

Filter = Mapping[str, Any]


@dataclass(slots=True)
class Scope:
    """One request's reach, in the roster's own terms."""

    reach: Reach
    store: Store
    own: list[str] | None = field(default=None, init=False)

    @property
    def everything(self) -> bool:
        return self.reach.everything

    async def filter(self, kind: str, *, among: Collection[str] | None = None) -> Filter:
        """The rows of a kind within reach; `among` narrows the question to some students."""
        if self.everything:
            return {}
        if kind == "program":
            return NOTHING
        if kind == "organisation":
            return {"_id": {"$in": [f"organisation/{each}" for each in await self.own_organisations()]}}
        if kind == "student":
            return _any_of(await self._student_ways(among))
        if kind in ("demographics", "outcome"):
            return {"state.student_id": {"$in": await self._students(among)}}
        return _any_of(await self._placed_ways(among))

    async def own_organisations(self) -> list[str]:
        """The organisations of the caller's districts."""
        if self.own is None:
            mine = self.reach.who.districts if Rows.OWN_DISTRICTS in self.reach.rows else ()
            self.own = await self.store.organisations_under(mine) if mine else []
        return self.own

    async def writable(self, kind: str, persons: Collection[str]) -> Writable:
        """What the caller may write of a kind, and about which of these persons."""
        own = frozenset(await self.own_organisations())
        students = frozenset(await self._students(persons)) if persons else frozenset()
        if kind not in (*PLACED, "student"):
            return Writable(own=own, students=students)
        states = {each.id: each.state for each in await self.store.organisations() if not each.void}
        shared = frozenset(each for each in states if district_of(each, states) is None)
        return Writable(own, shared, students, await self._let_in(set(persons) - students, own))

    async def _let_in(self, persons: Collection[str], own: Collection[str]) -> Mapping[str, frozenset[str]]:
        """By person, the own places into which an accepted transfer lets them."""
        if not persons or not own:
            return {}
        merges = await self.store.merges()
        into: dict[str, frozenset[str]] = {}
        for student, place in await self.store.transfers(merges.all_together(persons), own):
            for each in merges.together(student):
                into[each] = into.get(each, frozenset()) | {place}
        return into

    async def refusals(
        self, kind: str, wanted: Sequence[ToKeep], names: Mapping[str, str], stored: Mapping[str, State], can: Writable
    ) -> dict[str, Refused]:
        """Which of these records the caller may not write, by id, and why.

        What is stored must be within reach, as for reading; whom it is about has been looked at, and
        what it newly names must lie in the caller's districts or in none. `names` gives for each id
        what the caller wrote.
        """
        if self.everything:
            return {}
        among = {str(each.state.get("student_id", each.id)) for each in wanted}
        states = {each.id: each.state for each in await self.store.organisations()} if kind == "organisation" else {}
        there = [each.id for each in wanted if each.id in stored]
        seen = await self.store.among(kind, there, await self.filter(kind, among=among))
        refused: dict[str, Refused] = {}
        for each in wanted:
            name = names[each.id]
            if each.id in stored and each.id not in seen and each.id not in can.let_in:
                refused[each.id] = not_there(kind, name)
            elif why := self._refusal(kind, each, name, stored.get(each.id), can, states):
                refused[each.id] = why
        return refused

    def _refusal(
        self,
        kind: str,
        decided: ToKeep,
        name: str,
        before: State | None,
        can: Writable,
        states: Mapping[str, State],
    ) -> Refused | None:
        if kind == "organisation":
            mine = district_of(decided.id, {**states, decided.id: decided.state}) in self.reach.who.districts
        else:
            mine = kind != "program"
        if not mine:
            return Forbidden(
                f"{kind} {name} would not lie in a district of this token",
                works="name a place of your own",
                code="beyond_reach",
            )
        return can.refusal(kind, name, decided.state, before)

    async def _students(self, among: Collection[str] | None) -> list[str]:
        if among is not None:
            among = (await self.store.merges()).all_together(among)
        narrowed = {"_id": {"$in": [f"student/{each}" for each in among]}} if among is not None else {}
        return await self.store.students_at({"$and": [narrowed, _any_of(await self._student_ways(among))]})

    async def _student_ways(self, among: Collection[str] | None) -> list[Filter]:
        """The filters of students enrolled, or at home, where the caller reaches."""
        rows, who = self.reach.rows, self.reach.who
        merges = await self.store.merges()
        among = merges.all_together(among) if among is not None else None
        ways: list[Filter] = []
        enrolled: list[Filter] = []
        homes: set[str] = set(await self.own_organisations())
        if homes:
            enrolled.append({"state.organisation_id": {"$in": sorted(homes)}})
        if Rows.OWN_PROGRAMS in rows:
            enrolled.append(self._taught())
        if Rows.OWN_CAMPUSES in rows:
            enrolled.append({"state.organisation_id": _one_of(who.campuses)})
            homes |= who.campuses
        if homes:
            ways.append({"state.years.school_id": {"$in": sorted(homes)}})
        if enrolled:
            narrowed = {"state.student_id": {"$in": list(among)}} if among is not None else {}
            people = await self.store.students_enrolled({"$and": [narrowed, {"$or": enrolled}]})
            ways.append({"_id": {"$in": [f"student/{each}" for each in people]}})
        if Rows.SELF in rows and who.student_id:
            ways.append({"_id": f"student/{who.student_id}"})
        if ways and merges.into:
            # Who reaches one record of a person reaches the person.
            each = [f"student/{one}" for one in merges.all_together(merges.into)]
            seen = await self.store.students_at({"$and": [{"_id": {"$in": each}}, {"$or": ways}]})
            ways.append({"_id": {"$in": [f"student/{one}" for one in merges.all_together(seen)]}})
        return ways

    async def _placed_ways(self, among: Collection[str] | None) -> list[Filter]:
        """The filters of enrolments and completions: by their own place, or by the student's home."""
        rows, who = self.reach.rows, self.reach.who
        ways: list[Filter] = []
        own = await self.own_organisations()
        merges = await self.store.merges()
        if own:
            among = merges.all_together(among) if among is not None else None
            narrowed = {"_id": {"$in": [f"student/{each}" for each in among]}} if among is not None else {}
            at_home = await self.store.students_at({"$and": [narrowed, {"state.years.school_id": {"$in": own}}]})
            ways += [
                {"state.organisation_id": {"$in": own}},
                {"state.student_id": {"$in": merges.all_together(at_home)}},
            ]
        if Rows.OWN_PROGRAMS in rows:
            ways.append(self._taught())
        if Rows.OWN_CAMPUSES in rows:
            ways.append({"state.organisation_id": _one_of(who.campuses)})
        if Rows.SELF in rows and who.student_id:
            ways.append({"state.student_id": {"$in": merges.together(who.student_id)}})
        return ways

    def _taught(self) -> Filter:
        who = self.reach.who
        return {"state.program_id": _one_of(who.programs), "state.organisation_id": _one_of(who.campuses)}


def _one_of(claimed: frozenset[str]) -> Filter:
    return {"$exists": True} if ALL_OF_THEM in claimed else {"$in": sorted(claimed)}


def _any_of(ways: list[Filter]) -> Filter:
    return {"$or": ways} if ways else NOTHING
