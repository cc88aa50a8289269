"""What an app's routes are: their operation ids, and which methods an address takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import BaseModel
from starlette.types import Scope

UNMATCHED = "unmatched"


def operation_of(scope: Scope) -> str:
    """The operation id that a request was routed to."""
    route = scope.get("route")
    return getattr(route, "operation_id", None) or getattr(route, "name", None) or UNMATCHED


def named(route: APIRoute) -> str:
    """The operation id of a route: its function's name, unless it was given one."""
    return route.operation_id or route.name


def routes_of(app: FastAPI) -> Iterator[RouteContext]:
    """All routes, those of included routers too; what only leads to others has no name and is none."""
    yield from (route for route in iter_route_contexts(app.routes) if route.name is not None)


def is_operation(route: RouteContext) -> bool:
    """Whether this is a route that the app's dependencies guard."""
    return isinstance(route.original_route, APIRoute)


def allowed_methods(request: Request) -> set[str]:
    """Every method that some route takes at this address."""
    path = request.scope["path"]
    literal = path in described(request.app).literal
    found: set[str] = set()
    for route in routes_of(request.app):
        regex: Any = getattr(route, "path_regex", None)
        if regex is not None and route.methods and regex.match(path) and (route.path == path or not literal):
            found |= route.methods
    return found


def _query(dependant: Dependant) -> dict[str, Any]:
    found = {name: annotation for parameter in dependant.query_params for name, annotation in _named(parameter)}
    for part in dependant.dependencies:
        found |= _query(part)
    return found


def _named(parameter: ModelField) -> list[tuple[str, Any]]:
    annotation = parameter.field_info.annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [(one.alias or name, one.annotation) for name, one in annotation.model_fields.items()]
    return [(parameter.alias, annotation)]


@dataclass(frozen=True, slots=True)
class Described:
    """What an app says it takes: per operation id the query parameters with their annotations.

    `literal` are the addresses that stand in no id's place, such as `/v1/awards/batch` beside
    `/v1/awards/{id}`.
    """

    query: Mapping[str, Mapping[str, Any]]
    literal: frozenset[str]


def described(app: FastAPI) -> Described:
    """What the app takes, found out at its first request and kept."""
    found: Described | None = getattr(app.state, "described", None)
    if found is None:
        operations = [route for route in routes_of(app) if is_operation(route)]
        found = app.state.described = Described(
            query={str(route.unique_id): _query(route.dependant) for route in operations},
            literal=frozenset(str(route.path) for route in operations if "{" not in str(route.path)),
        )
    return found
