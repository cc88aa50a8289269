"""Every refusal and failure as RFC 9457 problem+json; the one place that knows status codes."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import errors, mongo
from shared.errors import Problem, Refused, Retryable
from shared.web.routing.routes import allowed_methods, operation_of
from shared.words.wording import worded

ProblemPage = Callable[[Request, int, str, Mapping[str, str]], Response]
Readable = Callable[[Request, Refused], Awaitable[Refused]]

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger()

# What each refusal is on the wire: status, and the title that never changes for its type.
STATUS: Mapping[type[Exception], tuple[int, str]] = {
    errors.Malformed: (400, "The request cannot be read"),
    errors.Unauthenticated: (401, "A valid token is needed"),
    errors.Forbidden: (403, "The token's roles do not open this"),
    errors.NotFound: (404, "There is no such thing"),
    errors.TooSlow: (408, "The body came too slowly"),
    errors.Conflict: (409, "Another record stands in the way"),
    errors.Stale: (412, "The record has moved on"),
    errors.TooLarge: (413, "The body is too large"),
    errors.WrongMediaType: (415, "The body's media type is not read here"),
    errors.NoVersionGiven: (428, "The change names no version"),
    errors.TooOften: (429, "Too many requests of one caller"),
    Refused: (422, "The request cannot be done as asked"),
    Retryable: (503, "Not now; try again"),
}
TITLES: Mapping[int, str] = {
    **dict(STATUS.values()),
    405: "The method does not exist here",
    406: "The answer has no such form",
    500: "Something broke on our side",
}
SLUGS: Mapping[int, str] = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    408: "too-slow",
    409: "conflict",
    412: "stale",
    413: "too-large",
    415: "wrong-media-type",
    422: "refused",
    428: "no-version-given",
    429: "too-often",
    500: "broken",
    503: "not-now",
}
MONGO_AWAY = "the database does not answer; nothing was changed that was not acknowledged, send the same request again"


def problem(
    request: Request,
    status: int,
    detail: str,
    *,
    problems: Iterable[Problem] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """An RFC 9457 answer; `instance` is the path asked for, without its query.

    A browser that asks for a page gets the app's `problem_page` instead, where it has one.
    """
    in_words = _problem_page(request)
    if in_words is not None:
        return in_words(request, status, detail, headers or {})
    body = {
        "type": f"urn:aurora:problem:{SLUGS.get(status, 'other')}",
        "title": TITLES.get(status, "The request was not done"),
        "status": status,
        "detail": detail,
        "instance": quote(request.scope.get("path", ""), safe="/:@!$&'()*+,;=~-._"),
        "errors": [_listed(one) for one in problems],
        **more,
    }
    # ASCII escapes: a text with half a surrogate pair can still be quoted back.
    return Response(json.dumps(body).encode(), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def _listed(one: Problem) -> dict[str, str]:
    more = {"what_would_work": one.works, "code": one.code}
    return {"pointer": one.pointer, "detail": one.said, **{name: text for name, text in more.items() if text}}


def _problem_page(request: Request) -> ProblemPage | None:
    app = request.scope.get("app")
    found: ProblemPage | None = getattr(app.state, "problem_page", None) if app else None
    return found if found and "text/html" in request.headers.get("accept", "") else None


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901): `pointer("rows", 3, "student_id")` is `/rows/3/student_id`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


async def _answer_refusal(request: Request, refusal: Refused) -> Response:
    readable: Readable | None = getattr(request.app.state, "readable", None)
    refusal = await readable(request, refusal) if readable else refusal
    status = next(STATUS[kind][0] for kind in type(refusal).mro() if kind in STATUS)
    headers = {"WWW-Authenticate": 'Bearer realm="aurora"'} if status == 401 else {}
    if isinstance(refusal, errors.TooOften):
        headers["Retry-After"] = str(refusal.retry_after_seconds)
    more = {"existing": refusal.existing} if isinstance(refusal, errors.Conflict) and refusal.existing else {}
    return problem(request, status, refusal.detail, problems=_told(refusal), headers=headers, **more)


def _told(refusal: Refused) -> tuple[Problem, ...]:
    """What is listed of a refusal: its problems, or itself when it says what would work or has a code."""
    found = errors.apart(refusal)
    return tuple(one for one in found if refusal.problems or one.works or one.code)


class NotRead(HTTPException):
    """A body is not read any further; as an HTTPException the reason comes through from where bodies are read."""

    def __init__(self, why: Refused | Retryable) -> None:
        super().__init__(400, why.detail)
        self.why = why


async def _answer_not_read(request: Request, error: NotRead) -> Response:
    if isinstance(error.why, Refused):
        return await _answer_refusal(request, error.why)
    return await _answer_retryable(request, error.why)


async def _answer_retryable(request: Request, error: Retryable) -> Response:
    return problem(request, 503, error.detail, headers={"Retry-After": str(error.retry_after_seconds)})


async def _answer_mongo(request: Request, error: PyMongoError) -> Response:
    if not mongo.unavailable(error):
        raise error
    return problem(request, 503, MONGO_AWAY, headers={"Retry-After": "2"})


async def _answer_overflow(request: Request, error: OverflowError) -> Response:
    log.warning("a number or date overflowed", operation=operation_of(request.scope), exc_info=error)
    return problem(request, 422, "a number or a date in the request is too large to be kept")


async def _answer_http(request: Request, error: HTTPException) -> Response:
    headers = dict(error.headers or {})
    detail = str(error.detail)
    if error.status_code == 404:
        detail = "no such address; /openapi.json lists what there is"
    elif error.status_code == 405:
        allowed = ", ".join(sorted(allowed_methods(request)))
        headers["Allow"] = allowed
        detail = f"{request.method} does not exist here; this address takes {allowed}"
    elif error.status_code == 400:
        detail = "the body is not JSON that can be read: nested too deep, or a number with too many digits"
    return problem(request, error.status_code, detail, headers=headers)


PLACES = {"query", "path", "header", "cookie"}


def _described(error: Mapping[str, Any]) -> Problem:
    """One of pydantic's errors, without the value: a value may be a name."""
    where, *rest = error["loc"] or ("body",)
    parts = [where, *rest] if where in PLACES else rest
    found = worded(error["type"], str(error["msg"]), error.get("ctx", {}), error.get("input"))
    return Problem(pointer(*parts), found.detail, found.works, found.code)


