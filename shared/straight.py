"""The straight way from a request to its operation; whatever is unusual goes FastAPI's own way, to the same end.

FastAPI asks each route in turn whether it is meant, and looks the tree of dependencies through
anew with every request: together that was two fifths of what a write cost. Both are the same every time, so
they are worked out once for each operation.
"""

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute, RouteContext, serialize_response
from pydantic_core import PydanticUndefined
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.routes import is_operation, routes_of

FOUND = "aurora.operation"
JSON = "application/json"
SOURCES = ("path_params", "query_params", "header_params", "cookie_params")
READ_FROM = {"header_params": "headers", "cookie_params": "cookies"}
# What an operation may ask for that is left to FastAPI.
UNUSUAL = (
    "websocket_param_name",
    "http_connection_param_name",
    "response_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
    "own_oauth_scopes",
    "concurrency",
)
Errors = list[Any]


class Straight(BaseRoute):
    """Finds an operation by the form of its address, before any route is asked.

    Operations of one form have the same method, the same number of parts, and the same first two:
    `POST /v1/awards/{id}/void`. What is not found here is left to the routes themselves, who know
    what else the address takes.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._by_form: dict[tuple[object, ...], list[tuple[RouteContext, ASGIApp]]] | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http":
            return Match.NONE, {}
        if self._by_form is None:
            self._by_form = _by_form(self._app)
        path = scope["path"]
        for route, operation in self._by_form.get(_form(scope["method"], path), ()):
            if found := route.path_regex.match(path):
                at = {"endpoint": route.endpoint, "route": route.original_route, "path_params": found.groupdict()}
                return Match.FULL, {**at, FOUND: operation}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope[FOUND](scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)


def _by_form(app: FastAPI) -> dict[tuple[object, ...], list[tuple[RouteContext, ASGIApp]]]:
    found: dict[tuple[object, ...], list[tuple[RouteContext, ASGIApp]]] = {}
    for route in routes_of(app):
        if not is_operation(route):
            continue
        path = str(route.path)
        # A parameter that may hold a slash, or stands among the first parts, has no form.
        if ":" not in path and "{" not in "".join(path.split("/", 3)[:3]):
            operation = _operation(route)
            for method in route.methods or ():
                found.setdefault(_form(method, path), []).append((route, operation))
    return found


def _form(method: str, path: str) -> tuple[object, ...]:
    return (method, path.count("/"), *path.split("/", 3)[1:3])


@dataclass(frozen=True, slots=True)
class Step:
    """One function that a request is taken through, and of which earlier steps it is told the answer."""

    call: Callable[..., Awaitable[Any]]
    told: tuple[tuple[str, int], ...]
    request_as: str | None
    # What it reads of the request itself: the fields, and from which attribute.
    reads: tuple[tuple[list[Any], str], ...]

    def read(self, request: Request) -> tuple[dict[str, Any], Errors]:
        values: dict[str, Any] = {self.request_as: request} if self.request_as else {}
        errors: Errors = []
        for fields, source in self.reads:
            found, wrong = request_params_to_args(fields, getattr(request, source))
            values |= found
            errors += wrong
        return values, errors


def _steps(dependant: Dependant, steps: list[Step], known: dict[Any, int]) -> bool:
    """Put the function behind all that it depends on; False when FastAPI had better do it."""
    told = []
    for one in dependant.dependencies:
        if one.call not in known and not (one.use_cache and not one.body_params and _steps(one, steps, known)):
            return False
        told += [(one.name, known[one.call])] if one.name else []
    call = dependant.call
    if call is None or not inspect.iscoroutinefunction(call) or any(getattr(dependant, name) for name in UNUSUAL):
        return False
    reads = [(getattr(dependant, name), READ_FROM.get(name, name)) for name in SOURCES if getattr(dependant, name)]
    known[call] = len(steps)
    steps.append(Step(call, tuple(told), dependant.request_param_name, tuple(reads)))
    return True


def _operation(route: RouteContext) -> ASGIApp:
    """The route as it is run: in steps when all that it asks for is usual, else as FastAPI has it."""
    steps: list[Step] = []
    if not _is_usual(route) or not _steps(route.dependant, steps, {}):
        return route.app  # type: ignore[no-any-return]

    async def operation(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        if route.body_field and request.headers.get("content-type") != JSON:
            await route.app(scope, receive, send)
            return
        body = await _body(request) if route.body_field else PydanticUndefined
        answer = await _taken_through(steps, route, request, body)
        if not isinstance(answer, Response):
            content = await serialize_response(field=route.response_field, response_content=answer, dump_json=True)
            answer = Response(content, route.status_code or 200, media_type=JSON)
        await answer(scope, receive, send)

    return operation


def _is_usual(route: RouteContext) -> bool:
    bodies = [one.field_info for one in route.dependant.body_params]
    return (
        type(route.original_route) is APIRoute
        and isinstance(route.response_class, DefaultPlaceholder)
        and route.response_field is not None
        and len(bodies) <= 1
        and not any(isinstance(one, Form) or getattr(one, "embed", False) for one in bodies)
    )


async def _taken_through(steps: Sequence[Step], route: RouteContext, request: Request, body: Any) -> Any:
    """The last step's answer. Raise RequestValidationError when some step could not be told what it asks for."""
    answers: list[Any] = []
    unanswered: set[int] = set()
    errors: Errors = []
    for number, step in enumerate(steps):
        values, wrong = step.read(request)
        errors += wrong
        last = number == len(steps) - 1
        if last and route.body_field:
            found, wrong = await request_body_to_args(route.dependant.body_params, body, embed_body_fields=False)
            values |= found
            errors += wrong
        if last and errors:
            raise RequestValidationError(errors, body=None if body is PydanticUndefined else body)
        if wrong or (unanswered and any(at in unanswered for _, at in step.told)):
            unanswered.add(number)
            answers.append(None)
            continue
        for name, at in step.told:
            values[name] = answers[at]
        answers.append(await step.call(**values))
    return answers[-1]


async def _body(request: Request) -> Any:
    raw = await request.body()
    if not raw:
        return PydanticUndefined
    try:
        return json.loads(raw)
    except json.JSONDecodeError as error:
        said: Mapping[str, Any] = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "JSON decode error"}
        raise RequestValidationError([{**said, "input": {}, "ctx": {"error": error.msg}}], body=error.doc) from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "There was an error parsing the body") from error
