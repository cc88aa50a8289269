"""Staff find a student by name and read the student's page, whatever part of it can be had."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from playwright.async_api import expect

from tests.browser.visiting import CREDENTIALS, LEADER, ROSTER, WIDTHS, accessible, tab_to

FAILED = "Failed to load resource"
YEAR = {"school_year": "2024-25", "school_id": "north", "grade_level": "12"}
FOUND = {
    "id": "w0",
    "given_name": "Sample",
    "family_name": "Núñez",
    "preferred_name": "Sam",
    "years": [YEAR],
}
SEAT = {"program_id": "welding", "organisation_id": "northwest"}
AWARD = {
    "student_id": "w0",
    "credential_code": "MOCK-1",
    "result": "passed",
    "day": "2025-08-01",
    "license_number": "L-1",
    "revoked_on": None,
    "expires_on": "2027-08-01",
    "verifications": [{"level": "issuer_lookup", "verified_on": "2025-08-02", "outcome": "confirmed"}],
}
SITTING = {
    "kind": "technical_skills",
    "program_id": "welding",
    "phase": None,
    "taken_on": "2025-04-10",
    "operational_items": 80,
    "correct": 58,
    "score": None,
    "passed": True,
}


@dataclass
class Played:
    """Roster and credentials as the page meets them; `closed` answers by status, by a part of the address."""

    closed: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def answer(self, route) -> None:
        url = route.request.url
        self.asked.append(url)
        for part, status in self.closed.items():
            if part in url:
                await route.fulfill(status=status, json={"detail": "no"})
                return
        await route.fulfill(json=self._read(url))

    def _read(self, url: str) -> dict:
        if "/v1/students?q=" in url:
            return {"items": [FOUND] if "nunez" in url else [], "next": None}
        if "/v1/students/" in url:
            return FOUND
        lists = {
            "/organisations": [{"id": "north", "name": "Northern mock district"}],
            "/enrolments": [SEAT | {"begin": "2023-08-07", "end": "2025-05-20"}],
            "/completions": [SEAT | {"completed_on": "2025-05-20"}],
            "/awards": [AWARD],
            "/catalogue": [{"code": "MOCK-1", "title": "Mock welder"}],
            "/assessments": [SITTING],
        }
        return {"items": next(items for part, items in lists.items() if part in url), "next": None}


@pytest.fixture
def opened(visit):
    """`async with opened(played, width) as page`: a leader, on the board."""

    @asynccontextmanager
    async def opening(played, width=WIDTHS["phone"], **more):
        async with visit(width, expected=(FAILED,), **{"claims": LEADER, **more}) as page:
            for service in (ROSTER, CREDENTIALS):
                await page.route(f"**{service}/**", played.answer)
            yield page

    return opening


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_a_student_is_found_from_any_page_by_keyboard_and_read_part_by_part(opened, width) -> None:
    played = Played()
    async with opened(played, width) as page:
        await tab_to(page, page.get_by_role("searchbox", name="Name of a student"))
        await page.keyboard.type("nunez")
        await page.keyboard.press("Enter")

        link = page.get_by_role("link", name="Sample “Sam” Núñez")
        await expect(page.locator("#students li")).to_have_text(
            ["Sample “Sam” NúñezNorthern mock district, grade 12, 2024-25"]
        )
        assert "nunez" not in page.url.partition("#")[0]
        await accessible(page, "students found")
        await tab_to(page, link)
        await page.keyboard.press("Enter")

        await expect(page.get_by_role("heading", level=1)).to_have_text("Sample “Sam” Núñez")
        said = {
            "#programs": ["Welding", "completed on 20 May 2025", "7 August 2023 to 20 May 2025", "Northwest campus"],
            "#counting": ["In the district's number of 2024-25", "Counts", "Welding, completed on 20 May 2025"],
            "#awards": ["Mock welder", "Passed 1 August 2025", "L-1", "looked up with the issuer (2 August 2025)"],
            "#assessments": ["Technical skills assessment, Welding", "58 of 80 items, 10 April 2025"],
            "#years": ["2024-25", "Northern mock district, grade 12"],
        }
        for part, words in said.items():
            for each in words:
                await expect(page.locator(part)).to_contain_text(each)
        await page.locator("summary", has_text="Award by award").click()
        await expect(page.locator("#counting")).to_contain_text("1 August 2025. Earned in time")
        await accessible(page, "the student's page")


async def test_nobody_of_that_name_is_said_and_another_name_can_be_tried_at_once(opened) -> None:
    async with opened(Played()) as page:
        await page.goto("/students#nobody")
        await expect(page.locator("#students-news")).to_have_text("Nobody within your reach has such a name.")

        await page.locator("#find").fill("nunez")
        await page.get_by_role("button", name="Find").click()

        await expect(page.locator("#students-news")).to_have_text("1 student")


async def test_a_service_that_is_down_says_so_and_the_rest_still_shows(opened) -> None:
    played = Played(closed={f"{CREDENTIALS}/": 503})
    async with opened(played) as page:
        await page.clock.install()
        await page.goto("/students/w0")
        await expect(page.locator("#programs")).to_contain_text("completed on 20 May 2025")
        await expect(page.locator("#counting")).to_contain_text("Counts")
        await expect(page.locator("#awards")).to_contain_text("does not answer; it is asked again")

        for _ in range(4):
            await page.clock.fast_forward(10_000)
        news = page.locator("#awards [role=status]")
        await expect(news).to_contain_text("The records of credentials could not be asked")
        await expect(news).to_contain_text("The other parts of this page do not need it.")
        await accessible(page, "without credentials")

        played.closed.clear()
        await page.locator("#awards").get_by_role("button", name="Try again").click()
        await expect(page.locator("#awards")).to_contain_text("Mock welder")


async def test_a_part_that_is_not_the_viewers_says_so(opened) -> None:
    played = Played(closed={"/v1/assessments": 403, "/v1/students/": 404})
    async with opened(played) as page:
        await page.goto("/students/w0")

        closed = "This part is not open to you, or there is nothing of this student within your reach."
        await expect(page.locator("#assessments [role=status]")).to_have_text(closed)
        await expect(page.locator("#years [role=status]")).to_have_text(closed)
        await expect(page.get_by_role("heading", level=1)).to_have_text("A student")
        await expect(page.locator("#awards")).to_contain_text("Mock welder")


async def test_a_student_has_no_box_to_look_for_others(visit) -> None:
    async with visit(claims={"sub": "student", "roles": ["student"], "student_id": "w0"}) as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("Your credentials")
        assert await page.locator(".finder").count() == 0
