"""A service runs as a process: started with its settings or refused in words, ended in order and in time."""

import gc
import os
import signal
import sys
from types import FrameType

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from uvicorn.importer import import_from_string

from shared.process import logs
from shared.process.settings import Settings
from shared.process.warden import Warden
from shared.web.connections import BoundedConnection

REQUESTS_END_SECONDS = 8
NOT_STARTED = 3


class _Server(uvicorn.Server):
    """One whose warden learns at once that it is to end."""

    def __init__(self, config: uvicorn.Config, warden: Warden) -> None:
        super().__init__(config)
        self._warden = warden

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._warden.ending()
        super().handle_exit(sig, frame)


def serve(target: str, settings: Settings | None = None) -> None:
    """Run `package.module:build` until told to stop, or until a loop of it is stuck.

    Told to stop, it takes no new request, has those under way end, then its loops with the batch
    in hand, all within `END_WITHIN_SECONDS` of the warden.
    """
    settings = settings or _settings()
    name = target.partition(":")[0].removeprefix("services.").removesuffix(".main")
    logs.configure(name)
    # Batches of records make many small objects that die together: looked through as often as by
    # default, a third of the relay's time went into finding nothing to collect.
    gc.set_threshold(50_000, 20, 100)
    warden = Warden(name)

    def built() -> FastAPI:
        app: FastAPI = import_from_string(target)()
        warden.progress = app.state.progress
        return app

    config = uvicorn.Config(
        built,
        factory=True,
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http=BoundedConnection,
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=REQUESTS_END_SECONDS,
    )
    server = _Server(config, warden)
    signal.signal(signal.SIGTERM, warden.ended_by)
    warden.start(lambda: os.kill(os.getpid(), signal.SIGTERM))
    server.run()
    warden.last_words()
    if not server.started:
        sys.exit(NOT_STARTED)


def _settings() -> Settings:
    """The settings. Exit with one line per wrong variable, without its value: it may hold a password."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"AURORA_{'_'.join(map(str, one['loc'])).upper()}: {_words(one)}" for one in error.errors()]
        raise SystemExit("\n".join(line.replace("AURORA_: Value error, ", "") for line in wrong)) from None


def _words(error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return "is not set; say local on a machine of one's own (`make up` does), prod everywhere else"
    return error["msg"]
