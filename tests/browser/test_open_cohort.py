"""Who can still move the number, by keyboard alone: on the screen, on paper, as a file."""

import asyncio
from pathlib import Path

from playwright.async_api import expect

from tests.browser.visiting import LEADER, WIDTHS, accessible, named_by_roster, tab_to
from tests.integration.insights.test_own_credentials import seat

PATH = "/programs/welding/open-cohort"


async def test_the_list_is_read_widened_printed_and_taken_along_by_keyboard(visit, world) -> None:
    await world.tell(seat("still-in"))
    async with visit(WIDTHS["phone"], claims=LEADER | {"roles": ["data_manager"]}) as page:
        await named_by_roster(page)
        await page.goto(PATH)
        rows = page.locator("tbody tr")
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text("29 May 2027")
        await accessible(page, "completers")

        await tab_to(page, page.get_by_role("link", name="With those in class"))
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{PATH}?include=enrolled")
        await expect(page.get_by_role("link", name="With those in class")).to_have_attribute("aria-current", "page")
        await expect(rows.last).to_contain_text("still in class")
        await expect(rows).to_have_count(2)
        await accessible(page, "with those in class")

        table = page.get_by_role("region", name="Students")
        await tab_to(page, table)
        await page.keyboard.press("ArrowRight")
        async with asyncio.timeout(10):
            while not await table.evaluate("one => one.scrollLeft"):
                await asyncio.sleep(0.05)

        link = page.get_by_role("link", name="Download as CSV")
        await tab_to(page, link)
        async with page.expect_download() as fetching:
            await page.keyboard.press("Enter")
        file = Path(await (await fetching.value).path()).read_text()
        assert [line.split(",")[:2] for line in file.splitlines()[1:]] == [
            ["x3", "completed"],
            ["still-in", "enrolled"],
        ]

        await page.emulate_media(media="print")
        for gone in (link, page.get_by_role("link", name="Log this class"), page.locator("nav.tabs")):
            await expect(gone).to_be_hidden()
        await expect(rows).to_have_count(2)
        await page.emulate_media(media="screen")

        onward = page.get_by_role("link", name="Log this class")
        await tab_to(page, onward)
        await expect(onward).to_have_attribute("href", "/credentials/class?program=welding")
