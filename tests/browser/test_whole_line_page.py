"""Somebody posts an award, and the page that somebody else is looking at changes: every part real."""

import asyncio
import time
from collections.abc import Iterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from shared.doors import local_key
from tests.browser.visiting import sign_in
from tests.e2e.whole_line import WholeLine
from tests.gateways import gateway

LEADER = {"sub": "viewer", "roles": ["leader", "data_manager"], "districts": ["*"]}


@pytest_asyncio.fixture(loop_scope="session")
async def line(settings, keys, start_service) -> WholeLine:
    """Four services, and two students of whom nobody has a credential."""
    opened = await asyncio.to_thread(WholeLine, settings, keys, start_service)
    await asyncio.to_thread(opened.district, students=2)
    return opened


@pytest.fixture
def door(line, tmp_path) -> Iterator[str]:
    """The one address of users."""
    with gateway(tmp_path / "gateway", {name: one.url for name, one in line.services.items()}) as opened:
        yield opened.url


async def test_a_posted_award_changes_the_page_in_front_of_the_reader(browser, line, door, keys) -> None:
    context = await browser.new_context(base_url=door)
    page = await context.new_page()
    await sign_in(page, local_key.sign(keys, LEADER))
    await page.goto("/?school_year=2024-25")
    await expect(page.locator("#live-W1 .number")).to_have_text("0 %")
    await page.evaluate("window.notReloaded = true")

    answer = await asyncio.to_thread(line.award, "s1", "first")
    assert answer.status_code == 201, answer.text
    began = time.monotonic()
    await expect(page.locator("#live-W1 .number")).to_have_text("50 %", timeout=20_000)
    took = time.monotonic() - began

    print(f"write to visible: {took * 1000:.0f} ms")
    assert await page.evaluate("window.notReloaded") is True
    await page.locator("#live-W1 .of a").click()
    await expect(page.locator("[data-student=s1]")).to_have_text("Sample Student-1")
    await expect(page.locator("tr", has_text="s1")).to_contain_text("Earned welder")
    await context.close()
