"""The roll of an evening for families on a phone: without a connection, with walk-ins, and beside another marker."""

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.family_pages import COUNSELOR, INSTRUCTOR, MANAGER
from tests.browser.visiting import WIDTHS, accessible, tab_to

EVENING = {
    "kind": "workshop",
    "career_related": True,
    "level": "high",
    "organisation_ids": ["central"],
    "held_on": "2026-05-22",
    "title": "Made-up evening",
}
DAY = "2026-05-22"
ALONE = {"person_id": "p1", "given_name": "Sample", "family_name": "Alpha", "guardians": []}


@pytest_asyncio.fixture(loop_scope="session")
async def evening(families) -> str:
    """The path of a workshop that is today, for which one guardian is registered."""
    made = await families.ask("POST", "/workshops", EVENING, key="evening")
    path = f"/workshops/{made['id']}"
    row = {"guardian_id": "g1", "student_ids": ["p1"], "status": "registered"}
    await families.ask("POST", f"{path}/roll", {"on": DAY, "rows": [row]}, key="registered")
    return path


def address(evening: str) -> str:
    return f"/family_touchpoints/workshop/{evening.rpartition('/')[2]}"


async def marked(families, evening) -> dict[str, str]:
    rows = (await families.ask("GET", f"{evening}/roll"))["rows"]
    return {one.get("name") or one["guardian_id"]: one["status"] for one in rows}


def line(page, name):
    return page.locator("#roll-people li", has_text=name)


async def test_what_is_marked_without_a_connection_arrives_once_when_there_is_one(families, evening) -> None:
    sent: list[tuple[str, str]] = []
    async with families.visit(address(evening), COUNSELOR, expected=("Failed to load",)) as page:
        await page.locator("#roll-look").fill("g")
        await page.locator("#roll-look").fill("gamma")
        await expect(line(page, "Guardian Three")).to_be_visible()
        await page.locator("#roll-look").fill("beta")
        await expect(line(page, "Guardian Two")).to_be_visible()
        await accessible(page, "somebody is looked for")

        await page.context.set_offline(True)
        for mark in ("Absent", "Present"):
            await line(page, "Guardian Two").get_by_role("button", name=f"Guardian Two: {mark}").click()
        await page.locator("#roll-look").fill("three")
        await line(page, "Guardian Three").get_by_role("button", name="Guardian Three: Present").click()
        await page.locator("#roll-look").fill("")
        await line(page, "Guardian One").get_by_role("button", name="Guardian One: Present").click()
        await page.get_by_text("Somebody who is not found").click()
        await page.locator("#roll-name").fill("Made-up Aunt")
        await page.get_by_role("button", name="Add as a walk-in").click()
        await expect(page.locator("#roll-count")).to_have_text("4 by name")
        await expect(page.locator("#roll-news")).to_contain_text("5 marks are kept in this browser")
        await accessible(page, "marks that wait")
        assert await marked(families, evening) == {"g1": "registered"}

        async def lost_once(route) -> None:
            sent.append((route.request.headers["idempotency-key"], route.request.post_data))
            if "walk_in" in sent[-1][1] and sum("walk_in" in body for _, body in sent) == 1:
                await route.fetch()
                await route.abort("connectionreset")
            else:
                await route.continue_()

        await page.route(f"**{evening}/roll", lost_once)
        await page.context.set_offline(False)
        await expect(page.locator("#roll-news")).to_have_text("")
        await expect(line(page, "Made-up Aunt")).to_contain_text("Saved.")
        assert await page.evaluate("Object.keys(localStorage).length") == 0

    assert await marked(families, evening) == dict.fromkeys(("g1", "g2", "g3", "Made-up Aunt"), "present")
    assert (await families.ask("GET", f"{evening}/roll"))["present"] == 4
    first, again = (one for one in sent if "walk_in" in one[1])
    assert first == again
    assert len({key for key, _ in sent}) == len(set(sent))


async def test_the_last_of_several_marks_that_wait_holds_when_the_page_is_opened_again(families, evening) -> None:
    async with families.visit(address(evening), COUNSELOR, expected=("Failed to load",)) as page:
        await expect(line(page, "Guardian One")).to_contain_text("Comes")
        await page.context.set_offline(True)
        for mark in ("Absent", "Present", "Absent"):
            await line(page, "Guardian One").get_by_role("button", name=f"Guardian One: {mark}").click()
        await expect(page.locator("#roll-news")).to_contain_text("3 marks are kept")
        await page.context.set_offline(False)
        await page.goto(address(evening))
        await expect(line(page, "Guardian One").get_by_role("button", pressed=True)).to_have_text("Absent")
        await expect(page.locator("#roll-news")).to_have_text("")

    assert await marked(families, evening) == {"g1": "absent"}


