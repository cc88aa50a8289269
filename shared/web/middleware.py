"""What every answer carries: security headers and a measured time."""

import time
from collections.abc import MutableMapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.doors.headers import ALWAYS, KEPT_NOWHERE, NOT_A_PAGE, PAGE_POLICY, STRICT_TRANSPORT
from shared.process.metrics import HTTP_REQUESTS, HTTP_SECONDS
from shared.process.settings import Settings
from shared.web.routes import operation_of

# A method is what the client sends: a made-up one must not make a new time series.
METHODS = {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"}


class Finished:
    """Set headers and measure, around everything else."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.strict_transport = settings.environment == "prod"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def finishing(message: Message) -> None:
            if message["type"] == "http.response.start":
                operation = operation_of(scope)
                method = scope["method"] if scope["method"] in METHODS else "other"
                HTTP_SECONDS.labels(operation).observe(time.perf_counter() - began)
                HTTP_REQUESTS.labels(operation, method, str(message["status"])).inc()
                self._set_headers(message)
            await send(message)

        await self.app(scope, receive, finishing)

    def _set_headers(self, message: MutableMapping[str, object]) -> None:
        headers = MutableHeaders(scope=message)
        kind = headers.get("content-type", "").partition(";")[0]
        for name, value in ALWAYS.items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", PAGE_POLICY if kind == "text/html" else NOT_A_PAGE)
        if kind in KEPT_NOWHERE:
            headers.setdefault("Cache-Control", "no-store")
        if self.strict_transport:
            headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
