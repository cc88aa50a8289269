"""HTTP of persons: merge, unmerge, where a person is known from, and the pairs to decide; who may: roster's api.py."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from services.roster.api import TheDesk
from services.roster.desk import Desk
from services.roster.kinds import GUARDIAN
from services.roster.oneroster.classes import classes_of
from services.roster.oneroster.courses import Courses
from services.roster.oneroster.guardians import named
from services.roster.oneroster.kept import Kept
from services.roster.people import is_alias, not_there
from services.roster.persons import merging, views
from services.roster.persons.conflicts import CONFLICT, TWO_PERSONS, note_decision, undecided
from services.roster.persons.joining import reaches
from services.roster.scope import Scope
from shared.auth import Caller, CurrentCaller
from shared.errors import Conflict, NotFound, Refused
from shared.fields import ID_PATTERN, StudentName
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


@router.get("/{id}/guardians", response_model=views.PersonGuardians)
async def get_person_guardians(id: StudentName, caller: CurrentCaller, desk: TheDesk) -> Any:
    """Who answers for a student, now and before, under any id of theirs; for those who speak with families."""
    person = await _record(desk, caller, id)
    ids = (await desk.store.merges()).together(person.id)
    found = [record async for record in desk.store.every(GUARDIAN, {"state.student_id": {"$in": ids}})]
    items = await named(Kept(desk.store.records.database), found)
    items.sort(key=lambda each: (each["end"] is not None, each["family_name"].casefold(), each["guardian_id"]))
    return JSONResponse(
        {
            "person_id": ids[0],
            "items": [{name: each[name] for name in views.PersonGuardian.model_fields} for each in items],
        }
    )


@router.get("/{id}/classes", response_model=views.PersonClasses)
async def get_person_classes(id: StudentName, caller: CurrentCaller, desk: TheDesk) -> Any:
    """The classes of a student, under any id, or of a teacher, by `<source>:<sourcedId>`; the latest first."""
    database = desk.store.records.database
    own: set[str] | None = None
    try:
        person = await _record(desk, caller, id)
        ids = (await desk.store.merges()).together(person.id)
        records = (await desk.store.records.get_many("student", ids)).values()
        users = [(each["source"], each["sourced_id"]) for record in records for each in record.state["sources"]]
    except NotFound:
        # No student: a teacher has no record here, and is shown where the caller's own schools hold the classes.
        if await desk.store.people([id]) or not is_alias(id):
            raise
        source, _, user = id.partition(":")
        users = [(source, user)]
        own = None if caller.reach.everything else set(await Scope(caller.reach, desk.store).own_organisations())
    items = await classes_of(desk.store, Kept(database), Courses(database), users)
    items = [each for each in items if own is None or each["organisation_id"] in own]
    if own is not None and not items:
        raise not_there("student", id)
    return JSONResponse({"id": id, "items": items})


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
