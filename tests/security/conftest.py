"""A service whose every route is asked, by every sort of caller."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.process.settings import Settings
from tests.security.world import World
from tests.security.worlds import SERVICES


@pytest.fixture(params=list(SERVICES))
async def world(request: pytest.FixtureRequest, mongo_settings: Settings, keys: Path) -> AsyncIterator[World]:
    """See `worlds`; one test runs for each service."""
    async with SERVICES[request.param](mongo_settings, keys) as opened:
        yield opened