async def test_the_families_of_its_programs_are_found_without_a_connection(families) -> None:
    made = await families.ask("POST", "/workshops", {**EVENING, "program_ids": ["welding"]}, key="evening")
    async with families.visit(address(f"/workshops/{made['id']}"), MANAGER, expected=("Failed to load",)) as page:
        await expect(line(page, "Guardian Three")).to_have_count(1)
        await page.context.set_offline(True)
        await page.locator("#roll-look").fill("gam")
        await page.get_by_role("button", name="Guardian Three: Present").click()
        await expect(page.locator("#roll-count")).to_have_text("1 by name")


async def test_two_markers_who_disagree_are_shown_each_others_mark(families, evening) -> None:
    async with families.visit(address(evening), COUNSELOR) as page:
        one = line(page, "Guardian One")
        await expect(one).to_contain_text("Comes")
        row = {"guardian_id": "g1", "student_ids": ["p1"], "status": "absent"}
        await families.ask("POST", f"{evening}/roll", {"on": DAY, "rows": [row]}, key="colleague", claims=MANAGER)
        await one.get_by_role("button", name="Guardian One: Present").click()
        await expect(one).to_contain_text("Somebody else has marked: Absent. You have marked: Present.")
        await expect(page.locator("#roll-count")).to_have_text("0 by name")
        await accessible(page, "two who disagree")
        await one.get_by_role("button", name="Set it to: Present").click()
        await expect(one).to_contain_text("Saved.")

    assert await marked(families, evening) == {"g1": "present"}


async def test_a_roll_is_taken_with_the_keyboard_alone_and_heads_are_counted(families, evening) -> None:
    async with families.visit(address(evening), COUNSELOR, width=WIDTHS["desk"], expected=("status of 422",)) as page:
        await tab_to(page, page.get_by_role("button", name="Guardian One: Present"))
        await page.keyboard.press("Space")
        await expect(line(page, "Guardian One")).to_contain_text("Saved.")
        await tab_to(page, page.get_by_role("button", name="Guardian One: Absent"))
        await page.keyboard.press("Enter")
        await expect(line(page, "Guardian One").get_by_role("button", pressed=True)).to_have_text("Absent")
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Enter")
        await tab_to(page, page.get_by_text("Heads in the room", exact=True).locator(".."))
        await page.keyboard.press("Enter")
        await tab_to(page, page.locator("#roll-number"))
        await page.keyboard.type("40")
        await page.keyboard.press("Enter")
        await expect(page.locator("#roll-count")).to_have_text("1 by name, 40 heads")
        await accessible(page, "a roll on a desk")
        await page.locator("#roll-number").fill("0")
        await page.get_by_role("button", name="Save the count").click()
        await expect(page.locator("#roll-heads-news")).to_contain_text("Refused: 1 are marked present")

    shown = await families.ask("GET", f"{evening}/roll")
    assert (shown["status"], shown["present"], shown["head_count"]) == ("held", 1, 40)


async def test_the_child_of_a_walk_in_is_found_by_name(families, evening) -> None:
    async with families.visit(address(evening), COUNSELOR) as page:
        await page.get_by_text("Somebody who is not found").click()
        await page.locator("#roll-child").fill("gamma")
        await page.locator("#roll-children").get_by_label("Sample Gamma").check()


async def test_whom_roster_ties_to_nobody_any_more_is_known_by_the_child(families, evening) -> None:
    async with families.visit(address(evening), COUNSELOR) as page:
        await expect(line(page, "Guardian One")).to_be_visible()
        await page.route("**/guardians/lookup", lambda route: route.fulfill(json={"items": [ALONE], "next": None}))
        await page.reload()
        await expect(line(page, "guardian of Sample Alpha")).to_be_visible()


async def test_a_workshop_is_cancelled_and_opened_again_by_who_arranges_it(families, evening) -> None:
    async with families.visit(address(evening), INSTRUCTOR) as page:
        await expect(page.get_by_text("Who is here")).to_be_visible()
        await expect(page.get_by_text("Cancel this workshop")).to_have_count(0)
    async with families.visit(address(evening), COUNSELOR) as page:
        await page.get_by_text("Cancel this workshop").click()
        await page.get_by_label("Why").fill("made-up snow")
        await page.get_by_role("button", name="Cancel it").click()
        await expect(page.get_by_text("This workshop is cancelled")).to_be_visible()
        await accessible(page, "a workshop that is cancelled")
        await page.get_by_role("heading", name="Reopen it").click()
        await page.get_by_label("Why").fill("made-up thaw")
        await page.get_by_role("button", name="Reopen it").click()
        await expect(line(page, "Guardian One")).to_contain_text("Comes")

    assert (await families.ask("GET", evening))["status"] == "planned"


async def test_every_target_of_a_roll_is_for_a_thumb(families, evening) -> None:
    async with families.visit(address(evening), COUNSELOR) as page:
        await expect(line(page, "Guardian One")).to_be_visible()
        for one in await page.locator(".beside summary").all():
            await one.click()
        for one in await page.locator("main button:visible, main input:visible, main select:visible, summary").all():
            box = await one.bounding_box()
            assert box is not None
            assert box["height"] >= 44, await one.evaluate("one => one.outerHTML")
