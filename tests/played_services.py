"""Three services that only echo, each at an address of its own: what a gateway does is seen from both sides."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from deploy.local import ports
from shared.producer.producers import INSIGHTS, PRODUCERS

NAMES = tuple(one.name for one in (*PRODUCERS, INSIGHTS))
PRIVATE = "for whoever runs the service"
STARTED_SECONDS = 20.0


@dataclass
class Played:
    """The addresses by name, and whether each stream and each half body that was begun has been seen to end."""

    services: dict[str, str] = field(default_factory=dict)
    streams: dict[str, threading.Event] = field(default_factory=dict)
    cut: threading.Event = field(default_factory=threading.Event)


async def echo(name: str, request: Request) -> Response:
    """Who was asked, for what, by whom."""
    body = await request.body()
    said = {
        "service": name,
        "path": request.scope["raw_path"].decode(),
        "client": request.client.host if request.client else None,
        "headers": dict(request.headers),
        "bytes": len(body),
    }
    return JSONResponse(said, headers={"Location": "/v1/things/1"})


async def refused(_: Request) -> Response:
    """As for somebody without a token: the body is not read."""
    return PlainTextResponse("no", 401)


async def taken(played: Played, request: Request) -> Response:
    try:
        await request.body()
    except ClientDisconnect:
        played.cut.set()
    return PlainTextResponse("taken")


async def many(_: Request) -> Response:
    return JSONResponse({"items": ["a row like every other"] * 1000})


async def record(_: Request) -> Response:
    return JSONResponse({"text": "a" * 5000}, headers={"ETag": '"3"'})


async def page(_: Request) -> Response:
    return HTMLResponse("<p>own</p>", headers={"Content-Security-Policy": "default-src 'self'"})


async def private(_: Request) -> Response:
    return PlainTextResponse(PRIVATE)


async def stream(played: Played, request: Request) -> Response:
    """An event at once, and then one after each pause for ever."""
    pause = float(request.query_params.get("pause", "0.5"))
    ended = played.streams[request.query_params["name"]] = threading.Event()

    async def events():
        try:
            while True:
                yield f"event: counts\ndata: {'x' * 3000}\n\n"
                await asyncio.sleep(pause)
        finally:
            ended.set()

    return StreamingResponse(events(), media_type="text/event-stream")


def app(name: str, played: Played) -> Starlette:
    paths = {"/v1/many": many, "/v1/record": record, "/page": page, "/v1/stream": partial(stream, played)}
    paths |= dict.fromkeys(("/metrics", "/livez", "/readyz"), private)
    paths |= {"/v1/refused": refused, "/v1/taken": partial(taken, played), "/{rest:path}": partial(echo, name)}
    return Starlette(routes=[Route(path, answer, methods=["GET", "POST"]) for path, answer in paths.items()])


@contextmanager
def played_services() -> Iterator[Played]:
    """All three, running until the block ends."""
    played, running = Played(), []
    for name in NAMES:
        port = ports.any_free()
        config = uvicorn.Config(app(name, played), host=ports.LOOPBACK, port=port, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        running.append((server, thread))
        played.services[name] = f"http://{ports.LOOPBACK}:{port}"
    deadline = time.monotonic() + STARTED_SECONDS
    while not all(server.started for server, _ in running):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    try:
        yield played
    finally:
        for server, _ in running:
            server.force_exit = server.should_exit = True
        for _, thread in running:
            thread.join(STARTED_SECONDS)
