"""The tiny app as a program of its own: `serve("tests.unit.shared.served_app:build")`."""

import asyncio
import os
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from shared.process.settings import Settings
from shared.web import connections
from tests.unit.shared.tiny_app import tiny_app

connections.HEAD_SECONDS = 1.0  # what a test can wait for


@asynccontextmanager
async def closing(_: FastAPI):
    yield
    Path(os.environ["CLOSED"]).write_text("closed in order")


async def slow() -> None:
    Path(os.environ["BEGUN"]).touch()
    await asyncio.sleep(1)


def build() -> FastAPI:
    app = tiny_app(Settings(), lifespan=closing, public=["slow"])
    app.add_api_route("/slow", slow, operation_id="slow")
    return app
