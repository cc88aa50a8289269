"""What an app's routes are: their operation ids, and which methods an address takes."""

from collections.abc import Iterator
from typing import Any, get_args, get_origin

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
    """All routes, those of included routers too."""
    yield from iter_route_contexts(app.routes)


def is_operation(route: RouteContext) -> bool:
    """Whether this is a route that the app's dependencies guard."""
    return isinstance(route.original_route, APIRoute)


def allowed_methods(request: Request) -> set[str]:
    """Every method that some route takes at this address."""
    found: set[str] = set()
    for route in routes_of(request.app):
        regex: Any = getattr(route, "path_regex", None)
        if regex is not None and route.methods and regex.match(request.scope["path"]):
            found |= route.methods
    return found


def query_names(dependant: Dependant) -> dict[str, bool]:
    """The query parameters that a route and what it depends on read; true for one that may stand there twice."""
    found = {name: several for parameter in dependant.query_params for name, several in _names(parameter)}
    for part in dependant.dependencies:
        found |= query_names(part)
    return found


def _names(parameter: ModelField) -> list[tuple[str, bool]]:
    annotation = parameter.field_info.annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [(one.alias or name, _several(one.annotation)) for name, one in annotation.model_fields.items()]
    return [(parameter.alias, _several(annotation))]


def _several(annotation: Any) -> bool:
    origin = get_origin(annotation) or annotation
    return origin in (list, set, tuple, frozenset) or any(_several(part) for part in get_args(annotation))
