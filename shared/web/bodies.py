"""What a request body may be: read for who is let in, bounded in size and time, as JSON keepable."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.doors.auth import admitted
from shared.errors import Malformed, Refused, Retryable, TooLarge, TooSlow
from shared.process.settings import Settings
from shared.web.problems import NotRead

JSON = re.compile(r"\s*application/([^\s;]+\+)?json", re.IGNORECASE)
# What a file may be sent as, and how a route that takes it declares it.
FILES: Mapping[str, str] = {
    "text/csv": "text/csv",
    "application/zip": "application/zip",
    "application/x-zip-compressed": "application/zip",
}
# Up to so many pieces that may stand in a JSON text: no backslash, an escape that is none of a character by number,
# a whole pair, a number that is neither 0 nor half a pair. Possessive, so that no text makes it look twice.
FINE = re.compile(
    rb"(?:[^\\]++|\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|\\u(?!0000|[dD][89a-fA-F])){0,2048}+",
    re.DOTALL,
)
LARGE = 64 << 10  # what is looked through beside the loop
BODY_SECONDS = 30.0
SLOWEST_BYTES_A_SECOND = 32 << 10


class BoundedBodies:
    """Read no body before its sender and its route are known, and none that is too large, slow or unkeepable.

    The app asks for the body once the route is found: only then the token is looked at, and the
    limit is the route's. A body that nobody asks for is never read.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = _Body(scope, receive, self.settings)
        await self.app(scope, receive, send)


class _Body:
    """One request's body, as an app receives it."""

    def __init__(self, scope: Scope, receive: Receive, settings: Settings) -> None:
        self._scope = scope
        self._receive = receive
        self._settings = settings
        self._next: Callable[[], Awaitable[Message]] = self._first

    async def __call__(self) -> Message:
        try:
            return await self._next()
        except (Refused, Retryable) as error:
            # FastAPI lets an HTTPException through where any other becomes 400.
            raise NotRead(error) from error

    async def _first(self) -> Message:
        if "route" not in self._scope:
            # Files and pages of a folder: they have no reader of bodies, and only listen whether the client is there.
            self._next = self._rest
            return await self._rest()
        request = Request(self._scope)
        await admitted(request)
        kind = request.headers.get("content-type", "")
        self._limit = limit_of(self._scope, kind, self._settings)
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > self._limit:
            raise TooLarge(_too_long(self._limit))
        self._seen, self._began = 0, asyncio.get_running_loop().time()
        self._next = self._part
        return await (self._json() if JSON.match(kind) else self._part())

    async def _part(self) -> Message:
        try:
            async with asyncio.timeout_at(self._began + allowed_seconds(self._seen)):
                message = await self._receive()
        except TimeoutError as error:
            raise TooSlow(
                "the body came too slowly",
                works="send it again over a better line, or in smaller parts",
                code="too_slow",
            ) from error
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            raise TooLarge(_too_long(self._limit))
        if not message.get("more_body"):
            self._next = self._rest
        return message

    async def _json(self) -> Message:
        parts: list[bytes] = []
        while True:
            message = await self._part()
            parts.append(message.get("body", b""))
            if message["type"] != "http.request":
                return message
            if not message.get("more_body"):
                break
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        fault = unkeepable(body) if len(body) < LARGE else await asyncio.to_thread(unkeepable, body)
        if fault:
            raise Malformed(fault)
        return {"type": "http.request", "body": body, "more_body": False}

    async def _rest(self) -> Message:
        return await self._receive()


def limit_of(scope: Scope, kind: str, settings: Settings) -> int:
    """How many bytes a route takes of this media type: of a file much more, if it is a route for such files."""
    extra = getattr(scope.get("route"), "openapi_extra", None) or {}
    takes = extra.get("requestBody", {}).get("content", {})
    file = FILES.get(kind.partition(";")[0].strip().lower())
    return settings.import_max_bytes if file in takes else settings.request_max_bytes


def allowed_seconds(received: int) -> float:
    """Within how many seconds the next part must be there, when so many bytes have come."""
    return BODY_SECONDS + received / SLOWEST_BYTES_A_SECOND


def _too_long(limit: int) -> str:
    return f"the body is larger than {limit} bytes; send it in smaller parts"


def unkeepable(body: bytes) -> str:
    """Why this JSON text could not be kept, or nothing: not UTF-8, NUL, half a surrogate pair."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"the body is not UTF-8: byte {error.start} cannot be read"
    if b"\0" in body:
        return f"the body holds the byte NUL at {body.index(0)}; send UTF-8"
    at = body.find(b"\\u")
    if at < 0:
        return ""
    # From the first of the backslashes that stand before it: which of them is escaped hangs on their number.
    at = len(body[:at].rstrip(b"\\"))
    while (found := FINE.match(body, at)) and found.end() > at:
        at = found.end()
    if body[at : at + 6] == b"\\u0000":
        return "the body holds the character \\u0000, which no text here may hold"
    if body[at : at + 2] == b"\\u":
        return "the body holds half a surrogate pair (\\ud800 to \\udfff standing alone)"
    return ""
