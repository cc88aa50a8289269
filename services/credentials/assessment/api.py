"""HTTP of assessments: log one or a class, import, set right, take out, show; and what a program asks, by date."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.credentials.assessment import commands, imports
from services.credentials.assessment.answers import (
    AssessmentListAnswer,
    AssessmentPage,
    AssessmentRecord,
    CutsKept,
    CutsRecord,
    CutsWould,
)
from services.credentials.assessment.bodies import (
    AssessmentBatch,
    AssessmentBody,
    AssessmentChange,
    CutsBody,
    assessment_from,
    batch_assessments,
    changes_from,
    cuts_from,
)
from services.credentials.assessment.cuts import checked
from services.credentials.assessment.decision import taken_by
from services.credentials.assessment.record import ASSESSMENT, CUTS
from services.credentials.assessment.restating import put_cuts as put_and_follow
from shared.contracts.credentials import AssessmentKind, Phase
from shared.csv.rows import CSV_BODY, ImportReport
from shared.doors.auth import CurrentCaller
from shared.errors import NotFound
from shared.producer.answers import HEADERS, BatchVoided, list_answer, put_answer
from shared.producer.decisions import Asked
from shared.producer.desk import TheDesk
from shared.producer.refusals import no_program
from shared.producer.routes import (
    KEPT,
    SHOWN,
    Asks,
    CsvBody,
    DryRun,
    History,
    ProgramId,
    RecordId,
    VoidAction,
    days_between,
    file_entry,
    logged_as,
)
from shared.producer.rows import log_rows
from shared.records.changes import entry_of
from shared.web.app import AskedPage, IdempotencyKey, derived_id, digest, page
from shared.web.conditions import IfMatch
from shared.web.idempotency import OwnKey
from shared.web.views import Json, answer, shown
from shared.words.fields import Day, Id, StudentName

PUT: dict[int | str, dict[str, Any]] = {200: {"headers": HEADERS}, 201: {"model": CutsKept, "headers": HEADERS}}

router = APIRouter(prefix="/v1", tags=["assessments"])


@router.post("/assessments", response_model=AssessmentRecord, responses=logged_as(AssessmentRecord))
async def record_assessment(body: AssessmentBody, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk) -> Any:
    """Log one sitting; the same key and body again answers with the assessment as it stands."""
    asked = Asked(derived_id(caller.sub, key), assessment_from(body))
    entry = entry_of(caller, "record", key=key, digest=digest(body))
    (logged,) = await log_rows(desk, commands.ASSESSMENTS, [asked], caller=caller, entry=entry)
    if logged.refusal:
        raise logged.refusal
    if logged.id != asked.id:
        raise taken_by(logged.id, asked.wanted)
    record = logged.record or await desk.get(ASSESSMENT, asked.id, caller)
    return answer(record, outcome=logged.outcome, **(await commands.places(desk, [record]))[0])


@router.post("/assessments/batch", response_model=AssessmentListAnswer)
async def record_assessment_batch(
    body: AssessmentBatch, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """Log a class: one assessment, one day. Good rows are kept, each refused row says why."""
    batch_id = derived_id(caller.sub, key)
    found = batch_assessments(body, batch_id)
    asked = [Asked(derived_id(caller.sub, key, row), one) for row, one in enumerate(found)]
    entry = entry_of(caller, "record", key=key, digest=digest(body))
    logged = await log_rows(desk, commands.ASSESSMENTS, asked, caller=caller, entry=entry, dry_run=dry_run)
    return Json(list_answer(batch_id, logged, id_as="assessment_id", dry_run=dry_run))


@router.post("/assessments/batch/{id}/void", response_model=BatchVoided)
async def void_assessment_batch(
    id: RecordId, body: VoidAction, caller: CurrentCaller, key: OwnKey, desk: TheDesk
) -> Any:
    """Undo a class list: take out every assessment that was created with it."""
    entry = entry_of(caller, "void", key=key or f"void of batch {id}", digest=digest(body), why=body.reason)
    voided, unchanged = await commands.void_batch(desk, id, caller=caller, entry=entry)
    return BatchVoided(batch_id=id, voided=voided, unchanged=unchanged)


@router.post("/assessments/imports", response_model=ImportReport, openapi_extra=CSV_BODY)
async def import_assessments(
    body: CsvBody, caller: CurrentCaller, key: OwnKey, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """A row a sitting; columns as the fields of POST /v1/assessments. The same file again changes nothing."""
    own, entry = file_entry(caller, "import", body, key)
    return await imports.import_assessments(desk, body, caller=caller, entry=entry, key=own, dry_run=dry_run)


@router.get("/assessments", response_model=AssessmentPage)
async def list_assessments(
    caller: CurrentCaller,
    paging: AskedPage,
    desk: TheDesk,
    student: Annotated[StudentName | None, Query()] = None,
    program: Annotated[Id | None, Query()] = None,
    kind: Annotated[AssessmentKind | None, Query()] = None,
    phase: Annotated[Phase | None, Query()] = None,
    form: Annotated[Id | None, Query()] = None,
    since: Annotated[Day | None, Query(alias="from", description="taken on or after")] = None,
    until: Annotated[Day | None, Query(alias="to", description="taken on or before")] = None,
    batch: Annotated[Id | None, Query()] = None,
) -> Any:
    """Assessments that are not void and within reach, in the order of their ids."""
    wanted = {
        "state.student_id": await desk.persons([student]) if student else None,
        "state.program_id": program,
        "state.kind": kind,
        "state.phase": phase,
        "state.form": form,
        "state.batch_id": batch,
    }
    where: dict[str, Any] = {path: value for path, value in wanted.items() if value is not None}
    if days := days_between(since, until):
        where["state.taken_on"] = days
    records = await desk.find(ASSESSMENT, where, caller=caller, paging=paging)
    views = [
        shown(record, to=caller, **more)
        for record, more in zip(records, await commands.places(desk, records), strict=True)
    ]
    return Json(page(views, paging.limit))


@router.get("/assessments/{id}", response_model=AssessmentRecord, responses=SHOWN)
async def get_assessment(id: RecordId, caller: CurrentCaller, desk: TheDesk, history: History = False) -> Any:
    """One assessment, also one that is void."""
    record = await desk.get(ASSESSMENT, id, caller)
    return answer(record, history=history, to=caller, **(await commands.places(desk, [record]))[0])


@router.patch("/assessments/{id}", response_model=AssessmentRecord, responses=KEPT)
async def correct_assessment(asked: Asks, body: AssessmentChange) -> Any:
    """Set right what was logged wrong. Another student's assessment: void it and log it again."""
    saved = await commands.set_right(asked.desk, asked.id, changes_from(body), **asked.by("correct", body))
    return answer(saved.record, outcome=saved.outcome, **(await commands.places(asked.desk, [saved.record]))[0])


