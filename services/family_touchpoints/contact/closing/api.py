"""HTTP of who may be contacted: rules, consents, what a student of age shares, and what is open of a family."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from services.family_touchpoints.contact.closing import commands, imports
from services.family_touchpoints.contact.closing.bodies import (
    ConsentBody,
    ConsentList,
    ConsentRecord,
    ContactAnswer,
    RuleBody,
    RuleList,
    RuleRecord,
    SharingBody,
    SharingRecord,
)
from services.family_touchpoints.contact.closing.open_ways import contact_about
from services.family_touchpoints.contact.closing.wishes import ConsentAsked
from services.family_touchpoints.contact.disclosures import disclosed
from services.family_touchpoints.contact.rules import About, Channel
from shared.csv.rows import CSV_BODY, ImportReport
from shared.doors.auth import COUNSELOR, DATA_MANAGER, CurrentCaller
from shared.producer.desk import TheDesk
from shared.producer.routes import KEPT, SHOWN, CsvBody, DryRun, History, VoidAction, logged_as
from shared.records.changes import entry_of
from shared.records.record import Record
from shared.web.app import IfMatchNeeded
from shared.web.conditions import IfMatch
from shared.web.idempotency import OwnKey, once
from shared.web.views import Json, answer, shown
from shared.words.fields import ID_PATTERN, NAMED_PATTERN, Day

# Why there is a rule, and who saw that there is: for those who handle it.
WHY = ("basis", "seen_on", "seen_by")
StudentPath = Annotated[str, Path(pattern=NAMED_PATTERN, max_length=320, examples=["p1"])]
RuleId = Annotated[str, Path(pattern=ID_PATTERN, examples=["order-1"])]
GuardianId = Annotated[str, Path(pattern=ID_PATTERN, examples=["g3f0c2a9d1"])]

router = APIRouter(prefix="/v1", tags=["contact"])


@router.get("/students/{id}/contact", response_model=ContactAnswer)
async def get_contact(
    id: StudentPath,
    caller: CurrentCaller,
    desk: TheDesk,
    on: Annotated[Day | None, Query(description="default today")] = None,
) -> Any:
    """Who may be contacted about the student, and how; not why somebody may not be."""
    return Json(await contact_about(desk, id, on or await desk.today(), caller))


@router.get("/students/{id}/rules", response_model=RuleList)
async def list_rules(id: StudentPath, caller: CurrentCaller, desk: TheDesk) -> Any:
    """The rules about the student that are not void; each time it is noted who was shown why."""
    records = await commands.rules_of(desk, id, caller)
    if caller.roles.isdisjoint({COUNSELOR, DATA_MANAGER}):
        return Json({"items": [shown(_without_why(record)) for record in records]})
    whose = [record.state["student_id"] for record in records]
    await disclosed(desk, caller.sub, what="basis of a rule", about=whose, route="list_rules")
    return Json({"items": [shown(record) for record in records]})


@router.put("/students/{id}/rules/{rule_id}", response_model=RuleRecord, responses=logged_as(RuleRecord))
async def put_rule(
    id: StudentPath, rule_id: RuleId, body: RuleBody, caller: CurrentCaller, version: IfMatch, desk: TheDesk
) -> Any:
    """Keep a rule as it is from now on; to end one early, send it with its last day."""
    said = body.model_dump(mode="json", by_alias=True)
    entry = entry_of(caller, "put", key="", digest="")
    done = await commands.put_rule(desk, id, rule_id, said, caller=caller, entry=entry, expected=version)
    return _answer(done)


@router.post("/students/{id}/rules/{rule_id}/void", response_model=RuleRecord, responses=KEPT)
async def void_rule(
    id: StudentPath,
    rule_id: RuleId,
    body: VoidAction,
    caller: CurrentCaller,
    version: IfMatchNeeded,
    key: OwnKey,
    desk: TheDesk,
) -> Any:
    """Take out a rule that should never have been entered, such as one about another student."""
    entry = entry_of(caller, "void", **once("void", f"{id} {rule_id}", version, key, body), why=body.reason)
    saved = await commands.void_rule(desk, id, rule_id, caller=caller, entry=entry, expected=version)
    return answer(_without_why(saved.record), outcome=saved.outcome)


@router.get("/guardians/{id}/consents", response_model=ConsentList)
async def list_consents(id: GuardianId, caller: CurrentCaller, desk: TheDesk) -> Any:
    """What the guardian has said of channels, under every id of theirs; of a channel that is not here, nothing."""
    return Json({"items": [shown(record) for record in await commands.consents_of(desk, id, caller)]})


@router.put(
    "/guardians/{id}/consents/{channel}/{about}", response_model=ConsentRecord, responses=logged_as(ConsentRecord)
)
async def put_consent(
    id: GuardianId,
    channel: Channel,
    about: About,
    body: ConsentBody,
    caller: CurrentCaller,
    version: IfMatch,
    desk: TheDesk,
) -> Any:
    """Keep all that the guardian has said of the channel for that matter; everything else stays as it is."""
    asked = ConsentAsked(id, channel, about, body.model_dump(mode="json")["steps"])
    entry = entry_of(caller, "put", key="", digest="")
    return _answer(await commands.put_consent(desk, asked, caller=caller, entry=entry, expected=version))


@router.get("/students/{id}/sharing", response_model=SharingRecord, responses=SHOWN)
async def get_sharing(id: StudentPath, caller: CurrentCaller, desk: TheDesk, history: History = False) -> Any:
    """From which day the rights are the student's, and what they share since."""
    return answer(await commands.get_sharing(desk, id, caller), history=history, to=caller)


@router.put("/students/{id}/sharing", response_model=SharingRecord, responses=logged_as(SharingRecord))
async def put_sharing(
    id: StudentPath, body: SharingBody, caller: CurrentCaller, version: IfMatch, desk: TheDesk
) -> Any:
    """Keep what the student shares. Students of age add to it themselves, from today on."""
    said, entry = body.model_dump(mode="json"), entry_of(caller, "put", key="", digest="")
    return _answer(await commands.put_sharing(desk, id, said, caller=caller, entry=entry, expected=version))


@router.post("/rules/imports", response_model=ImportReport, openapi_extra=CSV_BODY)
async def import_rules(body: CsvBody, caller: CurrentCaller, desk: TheDesk, dry_run: DryRun = False) -> Any:
    """A row a rule, columns as PUT has fields, and rule_id; guardian_id `everybody` is everybody's."""
    return await imports.import_rules(desk, body, caller=caller, dry_run=dry_run)


@router.post("/consents/imports", response_model=ImportReport, openapi_extra=CSV_BODY)
async def import_consents(body: CsvBody, caller: CurrentCaller, desk: TheDesk, dry_run: DryRun = False) -> Any:
    """A row a step: guardian_id, channel, about, status, on, how. It comes to those that are there already."""
    return await imports.import_consents(desk, body, caller=caller, dry_run=dry_run)


@router.post("/sharing/imports", response_model=ImportReport, openapi_extra=CSV_BODY)
async def import_sharing(body: CsvBody, caller: CurrentCaller, desk: TheDesk, dry_run: DryRun = False) -> Any:
    """A row a student or a step: student_id, eighteen_on, status, on, seen_on. Steps come to those already there."""
    return await imports.import_sharing(desk, body, caller=caller, dry_run=dry_run)


def _answer(done: commands.Entered) -> Json:
    return answer(done.saved.record, outcome=done.saved.outcome, planned_against=list(done.against))


def _without_why(record: Record) -> Record:
    return replace(record, state={name: value for name, value in record.state.items() if name not in WHY})
