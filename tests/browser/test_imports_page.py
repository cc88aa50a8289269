"""A data manager brings files in on the page: a real roster reads the package, a played one what seldom happens."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import expect

from shared.doors import local_key
from tests.browser.visiting import ROSTER, WIDTHS, accessible, sign_in, tab_to
from tests.gateways import gateway
from tests.oneroster_zips import as_files, sound, user, zipped

MANAGER = {"sub": "manager", "roles": ["data_manager"], "districts": ["*"]}
SOON_MILLISECONDS = 40_000
FAILED = "Failed to load resource"
LOST = "net::ERR_CONNECTION_RESET"


def package(**changed) -> dict:
    """A zip as somebody would choose it."""
    return {"name": "tonight.zip", "mimeType": "application/zip", "buffer": zipped(as_files(sound() | changed))}


def table(text: str) -> dict:
    return {"name": "table.csv", "mimeType": "text/csv", "buffer": text.encode()}


@pytest_asyncio.fixture(loop_scope="session")
async def page(keys, start_service, browser, tmp_path):
    """A phone before a gateway to roster and insights, each a process of its own."""
    started = [await asyncio.to_thread(start_service, name) for name in ("roster", "insights")]
    view = {"width": WIDTHS["phone"], "height": 844}
    with gateway(tmp_path / "gateway", {one.name: one.url for one in started}) as door:
        context = await browser.new_context(base_url=door.url, viewport=view, locale="en-US")
        opened = await context.new_page()
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        await sign_in(opened, local_key.sign(keys, MANAGER))
        await opened.goto("/imports")
        yield opened
        await context.close()
    assert errors == []


async def check(page, file, kind="oneroster") -> None:
    await page.locator("#kind").select_option(kind)
    await page.locator("#file").set_input_files(file)
    await page.get_by_role("button", name="Check the file").click()


async def test_a_package_is_checked_set_right_brought_in_and_found_in_the_history(page) -> None:
    result, words = page.locator("#result"), page.locator("#result-words")
    users = [user("s-1", "0900001", grades="perhaps"), user("s-2", "0900002"), user("t-1", "77", grades="")]
    await page.locator("#of-package summary").click()
    await page.get_by_label("School year, such as 2026-27").fill("2024-25")
    await check(page, package(users=users))
    await expect(words).to_contain_text("Checked, nothing was kept.", timeout=SOON_MILLISECONDS)
    await expect(page.locator("#result-title")).to_be_focused()
    column = page.locator(".column", has_text="users.csv, column grades")
    await expect(column).to_contain_text("What would work:")
    await expect(column).to_contain_text("What stands there: “perhaps”")
    await expect(page.get_by_role("link", name="All problems as a file")).to_be_visible()
    await accessible(page, "a package with a problem")

    await check(page, package())
    await expect(words).to_have_text("Checked, nothing was kept.", timeout=SOON_MILLISECONDS)
    await expect(page.locator(".column")).to_have_count(0)
    await expect(page.locator("#history li")).to_have_count(2)
    await tab_to(page, page.get_by_role("button", name="Bring the file in"))
    await page.keyboard.press("Enter")
    await expect(words).to_contain_text("Brought in.", timeout=SOON_MILLISECONDS)
    await expect(result.get_by_role("row", name="users.csv")).to_contain_text("3")
    await expect(page.locator("#history li").first).to_contain_text("Brought in")
    await expect(page.locator("#history li").first).to_contain_text("source sample-sis, 2024-25")
    await accessible(page, "a package brought in")

    await page.reload()
    await expect(page.locator("#history li")).to_have_count(3, timeout=SOON_MILLISECONDS)
    await page.locator("#history li").first.get_by_role("button").click()
    await expect(words).to_contain_text("Brought in.")
    await expect(page.get_by_role("button", name="Bring the file in")).to_be_hidden()

    await page.locator("#find").fill("made-up s-2")
    await page.get_by_role("button", name="Find").click()
    await expect(page.locator("#students li")).to_have_count(1)


async def test_a_table_is_checked_and_what_is_wrong_with_it_is_said_by_column(page) -> None:
    rows = "".join(f"k{number},Sample,Student,2024/25\n" for number in range(3))
    await check(page, table(f"id,given_name,family_name,school_year\n{rows}"), "students")
    column = page.locator(".column", has_text="Column school_year")
    await expect(column).to_contain_text("3 rows: 2, 3, 4", timeout=SOON_MILLISECONDS)
    await expect(column).to_contain_text("“2024/25”")
    await expect(page.locator("#result-words")).to_contain_text("3 rows are left out. Nothing of it is new or changed.")
    await expect(page.get_by_role("button", name="Bring the file in")).to_be_hidden()
    await expect(page.locator("#result-words")).to_be_in_viewport()

    await check(page, table("id,given_name\nk1,Sample\n"), "students")
    await expect(page.locator("#result-words")).to_contain_text("Refused: nothing was brought in.")
    await expect(page.locator(".column", has_text="Column family_name")).to_contain_text("Nothing of the file is taken")
    await expect(page.get_by_role("button", name="Bring the file in")).to_be_hidden()

    await check(page, table("id,given_name,family_name\nk1,Sample,Student\n"), "students")
    await page.get_by_role("button", name="Bring the file in").click()
    await expect(page.locator("#result-words")).to_have_text("Brought in.")


@pytest.mark.parametrize(
    ("kind", "file", "said"),
    [
        pytest.param("students", {"name": "a.xlsx"}, "save the sheet as CSV UTF-8", id="a workbook"),
        pytest.param("students", {"name": "a.zip"}, "This is a zip file: choose the CSV file itself", id="a zip"),
        pytest.param("oneroster", {"name": "a.csv"}, "A OneRoster package is one zip file", id="no zip"),
        pytest.param("students", {"name": "a.csv", "buffer": b""}, "The file is empty", id="nothing in it"),
    ],
)
async def test_a_file_that_cannot_be_it_is_not_even_sent(opened, kind, file, said) -> None:
    played = Played()
    async with opened(played) as page:
        await check(page, {"mimeType": "", "buffer": b"x", **file}, kind)

        await expect(page.locator("#import-news")).to_contain_text(said)
        await expect(page.locator("#file")).to_be_focused()
        assert played.sent == []


@dataclass
class Played:
    """A roster whose import of a package waits until so many endings are confirmed; `lost`: nothing arrives."""

    lost: bool = False
    sent: list[str] = field(default_factory=list)

    async def answer(self, route) -> None:
        asked = route.request
        if asked.method == "POST" and self.lost:
            await route.abort("connectionreset")
            return
        if asked.method == "POST":
            self.sent.append(asked.url.partition("?")[2])
        found = {"items": []} if asked.method == "GET" and asked.url.endswith("/imports") else self._record()
        await route.fulfill(json=found)

    def _record(self) -> dict:
        last = self.sent[-1] if self.sent else ""
        dry_run, agreed = "dry_run=true" in last, "confirm_removals=7" in last
        waits = (
            "nothing was applied: this would end 7 of the 90 rows that the source has in force, more than 5 %: "
            "7 people; if that is right, send the same file again with ?confirm_removals=7"
        )
        return {
            "id": "i1",
            "status": "done" if dry_run or agreed else "waiting",
            "dry_run": dry_run,
            "says": "" if agreed else f"this was a dry run: nothing was written; {waits}" if dry_run else waits,
            "counts": {},
            "problems": [],
            "problems_total": 0,
        }


@pytest.fixture
def opened(visit):
    """`async with opened(played) as page`: the imports page over a roster that is played."""

    @asynccontextmanager
    async def opening(played):
        async with visit(WIDTHS["phone"], claims=MANAGER, expected=(FAILED, LOST)) as page:
            await page.route(f"**{ROSTER}/**", played.answer)
            await page.goto("/imports")
            yield page

    return opening


async def test_many_endings_are_brought_in_only_with_their_number(opened) -> None:
    played = Played()
    async with opened(played) as page:
        await check(page, package())
        words = page.locator("#result-words")
        await expect(words).to_contain_text("this would end 7 of the 90 rows", ignore_case=True)
        await expect(words).not_to_contain_text("confirm_removals")
        await accessible(page, "many would end")

        await page.get_by_role("button", name="Bring the file in").click()
        await expect(page.locator("#import-news")).to_contain_text("write the number below")
        await expect(page.get_by_label("How many may end")).to_be_focused()
        await page.keyboard.type("7")
        await page.keyboard.press("Enter")

        await expect(words).to_have_text("Brought in.")
        assert played.sent == ["dry_run=true", "dry_run=false&confirm_removals=7"]


async def test_a_connection_that_is_lost_while_sending_is_said_with_what_to_do(opened) -> None:
    async with opened(Played(lost=True)) as page:
        await check(page, package())

        news = page.locator("#import-news")
        await expect(news).to_contain_text("Nobody knows whether it arrived")
        await expect(news).to_contain_text("The same file sent twice changes nothing.")
        await expect(page.locator("#progress")).to_be_hidden()
