"""Finds the route of an address in one look; FastAPI tries the patterns of all routes in turn, and twice."""

from fastapi import FastAPI
from fastapi.routing import RouteContext
from starlette._utils import get_route_path
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from shared.web.routing.routes import is_operation, routes_of

FOUND = "aurora.route"  # in a request's scope: the route that is to answer it


class ByAddress(BaseRoute):
    """Stands before an app's routes: those without parameters are found at once, of the others a method's in turn.

    What it does not find (no such address, another method, files) is left to the routes behind it.
    A route that is added after the first request is only found there.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._literal: dict[tuple[str, str], RouteContext] = {}
        self._patterns: dict[str, list[RouteContext]] | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http":
            return Match.NONE, {}
        patterns = self._patterns if self._patterns is not None else self._listed()
        method = scope["method"]
        route = self._literal.get((method, get_route_path(scope)))
        if route is not None:
            return Match.FULL, {"endpoint": route.endpoint, "path_params": {}, FOUND: route}
        for route in patterns.get(method, ()):
            match, found = route.matches(scope)
            if match is Match.FULL:
                return match, {**found, FOUND: route}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        route: RouteContext = scope[FOUND]
        scope["route"] = route.original_route
        await route.app(scope, receive, send)

    def _listed(self) -> dict[str, list[RouteContext]]:
        patterns: dict[str, list[RouteContext]] = {}
        for route in filter(is_operation, routes_of(self._app)):
            for method in route.methods or ():
                if "{" in str(route.path):
                    patterns.setdefault(method, []).append(route)
                else:
                    self._literal.setdefault((method, str(route.path)), route)
        self._patterns = patterns
        return patterns
