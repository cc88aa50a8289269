"""A real browser, where one can be had; where none can, the run's last lines say what was not tried."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from shared.doors import local_key
from tests.browser.family_pages import Families, open_families
from tests.browser.visiting import LEADER, sign_in
from tests.databases import Databases
from tests.gateways import gateway
from tests.insights_world import World, close_world, open_world, serving, settings_of, three_years

# What a page comes to show is waited for as long as a busy machine takes.
expect.set_options(timeout=30_000)
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
            item.add_marker(pytest.mark.real)
            # The browser belongs to the event loop that has started it.
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if chromium() is None:
        terminalreporter.write_line(NONE, yellow=True, bold=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests of a worker: to start it takes longer than most of what is tried in it."""
    path = chromium()
    if path is None:
        pytest.skip(NONE)
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=flags)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def world(mongo_settings) -> AsyncIterator[World]:
    """See `three_years`; this test's alone, which tells more."""
    opened = await open_world(mongo_settings)
    await three_years(opened)
    yield opened
    await close_world(opened)


@pytest_asyncio.fixture(loop_scope="session")
async def families(mongo_settings, keys, browser, tmp_path) -> AsyncIterator[Families]:
    """See `open_families`; this test's alone."""
    async with open_families(mongo_settings, keys, browser, tmp_path / "gateway") as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def own_address(world, tmp_path) -> AsyncIterator[str]:
    async with serving(world.settings) as insights:
        with gateway(tmp_path / "gateway", {"insights": insights}) as door:
            yield door.url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def standing_address(mongo_url, keys, tmp_path_factory) -> AsyncIterator[str]:
    databases = Databases(mongo_url)
    prefix = databases.take()
    settings = settings_of(prefix, mongo_url, keys).model_copy(update={"requests_per_minute": 0})
    opened = await open_world(settings)
    await three_years(opened)
    async with serving(settings) as insights:
        with gateway(tmp_path_factory.mktemp("gateway"), {"insights": insights}) as door:
            yield door.url
    await close_world(opened)
    databases.drop(prefix)
    databases.close()


@pytest.fixture
def address(request) -> str:
    """Insights behind a real gateway; roster and credentials only the tests play.

    Over the test's own `world` if it asks for that, otherwise over one of `three_years` that all of them read.
    """
    own = "world" in request.fixturenames
    return request.getfixturevalue("own_address" if own else "standing_address")


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
