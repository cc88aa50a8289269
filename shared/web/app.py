"""An HTTP service as all of ours are: problems for errors, refuse by default, health, metrics, docs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from shared.doors.auth import Access, Doors, admitted
from shared.doors.request_limits import Rates
from shared.doors.tokens import Verifier
from shared.errors import Problem, Refused
from shared.process.background import background
from shared.process.progress import Loop, Progress
from shared.process.settings import Settings
from shared.web.bodies import BoundedBodies
from shared.web.conditions import IfMatch, IfMatchNeeded, etag
from shared.web.health import Ask, Readiness, health
from shared.web.idempotency import IdempotencyKey, derived_id, digest
from shared.web.middleware import Finished
from shared.web.paging import AskedPage, Paging, decode_cursor, encode_cursor, page
from shared.web.problems import LastResort, ProblemPage, Readable, answer_problems, pointer, problem
from shared.web.routing import api_pages, openapi
from shared.web.routing.addresses import ByAddress
from shared.web.routing.routes import described, named, operation_of
from shared.words.as_written import kinds_of, misfit

BEAT_SECONDS = 1.0
EVENT_LOOP = "of all requests"
PUBLIC = {"livez", "readyz", "metrics", "openapi", "static", *api_pages.NAMES}

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Any]]


async def entered(request: Request) -> None:
    """Refuse by default, then what the route does not describe: the one dependency of every route.

    FastAPI looks through the whole tree of dependencies with every request, so that each of them has its price.
    """
    await admitted(request)
    _as_described(request)


def _as_described(request: Request) -> None:
    """Raise Refused for a query parameter that the route does not have, stands there twice, or misfits.

    A filter whose name is misspelt would otherwise be dropped, and the answer be about everybody.
    """
    takes = described(request.app)
    if request.scope["path"] in takes.literal and request.path_params:
        raise HTTPException(405)
    if not request.scope["query_string"]:
        return
    given = request.query_params
    known = takes.query[operation_of(request.scope)]
    wrong = {name: one for name in given if (one := _wrong(given.getlist(name), name, known))}
    if wrong:
        name, first = next(iter(wrong.items()))
        raise Refused(f"query parameter {name}: {first.said}", list(wrong.values()))


def _wrong(values: list[str], name: str, known: Mapping[str, Any]) -> Problem | None:
    at = pointer("query", name)
    if name not in known:
        works = f"this takes {', '.join(known) or 'no query parameters'}"
        return Problem(at, "there is no such parameter", works, "unknown_parameter")
    kinds = kinds_of(known[name])
    if len(values) > 1 and "list" not in kinds:
        return Problem(at, "it stands there twice", "give it once", "twice")
    words = misfit(values[0], known[name]) if kinds == {"day"} else ""
    return Problem(at, words, f"write {words.removeprefix('must be ')}", "not_of_form") if words else None


def new_app(
    name: str,
    *,
    settings: Settings,
    access: Access,
    lifespan: Lifespan,
    ready: Ask,
    routers: Sequence[APIRouter] = (),
    public: Collection[str] = (),
    verifier: Verifier | None = None,
    problem_page: ProblemPage | None = None,
    description: str = "",
    readable: Readable | None = None,
) -> FastAPI:
    """A service's app, to which its routers belong.

    `access` says per operation id (the route's function name) which role reaches which rows;
    `public` names those open to everybody. Raise ValueError, here for `routers` and at start
    for what is included later, when a route is in neither. `problem_page` answers a refusal to a
    browser that asks for a page; `readable` makes of a refusal what its reader may read.
    """
    doors = Doors(access, PUBLIC | set(public), verifier or Verifier(settings), Rates(settings))
    progress = Progress(within_seconds=settings.stuck_after_seconds)
    app = FastAPI(
        title=f"Aurora {name}",
        description=description,
        version="1",
        # Beside the document itself: behind the gateway the service is under a path that it does not know.
        servers=[{"url": "."}],
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_whole_life(doors, lifespan, progress),
        dependencies=[Depends(entered)],
        generate_unique_id_function=named,
        middleware=_middleware(settings),
    )
    app.state.doors, app.state.progress = doors, progress
    app.state.settings = settings
    app.state.problem_page, app.state.readable = problem_page, readable
    app.router.routes.insert(0, ByAddress(app))
    answer_problems(app)
    api_pages.add_api_pages(app)
    app.include_router(health(name, _also_keys(ready, doors), progress))
    for router in routers:
        app.include_router(router)
    if routers:
        doors.check(app)
    openapi.complete(app, doors)
    return app


def _whole_life(doors: Doors, lifespan: Lifespan, progress: Progress) -> Lifespan:
    """The service's own life, inside that of its doors: none without a declared route or a look for the keys."""

    @asynccontextmanager
    async def whole_life(app: FastAPI) -> AsyncIterator[Any]:
        doors.check(app)
        progress.begins()
        await doors.verifier.start()
        event_loop = progress.loop(EVENT_LOOP)
        try:
            async with background(event_loop, lambda: _beat(event_loop)), lifespan(app) as state:
                yield state
        finally:
            await doors.verifier.stop()

    return whole_life


async def _beat(event_loop: Loop) -> None:
    """Tell for ever that this process still comes to what is asked of it."""
    while True:
        event_loop.well()
        await asyncio.sleep(BEAT_SECONDS)


def _also_keys(ready: Ask, doors: Doors) -> Ask:
    async def asked() -> Readiness:
        found = await ready()
        if not doors.access or doors.verifier.keys.by_kid:
            return found
        return Readiness((*found.reasons, "no key to check tokens with could be read"), found.details)

    return asked


def _middleware(settings: Settings) -> list[Middleware]:
    return [
        Middleware(Finished, settings=settings),
        Middleware(LastResort),
        Middleware(BoundedBodies, settings=settings),
    ]


__all__ = [
    "AskedPage",
    "IdempotencyKey",
    "IfMatch",
    "IfMatchNeeded",
    "Paging",
    "Readiness",
    "decode_cursor",
    "derived_id",
    "digest",
    "encode_cursor",
    "etag",
    "new_app",
    "page",
    "problem",
]
