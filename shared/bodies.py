"""What a request body may be: bounded, and for JSON, UTF-8 text without half characters."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.problems import problem
from shared.settings import Settings

# A whole pair, or an escaped backslash, which makes the `u` behind it an ordinary letter.
PAIRS = re.compile(rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
ESCAPES = re.compile(rb"\\u[0-9a-fA-F]{4}")
JSON = re.compile(r"\s*application/([^\s;]+\+)?json", re.IGNORECASE)


class TooLong(HTTPException):
    """The stream went past the limit; FastAPI lets an HTTPException through where others become 400."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, _too_long(limit))


def _too_long(limit: int) -> str:
    return f"the body is larger than {limit} bytes; send it in smaller parts"


class BoundedBodies:
    """Refuse a body over the limit, whether its length was declared or not, and unkeepable JSON.

    A path that ends in `/imports` takes `import_max_bytes`, any other `request_max_bytes`.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        imports = scope["path"].endswith("/imports")
        limit = self.settings.import_max_bytes if imports else self.settings.request_max_bytes
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > limit:
            await problem(request, 413, _too_long(limit))(scope, receive, send)
            return
        bounded = _bounded(receive, limit)
        if JSON.match(request.headers.get("content-type", "")):
            try:
                body = await _whole(bounded)
            except TooLong as error:
                await problem(request, 413, error.detail)(scope, receive, send)
                return
            fault = unkeepable(body)
            if fault:
                await problem(request, 400, fault)(scope, receive, send)
                return
            bounded = _replayed(body, receive)
        await self.app(scope, bounded, send)


def _bounded(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLong(limit)
        return message

    return counted


async def _whole(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


def unkeepable(body: bytes) -> str:
    """Why this JSON text could not be kept, or nothing: not UTF-8, NUL, half a surrogate pair."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"the body is not UTF-8: byte {error.start} cannot be read"
    if b"\0" in body:
        return f"the body holds the byte NUL at {body.index(0)}; send UTF-8"
    if b"\\u" not in body:
        return ""
    escapes = {found[0][2:].lower() for found in ESCAPES.finditer(PAIRS.sub(b"", body))}
    if any(b"d800" <= one <= b"dfff" for one in escapes):
        return "the body holds half a surrogate pair (\\ud800 to \\udfff standing alone)"
    return "the body holds the character \\u0000, which no text here may hold" if b"0000" in escapes else ""
