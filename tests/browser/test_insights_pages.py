"""The pages in a browser: live without a reload, open to everybody, and silent towards other hosts."""

import re
from datetime import date
from itertools import combinations

import pytest
from playwright.async_api import expect

from tests.browser.visiting import NAMES, ROSTER, WIDTHS, accessible, named_by_roster
from tests.insights_world import awarded, completed

PAGES = {
    "board": "/?school_year=2024-25",
    "goal": "/goals/W1?school_year=2024-25",
    "members": "/goals/W1/members?school_year=2024-25&dimension=program&value=welding",
    "board of another plan": "/?plan=strong_workforce&school_year=2024-25",
    "families": "/families?school_year=2024-25",
    "goal that counts people": "/goals/E4.3?plan=strong_workforce&school_year=2024-25",
    "open cohort": "/programs/welding/open-cohort?as_of=2026-05-20",
    "sign-in": "/sign-in",
}


async def test_the_number_changes_in_front_of_the_reader_without_a_reload(visit, world) -> None:
    async with visit() as page:
        await page.goto("/?school_year=2024-25")
        number, people = page.locator("#live-W1 .number"), page.locator("#live-W1 .of a")
        await expect(number).to_have_text("80 %")
        await page.evaluate("window.notReloaded = true")

        await world.award("w5", date(2026, 1, 5))
        await expect(number).to_have_text("90 %", timeout=10_000)

        await expect(people).to_have_text("9 of 10 completers")
        await expect(page.locator("#live-W1 .verdict .pill")).to_have_text("✓ Met")
        await expect(page.locator("#news")).to_contain_text("Numbers updated at")
        assert await page.evaluate("window.notReloaded") is True


async def test_what_the_reader_was_doing_is_left_alone(visit, world) -> None:
    """A date half chosen in the form and the place of the keyboard survive an update."""
    async with visit() as page:
        await page.goto("/goals/W1?school_year=2024-25")
        await page.locator("input[name=as_of]").fill("2026-03-01")
        link = page.locator("#live-readings a", has_text="Required or preferred only")
        await link.focus()

        await world.award("w5", date(2026, 1, 5))
        await expect(page.locator("#live-goal .number")).to_have_text("90 %", timeout=10_000)

        await expect(page.locator("input[name=as_of]")).to_have_value("2026-03-01")
        await expect(link).to_be_focused()
        await expect(page.locator("#live-groups tr", has_text="Welding")).to_contain_text("100 %")


@pytest.mark.parametrize("width", WIDTHS)
async def test_axe_finds_nothing_and_nothing_sticks_out(visit, width) -> None:
    """In English, and at the phone's width in Spanish, whose words are longer."""
    language = {"desk": "en-US", "phone": "es-US"}[width]
    async with visit(WIDTHS[width], locale=language) as page:
        await named_by_roster(page)
        for name, path in PAGES.items():
            await page.goto(path)
            assert await page.evaluate("document.documentElement.lang") == language[:2]
            await accessible(page, name)


@pytest.mark.parametrize("width", WIDTHS)
async def test_axe_finds_nothing_on_the_operators_page(visit, width) -> None:
    language = {"desk": "en-US", "phone": "es-US"}[width]
    async with visit(WIDTHS[width], claims={"sub": "viewer", "roles": ["operator"]}, locale=language) as page:
        assert page.url.endswith("/operations")
        await accessible(page, "operations")


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_labels_of_ten_years_neither_meet_nor_stick_out(visit, world, width) -> None:
    """As the browser's own font draws them, however near the target they stand."""
    told = []
    for first in range(2014, 2023):
        for number in range(12):
            student, on = f"y{first}-{number}", date(first + 1, 5, 20)
            told += completed(student, on)
            told += awarded(student, on) if number < 11 - first % 2 else []
    await world.tell(*told)
    async with visit(WIDTHS[width]) as page:
        await page.goto("/goals/W1")
        found = await page.evaluate(BOXES)

    assert len(found["labels"]) > 15
    outside = [one for one in found["labels"] if not inside(one, found["drawing"])]
    meeting = [(a["text"], b["text"]) for a, b in combinations(found["labels"], 2) if meet(a, b)]
    assert (outside, meeting) == ([], [])