async def _answer_validation(request: Request, error: RequestValidationError) -> Response:
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        at = found[0]["loc"][-1]
        return problem(request, 400, f"the body is not JSON: {found[0]['ctx']['error']} at character {at}")
    if isinstance(error.body, bytes) and any(one["loc"][:1] == ("body",) for one in found):
        given = request.headers.get("content-type", "no Content-Type")
        return problem(request, 415, f"this route reads application/json, not {given}")
    problems = [_described(one) for one in found]
    first = problems[0]
    detail = f"{first.pointer or 'the body'} {first.said}"
    if len(problems) > 1:
        detail += f" (and {len(problems) - 1} more, see errors)"
    return problem(request, 422, detail, problems=problems)


class LastResort:
    """What nobody expected is answered 500 without its insides, and logged once."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            # The caller is told 500, the operator by the log and the alert on it. What was acknowledged is
            # in the records; what was in hand is not, or is found unchanged when it is sent again.
            if begun:  # too late for a problem: the server cuts the connection and logs it
                raise
            log.exception("request broke", method=scope["method"], operation=operation_of(scope))
            detail = "this was not your doing and has been logged; nothing acknowledged is lost"
            answer = problem(Request(scope), 500, detail)
            await answer(scope, receive, send)


def answer_problems(app: FastAPI) -> None:
    """Make every 4xx and 5xx of the app a problem."""
    app.exception_handlers |= {
        Refused: _answer_refusal,
        Retryable: _answer_retryable,
        PyMongoError: _answer_mongo,
        OverflowError: _answer_overflow,
        NotRead: _answer_not_read,
        HTTPException: _answer_http,
        RequestValidationError: _answer_validation,
    }
