"""Somebody posts an award, and the page that somebody else is looking at changes: every part real."""

import asyncio
import time

from playwright.async_api import expect

from deploy.local import ports
from shared.doors import local_key
from tests.browser.visiting import sign_in
from tests.e2e.whole_line import WholeLine

LEADER = {"sub": "viewer", "roles": ["leader", "data_manager"], "districts": ["*"]}


async def test_a_posted_award_changes_the_page_in_front_of_the_reader(browser, settings, keys, start_service) -> None:
    roster, insights = ports.any_free(), ports.any_free()
    page_address = f"http://{ports.LOOPBACK}:{insights}"
    own = {
        "roster": {"http_port": roster, "pages_origin": page_address},
        "insights": {"http_port": insights, "roster_public_url": f"http://{ports.LOOPBACK}:{roster}"},
    }
    line = await asyncio.to_thread(
        WholeLine, settings, keys, lambda name, **more: start_service(name, **own.get(name, {}), **more)
    )
    await asyncio.to_thread(line.district, students=2)
    context = await browser.new_context(base_url=page_address)
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
