"""The page of a student's family: an instructor sees no reason, a counselor the reason when asked, and both log."""

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.family_pages import COUNSELOR, INSTRUCTOR, MANAGER
from tests.browser.visiting import WIDTHS, accessible, tab_to

RULE = {
    "guardian_id": "g2",
    "rule": "no_contact",
    "channels": [],
    "basis": "protection_order",
    "from": "2025-10-01",
    "to": None,
    "seen_on": "2025-10-01",
    "told_to_staff": "Speak with the other parent.",
}
CALL = {
    "students": ["p1"],
    "guardian_ids": ["g1"],
    "method": "Phone",
    "purpose": "progress",
    "held_on": "2025-10-09",
    "outcome": "reached",
    "note": "Made-up words.",
}
SURVEY = {
    "published_on": "2025-10-01",
    "languages": ["eng"],
    "asks": {"child_needs": True, "own_needs": False, "satisfaction": False},
    "questions": [
        {
            "code": "thing",
            "kind": "yes_no",
            "about": "child_needs",
            "texts": {"eng": "Does your child have a made-up thing?"},
        }
    ],
}
SECRET = ("rotection order", "rotection_order", "602 555 0102", "2025-10-01", "1 October 2025")


@pytest_asyncio.fixture(loop_scope="session")
async def family(families):
    """One guardian may not be contacted; the other was reached in autumn, and is to be called in summer."""
    await families.ask("PUT", "/students/p1/rules/order-1", RULE)
    await families.ask("POST", "/touchpoints", CALL, key="call")
    plan = {**CALL, "planned_for": "2026-05-22", "held_on": None, "outcome": None, "note": None}
    await families.ask("POST", "/touchpoints", plan, key="plan")
    return families


async def test_an_instructor_sees_who_may_be_contacted_and_no_reason(family) -> None:
    async with family.visit("/family_touchpoints/family/p1", INSTRUCTOR) as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("Sample Alpha")
        closed = page.locator("#who li", has_text="Guardian Two")
        await expect(closed).to_contain_text("Do not contact about this student")
        await expect(closed).to_contain_text("Speak with the other parent.")
        await expect(page.locator("#who li", has_text="Guardian One")).to_contain_text("602 555 0101")
        await expect(page.locator("#line")).to_contain_text("2025-26, term 1")
        whole = await page.content()
        assert [one for one in SECRET if one in whole] == []
        await expect(page.get_by_role("button", name="Show why")).to_have_count(0)
        await accessible(page, "a family, to an instructor")


async def test_a_counselor_is_shown_why_when_asked_and_that_is_noted(family, mongo_settings) -> None:
    async with family.visit("/family_touchpoints/family/p1", COUNSELOR, width=WIDTHS["desk"]) as page:
        await expect(page.locator("#who li", has_text="Guardian Two")).to_contain_text("Do not contact")
        rules = page.locator("#rules")
        assert "Protection order" not in await rules.inner_text()
        await tab_to(page, page.get_by_role("button", name="Show why"), most=120)
        await page.keyboard.press("Enter")
        await expect(rules).to_contain_text("Why: Protection order.")
        await expect(rules).to_contain_text("That you have seen this is noted.")
        await accessible(page, "a family, to a counselor")
        await rules.get_by_label("Last day").fill("2026-05-21")
        await rules.get_by_role("button", name="End the restriction of Guardian Two").click()
        await expect(rules).to_contain_text("1 October 2025 to 21 May 2026")
        await expect(page.locator("#who li", has_text="Guardian Two")).to_contain_text("Phone call")


async def test_what_was_planned_is_held_and_a_call_is_logged(family) -> None:
    async with family.visit("/family_touchpoints/family/p1", INSTRUCTOR) as page:
        await page.locator("#next").get_by_role("button", name="Reached").click()
        await expect(page.locator("#next")).to_contain_text("Nothing is planned or due.")
        await page.get_by_text("Log or plan a touch point").first.click()
        await page.get_by_label("What about").select_option("praise")
        await page.get_by_label("Note. The family may read this").fill("Well done, made-up student.")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.locator("#touchpoint-news")).to_contain_text("Saved.")
        praised = page.locator("#line li li", has_text="Praise")
        await praised.get_by_role("button", name="Read the note").click()
        await expect(praised).to_contain_text("Well done, made-up student.")
        await accessible(page, "a family with a call")

    found = (await family.ask("GET", "/touchpoints?student=p1", claims=MANAGER))["items"]
    assert sorted((one["purpose"], one["status"]) for one in found) == [
        ("praise", "held"),
        ("progress", "held"),
        ("progress", "held"),
    ]


