"""The routes of persons merge, unmerge and separate them, show their sources, and list what is to be decided."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from services.roster.api import person_views as views
from services.roster.api.guardians import disclosed
from services.roster.api.records import TheDesk
from services.roster.desk.desk import Desk
from services.roster.identity.people import MERGED, TWO_PERSONS, is_alias, is_source, not_there, separate_route
from services.roster.kinds.table import GUARDIAN
from services.roster.oneroster.derive.classes import classes_of
from services.roster.oneroster.derive.courses import Courses
from services.roster.oneroster.derive.families import with_contact
from services.roster.oneroster.keep.source_rows import NAMES, SourceRows, names_sent
from services.roster.persons import claims, merging, separating
from services.roster.persons.conflicts import CONFLICT, note_decision
from services.roster.persons.joining import reaches
from services.roster.reach.scope import Scope
from shared.doors.auth import Caller, CurrentCaller
from shared.errors import Conflict, NotFound, Refused
from shared.records.store import Entry, Record
from shared.words.fields import ID_PATTERN, StudentName

ConflictId = Annotated[str, Path(pattern=ID_PATTERN)]
SourceId = Annotated[str, Path(pattern=r"^[!-~]+$", max_length=320, examples=["northwest-sis:u-17"])]

router = APIRouter(prefix="/v1/persons", tags=["persons"])


@router.get("/conflicts", response_model=views.ConflictPage)
async def list_person_conflicts(caller: CurrentCaller, desk: TheDesk) -> Any:
    """Pairs that a source takes for one person while something speaks against it: nobody guesses.

    `incoming` is a side that is no person yet: the source id that a refused row came under, and its names as sent.
    """
    items = []
    for each in await claims.listed(desk.store):
        if await _reached_conflict(desk, caller, each):
            found = await desk.store.records.get_many("student", each.state["persons"])
            incoming = claims.incoming_of(each)
            items.append(
                {
                    "id": each.id,
                    "found_at": each.updated_at.isoformat(),
                    "why": each.state["why"],
                    "persons": [views.person_record(found[id]) for id in each.state["persons"] if id in found],
                    "incoming": incoming.shown() if incoming else None,
                }
            )
    return JSONResponse({"items": items})


@router.post("/conflicts/{id}", response_model=views.Decided)
async def decide_person_conflict(id: ConflictId, body: views.Decision, caller: CurrentCaller, desk: TheDesk) -> Any:
    """Say of a pair that it is one person, or that it is two; then it is not asked again.

    A row that was refused comes in with its source's next load: into that person, or as a person of
    its own without the number.
    """
    found = await desk.store.records.get(CONFLICT, id)
    if found is None or not await _reached_conflict(desk, caller, found):
        raise not_there("conflict", id)
    entry = Entry(by=caller.sub, action=body.decision, why=body.reason)
    if claims.incoming_of(found):
        return await _decided_incoming(found, body, desk, entry)
    first, second = found.state["persons"]
    if body.decision == "two_persons":
        merges = await desk.store.merges()
        if merges.survivor(first) == merges.survivor(second):
            raise Conflict(
                f"{first} and {second} are one person now",
                works=f"POST /v1/persons/{second}/unmerge first",
                code="already_so",
            )
        await note_decision(desk.store, first, second, TWO_PERSONS, entry)
        return JSONResponse(views.decided_view(id, TWO_PERSONS, None))
    survivor = body.survivor or first
    if survivor not in (first, second):
        raise Refused(f"survivor {survivor} is none of the pair", works=f"send {first} or {second}", code="not_known")
    done = await merging.merge(desk.store, survivor, second if survivor == first else first, entry)
    return JSONResponse(views.decided_view(id, "merged", done.survivor))


async def _decided_incoming(found: Record, body: views.Decision, desk: Desk, entry: Entry) -> JSONResponse:
    """The decision about a row that is no person yet: nothing happens before it comes again."""
    person, name = found.state["persons"][0], str(found.state["claim"]["name"])
    decided = MERGED if body.decision == "merge" else TWO_PERSONS
    if decided == MERGED and body.survivor not in (None, person):
        raise Refused(f"only {person} is a person yet", works="send that as survivor, or none", code="not_known")
    record = await desk.store.records.get("student", person)
    if decided == TWO_PERSONS and record is not None and is_source(name) and name in record.state["identifiers"]:
        raise Conflict(
            f"{name} is a source id of {person} now", works=f"POST {separate_route(name)} first", code="already_so"
        )
    await claims.decide_claim(desk.store, found, decided, entry)
    return JSONResponse(views.decided_view(found.id, decided, person))


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


@router.post("/{id}/sources/{alias:path}/separate", response_model=views.SeparateAnswer)
async def separate_person_source(
    id: StudentName, alias: SourceId, body: views.SeparateBody, caller: CurrentCaller, desk: TheDesk
) -> Any:
    """Give a source id a person of its own again, with the facts that were sent under it; merging takes it back.

    What was sent under a person id or a state student id stays. Awards and assessments follow in credentials.
    """
    person, record = await _record(desk, caller, id), await _record(desk, caller, alias)
    merges = await desk.store.merges()
    one = merges.survivor(person.id) == merges.survivor(record.id)
    if not is_source(alias) or not (one or separating.was_separated(record)):
        raise not_there("source id", alias)
    entry = Entry(by=caller.sub, action=separating.ACTION, why=body.reason)
    names = await _names_of(desk, record, alias)
    return JSONResponse(_shown(await separating.separate(desk.store, record, alias, names, entry)))


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
    """Who answers for a student, now and before, under any id of theirs, and how those of today are reached."""
    person = await _record(desk, caller, id)
    ids = (await desk.store.merges()).together(person.id)
    found = [record async for record in desk.store.every(GUARDIAN, {"state.student_id": {"$in": ids}})]
    items = await with_contact(SourceRows(desk.store.records.database), found)
    items.sort(key=lambda each: (each["end"] is not None, each["family_name"].casefold(), each["guardian_id"]))
    disclosed(caller, "get_person_guardians", students=1, guardians=len(items))
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
    items = await classes_of(desk.store, SourceRows(database), Courses(database), users)
    items = [each for each in items if own is None or each["organisation_id"] in own]
    if own is not None and not items:
        raise not_there("student", id)
    return JSONResponse({"id": id, "items": items})


async def _names_of(desk: Desk, record: Record, alias: str) -> separating.Names:
    """The names as the source sent them for this id; of one that sends no packages those that the person has."""
    source, _, user = alias.partition(":")
    sent = await names_sent(SourceRows(desk.store.records.database), source, user)
    return sent or {name: record.state.get(name) for name in NAMES}


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


async def _reached_conflict(desk: Desk, caller: Caller, record: Record) -> bool:
    """Whether both sides are within reach; of a row its schools say where it belongs."""
    if not await _reached(desk, caller, record.state["persons"]):
        return False
    schools = set(record.state.get("claim", {}).get("schools", ()))
    if caller.reach.everything or not schools:
        return True
    return bool(schools & set(await Scope(caller.reach, desk.store).own_organisations()))


def _shown(merged: merging.Merged | separating.Separated) -> dict[str, Any]:
    return asdict(merged)
