"""When an organisation changes, the records whose facts say something of it are published again.

| what changes | which facts say it | which records get a new version |
|---|---|---|
| the type | enrolment, completion | those at the organisation |
| the type or the parent | student: the district of the home school | those at home in it or below it |
| the cted's start of the school year | completion, outcome: the school year; enrolment: the start | all of them |
"""

from collections.abc import Collection, Mapping
from typing import Any

from pymongo import ReplaceOne

from services.roster.kinds.organisation import CTED, ancestors
from services.roster.store import Store
from shared.mongo import seeing_all

Facets = Mapping[str, Any]


async def follow(store: Store, ids: Collection[str] | None = None) -> int:
    """Publish again what changed organisations touch: of these, or of all; how many records that were.

    1. Compare each with what was followed last.
    2. Raise the versions of exactly the records that the changes touch.
    3. Note what has been followed.

    The organisations are written before. A crash before 3 repeats 2, at the next start or the
    next PUT, also one that changes nothing.
    """
    if ids is not None and not ids:
        return 0
    # Those were written a moment ago: a read of its own may not see them yet, and their followers would stay behind.
    async with seeing_all(store.records.database) as view:
        organisations = await Store(view).organisations()
    asked = [each for each in organisations if ids is None or each.id in ids]
    now = {each.id: _facets(each.state, void=each.void) for each in asked}
    last = {each["_id"]: each["facets"] async for each in store.followed.find({"_id": {"$in": list(now)}})}
    changed = {each: facets for each, facets in now.items() if last.get(each) != facets}
    if not changed:
        return 0
    states = {each.id: each.state for each in organisations}
    ways = _touched(changed, last, states)
    raised = await store.records.raise_versions({"void": False, "$or": ways}) if ways else 0
    notes = [ReplaceOne({"_id": each}, {"facets": facets}, upsert=True) for each, facets in changed.items()]
    await store.followed.bulk_write(notes, ordered=False)
    return raised


def _facets(state: Mapping[str, Any], *, void: bool) -> Facets:
    """What an organisation lends to the facts of others."""
    return {
        "type": state["type"],
        "parent": state["parent_id"],
        "starts": state["school_year_starts"] if state["type"] == CTED and not void else None,
    }


def _touched(
    changed: Mapping[str, Facets], last: Mapping[str, Facets], states: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    def differs(name: str) -> set[str]:
        return {each for each, facets in changed.items() if last.get(each, {}).get(name) != facets[name]}

    ways: list[dict[str, Any]] = []
    if retyped := differs("type"):
        at = {"$in": sorted(retyped)}
        ways.append({"kind": {"$in": ["enrolment", "completion"]}, "state.organisation_id": at})
    if moved := retyped | differs("parent"):
        homes = sorted(each for each in states if moved & {each, *ancestors(each, states)})
        ways.append({"kind": "student", "state.years.school_id": {"$in": homes}})
    if differs("starts"):
        ways.append({"kind": {"$in": ["enrolment", "completion", "outcome"]}})
    return ways
