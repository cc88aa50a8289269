"""HTTP of awards: log one or a class, set right, verify, revoke, celebrate, take out, list, show, import."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.credentials.award import commands, imports, rules
from services.credentials.award.answers import AwardPage, AwardRecord, BatchAnswer, LoggedAward
from services.credentials.award.bodies import (
    AwardBody,
    AwardChange,
    BatchBody,
    CelebrationAction,
    RevocationAction,
    VerificationAction,
    award_from,
    batch_awards,
    celebration_from,
    changes_from,
    look_from,
)
from services.credentials.award.decision import taken_by
from services.credentials.award.record import AWARD
from shared.contracts.credentials import Result
from shared.csv.rows import CSV_BODY, ImportReport
from shared.doors.auth import CurrentCaller
from shared.errors import Malformed
from shared.producer.answers import BatchVoided, list_answer
from shared.producer.decisions import Asked
from shared.producer.desk import TheDesk
from shared.producer.routes import (
    KEPT,
    SHOWN,
    CsvBody,
    DryRun,
    History,
    RecordId,
    VoidAction,
    days_between,
    file_entry,
    logged_as,
)
from shared.producer.rows import log_rows
from shared.records.changes import entry_of
from shared.web.app import AskedPage, IdempotencyKey, IfMatchNeeded, derived_id, digest, page
from shared.web.idempotency import OwnKey, once
from shared.web.views import Json, answer, shown
from shared.words.fields import IDS_PATTERN, Day, Id, StudentName

STUDENTS_MAX = 200
Students = Annotated[
    str | None,
    Query(
        max_length=65 * STUDENTS_MAX,
        pattern=IDS_PATTERN,
        description=f"any of these person ids, with commas, at most {STUDENTS_MAX}; passed over beside `student`",
    ),
]

router = APIRouter(prefix="/v1/awards", tags=["awards"])


@router.post("", response_model=LoggedAward, responses=logged_as(LoggedAward))
async def record_award(body: AwardBody, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk) -> Any:
    """Log an attempt at a credential; the same key and body again answers with the award as it stands."""
    asked = Asked(derived_id(caller.sub, key), award_from(body, caller.sub))
    entry = entry_of(caller, "record", key=key, digest=digest(body))
    (logged,) = await log_rows(desk, commands.AWARDS, [asked], caller=caller, entry=entry)
    if logged.refusal:
        raise logged.refusal
    if logged.id != asked.id:
        raise taken_by(logged.id, asked.wanted)
    record = logged.record or await desk.get(AWARD, asked.id, caller)
    return answer(record, outcome=logged.outcome, warnings=[one.said for one in logged.warnings])


@router.post("/batch", response_model=BatchAnswer)
async def record_batch(
    body: BatchBody, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """Log a class: one credential, one day. Good rows are kept, each refused row says why."""
    batch_id = derived_id(caller.sub, key)
    awards = batch_awards(body, batch_id, caller.sub)
    asked = [Asked(derived_id(caller.sub, key, row), award) for row, award in enumerate(awards)]
    entry = entry_of(caller, "record", key=key, digest=digest(body))
    logged = await log_rows(desk, commands.AWARDS, asked, caller=caller, entry=entry, dry_run=dry_run)
    return Json(list_answer(batch_id, logged, id_as="award_id", dry_run=dry_run))


@router.post("/batch/{id}/void", response_model=BatchVoided)
async def void_batch(id: RecordId, body: VoidAction, caller: CurrentCaller, key: OwnKey, desk: TheDesk) -> Any:
    """Undo a class list: take out every award that was created with it."""
    entry = entry_of(caller, "void", key=key or f"void of batch {id}", digest=digest(body), why=body.reason)
    voided, unchanged = await commands.void_batch(desk, id, caller=caller, entry=entry)
    return BatchVoided(batch_id=id, voided=voided, unchanged=unchanged)


@router.get("", response_model=AwardPage)
async def list_awards(
    caller: CurrentCaller,
    paging: AskedPage,
    desk: TheDesk,
    student: Annotated[StudentName | None, Query()] = None,
    students: Students = None,
    program: Annotated[Id | None, Query()] = None,
    credential: Annotated[Id | None, Query()] = None,
    result: Annotated[Result | None, Query()] = None,
    since: Annotated[Day | None, Query(alias="from", description="awarded, else taken, on or after")] = None,
    until: Annotated[Day | None, Query(alias="to", description="awarded, else taken, on or before")] = None,
    batch: Annotated[Id | None, Query()] = None,
) -> Any:
    """Awards that are not void and within reach, in the order of their ids."""
    names = [student] if student else [each for each in (students or "").split(",") if each]
    if len(names) > STUDENTS_MAX:
        raise Malformed(
            f"students names {len(names)} of them", works=f"ask for at most {STUDENTS_MAX} at once", code="too_many"
        )
    wanted = {
        "state.student_id": await desk.persons(names) if names else None,
        "state.program_id": program,
        "state.credential_code": credential,
        "state.result": result,
        "state.batch_id": batch,
    }
    where: dict[str, Any] = {path: value for path, value in wanted.items() if value is not None}
    if days := days_between(since, until):
        where["state.day"] = days
    records = await desk.find(AWARD, where, caller=caller, paging=paging)
    return Json(page([shown(record, to=caller) for record in records], paging.limit))


@router.get("/{id}", response_model=AwardRecord, responses=SHOWN)
async def get_award(id: RecordId, caller: CurrentCaller, desk: TheDesk, history: History = False) -> Any:
    """One award, also one that is void."""
    return answer(await desk.get(AWARD, id, caller), history=history, to=caller)


@router.patch("/{id}", response_model=AwardRecord, responses=KEPT)
async def correct_award(
    id: RecordId, body: AwardChange, caller: CurrentCaller, version: IfMatchNeeded, key: OwnKey, desk: TheDesk
) -> Any:
    """Set right what was logged wrong. Another student's award: void it and log it again."""
    entry = entry_of(caller, "correct", **once("correct", id, version, key, body), why=body.reason or "")
    saved = await commands.set_right(
        desk, id, changes_from(body, caller.sub), caller=caller, entry=entry, expected=version
    )
    return answer(saved.record, outcome=saved.outcome)


