"""What a service says of itself: whether it gets on, whether it can do its work now, and its metrics."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from shared.errors import Forbidden
from shared.process.progress import Progress
from shared.process.settings import Settings
from shared.web.problems import problem

READY_SECONDS = 5.0
METRICS_SECONDS = 1.0
RETRY_AFTER = {"Retry-After": "2"}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a service can do its work now: it can when `reasons`, why it cannot, is empty."""

    reasons: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


Ask = Callable[[], Awaitable[Readiness]]


class Alive(BaseModel):
    """The process answers, and its loops get on; `checks` says of each that, or what it waits for."""

    service: str
    checks: dict[str, str]


class Ready(BaseModel):
    """The service can do its work. A check that is not `ok` names what is held up meanwhile, such as publishing."""

    ready: bool
    service: str
    checks: dict[str, str]
    details: dict[str, Any]


def health(name: str, ready: Ask, progress: Progress) -> APIRouter:
    """The routes that whoever runs the service asks."""
    router = APIRouter(tags=["health"])
    exposed = _Exposed()

    @router.get("/livez", response_model=Alive, responses={503: {"description": "It is about to end itself"}})
    async def livez(request: Request) -> Any:
        """Whether the process gets on; restart it when it does not. It ends itself then, saying why."""
        said: dict[str, Any] = {"service": name, "checks": progress.checks()}
        troubles = progress.troubles()
        if troubles:
            return problem(request, 503, "; ".join(troubles), headers=RETRY_AFTER, reasons=troubles, **said)
        return JSONResponse(said)

    @router.get("/readyz", response_model=Ready, responses={503: {"description": "Not ready; `reasons` say why"}})
    async def readyz(request: Request) -> Any:
        """Whether the service can do its work; send nothing here while it cannot."""
        found = await _asked(ready)
        said: dict[str, Any] = {"service": name, "checks": progress.checks(), "details": dict(found.details)}
        if found.reasons:
            reasons = list(found.reasons)
            return problem(request, 503, "; ".join(reasons), headers=RETRY_AFTER, reasons=reasons, **said)
        return JSONResponse({"ready": True, **said})

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics(request: Request) -> Response:
        """What Prometheus reads; for the networks that AURORA_METRICS_NETWORKS names, by default this machine."""
        settings: Settings = request.app.state.settings
        if not settings.reads_metrics(request.client.host if request.client else ""):
            raise Forbidden(
                "metrics are for whoever runs the service",
                works="AURORA_METRICS_NETWORKS names who may read them",
                code="beyond_reach",
            )
        return Response(await exposed(), media_type=CONTENT_TYPE_LATEST)

    return router


class _Exposed:
    """The metrics as text, made beside the loop and at most once a second, however many ask."""

    def __init__(self) -> None:
        self._made: tuple[float, bytes] = (float("-inf"), b"")
        self._making = asyncio.Lock()

    async def __call__(self) -> bytes:
        async with self._making:
            if time.monotonic() - self._made[0] >= METRICS_SECONDS:
                self._made = (time.monotonic(), await asyncio.to_thread(generate_latest, REGISTRY))
            return self._made[1]


async def _asked(ready: Ask) -> Readiness:
    try:
        async with asyncio.timeout(READY_SECONDS):
            return await ready()
    except TimeoutError:
        return Readiness((f"no answer about readiness within {READY_SECONDS:g} seconds",))
    except Exception as error:
        log.warning("readiness not known", exc_info=error)
        return Readiness((f"readiness cannot be told: {type(error).__name__}",))
