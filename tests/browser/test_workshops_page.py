"""The list of workshops: a coordinator plans one with the keyboard alone, and an instructor plans none."""

import pytest
from playwright.async_api import expect

from tests.browser.family_pages import INSTRUCTOR
from tests.browser.visiting import WIDTHS, accessible, tab_to

COORDINATOR = {"sub": "coordinator", "roles": ["coordinator"], "campuses": ["central"]}
PAGE = "/family_touchpoints/workshops"


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_a_coordinator_plans_an_evening_with_the_keyboard_alone(families, width) -> None:
    async with families.visit(PAGE, COORDINATOR, width=width) as page:
        await expect(page.locator("#to-come")).to_contain_text("Nothing is planned within your reach.")
        await tab_to(page, page.locator("#planning summary"))
        await page.keyboard.press("Enter")
        await tab_to(page, page.locator("[name=title]"))
        await page.keyboard.type("Made-up evening")
        await tab_to(page, page.locator("[name=held_on]"))
        await page.keyboard.type("06102026")
        await tab_to(page, page.locator("[name=interpreted][value=spa]"))
        await page.keyboard.press("Space")
        await accessible(page, "the form of a workshop")
        await page.keyboard.press("Enter")
        await expect(page.locator("#plan-news")).to_have_text("Made-up evening is planned.")
        await expect(page.locator("#to-come")).to_contain_text("Interpreted into Spanish.")
        await accessible(page, "a planned workshop")
        await page.get_by_role("link", name="Made-up evening").click()
        await expect(page.locator("main")).to_contain_text("It has not begun: say who comes.")
        await page.locator("#roll-look").fill("gamma")
        await page.get_by_role("button", name="Guardian Three: Comes").click()
        await expect(page.locator("#roll-count")).to_have_text("1 by name")
        await expect(page.locator("#roll-people")).to_contain_text("Saved.")
        await accessible(page, "who comes")

    [made] = (await families.ask("GET", "/workshops"))["items"]
    said = ("title", "held_on", "organisation_ids", "languages", "interpreted", "level", "career_related")
    assert [made[name] for name in said] == [
        *("Made-up evening", "2026-06-10", ["central"], ["eng"], ["spa"]),
        *("high", True),
    ]


async def test_an_instructor_plans_none(families) -> None:
    async with families.visit(PAGE, INSTRUCTOR) as page:
        await expect(page.locator("#past")).to_contain_text("Nothing was held yet within your reach.")
        await expect(page.locator("#plan")).to_have_count(0)
