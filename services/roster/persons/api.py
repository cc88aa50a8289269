"""HTTP of persons: merge, unmerge, where a person is known from, and the pairs to decide; who may: roster's api.py."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from services.roster.api import TheDesk
from services.roster.desk import Desk
from services.roster.people import is_alias, not_there
from services.roster.persons import merging, views
from services.roster.persons.conflicts import CONFLICT, TWO_PERSONS, note_decision, undecided
from services.roster.persons.joining import reaches
from services.roster.scope import Scope
from services.roster.values import StudentName
from shared.auth import Caller, CurrentCaller
from shared.errors import Conflict, Refused
from shared.fields import ID_PATTERN
from shared.records import Entry, Record

ConflictId = Annotated[str, Path(pattern=ID_PATTERN)]

router = APIRouter(prefix="/v1/persons", tags=["persons"])


@router.get("/conflicts", response_model=views.ConflictPage)
async def list_person_conflicts(caller: CurrentCaller, desk: TheDesk) -> Any:
    """Pairs of persons that a source takes for one while something speaks against it: nobody guesses."""
    items = []
    for each in await undecided(desk.store):
        if await _reached(desk, caller, each.state["persons"]):
            found = await desk.store.records.get_many("student", each.state["persons"])
            items.append(
                {
                    "id": each.id,
                    "found_at": each.updated_at.isoformat(),
                    "why": each.state["why"],
                    "persons": [views.person_record(found[id]) for id in each.state["persons"] if id in found],
                }
            )
    return JSONResponse({"items": items})


@router.post("/conflicts/{id}", response_model=views.Decided)
async def decide_person_conflict(id: ConflictId, body: views.Decision, caller: CurrentCaller, desk: TheDesk) -> Any:
    """Say of a pair that it is one person, or that it is two; then it is not asked again."""
    found = await desk.store.records.get(CONFLICT, id)
    if found is None or not await _reached(desk, caller, found.state["persons"]):
        raise not_there("conflict", id)
    first, second = found.state["persons"]
    entry = Entry(by=caller.sub, action=body.decision, why=body.reason)
    if body.decision == "two_persons":
        merges = await desk.store.merges()
        if merges.survivor(first) == merges.survivor(second):
            raise Conflict(f"{first} and {second} are one person now; POST /v1/persons/{second}/unmerge first")
        await note_decision(desk.store, first, second, TWO_PERSONS, entry)
        return JSONResponse(views.decided_view(id, TWO_PERSONS, None))
    survivor = body.survivor or first
    if survivor not in (first, second):
        raise Refused(f"survivor {survivor} is none of the pair; send {first} or {second}")
    done = await merging.merge(desk.store, survivor, second if survivor == first else first, entry)
    return JSONResponse(views.decided_view(id, "merged", done.survivor))


@router.post("/{id}/merge", response_model=views.MergeAnswer)
async def merge_person(id: StudentName, body: views.MergeBody, caller: CurrentCaller, desk: TheDesk) -> Any:
    """Make the other the same person as this one, who keeps the id. Nothing is rewritten; unmerging takes it back."""
    survivor, other = await _record(desk, caller, id), await _record(desk, caller, body.other)
    entry = Entry(by=caller.sub, action="merge", why=body.reason)
    return JSONResponse(_shown(await merging.merge(desk.store, survivor.id, other.id, entry)))


@router.post("/{id}/unmerge", response_model=views.MergeAnswer)
async def unmerge_person(id: StudentName, body: views.UnmergeBody, caller: CurrentCaller, desk: TheDesk) -> Any:
    """Make a merged person one of their own again; remembered, so that no feed joins the two."""
    person = await _record(desk, caller, id)
    entry = Entry(by=caller.sub, action="unmerge", why=body.reason)
    return JSONResponse(_shown(await merging.unmerge(desk.store, person.id, entry)))


@router.get("/{id}/sources", response_model=views.PersonSources)
async def get_person_sources(id: StudentName, caller: CurrentCaller, desk: TheDesk) -> Any:
    """How we know this person: every record and source that means them, and who joined those, when and why."""
    person = await _record(desk, caller, id)
    ids = (await desk.store.merges()).together(person.id)
    found = await desk.store.records.get_many("student", ids)
    records = [views.person_record(found[each]) for each in ids if each in found]
    return JSONResponse({"person_id": ids[0], "records": records})


async def _record(desk: Desk, caller: Caller, name: str) -> Record:
    """The very record that has this id, merged or not. Raise NotFound, also for what is out of reach."""
    if is_alias(name):
        merges = await desk.store.merges()
        found = [each for each in await desk.store.people([name], merges) if name in each.state["identifiers"]]
        record = found[0] if found else None
    else:
        record = await desk.store.records.get("student", name)
    if record is None or not await _reached(desk, caller, [record.id]):
        raise not_there("student", name)
    return record


async def _reached(desk: Desk, caller: Caller, persons: list[str]) -> bool:
    return await reaches(desk.store, Scope(caller.reach, desk.store), persons)


def _shown(merged: merging.Merged) -> dict[str, Any]:
    return asdict(merged)
