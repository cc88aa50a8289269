"""HTTP of awards: who may do what; log one or a class, set right, verify, revoke, take out, show."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse

from services.credentials import celebrating, domain
from services.credentials.batch import Asked, taken_by
from services.credentials.bodies import (
    AwardBody,
    AwardChange,
    BatchBody,
    CelebrationAction,
    RevocationAction,
    VerificationAction,
    VoidAction,
)
from services.credentials.desk import Desk
from services.credentials.drafting import award_from, batch_awards, celebration_from, changes_from, look_from
from services.credentials.views import AwardPage, AwardRecord, BatchAnswer, BatchVoided, LoggedAward, batch_answer
from shared.contracts.credentials import Result
from shared.doors import auth
from shared.doors.auth import ALL, DATA_MANAGER, OWN_CAMPUSES, OWN_DISTRICTS, OWN_PROGRAMS, SELF, SERVICE, CurrentCaller
from shared.doors.roles import Role
from shared.errors import Malformed
from shared.records.changes import entry_of
from shared.web.app import AskedPage, IdempotencyKey, IfMatchNeeded, derived_id, digest, page
from shared.web.conditions import OwnKey, once
from shared.web.views import ETAG, OUTCOME, answer, shown
from shared.words.fields import ID_PATTERN, IDS_PATTERN, Day, Id, StudentName

EVERYBODY = dict.fromkeys(Role, ALL)
MANAGE = {DATA_MANAGER: OWN_DISTRICTS, SERVICE: ALL}
LOG = {**MANAGE, auth.INSTRUCTOR: OWN_PROGRAMS}
READ = {
    **LOG,
    auth.COORDINATOR: OWN_CAMPUSES,
    auth.COUNSELOR: OWN_CAMPUSES,
    auth.LEADER: OWN_DISTRICTS,
    auth.STUDENT: SELF,
}

# Who reaches which rows on which route. A district's rows are those of students at home in it.
ACCESS: auth.Access = {
    "put_credential": MANAGE,
    "get_credential": EVERYBODY,
    "list_catalogue": EVERYBODY,
    "import_catalogue": MANAGE,
    "record_award": LOG,
    "record_batch": LOG,
    "void_batch": LOG,
    "import_awards": LOG,
    "list_awards": READ,
    "get_award": READ,
    "correct_award": LOG,
    "verify_award": LOG,
    "revoke_award": LOG,
    "celebrate_award": LOG,
    "void_award": LOG,
}


async def desk_of(request: Request) -> Desk:
    """What the routes work with; made when the service starts."""
    desk: Desk = request.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(desk_of)]
AwardId = Annotated[str, Path(pattern=ID_PATTERN, examples=["4f6a9a513d2f7f0e8c11a3f1c2e4"])]
STUDENTS_MAX = 200
Students = Annotated[
    str | None,
    Query(
        max_length=65 * STUDENTS_MAX,
        pattern=IDS_PATTERN,
        description=f"any of these person ids, with commas, at most {STUDENTS_MAX}; passed over beside `student`",
    ),
]
DryRun = Annotated[bool, Query(description="Say what would become of it, and keep nothing.")]
History = Annotated[bool, Query(description="With who changed what, when and why.")]
KEPT: dict[int | str, dict[str, Any]] = {200: {"headers": ETAG | OUTCOME}}
LOGGED: dict[int | str, dict[str, Any]] = {**KEPT, 201: {"model": LoggedAward, "headers": ETAG | OUTCOME}}

router = APIRouter(prefix="/v1/awards", tags=["awards"])


@router.post("", response_model=LoggedAward, responses=LOGGED)
async def record_award(body: AwardBody, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk) -> Any:
    """Log an attempt at a credential; the same key and body again answers with the award as it stands."""
    asked = Asked(derived_id(caller.sub, key), award_from(body, caller.sub))
    logged = (await desk.log([asked], caller=caller, entry=entry_of(caller, "record", key=key, digest=digest(body))))[0]
    if logged.refusal:
        raise logged.refusal
    if logged.id != asked.id:
        raise taken_by(logged.id, asked.wanted)
    record = logged.record or await desk.award(asked.id, caller)
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
    logged = await desk.log(asked, caller=caller, entry=entry, dry_run=dry_run)
    return JSONResponse(batch_answer(batch_id, logged, dry_run=dry_run))


@router.post("/batch/{id}/void", response_model=BatchVoided)
async def void_batch(id: AwardId, body: VoidAction, caller: CurrentCaller, key: OwnKey, desk: TheDesk) -> Any:
    """Undo a class list: take out every award that was created with it."""
    entry = entry_of(caller, "void", key=key or f"void of batch {id}", digest=digest(body), why=body.reason)
    voided, unchanged = await desk.void_batch(id, caller=caller, entry=entry)
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
    days = {"$gte": since.isoformat() if since else None, "$lte": until.isoformat() if until else None}
    where: dict[str, Any] = {path: value for path, value in wanted.items() if value is not None}
    if since or until:
        where["state.day"] = {limit: day for limit, day in days.items() if day}
    records = await desk.find(where, caller=caller, paging=paging)
    return JSONResponse(page([shown(record, to=caller) for record in records], paging.limit))


@router.get("/{id}", response_model=AwardRecord, responses={200: {"headers": ETAG}})
async def get_award(id: AwardId, caller: CurrentCaller, desk: TheDesk, history: History = False) -> Any:
    """One award, also one that is void."""
    return answer(await desk.award(id, caller), history=history, to=caller)


@router.patch("/{id}", response_model=AwardRecord, responses=KEPT)
async def correct_award(
    id: AwardId, body: AwardChange, caller: CurrentCaller, version: IfMatchNeeded, key: OwnKey, desk: TheDesk
) -> Any:
    """Set right what was logged wrong. Another student's award: void it and log it again."""
    entry = entry_of(caller, "correct", **once("correct", id, version, key, body), why=body.reason or "")
    saved = await desk.correct(id, changes_from(body, caller.sub), caller=caller, entry=entry, expected=version)
    return answer(saved.record, outcome=saved.outcome)


