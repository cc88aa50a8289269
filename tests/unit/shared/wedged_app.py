"""An app whose one loop is wedged the first time that it runs, and well in every process after that."""

import asyncio
import os
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from shared.process.background import background
from shared.process.settings import Settings
from tests.unit.shared.tiny_app import tiny_app


@asynccontextmanager
async def relaying(app: FastAPI):
    loop, wedged = app.state.progress.loop("relay"), Path(os.environ["WEDGED"])

    async def turn() -> None:
        if not wedged.exists():
            wedged.touch()
            await asyncio.Event().wait()
        loop.committed()

    async def work() -> None:
        loop.turned()
        while not loop.ending.is_set():
            await turn()
            await asyncio.sleep(0.05)

    async with background(loop, work, finish_seconds=1.0):
        yield


def build() -> FastAPI:
    return tiny_app(Settings(), lifespan=relaying)
