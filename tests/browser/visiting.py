"""What tests of the pages in a browser share: who visits, what roster answers, and how a page is looked over."""

from axe_playwright_python.async_playwright import Axe

LEADER = {"sub": "viewer", "roles": ["leader"], "districts": ["*"]}
ROSTER, CREDENTIALS = "/roster", "/credentials"  # their paths at the one address
WIDTHS = {"desk": 1280, "phone": 390}
NAMES = {
    "items": [
        {"id": f"w{number}", "given_name": "Sample", "family_name": f"Student {number}", "preferred_name": None}
        for number in range(5)
    ],
    "next": None,
}


async def sign_in(page, token: str) -> None:
    """As a person does: the token goes into the form."""
    await page.goto("/sign-in")
    await page.locator("input[name=token]").fill(token)
    await page.locator("form[action='/sign-in'] button").click()  # in whatever language
    await page.wait_for_url(lambda address: not address.endswith("/sign-in"))


async def named_by_roster(page) -> None:
    """Roster is there, and knows five of the students."""
    await page.route(f"**{ROSTER}/**", lambda route: route.fulfill(json=NAMES))


async def accessible(page, name="") -> None:
    """Axe finds nothing (WCAG 2.1 A and AA, and the good habits that it knows besides), and nothing sticks out."""
    found = await Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    assert await page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], name


async def tab_to(page, place, most=60, key="Tab") -> None:
    """Tab on, or back, until the place has the keyboard."""
    for _ in range(most):
        if await place.evaluate("one => one === document.activeElement"):
            return
        await page.keyboard.press(key)
    raise AssertionError(f"Tab never comes to {place}")