@router.post("/assessments/{id}/void", response_model=AssessmentRecord, responses=KEPT)
async def void_assessment(asked: Asks, body: VoidAction) -> Any:
    """Take out an assessment that should never have been logged."""
    saved = await asked.desk.void(ASSESSMENT, asked.id, **asked.by("void", body))
    return answer(saved.record, outcome=saved.outcome, **(await commands.places(asked.desk, [saved.record]))[0])


@router.put("/programs/{id}/cuts", response_model=CutsKept | CutsWould, responses=PUT)
async def put_cuts(
    id: ProgramId, body: CutsBody, caller: CurrentCaller, version: IfMatch, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """Keep what a program asks; exactly the assessments for which another cut or gain is in force are restated.

    The answer says how many; a dry run says it beforehand.
    """
    caller.require_everything("what a program asks")
    cuts = checked(cuts_from(id, body))
    if id not in await desk.programs([id]):
        raise no_program(id)
    entry = entry_of(caller, "put", key="", digest="")
    done = await put_and_follow(desk, cuts, entry, expected=version, dry_run=dry_run)
    return put_answer(done, program_id=id)


@router.get("/programs/{id}/cuts", response_model=CutsRecord, responses=SHOWN)
async def get_cuts(id: ProgramId, _: CurrentCaller, desk: TheDesk, history: History = False) -> Any:
    """What a program asks, by date; a program that has said nothing has no such record, and the cut 0.6."""
    record = await desk.records.get(CUTS, id)
    if record is None:
        raise NotFound(f"{id} has set no cuts", works="its cut is 0.6, and any gain counts", code="nothing_set")
    return answer(record, history=history, program_id=id)
