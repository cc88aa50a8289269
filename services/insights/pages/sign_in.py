"""A link or a token, sent by our own form, becomes a cookie that signs a browser in and that no script can read."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, RedirectResponse, Response

from shared.doors.auth import CurrentCaller, Doors, identity
from shared.doors.carried import asked_by_ours, bearer_of, cookie_of
from shared.errors import Forbidden, Malformed, TooOften, Unauthenticated
from shared.pages.page import shown
from shared.pages.refusals import Page
from shared.process.settings import Settings
from shared.words.said import said

FORM = "application/x-www-form-urlencoded"
GOOD_SECONDS = 600.0
AT_MOST, OF_ONE = 1_000, 5  # who asks for many takes nobody else's place

router = APIRouter(route_class=Page, include_in_schema=False)
links = APIRouter(prefix="/v1", tags=["signing in"])


@dataclass(slots=True)
class Links:
    """The links of this process that nobody has used yet; who starts it anew makes new ones."""

    clock: Callable[[], float] = monotonic
    _waiting: dict[str, tuple[str, float, str]] = field(default_factory=dict, init=False)

    def make(self, token: str, *, by: str) -> str:
        """A new link's code; of one caller's the newest stay. Raise TooOften while too many wait to be used."""
        now = self.clock()
        self._waiting = {code: one for code, one in self._waiting.items() if one[1] > now}
        theirs = [code for code, one in self._waiting.items() if one[2] == by]
        for oldest in theirs[: max(0, len(theirs) + 1 - OF_ONE)]:
            del self._waiting[oldest]
        if len(self._waiting) >= AT_MOST:
            raise TooOften("too many sign-in links wait to be used", retry_after_seconds=60)
        code = secrets.token_urlsafe(32)
        self._waiting[code] = (token, now + GOOD_SECONDS, by)
        return code

    def use(self, code: str) -> str:
        """The token behind a link, used up by this. Raise Unauthenticated for one that is good no more."""
        token, until, _ = self._waiting.pop(code, ("", 0.0, ""))
        if not token or until <= self.clock():
            raise Unauthenticated("this sign-in link is used or older than ten minutes; ask for a new one")
        return token


class SignInLink(BaseModel):
    """What to open once, within so many seconds: the pages' address, then `path`."""

    path: str
    good_seconds: int


@links.post("/sign-in-links", response_model=SignInLink, status_code=201)
async def make_sign_in_link(request: Request, caller: CurrentCaller) -> Response:
    """A link that signs a browser in with the token that this request carries: once, within ten minutes."""
    kept: Links = request.app.state.links
    code = kept.make(bearer_of(request), by=caller.sub)
    return JSONResponse({"path": f"/sign-in?link={code}", "good_seconds": int(GOOD_SECONDS)}, status_code=201)


@router.get("/sign-in")
async def sign_in_page(
    request: Request, link: Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")] = ""
) -> Response:
    """The form. A link is only used up when it is sent: whatever looks at addresses beforehand uses up nothing."""
    return shown(request, "sign_in.html", title=said("Sign in"), plainly="", told="", link_code=link)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Check what the form sent, and keep the token in the browser."""
    if not asked_by_ours(request):
        raise Forbidden("a sign-in is sent by the form of this very page; open /sign-in and send it from there")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Malformed("a sign-in is sent as a form")
    try:
        sent = parse_qs((await request.body()).decode("ascii", "replace"), max_num_fields=4)
    except ValueError as error:
        raise Malformed("a sign-in has a token or a link, and no more") from error
    kept: Links = request.app.state.links
    code, token = (sent.get(name, [""])[0].strip() for name in ("link", "token"))
    if not code and not token:
        raise Unauthenticated("send a token, or open a sign-in link")
    token = kept.use(code) if code else token
    doors: Doors = request.app.state.doors
    claims = await doors.verifier.verified(token)
    identity(claims)
    settings: Settings = request.app.state.settings
    answer = RedirectResponse("/", 303, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        cookie_of(settings),
        token,
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
    settings: Settings = request.app.state.settings
    answer.delete_cookie(cookie_of(settings), httponly=True, samesite="strict", secure=secure(request))
    return answer


def secure(request: Request) -> bool:
    """Only a machine of one's own may be reached without TLS; where it has TLS, the form's origin says so."""
    settings: Settings = request.app.state.settings
    return settings.environment == "prod" or request.headers.get("origin", "").startswith("https://")