async def test_a_note_is_offered_where_there_is_one_and_a_refusal_calls_people_by_name(family) -> None:
    await family.ask("POST", "/touchpoints", {**CALL, "held_on": "2025-10-10", "note": None}, key="no-note")
    async with family.visit("/family_touchpoints/family/p1", COUNSELOR, expected=("status of 422",)) as page:
        await expect(page.locator("#line li li")).to_have_count(2)
        await expect(page.locator("#line").get_by_role("button")).to_have_count(1)
        await page.get_by_text("Log or plan a touch point").first.click()
        await page.locator("#with-whom").get_by_label("Guardian One").uncheck()
        await page.locator("#with-whom").get_by_label("Guardian Two").check()
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.locator("#touchpoint-news")).to_contain_text("one other may be: Guardian One")


async def test_an_answer_to_what_was_written_is_noted_when_it_comes(family) -> None:
    await family.ask("POST", "/touchpoints", {**CALL, "method": "Text", "outcome": "delivered"}, key="text")
    async with family.visit("/family_touchpoints/family/p1", INSTRUCTOR) as page:
        written = page.locator("#line li li", has_text="Text message")
        await written.get_by_role("button", name="They answered today").click()
        await expect(written).to_contain_text("Reached 22 May 2026")
        await expect(page.locator("#line").get_by_role("button", name="They answered today")).to_have_count(0)


async def test_staff_make_a_link_that_its_guardian_opens_and_none_for_whom_nobody_contacts(family) -> None:
    await family.ask("PUT", "/surveys/families/1", SURVEY)
    async with family.visit("/family_touchpoints/family/p1", INSTRUCTOR, expected=("status of 422",)) as page:
        await expect(page.locator("#who li", has_text="Guardian One")).to_be_visible()
        await tab_to(page, page.locator("#linking summary"))
        await page.keyboard.press("Enter")
        form = page.locator("#link")
        await form.get_by_label("For what").select_option(label="The survey families of 1 October 2025")
        await form.get_by_role("button", name="Make a link").click()
        await expect(form.locator("#link-news")).to_contain_text("The link for Guardian One is made")
        link = await form.get_by_label("Copy this address").input_value()
        await accessible(page, "a link is made")
        await form.get_by_label("Who").select_option(label="Guardian Two")
        await form.get_by_role("button", name="Make a link").click()
        await expect(form.locator("#link-news")).to_contain_text("others may be: Guardian One; or ask the counselor")
        await expect(form.get_by_label("Copy this address")).to_be_hidden()

        await page.goto(link)
        await expect(page.get_by_text("Does your child have a made-up thing?")).to_be_visible()


async def test_a_restriction_a_wish_and_a_birthday_are_kept(family) -> None:
    async with family.visit("/family_touchpoints/family/p1", COUNSELOR, expected=("status of 404",)) as page:
        await expect(page.locator("#who li", has_text="Guardian One")).to_be_visible()
        await page.get_by_text("Add a restriction").first.click()
        form = page.locator("#rule")
        await form.get_by_label("Of whom").select_option(label="Guardian One")
        await form.get_by_label("What is restricted").select_option("only_channels")
        await form.get_by_label("Email").check()
        await form.get_by_label("Phone call").check()
        await form.locator("[name=basis]").select_option("guardian_request")
        await form.get_by_role("button", name="Keep this restriction").click()
        await expect(page.locator("#rule-news")).to_contain_text("Saved.")
        one = page.locator("#who li", has_text="Guardian One")
        await expect(one.locator(".ways")).to_have_text("☎ Phone call ✉ Email")

        await page.get_by_text("What a guardian allows").first.click()
        await page.locator("#consent [name=guardian_id]").select_option(label="Guardian One")
        await page.locator("#consent [name=channel]").select_option("phone")
        await page.get_by_role("button", name="Keep what they said").click()
        await expect(page.locator("#consent-news")).to_contain_text("1 planned touch point may not be made any more")
        await expect(one.locator(".ways")).to_have_text("✉ Email")

        await page.get_by_text("What the student shares").first.click()
        await page.locator("#sharing").get_by_label("18 on").fill("2026-05-01")
        await page.get_by_role("button", name="Keep it").click()
        await expect(page.locator("#of-age")).to_contain_text("The rights are the student's since they are 18")
        await accessible(page, "every form of a family")
        for summary in await page.locator("summary").all():
            if not await summary.evaluate("one => one.parentElement.open"):
                await summary.click()
        field = "main :is(button, select, textarea, summary, input:not([type=checkbox], [type=radio]), .numbers a)"
        for target in await page.locator(f"{field}:visible, main .tap:visible").all():
            box = await target.bounding_box()
            assert box is not None
            assert box["height"] >= 44, await target.evaluate("one => one.outerHTML")
