"""Signing in to the pages: the token, checked, goes into a cookie that no script can read."""

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from services.insights.page import Page, shown
from services.insights.said import said
from shared.auth import COOKIE, Doors, identity
from shared.settings import Settings

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/sign-in")
async def sign_in_page(request: Request, token: Annotated[str | None, Query(max_length=8192)] = None) -> Response:
    if not token:
        return shown(request, "sign_in.html", title=said("Sign in"), plainly="", told="")
    doors: Doors = request.app.state.doors
    claims = await doors.verifier.verified(token.strip())
    identity(claims)
    answer = RedirectResponse("/", 303, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        COOKIE,
        token.strip(),
        max_age=max(0, int(claims["exp"] - time.time())),
        httponly=True,
        samesite="strict",
        secure=secure(request),
    )
    return answer


@router.get("/sign-out")
async def sign_out_page(request: Request) -> Response:
    title, told = said("Signed out"), said("This browser no longer holds your sign-in.")
    answer = shown(request, "message.html", title=title, plainly=told, told="", closed=False)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=secure(request))
    return answer


def secure(request: Request) -> bool:
    """Only a machine of one's own may be reached without TLS."""
    settings: Settings = request.app.state.settings
    return settings.environment == "prod"
