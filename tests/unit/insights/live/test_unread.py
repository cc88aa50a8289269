"""A live page that reads nothing holds nobody else's place."""

import asyncio
from contextlib import ExitStack

from sse_starlette import ServerSentEvent

from services.insights.live.stream import Streams, _Held

SCOPE = {"type": "http", "method": "GET", "path": "/v1/stream", "headers": []}


async def never() -> None:
    await asyncio.Event().wait()


async def told():
    while True:
        yield ServerSentEvent("freshness")
        await asyncio.sleep(0.01)


async def test_who_reads_nothing_is_let_go_and_the_place_is_free_again() -> None:
    streams, sent = Streams(of_one=1, of_all=1), []
    held = ExitStack()
    held.enter_context(streams.one_more("ann"))

    async def send(message) -> None:
        sent.append(message["type"])
        if len(sent) > 2:
            await never()

    async with asyncio.timeout(10):
        await _Held(told(), held=held, ping=15, send_timeout=0.1)(SCOPE, never, send)

    with streams.one_more("bea"):
        assert sent[:2] == ["http.response.start", "http.response.body"]
