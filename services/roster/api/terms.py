"""The route of terms says on which days the terms of a school year begin at an organisation."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.roster.api.records import ETAG, OUTCOME, RecordId, TheDesk
from services.roster.api.views import VIEWS
from services.roster.desk.organisation_terms import put_terms
from services.roster.kinds.organisation import ORGANISATION
from services.roster.values import SchoolYear, TermsOfYear
from shared.doors.auth import CurrentCaller
from shared.records.changes import once_seen
from shared.web.app import IfMatch
from shared.web.views import answer

KEPT: dict[int | str, dict[str, Any]] = {200: {"model": VIEWS[ORGANISATION.name], "headers": ETAG | OUTCOME}}
router = APIRouter(tags=[ORGANISATION.plural])


@router.put("/v1/organisations/{id}/terms/{school_year}", responses=KEPT)
async def put_organisation_terms(
    id: RecordId, school_year: SchoolYear, body: TermsOfYear, caller: CurrentCaller, version: IfMatch, desk: TheDesk
) -> JSONResponse:
    """Say on which days the terms of a school year begin here and below; each lasts until the next one begins.

    An empty list takes the year's table away: then that of the organisation above holds.
    """
    saved = await once_seen(lambda: put_terms(desk, caller, id, school_year, body.terms, version=version))
    return answer(saved.record, outcome=saved.outcome)
