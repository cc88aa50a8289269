"""The language that a viewer chooses is kept in a cookie, and they are led back to where they were."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from services.insights.pages.sign_in import secure
from shared.errors import NotFound, Refused
from shared.pages.languages import COOKIE, SIGN_IN, not_again, within
from shared.pages.refusals import Page
from shared.pages.texts import languages
from shared.words.said import said

A_YEAR_SECONDS = 365 * 24 * 3600
router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/language/{language}")
async def choose_language(
    request: Request,
    language: Annotated[str, Path(max_length=35)],
    back: Annotated[str, Query(max_length=2048)] = "/",
) -> Response:
    if language not in languages():
        known = ", ".join(languages())
        raise NotFound(
            said("there is no language %(language)s here; there is %(known)s", language=language, known=known)
        )
    # The bare page that asks for a token signs nobody in.
    if not within(back) or (not_again(back) and back != SIGN_IN):
        raise Refused(said("back must be an address of these pages, such as /goals/W1"))
    answer = RedirectResponse(back, 303, headers={"Cache-Control": "no-store"})
    answer.set_cookie(COOKIE, language, max_age=A_YEAR_SECONDS, httponly=True, samesite="lax", secure=secure(request))
    return answer
