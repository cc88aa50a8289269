"""A real browser, where one can be had; where none can, the run's last lines say what was not tried."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright

from shared.doors import local_key
from tests.browser.visiting import LEADER, sign_in
from tests.gateways import gateway
from tests.insights_world import World, close_world, open_world, serving, three_years

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Without these the browser calls its maker at every start; as root it cannot make its own sandbox.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NONE = "no chromium here: the pages were NOT tried in a browser (apt-get install chromium)"


def chromium() -> str | None:
    """Where the browser is, if there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if chromium() is None:
        terminalreporter.write_line(NONE, yellow=True, bold=True)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip(NONE)
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=flags)
        yield started
        await started.close()


@pytest.fixture
async def world(mongo_settings) -> AsyncIterator[World]:
    """See `three_years`."""
    opened = await open_world(mongo_settings)
    await three_years(opened)
    yield opened
    await close_world(opened)


@pytest.fixture
async def address(world, mongo_settings, tmp_path) -> AsyncIterator[str]:
    """Insights behind a real gateway; roster and credentials only the tests play."""
    async with serving(mongo_settings) as insights:
        with gateway(tmp_path / "gateway", {"insights": insights}) as door:
            yield door.url


@pytest.fixture
def visit(browser, address, keys):
    """`async with visit() as page`: signed in; any complaint of the browser, or request elsewhere, fails the test.

    `expected` are parts of complaints that the test provokes.
    """

    @asynccontextmanager
    async def visiting(width=1280, claims=LEADER, expected=(), **more):
        more.setdefault("locale", "en-US")
        context = await browser.new_context(viewport={"width": width, "height": 900}, base_url=address, **more)
        page = await context.new_page()
        complaints: list[str] = []

        def complain(said: str) -> None:
            if not any(one in said for one in expected):
                complaints.append(said)

        page.on("console", lambda said: complain(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complain(str(error)))
        page.on("request", lambda asked: asked.url.startswith(f"{address}/") or complain(asked.url))
        await sign_in(page, local_key.sign(keys, claims))
        yield page
        await context.close()
        assert complaints == []

    return visiting