@router.post("/{id}/verification", response_model=AwardRecord, responses=KEPT)
async def verify_award(
    id: RecordId, body: VerificationAction, caller: CurrentCaller, version: IfMatchNeeded, key: OwnKey, desk: TheDesk
) -> Any:
    """Note that somebody looked, on a day, and found it or did not."""
    entry = entry_of(caller, "verify", **once("verify", id, version, key, body), why=body.reason or "")
    found, today = look_from(body, caller.sub), await desk.today()
    saved = await commands.act(
        desk,
        id,
        caller=caller,
        entry=entry,
        expected=version,
        become=lambda award: rules.verify(award, found, today=today),
    )
    return answer(saved.record, outcome=saved.outcome)


@router.post("/{id}/revocation", response_model=AwardRecord, responses=KEPT)
async def revoke_award(
    id: RecordId, body: RevocationAction, caller: CurrentCaller, version: IfMatchNeeded, key: OwnKey, desk: TheDesk
) -> Any:
    """Note that the issuer has taken the award back; PATCH revoked_on null lifts it."""
    entry = entry_of(caller, "revoke", **once("revoke", id, version, key, body), why=body.reason)
    today = await desk.today()
    saved = await commands.act(
        desk,
        id,
        caller=caller,
        entry=entry,
        expected=version,
        become=lambda award: rules.revoke(award, body.revoked_on, today=today),
    )
    return answer(saved.record, outcome=saved.outcome)


@router.post("/{id}/celebration", response_model=AwardRecord, responses=KEPT)
async def celebrate_award(
    id: RecordId, body: CelebrationAction, caller: CurrentCaller, version: IfMatchNeeded, key: OwnKey, desk: TheDesk
) -> Any:
    """Note where and when an award was announced; PATCH celebrations takes a mistake back."""
    entry = entry_of(caller, "celebrate", **once("celebrate", id, version, key, body), why=body.reason or "")
    one = celebration_from(body)
    saved = await commands.celebrated(desk, id, one, caller=caller, entry=entry, expected=version)
    return answer(saved.record, outcome=saved.outcome)


@router.post("/{id}/void", response_model=AwardRecord, responses=KEPT)
async def void_award(
    id: RecordId, body: VoidAction, caller: CurrentCaller, version: IfMatchNeeded, key: OwnKey, desk: TheDesk
) -> Any:
    """Take out an award that should never have been logged."""
    entry = entry_of(caller, "void", **once("void", id, version, key, body), why=body.reason)
    saved = await commands.void(desk, id, caller=caller, entry=entry, expected=version)
    return answer(saved.record, outcome=saved.outcome)


@router.post("/imports", response_model=ImportReport, openapi_extra=CSV_BODY)
async def import_awards(
    body: CsvBody, caller: CurrentCaller, key: OwnKey, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """A row an award; columns as the fields of POST /v1/awards. The same file again changes nothing."""
    own, entry = file_entry(caller, "import", body, key)
    return await imports.import_awards(desk, body, caller=caller, entry=entry, key=own, dry_run=dry_run)
