"""An HTTP service as all of ours are: problems for errors, refuse by default, health, metrics, docs."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response

from shared import api_pages, logs, openapi
from shared.as_written import kinds_of, misfit
from shared.auth import Access, Doors, admitted
from shared.bodies import BoundedBodies
from shared.conditions import IdempotencyKey, IfMatch, IfMatchNeeded, derived_id, digest, etag
from shared.errors import Problem, Refused
from shared.middleware import AskedByPages, Finished
from shared.paging import AskedPage, Paging, decode_cursor, encode_cursor, page
from shared.problems import LastResort, ProblemPage, answer_problems, pointer, problem
from shared.rates import Rates
from shared.routes import described, named, operation_of
from shared.settings import Settings
from shared.straight import Straight
from shared.tokens import Verifier

READY_SECONDS = 5.0
GRACEFUL_SECONDS = 10
PUBLIC = {"livez", "readyz", "metrics", "openapi", *api_pages.NAMES}
log = structlog.get_logger()

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Any]]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a service can do its work now: it can when `reasons`, why it cannot, is empty."""

    reasons: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


Ask = Callable[[], Awaitable[Readiness]]


class Alive(BaseModel):
    """The process answers."""

    service: str


class Ready(BaseModel):
    """The service can do its work."""

    ready: bool
    service: str
    details: dict[str, Any]


async def as_described(request: Request) -> None:
    """Raise Refused for a query parameter that the route does not have, stands there twice, or misfits.

    A filter whose name is misspelt would otherwise be dropped, and the answer be about everybody.
    """
    takes = described(request.app)
    if request.scope["path"] in takes.literal and request.path_params:
        raise HTTPException(405)
    given = request.query_params
    if not given:
        return
    known = takes.query[operation_of(request.scope)]
    wrong = {name: words for name in given if (words := _wrong(given.getlist(name), name, known))}
    if wrong:
        name, words = next(iter(wrong.items()))
        problems = [Problem(pointer("query", name), words) for name, words in wrong.items()]
        raise Refused(f"query parameter {name}: {words}", problems)


def _wrong(values: list[str], name: str, known: Mapping[str, Any]) -> str:
    if name not in known:
        return f"there is no such parameter; this takes {', '.join(known) or 'no query parameters'}"
    kinds = kinds_of(known[name])
    if len(values) > 1 and "list" not in kinds:
        return "give it once"
    return misfit(values[0], known[name]) if kinds == {"day"} else ""


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
    page_methods: Sequence[str] = ("GET",),
) -> FastAPI:
    """A service's app, to which its routers belong.

    `access` says per operation id (the route's function name) which role reaches which rows;
    `public` names those open to everybody. Raise ValueError, here for `routers` and at start
    for what is included later, when a route is in neither. `page_methods` are what our pages may
    do here with the viewer's cookie. `problem_page` answers a refusal
    to a browser that asks for a page.
    """
    doors = Doors(access, PUBLIC | set(public), verifier or Verifier(settings), Rates(settings))

    app = FastAPI(
        title=f"Aurora {name}",
        description=description,
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_whole_life(doors, lifespan),
        dependencies=[Depends(admitted), Depends(as_described)],
        generate_unique_id_function=named,
        middleware=_middleware(settings, page_methods),
    )
    app.state.doors = doors
    app.state.page_methods = page_methods
    app.state.settings = settings
    app.state.problem_page = problem_page
    answer_problems(app)
    api_pages.add_api_pages(app)
    app.include_router(_health(name, _also_keys(ready, doors)))
    for router in routers:
        app.include_router(router)
    if routers:
        doors.check(app)
    openapi.complete(app, doors)
    app.router.routes.insert(0, Straight(app))
    return app


def _whole_life(doors: Doors, lifespan: Lifespan) -> Lifespan:
    """The service's own life, inside that of its doors: none without a declared route or a look for the keys."""

    @asynccontextmanager
    async def whole_life(app: FastAPI) -> AsyncIterator[Any]:
        doors.check(app)
        await doors.verifier.start()
        try:
            async with lifespan(app) as state:
                yield state
        finally:
            await doors.verifier.stop()

    return whole_life


def _also_keys(ready: Ask, doors: Doors) -> Ask:
    async def asked() -> Readiness:
        found = await ready()
        if not doors.access or doors.verifier.keys.by_kid:
            return found
        return Readiness((*found.reasons, "no key to check tokens with could be read"), found.details)

    return asked


def _middleware(settings: Settings, page_methods: Sequence[str]) -> list[Middleware]:
    origin = settings.pages_origin
    pages = [Middleware(AskedByPages, origin=origin, methods=page_methods)] if origin else []
    return [
        Middleware(Finished, settings=settings),
        *pages,
        Middleware(LastResort),
        Middleware(BoundedBodies, settings=settings),
    ]


def _health(name: str, ready: Ask) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/livez")
    async def livez() -> Alive:
        """Whether the process answers; restart it when it does not."""
        return Alive(service=name)

    @router.get("/readyz", response_model=Ready, responses={503: {"description": "Not ready; `reasons` say why"}})
    async def readyz(request: Request) -> Any:
        """Whether the service can do its work; send nothing here while it cannot."""
        found = await _asked(ready)
        if found.reasons:
            more: dict[str, Any] = {"service": name, "reasons": list(found.reasons), "details": dict(found.details)}
            return problem(request, 503, "; ".join(found.reasons), headers={"Retry-After": "2"}, **more)
        return JSONResponse({"ready": True, "service": name, "details": dict(found.details)})

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics() -> Response:
        """What Prometheus reads."""
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router


async def _asked(ready: Ask) -> Readiness:
    try:
        async with asyncio.timeout(READY_SECONDS):
            return await ready()
    except TimeoutError:
        return Readiness((f"no answer about readiness within {READY_SECONDS:g} seconds",))
    except Exception as error:
        log.warning("readiness not known", exc_info=error)
        return Readiness((f"readiness cannot be told: {type(error).__name__}",))


def serve(target: str, settings: Settings | None = None) -> None:
    """Run `package.module:build` until told to stop; requests under way get ten seconds to end."""
    settings = settings or _settings()
    logs.configure(target.partition(":")[0].removeprefix("services.").removesuffix(".main"))
    # Batches of records make many small objects that die together: looked through as often as by
    # default, a third of the relay's time went into finding nothing to collect.
    gc.set_threshold(50_000, 20, 100)
    uvicorn.run(
        target,
        factory=True,
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )


def _settings() -> Settings:
    """The settings. Exit with one line per wrong variable, without its value: it may hold a password."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"AURORA_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
        raise SystemExit("\n".join(line.replace("AURORA_: Value error, ", "") for line in wrong)) from None


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
    "serve",
]
