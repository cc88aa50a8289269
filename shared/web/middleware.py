"""What every answer carries: security headers and a measured time."""

import re
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.doors.headers import ALWAYS, KEPT_NOWHERE, NOT_A_PAGE, PAGE_POLICY, STRICT_TRANSPORT
from shared.process.metrics import HTTP_REQUESTS, HTTP_SECONDS
from shared.process.settings import Settings
from shared.web.problems import problem
from shared.web.routing.routes import operation_of

LINE_BREAK = re.compile(r"[\n\r]")
# A method is what the client sends: a made-up one must not make a new time series.
METHODS = {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"}


class Finished:
    """Set headers and measure, around everything else."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        strict = {"Strict-Transport-Security": STRICT_TRANSPORT} if settings.environment == "prod" else {}
        # As they go over the wire: made text by text, they were a tenth of what an answer costs.
        self.always = [(name.lower().encode(), value.encode()) for name, value in {**ALWAYS, **strict}.items()]

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

        if LINE_BREAK.search(scope["path"]):
            # A pattern's end would match before a last line break, and so open another address.
            answer = problem(Request(scope), 404, "no address has such a character in it")
            await answer(scope, receive, finishing)
            return
        await self.app(scope, receive, finishing)

    def _set_headers(self, message: MutableMapping[str, Any]) -> None:
        headers = message["headers"] = list(message.get("headers", ()))
        given = dict(headers)
        kind = given.get(b"content-type", b"").decode("latin-1").partition(";")[0]
        policy = (PAGE_POLICY if kind == "text/html" else NOT_A_PAGE).encode()
        wanted = [*self.always, (b"content-security-policy", policy)]
        if kind in KEPT_NOWHERE:
            wanted.append((b"cache-control", b"no-store"))
        headers += [one for one in wanted if one[0] not in given]