# Where the browser has drawn each label of a chart.
BOXES = """() => {
  const box = (one) => (({ left, top, right, bottom }) => ({ left, top, right, bottom, text: one.textContent }))(
    one.getBoundingClientRect());
  const chart = document.querySelector("svg.trend");
  return { drawing: box(chart), labels: [...chart.querySelectorAll("text")].map(box) };
}"""


def inside(one, drawing) -> bool:
    across = drawing["left"] <= one["left"] and one["right"] <= drawing["right"]
    return across and drawing["top"] <= one["top"] and one["bottom"] <= drawing["bottom"]


def meet(a, b) -> bool:
    across = a["left"] < b["right"] and b["left"] < a["right"]
    # A line of text is taller than its letters: a pixel of two lines' air may be shared.
    return across and a["top"] + 2 < b["bottom"] and b["top"] + 2 < a["bottom"]


async def test_on_a_phone_whatever_is_pressed_is_44_pixels_high(visit) -> None:
    """Links within a sentence excepted, as WCAG 2.5.5 does."""
    async with visit(WIDTHS["phone"]) as page:
        await named_by_roster(page)
        for name in ("board", "goal", "members", "families"):
            await page.goto(PAGES[name])
            small = await page.evaluate(
                """() => [...document.querySelectorAll("nav a, main :is(a, button, select, input, summary)")]
                  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.5)
                  .map((one) => one.outerHTML.slice(0, 120))"""
            )
            assert small == [], name


async def test_a_goal_s_groups_are_one_table_worst_first_with_whole_names_in_print(visit) -> None:
    async with visit() as page:
        await page.goto(PAGES["goal"])
        rows = page.locator("#live-groups tbody tr")
        assert [await rows.nth(at).locator("th").inner_text() for at in range(3)] == [
            "Nursing assistant",
            "Welding",
            "Drones",
        ]
        await expect(rows.nth(0).locator("svg.bar")).to_be_visible()
        await page.emulate_media(media="print")
        cut = await page.evaluate(
            """() => [...document.querySelectorAll("#live-groups th")]
              .filter((one) => one.scrollWidth > one.clientWidth + 1)
              .map((one) => one.textContent)"""
        )

    assert cut == []


@pytest.mark.parametrize("name", ["board", "goal", "open cohort"])
async def test_it_fits_on_one_printed_page(visit, name) -> None:
    async with visit() as page:
        await named_by_roster(page)
        await page.goto(PAGES[name])
        printed = await page.pdf(format="Letter")

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


async def test_names_come_from_roster_to_the_browser(visit, address) -> None:
    asked = []

    async def roster(route) -> None:
        asked.append((route.request.url, await route.request.all_headers()))
        await route.fulfill(json=NAMES)

    async with visit() as page:
        await page.route(f"**{ROSTER}/**", roster)
        await page.goto(PAGES["members"])
        await expect(page.locator("[data-student=w3]")).to_have_text("Sample Student 3")
        await expect(page.locator("#names-news")).to_have_text("1 of these is not yours to see by name.")
        await expect(page.locator("th code").nth(5)).to_have_text("w5")

    assert [url for url, _ in asked] == [f"{address}{ROSTER}/v1/students?ids=w0,w1,w2,w3,w4,w5"]
    assert "aurora_token=" in asked[0][1]["cookie"]


async def test_without_javascript_the_numbers_and_the_form_are_there(visit) -> None:
    async with visit(java_script_enabled=False) as page:
        await page.goto("/?school_year=2024-25")
        await expect(page.locator("#live-W1 .number")).to_have_text("80 %")
        await page.get_by_label("Part").select_option("campus:east")
        await page.get_by_role("button", name="Show").click()
        await expect(page.locator("#live-W1 .number")).to_have_text("75 %")
        await page.locator("#live-W1 .of a").click()
        await expect(page.locator("tbody tr")).to_have_count(4)
        await expect(page.locator("#names-news")).to_contain_text("Names need JavaScript")
