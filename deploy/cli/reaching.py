"""Straight to MongoDB and Kafka, for the commands that operators repair with."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import typer
from pydantic import ValidationError

from deploy.cli.running import running_stack
from deploy.cli.screen import fail
from shared import mongo
from shared.errors import Refused, Retryable
from shared.process.settings import Settings

T = TypeVar("T")
TOLD = ("AURORA_MONGO_URL", "AURORA_KAFKA_BOOTSTRAP_SERVERS")
AGO = re.compile(r"(\d+)([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def settings_here(*, failing: int = 1) -> Settings:
    """As `AURORA_...` variables say, else this machine's running stack; or a message and this exit code."""
    if any(name in os.environ for name in TOLD):
        try:
            return Settings()
        except ValidationError as error:
            named = ", ".join(f"AURORA_{str(one['loc'][0]).upper()}" for one in error.errors() if one["loc"])
            fail(f"the settings cannot be used: look at {named or 'the AURORA_... variables'}.", code=failing)
    parts = {part.name: part.address for part in running_stack(failing=failing).parts}
    if not {"mongo", "kafka"} <= parts.keys():
        fail("MongoDB or Kafka has not been started yet: `aurora status` shows how far it is.", code=failing)
    return Settings(environment="local", mongo_url=parts["mongo"], kafka_bootstrap_servers=parts["kafka"])


@asynccontextmanager
async def database(settings: Settings, service: str) -> AsyncIterator[mongo.Database]:
    """A service's own database."""
    client = mongo.connect(settings)
    try:
        yield client[settings.database(service)]
    finally:
        await mongo.close(client)


def done(work: Callable[[], Awaitable[T]], *, failing: int = 1) -> T:
    """What the work answers, or why it could not be done as a message and this exit code."""

    async def whole() -> T:
        return await work()

    try:
        return asyncio.run(whole())
    except Refused as refusal:
        fail(refusal.detail, code=failing)
    except Retryable as trouble:
        fail(trouble.detail, code=failing)
    except mongo.MongoError as trouble:
        fail(f"MongoDB: {type(trouble).__name__}: {str(trouble)[:300]}", code=failing)


def moment(said: str) -> datetime | None:
    """The moment that a person means: `2h` ago (s, m, h, d), or a date or time such as 2026-01-31T08:00."""
    if not said:
        return None
    ago = AGO.fullmatch(said)
    if ago:
        return datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise typer.BadParameter(f"{said!r} is no time; write 30m, 2h, 7d, 2026-01-31 or 2026-01-31T08:00") from None
    return at.astimezone(UTC)
