"""What every answer carries: security headers, leave for our own pages to read it, a measured time."""

import time
from collections.abc import Collection, Mapping, MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.process.metrics import HTTP_REQUESTS, HTTP_SECONDS
from shared.process.settings import Settings
from shared.web.routes import operation_of

# A method is what the client sends: a made-up one must not make a new time series.
METHODS = {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"}
ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
NOT_A_PAGE = b"default-src 'none'; frame-ancestors 'none'"
# Answers that may hold a student's record must not stay in a shared browser's cache.
KEPT_NOWHERE = ("application/json", "application/problem+json", "text/html", "text/csv", "application/zip")


def page_policy(settings: Settings) -> str:
    """The Content-Security-Policy of our pages: own files only; names asked of roster, awards told to credentials."""
    others = (settings.roster_public_url, settings.credentials_public_url)
    connect = " ".join(["'self'", *(one.rstrip("/") for one in others if one)])
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src {connect}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


class Finished:
    """Set headers and measure, around everything else."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.page_policy = page_policy(settings).encode()
        strict = {"Strict-Transport-Security": "max-age=31536000"} if settings.environment == "prod" else {}
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

        await self.app(scope, receive, finishing)

    def _set_headers(self, message: MutableMapping[str, Any]) -> None:
        headers = message["headers"] = list(message.get("headers", ()))
        given = dict(headers)
        kind = given.get(b"content-type", b"").decode("latin-1").partition(";")[0]
        policy = self.page_policy if kind == "text/html" else NOT_A_PAGE
        wanted = [*self.always, (b"content-security-policy", policy)]
        if kind in KEPT_NOWHERE:
            wanted.append((b"cache-control", b"no-store"))
        headers += [one for one in wanted if one[0] not in given]


class AskedByPages:
    """Let one origin's pages ask this service, with the viewer's token: GET, and what else `methods` names."""

    def __init__(self, app: ASGIApp, *, origin: str, methods: Collection[str] = ("GET",)) -> None:
        self.app = app
        self.origin = origin
        self.methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else {}
        if headers.get("origin") != self.origin:
            await self.app(scope, receive, send)
            return
        leave = {
            "Access-Control-Allow-Origin": self.origin,
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Expose-Headers": "ETag, Retry-After, Aurora-Outcome",
            "Vary": "Origin",
        }
        if scope["method"] == "OPTIONS" and headers.get("access-control-request-method") in self.methods:
            leave |= {
                "Access-Control-Allow-Methods": ", ".join(self.methods),
                "Access-Control-Allow-Headers": "Authorization, Accept, Content-Type, Idempotency-Key, If-Match",
                "Access-Control-Max-Age": "600",
            }
            await Response(status_code=204, headers=leave)(scope, receive, send)
            return
        if scope["method"] not in self.methods:
            await self.app(scope, receive, send)
            return

        async def leaving(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(leave)
            await send(message)

        await self.app(scope, receive, leaving)
