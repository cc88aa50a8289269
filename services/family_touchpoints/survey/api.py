"""HTTP of surveys: keep a version, log what a guardian answered, tell how many did without a name, import, show."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from services.family_touchpoints.access import without_reasons
from services.family_touchpoints.survey import tallies
from services.family_touchpoints.survey.bodies import (
    Given,
    ResponseBody,
    SurveyBody,
    TallyBody,
    TallyChange,
    response_from,
    version_from,
)
from services.family_touchpoints.survey.commands import put_version, respond
from services.family_touchpoints.survey.imports import import_responses
from services.family_touchpoints.survey.queries import version_record
from services.family_touchpoints.survey.record import RESPONSE, SURVEY, TALLY, response_key
from services.family_touchpoints.survey.views import (
    ResponsePage,
    ResponseRecord,
    SurveyPage,
    SurveyRecord,
    TallyPage,
    TallyRecord,
    beside_response,
    beside_version,
)
from shared.csv.rows import CSV_BODY, ImportReport
from shared.doors.auth import CurrentCaller
from shared.producer.desk import TheDesk
from shared.producer.routes import (
    KEPT,
    SHOWN,
    Asks,
    CsvBody,
    DryRun,
    History,
    RecordId,
    VoidAction,
    days_between,
    file_entry,
    logged_as,
    narrowed,
)
from shared.records.changes import entry_of
from shared.roster_copy.reach import reaches
from shared.web.app import AskedPage, IdempotencyKey, digest, page
from shared.web.conditions import IfMatch
from shared.web.idempotency import OwnKey
from shared.web.views import Json, answer, shown
from shared.words.fields import ID_PATTERN, Day, Id, StudentName

# With a dash and the version behind it, it is still an id.
SurveyId = Annotated[str, Path(pattern=ID_PATTERN, max_length=60, examples=["needs"])]
SurveyVersion = Annotated[int, Path(ge=1, le=999, examples=[2])]
Survey = Annotated[Id | None, Query(description="of this survey")]
Version = Annotated[int | None, Query(ge=1, le=999, description="of this version")]
Since = Annotated[Day | None, Query(alias="from", description="answered on or after")]
Until = Annotated[Day | None, Query(alias="to", description="answered on or before")]

router = APIRouter(prefix="/v1", tags=["surveys"])


@router.put("/surveys/{id}/{version}", response_model=SurveyRecord, responses=logged_as(SurveyRecord))
async def put_survey(
    id: SurveyId, version: SurveyVersion, body: SurveyBody, caller: CurrentCaller, seen: IfMatch, desk: TheDesk
) -> Any:
    """Keep a version; what it asks stays once somebody has answered it."""
    entry = entry_of(caller, "put", key="", digest="")
    saved = await put_version(desk, version_from(id, version, body), entry=entry, expected=seen)
    return answer(saved.record, outcome=saved.outcome, **beside_version(saved.record))


@router.get("/surveys", response_model=SurveyPage)
async def list_surveys(_: CurrentCaller, paging: AskedPage, desk: TheDesk, survey: Survey = None) -> Any:
    """Every version of every survey, in the order of their ids."""
    records = await desk.records.find(SURVEY, narrowed(survey_id=survey), after=paging.after, limit=paging.limit + 1)
    return Json(page([shown(one, **beside_version(one)) for one in records], paging.limit))


@router.get("/surveys/{id}/{version}", response_model=SurveyRecord, responses=SHOWN)
async def get_survey(
    id: SurveyId, version: SurveyVersion, _: CurrentCaller, desk: TheDesk, history: History = False
) -> Any:
    """One version."""
    record = await version_record(desk, id, version)
    return answer(record, history=history, **beside_version(record))


@router.post("/surveys/{id}/{version}/responses", response_model=ResponseRecord, responses=logged_as(ResponseRecord))
async def record_response(
    id: SurveyId,
    version: SurveyVersion,
    body: ResponseBody,
    caller: CurrentCaller,
    key: IdempotencyKey,
    desk: TheDesk,
) -> Any:
    """Log what a guardian has answered; of what they answer later the later stands, in the same response."""
    wanted = response_from(body, survey_id=id, survey_version=version)
    entry = entry_of(caller, "answer", key=key, digest=digest(body))
    outcome, record = await respond(desk, wanted, entry=entry, reaches=lambda student: reaches(caller.reach, student))
    key_of_it = response_key(id, version, body.guardian_id)
    kept = record or (await desk.records.get_many(RESPONSE, [key_of_it]))[key_of_it]
    # Of a guardian with a child elsewhere, who answered about that one first, only what was said now is told.
    if await desk.reachable([kept], caller.reach):
        return answer(kept, outcome=outcome, **beside_response(kept, caller))
    return answer(kept, outcome=outcome, **body.model_dump(include={*Given.model_fields, "student_id"}))


@router.post("/survey-responses/imports", response_model=ImportReport, openapi_extra=CSV_BODY)
async def import_survey_responses(
    body: CsvBody, caller: CurrentCaller, key: OwnKey, desk: TheDesk, dry_run: DryRun = False
) -> Any:
    """A row a guardian and version, `answered` with the matters, `;` between them. The same again changes nothing."""
    _, entry = file_entry(caller, "import", body, key)
    return await import_responses(desk, body, caller=caller, entry=entry, dry_run=dry_run)


@router.get("/survey-responses", response_model=ResponsePage)
async def list_responses(
    caller: CurrentCaller,
    paging: AskedPage,
    desk: TheDesk,
    survey: Survey = None,
    version: Version = None,
    student: Annotated[StudentName | None, Query()] = None,
    guardian: Annotated[Id | None, Query()] = None,
    since: Since = None,
    until: Until = None,
) -> Any:
    """Responses that are not void and within reach, in the order of their ids."""
    where = _where(survey, version, since, until)
    if student:
        where["state.student_id"] = await desk.persons([student])
    if guardian:
        where["state.guardian_id"] = guardian
    records = await desk.find(RESPONSE, where, caller=caller, paging=paging)
    return Json(page([shown(one, **beside_response(one, caller)) for one in records], paging.limit))


@router.get("/survey-responses/{id}", response_model=ResponseRecord, responses=SHOWN)
async def get_response(id: RecordId, caller: CurrentCaller, desk: TheDesk, history: History = False) -> Any:
    """One response, also one that is void."""
    record = without_reasons(await desk.get(RESPONSE, id, caller), caller)
    return answer(record, history=history, **beside_response(record, caller))


@router.post("/survey-responses/{id}/void", response_model=ResponseRecord, responses=KEPT)
async def void_survey_response(asked: Asks, body: VoidAction) -> Any:
    """Take out a response that should never have been logged; what is answered afterwards begins anew."""
    saved = await asked.desk.void(RESPONSE, asked.id, **asked.by("void", body))
    return answer(saved.record, outcome=saved.outcome, **beside_response(saved.record, asked.caller))


@router.post("/surveys/{id}/{version}/tallies", response_model=TallyRecord, responses=logged_as(TallyRecord))
async def record_tally(
    id: SurveyId, version: SurveyVersion, body: TallyBody, caller: CurrentCaller, key: IdempotencyKey, desk: TheDesk
) -> Any:
    """Tell how many answered without a name; the same again changes nothing, other numbers are a PATCH."""
    entry = entry_of(caller, "tell", key=key, digest=digest(body))
    outcome, record = await tallies.tell(desk, id, version, body, caller=caller, entry=entry)
    return answer(record, outcome=outcome)


@router.get("/survey-tallies", response_model=TallyPage)
async def list_tallies(
    caller: CurrentCaller,
    paging: AskedPage,
    desk: TheDesk,
    survey: Survey = None,
    version: Version = None,
    since: Since = None,
    until: Until = None,
) -> Any:
    """Tallies that are not void and within reach, in the order of their ids."""
    records = await desk.find(TALLY, _where(survey, version, since, until), caller=caller, paging=paging)
    return Json(page([shown(one) for one in records], paging.limit))


@router.get("/survey-tallies/{id}", response_model=TallyRecord, responses=SHOWN)
async def get_tally(id: RecordId, caller: CurrentCaller, desk: TheDesk, history: History = False) -> Any:
    """One tally, also one that is void."""
    return answer(await desk.get(TALLY, id, caller), history=history)


@router.patch("/survey-tallies/{id}", response_model=TallyRecord, responses=KEPT)
async def correct_tally(asked: Asks, body: TallyChange) -> Any:
    """Set the numbers right."""
    saved = await tallies.set_right(asked.desk, asked.id, body, **asked.by("correct", body))
    return answer(saved.record, outcome=saved.outcome)


@router.post("/survey-tallies/{id}/void", response_model=TallyRecord, responses=KEPT)
async def void_tally(asked: Asks, body: VoidAction) -> Any:
    """Take out a tally that should never have been logged."""
    saved = await asked.desk.void(TALLY, asked.id, **asked.by("void", body))
    return answer(saved.record, outcome=saved.outcome)


def _where(survey: str | None, version: int | None, since: Any, until: Any) -> dict[str, Any]:
    return narrowed(survey_id=survey, survey_version=version, answered_on=days_between(since, until))