@router.post("/{id}/verification", response_model=AwardRecord, responses=KEPT)
async def verify_award(
    id: AwardId, body: VerificationAction, caller: CurrentCaller, version: IfMatchNeeded, key: OwnKey, desk: TheDesk
) -> Any:
    """Note that somebody looked, on a day, and found it or did not."""
    entry = entry_of(caller, "verify", **once("verify", id, version, key, body), why=body.reason or "")
    found, today = look_from(body, caller.sub), await desk.today()
    saved = await desk.change(
        id,
        caller=caller,
        entry=entry,
        expected=version,
        change=lambda award: domain.verify(award, found, today=today),
    )
    return answer(saved.record, outcome=saved.outcome)


@router.post("/{id}/revocation", response_model=AwardRecord, responses=KEPT)
async def revoke_award(
    id: AwardId, body: RevocationAction, caller: CurrentCaller, version: IfMatchNeeded, key: OwnKey, desk: TheDesk
) -> Any:
    """Note that the issuer has taken the award back; PATCH revoked_on null lifts it."""
    entry = entry_of(caller, "revoke", **once("revoke", id, version, key, body), why=body.reason)
    today = await desk.today()
    saved = await desk.change(
        id,
        caller=caller,
        entry=entry,
        expected=version,
        change=lambda award: domain.revoke(award, body.revoked_on, today=today),
    )
    return answer(saved.record, outcome=saved.outcome)


@router.post("/{id}/celebration", response_model=AwardRecord, responses=KEPT)
async def celebrate_award(
    id: AwardId, body: CelebrationAction, caller: CurrentCaller, version: IfMatchNeeded, key: OwnKey, desk: TheDesk
) -> Any:
    """Note where and when an award was announced; PATCH celebrations takes a mistake back."""
    entry = entry_of(caller, "celebrate", **once("celebrate", id, version, key, body), why=body.reason or "")
    one = celebration_from(body)
    saved = await celebrating.celebrate(desk, id, one, caller=caller, entry=entry, expected=version)
    return answer(saved.record, outcome=saved.outcome)


@router.post("/{id}/void", response_model=AwardRecord, responses=KEPT)
async def void_award(
    id: AwardId, body: VoidAction, caller: CurrentCaller, version: IfMatchNeeded, key: OwnKey, desk: TheDesk
) -> Any:
    """Take out an award that should never have been logged."""
    entry = entry_of(caller, "void", **once("void", id, version, key, body), why=body.reason)
    saved = await desk.change(id, caller=caller, entry=entry, expected=version, change=lambda award: award, void=True)
    return answer(saved.record, outcome=saved.outcome)
