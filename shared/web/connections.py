"""A connection as our servers take it: a request's head bounded in size and time, no body behind its answer."""

import asyncio
import json

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_MAX_BYTES = 32 << 10
HEAD_SECONDS = 15.0
# So long a client that is still sending may read the answer that it already has.
LINGER_SECONDS = 2.0
REFUSED = {
    408: ("Request Timeout", "the request's headers came too slowly; send it again"),
    431: ("Request Header Fields Too Large", f"the address and the headers may have {HEAD_MAX_BYTES} bytes together"),
}


class HeadTooLarge(Exception):
    """The parser gives up on a request with more headers than we take."""


class BoundedConnection(HttpToolsProtocol):
    """Ends what sends its headers without end, or byte by byte, or goes on with a body that nobody waits for."""

    _in_head = True  # of the first request, before its first byte
    _head = 0  # bytes of address and headers, as parsed
    _unparsed = 0  # bytes that came while one head was being waited for
    _deadline: asyncio.TimerHandle | None = None
    _lingering: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._refuse, 408)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        self._body_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        waiting = self._in_head
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        if waiting:
            self._unparsed += len(data)
        if self._unparsed > HEAD_MAX_BYTES:
            self._refuse(431)
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self._refuse, 408)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head, self._unparsed = True, 0, 0

    def on_url(self, url: bytes) -> None:
        self._head += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_is_there()
        if self._head > HEAD_MAX_BYTES:
            raise HeadTooLarge
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._body_is_there()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and self.cycle.more_body and not self.transport.is_closing():
            self._lingering = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def send_400_response(self, msg: str) -> None:
        if self._head > HEAD_MAX_BYTES:
            self._refuse(431)
        else:
            super().send_400_response(msg)

    def _head_is_there(self) -> None:
        self._in_head = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _body_is_there(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None

    def _refuse(self, status: int) -> None:
        """Say why, as far as the client still listens, and end the connection."""
        if self.transport.is_closing():
            return
        title, detail = REFUSED[status]
        problem = {"type": "urn:aurora:problem:head", "title": title, "status": status, "detail": detail, "errors": []}
        body = json.dumps(problem).encode()
        head = (
            f"HTTP/1.1 {status} {title}\r\nContent-Type: application/problem+json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
