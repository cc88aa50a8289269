"""An instructor logs a class of 25 by keyboard alone, on a bad line and beside a colleague: every part real."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from shared.doors import local_key
from shared.school_year import DEFAULT_START, school_year_of
from tests.browser.visiting import sign_in
from tests.e2e.whole_line import WholeLine
from tests.gateways import gateway

CLASS = 25
WIDTH = 768
TEACHER = {"sub": "teacher", "roles": ["instructor"], "programs": ["welding"], "campuses": ["north"]}
COLLEAGUE = {**TEACHER, "sub": "colleague"}
SOON_MILLISECONDS = 40_000


@pytest_asyncio.fixture(loop_scope="session")
async def line(settings, keys, start_service) -> WholeLine:
    """Four services, and a class that completed ten days ago."""
    opened = await asyncio.to_thread(WholeLine, settings, keys, start_service)
    await asyncio.to_thread(furnish, opened)
    return opened


def furnish(line: WholeLine) -> None:
    line.district(students=0)
    today = datetime.now(UTC).date()
    began, ended = (today - timedelta(days=back) for back in (300, 10))
    for number in range(CLASS):
        line.put("roster", f"/students/k{number:02}", given_name="Sample", family_name=f"Student-{number:02}")
        place = {"student_id": f"k{number:02}", "program_id": "welding", "organisation_id": "north"}
        line.put("roster", f"/enrolments/k{number}", **place, begin=str(began), end=str(ended))
        line.put("roster", f"/completions/k{number}", **place, completed_on=str(ended))


@pytest_asyncio.fixture(loop_scope="session")
async def page(line, browser, keys, tmp_path):
    with gateway(tmp_path / "gateway", {name: one.url for name, one in line.services.items()}) as door:
        view = {"width": WIDTH, "height": 900}
        context = await browser.new_context(base_url=door.url, viewport=view, locale="en-US")
        opened = await context.new_page()
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        await sign_in(opened, local_key.sign(keys, TEACHER))
        yield opened
        await context.close()
    assert errors == []


class Hands:
    """Somebody with a keyboard and no mouse."""

    def __init__(self, page) -> None:
        self.page = page

    async def go(self, place) -> None:
        """Tab on until the place has the keyboard."""
        for _ in range(CLASS * 8):
            if await place.evaluate("one => one === document.activeElement"):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to {place}")

    async def press(self, name, key="Enter") -> None:
        await self.go(self.page.get_by_role("button", name=name, exact=True))
        await self.page.keyboard.press(key)

    async def type_day(self, place, day) -> None:
        await self.go(place)
        await self.page.keyboard.type(f"{day:%m%d%Y}")


async def accessible(page) -> None:
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth") <= WIDTH


async def test_a_class_is_logged_corrected_and_undone_by_keyboard_over_a_connection_that_is_lost(
    page, line, keys
) -> None:
    hands, news, number = Hands(page), page.locator("#class-news"), page.locator("#number-news")
    today = datetime.now(UTC).date()
    day, year = today - timedelta(days=30), school_year_of(today - timedelta(days=10), DEFAULT_START)
    await page.goto("/class")
    await expect(news).to_have_text(f"{CLASS} students: tick those who tried.", timeout=SOON_MILLISECONDS)

    await hands.type_day(page.locator("#day"), day)
    await hands.press("Tick everybody")
    await hands.go(page.get_by_label("Result of Sample Student-00"))
    await page.keyboard.press("ArrowDown")
    await hands.go(page.get_by_label("Licence number of Sample Student-01"))
    await page.keyboard.type("L-1")
    await hands.press("Preview")
    await expect(news).to_contain_text(f"Nothing is saved yet. {CLASS} would be logged", timeout=SOON_MILLISECONDS)
    await expect(page.locator(".outcome", has_text="Will be logged.")).to_have_count(CLASS)
    assert await asyncio.to_thread(line.awards_kept) == 0
    await accessible(page)

    sent = await lose_the_first_answer(page)
    await hands.press("Save")
    await expect(news).to_contain_text("The connection was lost")
    await expect(news).to_contain_text("nothing was logged twice", timeout=SOON_MILLISECONDS)
    await expect(page.locator(".outcome", has_text="Is in the records.")).to_have_count(CLASS)
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert await asyncio.to_thread(line.awards_kept) == CLASS
    moved = f"W1 for Welding, {year}: 0 of {CLASS} → 24 of {CLASS}; the target needs 23 and is kept."
    await expect(number).to_have_text(moved, timeout=SOON_MILLISECONDS)
    assert await page.evaluate("Object.keys(localStorage).length") == 0

    await page.reload()
    again = f"{CLASS} students of the list that you saved here: it can still be corrected, or undone as a whole."
    await expect(news).to_have_text(again, timeout=SOON_MILLISECONDS)
    await expect(page.locator(".outcome", has_text="Is in the records.")).to_have_count(CLASS)

    await hands.press("Correct the award of Sample Student-01")
    await expect(page.locator("#correct-day")).to_be_focused()
    await expect(page.locator("#correct-license")).to_have_value("L-1")
    await accessible(page)
    await asyncio.to_thread(corrected_by_a_colleague, line, keys, license_number="L-2")
    await hands.type_day(page.locator("#correct-day"), day - timedelta(days=2))
    await hands.press("Save the correction")
    await expect(news).to_contain_text("Not saved: somebody has changed this award", timeout=SOON_MILLISECONDS)
    await expect(page.locator("#correct-day")).to_have_value(str(day))
    await expect(page.locator("#correct-license")).to_have_value("L-2")
    await hands.type_day(page.locator("#correct-day"), day - timedelta(days=1))
    await hands.press("Save the correction")
    await expect(news).to_have_text("The award of Sample Student-01 is corrected.", timeout=SOON_MILLISECONDS)
    [award] = line.ask("credentials", "GET", "/awards?student=k01").json()["items"]
    assert (award["awarded_on"], award["license_number"]) == (str(day - timedelta(days=1)), "L-2")

    await expect(number).to_contain_text("has not moved by this", timeout=SOON_MILLISECONDS)
    await hands.press("Undo this list")
    await expect(news).to_have_text(f"Taken back: {CLASS} awards of this list.", timeout=SOON_MILLISECONDS)
    await expect(number).to_contain_text(
        f"24 of {CLASS} → 0 of {CLASS}; the target needs 23.", timeout=SOON_MILLISECONDS
    )
    assert line.ask("credentials", "GET", "/awards").json()["items"] == []


def corrected_by_a_colleague(line, keys, **change) -> None:
    """Somebody else sets the same award right, after the page has read it."""
    [award] = line.ask("credentials", "GET", "/awards?student=k01").json()["items"]
    read = line.ask("credentials", "GET", f"/awards/{award['id']}")
    headers = {"Authorization": f"Bearer {local_key.sign(keys, COLLEAGUE)}", "If-Match": read.headers["ETag"]}
    answer = line.ask("credentials", "PATCH", f"/awards/{award['id']}", json=change, headers=headers)
    assert answer.status_code == 200, answer.text


async def lose_the_first_answer(page) -> list[tuple[str, str]]:
    """The first list arrives and its answer does not; gives what is sent, as it is sent: the key and the body."""
    sent: list[tuple[str, str]] = []

    async def route(asked) -> None:
        if asked.request.method != "POST":
            await asked.continue_()
            return
        sent.append((asked.request.headers["idempotency-key"], asked.request.post_data))
        if len(sent) > 1:
            await asked.continue_()
            return
        await asked.fetch()
        await asked.abort("connectionreset")

    await page.route("**/v1/awards/batch", route)
    return sent
